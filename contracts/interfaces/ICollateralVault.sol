// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Holds the settlement tokens and counts them. Moves them only on the clearing house's word. Knows no prices and no
/// accounts.
/// @dev Amounts here are in the token's own units. Users approve this contract, not the clearing house.
interface ICollateralVault {
    /// @notice Takes exactly `amount` from `from`, who has approved this vault. Only the clearing house.
    /// @dev Errors: `OnlyClearingHouse`, `VaultFull`, `TokenNotExact` (fee on transfer, rebasing, lying), and the token's own
    /// refusal.
    function pull(address from, uint256 amount) external;

    /// @notice Gives exactly `amount` to `to`. Only the clearing house.
    /// @dev Measured is what leaves the vault. Errors: `OnlyClearingHouse`, `InsufficientCollateral` (more than it counts),
    /// `TokenNotExact` (also where `to` is this vault), and the token's own refusal.
    /// Warning: a token that begins to take a fee from receivers is not refused here, so that everyone can still leave.
    function push(address to, uint256 amount) external;

    /// @notice The only caller of `pull` and `push`: who deployed this vault.
    function clearingHouse() external view returns (address);

    /// @notice The settlement token: ERC-20 with at most 18 decimals, without fees on transfer, rebasing or hooks.
    function token() external view returns (address);

    /// @notice 10^(18 − the token's decimals): what one unit of the token is in the ledger's 18-decimal money.
    function unit() external view returns (uint256);

    /// @notice The vault's own count of what it holds, in token units. Tokens sent here without `pull` are not in it.
    function ledgerBalance() external view returns (uint256);

    /// @notice The most that `ledgerBalance` may reach: all money stays below `MAX_LEDGER`.
    function ledgerLimit() external view returns (uint256);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The second tier of the default waterfall, owned by whoever deposits: an ERC-4626 vault whose assets are one
/// account of the clearing house's ledger. Decides how much it may pay; the clearing house moves the money.
///
/// Anyone may deposit at any time. Leaving takes three steps, so that nobody leaves around a default that is known and not
/// yet resolved: request, wait for the cooldown, and `redeem` or `withdraw` inside the window that follows. Requested shares
/// cannot be cancelled or transferred, go on bearing losses, and are paid at the *lower* of the share prices at request and
/// at execution; what they are not paid stays for the other holders. After the window they are free again, and leaving
/// begins anew.
///
/// Where this deviates from ERC-4626, and why:
/// - `previewRedeem` and `previewWithdraw` answer *for their caller as the owner*, because the lower of two prices depends on
///   whose request it is. For an owner, whether a person or a contract, they are exact. Whoever asks on behalf of somebody
///   else gets today's share price, which may be above what that owner is paid: ask `maxWithdraw(owner)` or
///   `withdrawalOf(owner)`, which know the owner. `convertToAssets` and `convertToShares` are the same for everybody.
/// - A new share series (see `SeriesStarted`) changes all balances and the total supply without `Transfer` events.
/// - Money that came in while there were no shares belongs to nobody: it pays losses pro rata and can never be taken out.
///
/// Share prices: a share has 27 decimals and costs one token as long as the fund has neither earned nor paid. All rounding is
/// in favour of those who stay.
interface IInsuranceFund {
    /// @notice How fast a market may draw on the fund: a token bucket. Money, 18 decimals.
    struct Limit {
        /// @dev The most that the market can draw at once, below `MAX_LEDGER`.
        uint128 capacity;
        /// @dev Money per second by which it refills.
        uint104 refillPerSecond;
        /// @dev The gap that the fund is to bear alone, ppm of notional: open interest may grow to what the market can draw
        /// divided by this. Zero: the fund does not bound it.
        uint24 gap;
    }

    event LimitSet(uint8 indexed market, uint256 capacity, uint256 refillPerSecond, uint256 gap, uint256 available);
    /// @notice A market asked for money. `left` is what it could still draw now if the assets sufficed.
    event Covered(uint8 indexed market, uint256 asked, uint256 paid, uint256 left);
    /// @notice `owner` may be paid for `shares`, up to `assets` token units, from `opensAt` until before `closesAt`.
    event WithdrawalRequested(address indexed owner, uint256 shares, uint256 assets, uint256 opensAt, uint256 closesAt);
    /// @notice Losses have brought a share below a millionth of a token: from now on one share stands for 10^digits of
    /// before. Every balance and every request is divided by that; what everybody's shares are worth stays as it was, up to
    /// one token unit in all.
    event SeriesStarted(uint256 series, uint256 digits, uint256 totalShares);

    // ------------------------------------------------------------------ covering deficits

    /// @notice What the fund pays towards deficits, market by market. Only the clearing house, which moves the money.
    /// @dev Never reverts when called by the clearing house: it pays less instead. Where the assets do not suffice for
    /// all that the buckets allow, they are shared pro rata, rounded down.
    /// @param markets Markets, each named once.
    /// @param amounts Money asked for, 18 decimals, in the order of `markets`. Where it is zero, nothing happens.
    /// @param assets What the fund's ledger account holds, 18 decimals.
    /// @return paid Money granted, in the order of `markets`; at most `amounts` each and `assets` in all.
    function cover(
        uint8[] calldata markets,
        uint256[] calldata amounts,
        uint256 assets
    ) external returns (uint256[] memory paid);

    /// @notice Sets how fast a market may draw. Only through the access manager.
    /// @dev A market's first limit starts full; later ones keep what was available, cut to the new capacity, so that setting
    /// a limit again and again never refills it. Errors: `ParameterOutOfBounds`.
    function setLimit(uint8 market, Limit calldata limit) external;

    /// @notice Up to where open interest may grow: what the market could draw now, divided by its gap. Money, at mark.
    /// @param assets What the fund's ledger account holds, 18 decimals.
    function openInterestLimit(uint8 market, uint256 assets) external view returns (uint256);

    /// @notice What a market could draw now if the assets sufficed. Money, 18 decimals.
    function available(uint8 market) external view returns (uint256);

    function limitOf(uint8 market) external view returns (Limit memory);

    // ------------------------------------------------------------------ leaving

    /// @notice Asks to be paid for `shares` of the caller's, which are locked until the window has passed.
    /// @dev One request at a time. Errors: `AmountIsZero` (no shares, or shares worth less than a token unit),
    /// `WithdrawalPending`, and the token standard's for more shares than the caller has.
    function requestWithdrawal(uint256 shares) external;

    /// @notice The request of `owner` that waits or may be executed; all zero where there is none or it has expired.
    /// @return shares What is still locked.
    /// @return assets The most that is paid for these shares, token units: their price when they were requested.
    /// @return opensAt Unix seconds: `redeem` and `withdraw` work from here …
    /// @return closesAt … until before here.
    function withdrawalOf(
        address owner
    ) external view returns (uint256 shares, uint256 assets, uint256 opensAt, uint256 closesAt);

    /// @notice Seconds from a request until it may be executed. Fixed for ever.
    function cooldown() external view returns (uint256);

    /// @notice Seconds for which it may then be executed, at most a seventh of the cooldown: whoever keeps renewing requests
    /// can leave at once no more than an eighth of the time. Fixed for ever.
    function window() external view returns (uint256);

    // ------------------------------------------------------------------ what it stands on

    /// @notice How many shares of the first series one share stands for, as a power of ten. Zero as long as the fund has
    /// never been all but wiped out.
    function series() external view returns (uint256);

    /// @notice The only caller of `cover`, and the ledger that holds the assets: who deployed this fund.
    function clearingHouse() external view returns (address);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Errors} from "./interfaces/Errors.sol";
import {ICollateralVault} from "./interfaces/ICollateralVault.sol";
import {MAX_LEDGER} from "./types/Ranges.sol";

/// @notice Owns the settlement tokens and the count of them. Knows no prices, no accounts, and no way to move a token but the
/// clearing house's word.
/// @dev No re-entrancy guard of its own: its only caller has one, and the count is written before the token is called.
contract CollateralVault is ICollateralVault {
    using SafeERC20 for IERC20;

    uint256 private constant MONEY_DECIMALS = 18;

    /// @inheritdoc ICollateralVault
    address public immutable clearingHouse;
    /// @inheritdoc ICollateralVault
    address public immutable token;
    /// @inheritdoc ICollateralVault
    uint256 public immutable unit;
    /// @inheritdoc ICollateralVault
    uint256 public immutable ledgerLimit;

    /// @inheritdoc ICollateralVault
    uint256 public ledgerBalance;

    modifier onlyClearingHouse() {
        require(msg.sender == clearingHouse, Errors.OnlyClearingHouse(msg.sender));
        _;
    }

    /// @dev Deployed by the clearing house. The decimals are read once: a token that changes them later is not followed.
    /// Errors: `ZeroAddress`, `TokenDecimals`.
    constructor(address token_) {
        require(token_ != address(0), Errors.ZeroAddress());
        uint256 decimals = IERC20Metadata(token_).decimals();
        require(decimals <= MONEY_DECIMALS, Errors.TokenDecimals(decimals));

        clearingHouse = msg.sender;
        token = token_;
        unit = 10 ** (MONEY_DECIMALS - decimals);
        // Rounds down: money strictly below the bound, whatever a unit is.
        ledgerLimit = (MAX_LEDGER - 1) / unit;
    }

    /// @inheritdoc ICollateralVault
    function pull(address from, uint256 amount) external onlyClearingHouse {
        uint256 counted = ledgerBalance;
        require(amount <= ledgerLimit - counted, Errors.VaultFull(counted, ledgerLimit));

        uint256 held = _held();
        ledgerBalance = counted + amount;
        IERC20(token).safeTransferFrom(from, address(this), amount);
        _proveMoved(held, _held(), amount);
    }

    /// @inheritdoc ICollateralVault
    function push(address to, uint256 amount) external onlyClearingHouse {
        uint256 counted = ledgerBalance;
        require(amount <= counted, Errors.InsufficientCollateral(counted, amount));

        uint256 held = _held();
        ledgerBalance = counted - amount;
        IERC20(token).safeTransfer(to, amount);
        _proveMoved(_held(), held, amount);
    }

    function _held() private view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    /// @dev A balance that went the other way has moved nothing of what was asked.
    function _proveMoved(uint256 low, uint256 high, uint256 amount) private pure {
        uint256 moved = high > low ? high - low : 0;
        require(moved == amount, Errors.TokenNotExact(amount, moved));
    }
}

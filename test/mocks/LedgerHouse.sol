// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {CollateralVault} from "../../contracts/CollateralVault.sol";
import {InsuranceFund} from "../../contracts/InsuranceFund.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {AccountId, accountId} from "../../contracts/types/AccountId.sol";
import {MarketSet} from "../../contracts/types/MarketSet.sol";
import {WITHDRAW} from "../../contracts/types/Rights.sol";

/// @notice As much of a clearing house as the vault and the insurance fund can see: collateral per account over a real
/// vault, and money for deficits. No markets, no positions.
contract LedgerHouse is ReentrancyGuardTransient {
    CollateralVault public immutable vault;
    InsuranceFund public immutable insuranceFund;

    mapping(AccountId account => uint256) private _collateral;

    constructor(address token, address accessManager, uint256 cooldown, uint256 window) {
        vault = new CollateralVault(token);
        insuranceFund = new InsuranceFund(vault, accessManager, cooldown, window);
    }

    function depositFor(AccountId account, uint256 amount) external nonReentrant {
        require(amount != 0, Errors.AmountIsZero());
        _collateral[account] += amount * vault.unit();
        vault.pull(msg.sender, amount);
    }

    function withdraw(AccountId account, uint256 amount, address to) external nonReentrant {
        require(msg.sender == account.owner(), Errors.NotPermitted(account, msg.sender, WITHDRAW));
        require(amount != 0, Errors.AmountIsZero());
        uint256 money = amount * vault.unit();
        require(money <= _collateral[account], Errors.InsufficientCollateral(_collateral[account], money));
        _collateral[account] -= money;
        vault.push(to, amount);
    }

    /// @notice What `deleverage` does with the fund: asks, takes what was granted from its account, and gives it away.
    function cover(
        uint8[] calldata markets,
        uint256[] calldata amounts,
        AccountId to
    ) external nonReentrant returns (uint256[] memory paid) {
        AccountId fund = fundAccount();
        paid = insuranceFund.cover(markets, amounts, _collateral[fund]);
        for (uint256 i = 0; i < paid.length; ++i) {
            _collateral[fund] -= paid[i];
            _collateral[to] += paid[i];
        }
    }

    /// @notice Moves money between accounts, fractions of a token unit included, as fees and penalties do.
    function move(AccountId from, AccountId to, uint256 money) external {
        _collateral[from] -= money;
        _collateral[to] += money;
    }

    function accountOf(AccountId account) external view returns (uint256 collateral, MarketSet markets) {
        return (_collateral[account], MarketSet.wrap(0));
    }

    function fundAccount() public view returns (AccountId) {
        return accountId(address(insuranceFund), 0);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";

/// @notice Owns thousands of sub-accounts and trades for them: what a market full of people looks like to a benchmark. It
/// owns its accounts, so it may be their venue as well.
contract Crowd {
    /// @dev One position that one account of the crowd takes over from another.
    struct Takeover {
        uint96 debtor;
        uint8 market;
        uint256 size;
        uint96 taker;
    }

    IClearingHouse private immutable _house;

    constructor(IClearingHouse house) {
        _house = house;
        IERC20(house.vault().token()).approve(address(house.vault()), type(uint256).max);
    }

    function account(uint96 number) public view returns (AccountId) {
        return accountId(address(this), number);
    }

    /// @notice Gives `count` accounts from `start` on `amount` token units each; this contract must have them.
    function fund(uint96 start, uint96 count, uint256 amount) external {
        for (uint96 n = start; n < start + count; ++n) _house.deposit(n, amount);
    }

    /// @notice Opens one position of `size` for each of `count` accounts from `start` on, against account `other`.
    function open(
        uint96 start,
        uint96 count,
        bool long,
        uint96 other,
        uint8 market,
        uint256 size,
        uint256 price
    ) external {
        for (uint96 n = start; n < start + count; ++n) {
            (AccountId buyer, AccountId seller) = long ? (account(n), account(other)) : (account(other), account(n));
            _house.fill(IClearingHouse.Fill(buyer, seller, market, size, price, NO_ACCOUNT, 0, 0));
        }
    }

    /// @notice Gives each account an amount of token units of its own; this contract must have them.
    function fundEach(uint96[] calldata numbers, uint256[] calldata amounts) external {
        for (uint256 i = 0; i < numbers.length; ++i) _house.deposit(numbers[i], amounts[i]);
    }

    /// @notice Trades between accounts of the crowd, one after the other.
    function fillEach(IClearingHouse.Fill[] calldata fills) external {
        for (uint256 i = 0; i < fills.length; ++i) _house.fill(fills[i]);
    }

    /// @notice Liquidations of accounts of the crowd by others of it, one after the other.
    function liquidateEach(Takeover[] calldata takeovers) external {
        for (uint256 i = 0; i < takeovers.length; ++i) {
            Takeover calldata each = takeovers[i];
            _house.liquidate(account(each.debtor), each.market, each.size, account(each.taker));
        }
    }

    /// @notice Deleverages accounts of the crowd; the bounty goes to its account 0.
    function deleverage(uint96[] calldata numbers) external {
        AccountId[] memory accounts = new AccountId[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) accounts[i] = account(numbers[i]);
        _house.deleverage(accounts, NO_ACCOUNT);
    }
}

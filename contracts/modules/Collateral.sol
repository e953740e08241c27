// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {AccountId, accountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {MAX_LEDGER} from "../types/Ranges.sol";
import {Rights, TRADE, WITHDRAW} from "../types/Rights.sol";
import {Usd, usd} from "../types/Usd.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice Money in and out, and who may act for an account.
abstract contract Collateral is Ledger {
    /// @dev See {IClearingHouse-deposit}.
    function deposit(uint96 number, uint256 amount) external nonReentrant {
        _deposit(accountId(_caller(), number), amount);
    }

    /// @dev See {IClearingHouse-depositFor}.
    function depositFor(AccountId account, uint256 amount) external nonReentrant {
        _deposit(account, amount);
    }

    /// @dev No health check and no price: depositing can only help.
    function _deposit(AccountId account, uint256 amount) private {
        require(amount != 0, Errors.AmountIsZero());
        require(account.owner() != address(0), Errors.ZeroAddress());
        Usd money = _money(amount);
        Usd collateral = _credit(account, money);
        emit Deposited(account, _caller(), money.raw(), collateral.raw());
        vault.pull(_caller(), amount);
    }

    /// @dev See {IClearingHouse-withdraw}.
    function withdraw(AccountId account, uint256 amount, address to) external nonReentrant {
        _requireRight(account, WITHDRAW);
        require(amount != 0, Errors.AmountIsZero());
        require(to != address(0), Errors.ZeroAddress());
        Usd money = _money(amount);
        Account storage stored = _accounts[account];
        Usd collateral = usd(stored.collateral);
        require(money <= collateral, Errors.InsufficientCollateral(collateral.raw(), money.raw()));
        // Checked by view, and no settlement is written: whoever wants a waiting gain settles first.
        if (!stored.markets.isEmpty()) _requireFree(account, stored.markets, money);
        uint256 left = (collateral - money).toUint();
        stored.collateral = uint128(left);
        emit Withdrawn(account, to, money.raw(), left);
        vault.push(to, amount);
    }

    function _requireFree(AccountId id, MarketSet markets, Usd amount) private {
        bool hasPosition = _hasPosition(id, markets);
        Book[] memory books = hasPosition ? _open(markets) : _openAsWritten(markets);
        Portfolio memory account = _load(id, books);
        Usd secured = account.secured(books) - amount;
        for (uint256 i; i < books.length; ++i) {
            if (account.holdings[i].shares != 0) _requireCalm(books[i]);
        }
        _requireNoUnpaidLoss(id, secured, Usd.wrap(0));
        // Without a position there is no margin to ask for, and nothing to defer: the end of a batch would open its markets,
        // at prices that no call keeps.
        if (!hasPosition) return;
        _requireMargin(account, books, secured);
        _store(books);
    }

    /// @dev An account without a position needs no price for what is owed.
    function _hasPosition(AccountId id, MarketSet markets) private view returns (bool) {
        while (!markets.isEmpty()) {
            uint8 market = markets.first();
            if (_positions[id][market].shares != 0) return true;
            markets = markets.remove(market);
        }
        return false;
    }

    /// @dev Token units to money. More than any vault holds is refused here.
    function _money(uint256 amount) private view returns (Usd) {
        uint256 limit = MAX_LEDGER / _tokenUnit;
        require(amount < limit, Errors.AmountOutOfRange(amount, limit));
        return Usd.wrap(int256(amount * _tokenUnit));
    }

    /// @dev See {IClearingHouse-setOperator}.
    function setOperator(uint96 number, address operator, Rights rights) external {
        require(
            Rights.unwrap(rights) <= (Rights.unwrap(TRADE) | Rights.unwrap(WITHDRAW)),
            Errors.UnknownRights(rights)
        );
        AccountId account = accountId(_caller(), number);
        _rights[account][operator] = rights;
        emit OperatorSet(account, operator, rights);
    }
}

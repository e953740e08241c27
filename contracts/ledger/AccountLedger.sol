// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {Narrow} from "../math/Narrow.sol";
import {Book} from "../types/Book.sol";
import {EndedGeneration} from "../types/MarketState.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Position} from "../types/Position.sol";
import {Usd, ZERO_USD, usd} from "../types/Usd.sol";
import {MarketLedger} from "./MarketLedger.sol";

/// @notice Opens accounts into memory beside the books of their markets, and writes them back.
abstract contract AccountLedger is MarketLedger {
    using Narrow for *;

    /// @dev Every market that any of `accounts` is in.
    function _marketsOf(AccountId[] calldata accounts) internal view returns (MarketSet set) {
        for (uint256 i; i < accounts.length; ++i) set = set | _accounts[accounts[i]].markets;
    }

    function _newPortfolio(uint256 markets) internal pure returns (Portfolio memory account) {
        account.holdings = new Holding[](markets);
    }

    /// @dev Opens an account beside `books`, which hold every market it is in, into a portfolio that may have been used
    /// before: memory is never freed, and a list may be long.
    function _load(Portfolio memory account, AccountId id, Book[] memory books) internal view {
        Account storage stored = _accounts[id];
        (account.id, account.collateral, account.markets) = (id, usd(stored.collateral), stored.markets);
        for (uint256 i; i < books.length; ++i) {
            (Book memory book, Holding memory held) = (books[i], account.holdings[i]);
            if (account.markets.contains(book.id)) {
                _loadHolding(held, _positions[id][book.id], book);
            } else {
                (held.shares, held.owed, held.changed) = (0, ZERO_USD, false);
            }
        }
    }

    function _load(AccountId id, Book[] memory books) internal view returns (Portfolio memory account) {
        account.holdings = new Holding[](books.length);
        _load(account, id, books);
    }

    function _loadHolding(Holding memory held, Position storage stored, Book memory book) private view {
        held.open(stored.shares, stored.paidValue, stored.hasOwed ? stored.owed : int256(0));
        for (uint256 g = stored.generation; g < book.generation && held.shares != 0; ++g) {
            EndedGeneration storage end = _ended[book.id][g];
            if (held.isLong) held.walk(book, end.longValue, end.longShift);
            else held.walk(book, end.shortValue, end.shortShift);
        }
        // Once: it is of the present generation from then on, in which nothing can be opened.
        if (book.payout != 0 && stored.generation < book.generation) held.cut(book.payout);
    }

    /// @dev Writes an account. Must come before its books are stored: what has shrunk to no size leaves them here.
    function _save(Portfolio memory account, Book[] memory books) internal {
        for (uint256 i; i < books.length; ++i) {
            Holding memory held = account.holdings[i];
            if (!held.changed) continue;
            Book memory book = books[i];
            held.burnDust(book);
            // Less than one token unit either way is forgiven: the rounding reserve bears it. Not a gain of whoever has no
            // collateral: it may be what an unpaid loss elsewhere waits for.
            int256 owed = Usd.unwrap(held.owed);
            int256 unit = int256(_tokenUnit);
            bool gone = held.shares == 0;
            if (gone && owed > -unit && (owed <= 0 || (owed < unit && account.collateral > ZERO_USD))) {
                owed = 0;
                account.markets = account.markets.remove(book.id);
            } else {
                account.markets = account.markets.add(book.id);
            }
            Position storage stored = _positions[account.id][book.id];
            if (stored.hasOwed || owed != 0) stored.owed = owed;
            if (gone && owed == 0) stored.write(0, 0, 0, false);
            else stored.write(held.signedShares(), gone ? int256(0) : held.paidValue, book.generation, owed != 0);
        }
        Account storage target = _accounts[account.id];
        (target.collateral, target.markets) = (account.collateral.toUint().toUint128(), account.markets);
    }

    /// @dev Adds to an account's collateral. Whoever has none may have unpaid losses, which are paid first; whoever has some
    /// has none, because settling ends with losses paid or a collateral of zero.
    function _credit(AccountId id, Usd amount) internal returns (Usd collateral) {
        Account storage stored = _accounts[id];
        if (stored.collateral != 0 || stored.markets.isEmpty()) {
            stored.collateral += amount.toUint().toUint128();
            return usd(stored.collateral);
        }
        Book[] memory books = _openAsWritten(stored.markets);
        Portfolio memory account = _load(id, books);
        account.collateral = account.collateral + amount;
        account.settle(books);
        _save(account, books);
        _store(books);
        return account.collateral;
    }

    /// @dev Money earned in a market, with the fees that its pool holds: its own shortfall first, then the insurance fund.
    function _earn(Book memory book, Usd amount) internal {
        Usd rest = book.repay(amount + book.sweep());
        if (rest > ZERO_USD) _accounts[fundAccount].collateral += rest.toUint().toUint128();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../math/Rounding.sol";
import {AccountId} from "./AccountId.sol";
import {Book, NO_PAYOUT, WHOLE_PAYOUT} from "./Book.sol";
import {ALL_CLOSED} from "./MarketState.sol";
import {MarketSet} from "./MarketSet.sol";
import {Side} from "./Side.sol";
import {Size, ZERO_SIZE} from "./Size.sol";
import {Usd, ZERO_USD} from "./Usd.sol";

/// @notice A position opened for one call, brought to the market's present generation.
struct Holding {
    bool isLong;
    uint256 shares;
    int256 paidValue;
    Usd owed;
    /// @dev Whether it differs from what is stored.
    bool changed;
}

using {unsettled, size, signedShares, crystallise, move, close, burnDust, open, walk, cut} for Holding global;

/// @notice An account opened for one call, beside the books of every market it is in: `holdings[i]` belongs to `books[i]`,
/// and is empty where the account is not in that market.
/// @dev `collateral` may pass below zero only in memory; it is written through `toUint`, which refuses a minus sign.
struct Portfolio {
    AccountId id;
    Usd collateral;
    MarketSet markets;
    Holding[] holdings;
}

using {hasGain, settle, settleMarket, payGains, payLosses, unpaidLosses, secured} for Portfolio global;

// ---------------------------------------------------------------------- one position

/// @dev As it is stored; `walk` brings it to the present generation.
function open(Holding memory self, int256 shares, int256 paidValue, int256 owed) pure {
    (self.isLong, self.shares) = shares < 0 ? (false, uint256(-shares)) : (true, uint256(shares));
    (self.paidValue, self.owed, self.changed) = (paidValue, Usd.wrap(owed), false);
}

/// @dev Takes the position through the end of a generation that it has slept through.
/// @param endValue Value per share of its side at that end.
/// @param bits The shift of its side.
function walk(Holding memory self, Book memory book, int256 endValue, uint8 bits) pure {
    self.owed = self.owed + book.moneyFloor(self.shares, endValue - self.paidValue);
    self.paidValue = 0;
    self.shares = bits == ALL_CLOSED ? 0 : self.shares >> bits;
    self.changed = true;
}

/// @dev Cuts a gain to what a market that was wound up pays of it. Down: the account does without the fraction.
function cut(Holding memory self, uint256 payout) pure {
    if (self.owed <= ZERO_USD) return;
    if (payout == NO_PAYOUT) self.owed = ZERO_USD;
    else self.owed = Usd.wrap(int256(Rounding.mulDivDown(self.owed.raw(), payout, WHOLE_PAYOUT)));
    self.changed = true;
}

/// @dev What the market owes the account (above zero) or the account the market: shares · (V − V_paid) + owed.
/// Floor: the account bears the fraction. Assumes both values in the 112 bits that they are stored in.
function unsettled(Holding memory self, Book memory book) pure returns (Usd) {
    if (self.shares == 0) return self.owed;
    unchecked {
        // A short's V falls as the mark rises, so for both sides the number of shares counts and not its sign.
        return self.owed + book.moneyFloor(self.shares, book.valueOf(self.isLong) - self.paidValue);
    }
}

/// @dev The signed size. Towards zero: a fraction of a size-wei is nobody's.
function size(Holding memory self, Book memory book) pure returns (Size) {
    if (self.isLong) return book.long.sizeOf(self.shares);
    return -book.short.sizeOf(self.shares);
}

/// @dev As they are stored.
function signedShares(Holding memory self) pure returns (int256) {
    return self.isLong ? int256(self.shares) : -int256(self.shares);
}

/// @dev Writes what shares have made so far into `owed`, exactly: the account is worth what it was.
function crystallise(Holding memory self, Book memory book) pure {
    self.owed = self.unsettled(book);
    self.paidValue = book.valueOf(self.isLong);
    self.changed = true;
}

/// @dev Moves the position by `delta` at mark, through zero where it must, and keeps the side totals. What it has made so
/// far becomes owed; nothing else changes.
function move(Holding memory self, Book memory book, Size delta) pure {
    self.crystallise(book);
    Size quantity = delta.magnitude();
    bool buys = delta > ZERO_SIZE;
    if (self.shares != 0 && self.isLong != buys) {
        Side memory closing = self.isLong ? book.long : book.short;
        Size whole = closing.sizeOf(self.shares);
        Size closed = quantity.min(whole);
        _burn(self, closing, closed == whole ? self.shares : closing.sharesUp(closed));
        quantity = quantity - closed;
    }
    if (quantity == ZERO_SIZE) return;
    Side memory opening = buys ? book.long : book.short;
    uint256 shares = opening.sharesDown(quantity);
    opening.shares += shares;
    self.isLong = buys;
    self.shares += shares;
    self.paidValue = book.valueOf(buys);
}

/// @dev Takes the position out of the book at mark; what it made stays owed.
function close(Holding memory self, Book memory book) pure {
    self.crystallise(book);
    _burn(self, self.isLong ? book.long : book.short, self.shares);
}

/// @dev The same where it has shrunk to no size.
function burnDust(Holding memory self, Book memory book) pure {
    if (self.shares != 0 && self.size(book) == ZERO_SIZE) self.close(book);
}

/// @dev Assumes a crystallised position. Totals are upper bounds of what holders have, so this cannot underflow.
function _burn(Holding memory self, Side memory of_, uint256 shares) pure {
    of_.shares -= shares;
    self.shares -= shares;
}

// ---------------------------------------------------------------------- the whole account

/// @dev Whether any market owes the account anything.
function hasGain(Portfolio memory self, Book[] memory books) pure returns (bool) {
    for (uint256 i; i < books.length; ++i) {
        if (self.holdings[i].unsettled(books[i]) > ZERO_USD) return true;
    }
    return false;
}

/// @dev Settles the whole account: gains first, as far as the pools go, then losses, as far as the collateral goes.
function settle(Portfolio memory self, Book[] memory books) pure {
    self.payGains(books, Usd.wrap(type(int256).max));
    self.payLosses(books);
}

/// @dev Settles one market alone. Assumes that the account can pay all of its losses (secured ≥ 0), so that the order of
/// markets does not matter; what it then cannot pay stays owed.
function settleMarket(Portfolio memory self, Book memory book, Holding memory held) pure {
    Usd due = held.unsettled(book);
    _pay(self, book, held, due, due > ZERO_USD ? due.min(book.payable_()) : due.max(-self.collateral.positivePart()));
}

/// @dev Moves gains from the pools into collateral, as far as the pools go and up to `limit` in all.
function payGains(Portfolio memory self, Book[] memory books, Usd limit) pure {
    for (uint256 i; i < books.length; ++i) {
        (Book memory book, Holding memory held) = (books[i], self.holdings[i]);
        Usd due = held.unsettled(book);
        Usd paid = due.min(book.payable_()).min(limit).positivePart();
        _pay(self, book, held, due, paid);
        limit = limit - paid;
    }
}

/// @dev Moves losses from collateral into the pools, as far as the collateral goes: in full, or pro rata over the markets
/// down to a collateral of exactly zero.
function payLosses(Portfolio memory self, Book[] memory books) pure {
    Usd losses = self.unpaidLosses(books);
    if (losses == ZERO_USD) return;
    Usd purse = self.collateral.min(losses);
    Usd seen;
    Usd spent;
    for (uint256 i; i < books.length; ++i) {
        (Book memory book, Holding memory held) = (books[i], self.holdings[i]);
        Usd due = held.unsettled(book);
        if (due >= ZERO_USD) continue;
        seen = seen - due;
        // Cumulative, so that the parts add up to the purse exactly.
        Usd upTo = purse.shareDown(seen, losses);
        _pay(self, book, held, due, spent - upTo);
        spent = upTo;
    }
}

/// @dev What the account owes markets, not negative.
function unpaidLosses(Portfolio memory self, Book[] memory books) pure returns (Usd losses) {
    for (uint256 i; i < books.length; ++i) losses = losses - self.holdings[i].unsettled(books[i]).negativePart();
}

/// @dev collateral + Σ min(0, unsettled)
function secured(Portfolio memory self, Book[] memory books) pure returns (Usd) {
    return self.collateral - self.unpaidLosses(books);
}

/// @dev Pays `paid` of `due`, both above zero out of the pool or both below zero into it. What is left is owed.
function _pay(Portfolio memory self, Book memory book, Holding memory held, Usd due, Usd paid) pure {
    if (paid == ZERO_USD) return;
    held.paidValue = book.valueOf(held.isLong);
    held.owed = due - paid;
    held.changed = true;
    self.collateral = self.collateral + paid;
    book.pool = book.pool - paid;
}

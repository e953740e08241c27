// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../logic/Health.sol";
import {AccountId} from "./AccountId.sol";
import {Book, LONG, SHORT} from "./Book.sol";
import {MarketSet} from "./MarketSet.sol";
import {Size, ZERO_SIZE} from "./Size.sol";
import {Usd, ZERO_USD} from "./Usd.sol";

/// @notice A position opened for one call, brought to the market's present generation.
struct Holding {
    /// @dev Above zero long, below zero short.
    int256 shares;
    int256 paidValue;
    Usd owed;
    /// @dev Whether it differs from what is stored.
    bool changed;
}

/// @notice An account opened for one call, beside the books of every market it is in: `holdings[i]` belongs to `books[i]`.
/// @dev `collateral` may pass below zero only in memory; it is written through `toUint`, which refuses a minus sign.
struct Portfolio {
    AccountId id;
    Usd collateral;
    MarketSet markets;
    Holding[] holdings;
}

using {
    unsettled,
    sizeIn,
    sharesIn,
    hasGain,
    settle,
    settleMarket,
    payGains,
    payLosses,
    crystallise,
    move,
    leave,
    burnDust,
    health,
    hasPosition
} for Portfolio global;

/// @dev What a market owes the account (above zero) or the account the market: shares · (V − V_paid) + owed.
/// Floor: the account bears the fraction.
function unsettled(Portfolio memory self, Book memory book, uint256 i) pure returns (Usd) {
    Holding memory held = self.holdings[i];
    if (held.shares == 0) return held.owed;
    // A short's V falls as the mark rises, so for both sides the number of shares counts and not its sign.
    (uint256 side, uint256 shares) = self.sharesIn(i);
    return held.owed + book.moneyFloor(shares, book.value(side) - held.paidValue);
}

/// @dev The signed size of a position. Towards zero: a fraction of a size-wei is nobody's.
function sizeIn(Portfolio memory self, Book memory book, uint256 i) pure returns (Size) {
    (uint256 side, uint256 shares) = self.sharesIn(i);
    return side == LONG ? book.sizeOf(LONG, shares) : -book.sizeOf(SHORT, shares);
}

/// @dev The side a position is on and its shares of it; long where it has none.
function sharesIn(Portfolio memory self, uint256 i) pure returns (uint256 side, uint256 shares) {
    int256 signed = self.holdings[i].shares;
    return signed < 0 ? (SHORT, uint256(-signed)) : (LONG, uint256(signed));
}

function hasPosition(Portfolio memory self, uint256 i) pure returns (bool) {
    return self.holdings[i].shares != 0;
}

/// @dev Whether any market owes the account anything.
function hasGain(Portfolio memory self, Book[] memory books) pure returns (bool) {
    for (uint256 i; i < books.length; ++i) {
        if (self.markets.contains(books[i].id) && self.unsettled(books[i], i) > ZERO_USD) return true;
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
function settleMarket(Portfolio memory self, Book memory book, uint256 i) pure {
    Usd due = self.unsettled(book, i);
    _pay(self, book, i, due, due > ZERO_USD ? due.min(book.pool) : due.max(-self.collateral.positivePart()));
}

/// @dev Moves gains from the pools into collateral, as far as the pools go and up to `limit` in all.
function payGains(Portfolio memory self, Book[] memory books, Usd limit) pure {
    for (uint256 i; i < books.length; ++i) {
        if (!self.markets.contains(books[i].id)) continue;
        Usd due = self.unsettled(books[i], i);
        if (due <= ZERO_USD) continue;
        Usd paid = due.min(books[i].pool).min(limit);
        _pay(self, books[i], i, due, paid);
        limit = limit - paid;
    }
}

/// @dev Moves losses from collateral into the pools, as far as the collateral goes: in full, or pro rata over the markets
/// down to a collateral of exactly zero.
function payLosses(Portfolio memory self, Book[] memory books) pure {
    Usd losses = _losses(self, books);
    if (losses == ZERO_USD) return;
    Usd purse = self.collateral.min(losses);
    Usd seen;
    Usd spent;
    for (uint256 i; i < books.length; ++i) {
        if (!self.markets.contains(books[i].id)) continue;
        Usd due = self.unsettled(books[i], i);
        if (due >= ZERO_USD) continue;
        seen = seen - due;
        // Cumulative, so that the parts add up to the purse exactly.
        Usd upTo = purse == losses ? seen : purse.shareDown(seen, losses);
        _pay(self, books[i], i, due, spent - upTo);
        spent = upTo;
    }
}

function _losses(Portfolio memory self, Book[] memory books) pure returns (Usd losses) {
    for (uint256 i; i < books.length; ++i) {
        if (self.markets.contains(books[i].id)) losses = losses - self.unsettled(books[i], i).negativePart();
    }
}

/// @dev Pays `paid` of `due`, both above zero out of the pool or both below zero into it. What is left is owed.
function _pay(Portfolio memory self, Book memory book, uint256 i, Usd due, Usd paid) pure {
    if (paid == ZERO_USD) return;
    self.crystallise(book, i);
    self.holdings[i].owed = due - paid;
    self.collateral = self.collateral + paid;
    book.pool = book.pool - paid;
}

/// @dev Writes what shares have made so far into `owed`, exactly: the account is worth what it was.
function crystallise(Portfolio memory self, Book memory book, uint256 i) pure {
    Holding memory held = self.holdings[i];
    held.changed = true;
    if (held.shares == 0) return;
    held.owed = self.unsettled(book, i);
    (uint256 side, ) = self.sharesIn(i);
    held.paidValue = book.value(side);
}

/// @dev Moves a position by `delta` at mark, through zero where it must, and keeps the side totals. What it has made so far
/// becomes owed; nothing else changes.
function move(Portfolio memory self, Book memory book, uint256 i, Size delta) pure {
    self.crystallise(book, i);
    self.markets = self.markets.add(book.id);
    Size quantity = delta.magnitude();
    (uint256 side, uint256 shares) = self.sharesIn(i);
    if (shares != 0 && (side == LONG) == (delta < ZERO_SIZE)) {
        Size size = book.sizeOf(side, shares);
        Size closed = quantity.min(size);
        // Up: who closes gives the fraction of a share.
        _burn(self, book, i, closed == size ? shares : book.sharesUp(side, closed));
        quantity = quantity - closed;
    }
    if (quantity > ZERO_SIZE) _mint(self, book, i, delta > ZERO_SIZE ? LONG : SHORT, quantity);
}

/// @dev Takes a position out of the book at mark; what it made stays owed.
function leave(Portfolio memory self, Book memory book, uint256 i) pure {
    self.crystallise(book, i);
    (, uint256 shares) = self.sharesIn(i);
    if (shares != 0) _burn(self, book, i, shares);
}

/// @dev Takes shares that have shrunk to no size out of the book; what they made stays owed.
function burnDust(Portfolio memory self, Book memory book, uint256 i) pure {
    (uint256 side, uint256 shares) = self.sharesIn(i);
    if (shares != 0 && book.sizeOf(side, shares) == ZERO_SIZE) self.leave(book, i);
}

/// @dev Assumes that the position is crystallised and not on the other side.
function _mint(Portfolio memory self, Book memory book, uint256 i, uint256 side, Size size) pure {
    Holding memory held = self.holdings[i];
    uint256 shares = book.sharesDown(side, size);
    book.shares[side] += shares;
    held.shares += side == LONG ? int256(shares) : -int256(shares);
    held.paidValue = book.value(side);
}

/// @dev Assumes that the position is crystallised. Totals are upper bounds of what holders have, so this cannot underflow.
function _burn(Portfolio memory self, Book memory book, uint256 i, uint256 burnt) pure {
    Holding memory held = self.holdings[i];
    (uint256 side, ) = self.sharesIn(i);
    book.shares[side] -= burnt;
    held.shares -= side == LONG ? int256(burnt) : -int256(burnt);
}

/// @dev Equity, secured and the margin requirements, at the books' marks.
function health(Portfolio memory self, Book[] memory books) pure returns (Health memory h) {
    h.equity = self.collateral;
    h.secured = self.collateral;
    for (uint256 i; i < books.length; ++i) {
        if (!self.markets.contains(books[i].id)) continue;
        Usd due = self.unsettled(books[i], i);
        h.equity = h.equity + due;
        h.secured = h.secured + due.negativePart();
        if (self.holdings[i].shares == 0) continue;
        // Up: requirements round against the account.
        Usd notional = books[i].mark.notionalUp(self.sizeIn(books[i], i));
        h.initialMargin = h.initialMargin + notional.partUp(books[i].risk.initialMargin);
        h.maintenanceMargin = h.maintenanceMargin + notional.partUp(books[i].risk.maintenanceMargin);
    }
}

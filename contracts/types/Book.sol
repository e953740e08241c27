// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../math/Rounding.sol";
import {ONE, Price} from "./Price.sol";
import {RiskParameters} from "./RiskParameters.sol";
import {Size} from "./Size.sol";
import {Usd} from "./Usd.sol";

/// @dev The sides of a market, as indices.
uint256 constant LONG = 0;
uint256 constant SHORT = 1;

/// @dev A = 1: one share is one unit of size.
uint256 constant BASE_BITS = 126;
uint256 constant ONE_BASE = 1 << BASE_BITS;

/// @notice A market opened for one call: unpacked, accrued, and either with a fresh mark or with the last accepted one.
/// A side is a unit trust: a share of it is worth `V = B ± A · (mark − F)`, + for longs and − for shorts.
struct Book {
    uint8 id;
    /// @dev Whether the oracle vouches for `mark` now. Where it does not, the market is valued and not traded.
    bool fresh;
    RiskParameters risk;
    Usd pool;
    Usd shortfall;
    uint256[2] shares;
    /// @dev A per side, `BASE_BITS` of fraction.
    uint256[2] base;
    /// @dev B per side, in value units.
    int256[2] cash;
    uint24 generation;
    Price mark;
    uint40 publishedAt;
    uint40 acceptedAt;
    uint256 roundingReserve;
    int256 fundingIndex;
    int64 premium;
    uint40 accruedAt;
    uint8 scale;
}

using {
    value,
    valueUnit,
    markValue,
    moneyFloor,
    sideSize,
    sizeOf,
    sharesDown,
    sharesUp,
    openInterest,
    closeSide,
    chargeable,
    chargeSide,
    rebase,
    payShortfall
} for Book global;

/// @dev V: what one share of a side is worth, in value units. Floor: holders do without the fraction.
function value(Book memory book, uint256 side) pure returns (int256) {
    return book.cash[side] + _exposure(book, side, book.base[side]);
}

/// @dev ± A · (mark − F)
function _exposure(Book memory book, uint256 side, uint256 base) pure returns (int256) {
    int256 distance = int256(book.markValue()) - book.fundingIndex;
    return Rounding.mulShiftFloor(int256(base), side == LONG ? distance : -distance, BASE_BITS);
}

/// @dev Money · valueUnit = shares · value.
function valueUnit(Book memory book) pure returns (uint256) {
    return ONE << book.scale;
}

/// @dev The mark as a value per share at A = 1.
function markValue(Book memory book) pure returns (uint256) {
    return book.mark.raw() << book.scale;
}

/// @dev shares · value in money. Floor: the holder bears the fraction.
function moneyFloor(Book memory book, uint256 shares, int256 perShare) pure returns (Usd) {
    return Usd.wrap(Rounding.mulDivFloor(int256(shares), perShare, book.valueUnit()));
}

/// @dev All of a side. Down: a fraction of a size-wei is nobody's.
function sideSize(Book memory book, uint256 side) pure returns (Size) {
    return book.sizeOf(side, book.shares[side]);
}

/// @dev What `shares` of a side amount to, not negative.
function sizeOf(Book memory book, uint256 side, uint256 shares) pure returns (Size) {
    return Size.wrap(int256(Rounding.mulShiftDown(shares, book.base[side], BASE_BITS)));
}

/// @dev Shares that are worth `size` at most. Down: who opens does without the fraction of a share.
function sharesDown(Book memory book, uint256 side, Size size) pure returns (uint256) {
    return Rounding.shiftDivDown(uint256(Size.unwrap(size)), BASE_BITS, book.base[side]);
}

/// @dev Shares that are worth `size` at least. Up: who closes gives the fraction of a share.
function sharesUp(Book memory book, uint256 side, Size size) pure returns (uint256) {
    return Rounding.shiftDivUp(uint256(Size.unwrap(size)), BASE_BITS, book.base[side]);
}

/// @dev The larger side: they differ by rounding only.
function openInterest(Book memory book) pure returns (Size) {
    return book.sideSize(LONG).max(book.sideSize(SHORT));
}

/// @dev Closes `size` of a side at mark, pro rata over its holders: A falls, what it stood for is booked in B, and V stays
/// exactly what it was. Assumes `size` ≤ the side's size and a side with shares.
function closeSide(Book memory book, uint256 side, Size size) pure {
    int256 before = _exposure(book, side, book.base[side]);
    Size left = book.sideSize(side) - size;
    book.base[side] = Rounding.shiftDivDown(uint256(Size.unwrap(left)), BASE_BITS, book.shares[side]);
    book.cash[side] += before - _exposure(book, side, book.base[side]);
}

/// @dev The most that a side can be charged where a share may lose `perShare`. Down: what cannot be charged in full is
/// shortfall.
function chargeable(Book memory book, uint256 side, uint256 perShare) pure returns (Usd) {
    return Usd.wrap(int256(Rounding.mulDivDown(perShare, book.shares[side], book.valueUnit())));
}

/// @dev Charges `amount` to a side, pro rata over its shares. Up: the charged side bears the fraction, at most
/// shares / valueUnit. Assumes a side with shares.
/// @return perShare By how much a share is worth less.
function chargeSide(Book memory book, uint256 side, Usd amount) pure returns (uint256 perShare) {
    perShare = Rounding.mulDivUp(amount.toUint(), book.valueUnit(), book.shares[side]);
    book.cash[side] -= int256(perShare);
}

/// @dev Starts a generation: F and V begin again at zero. Shares and A of a side are shifted by its `shift`, which leaves
/// sizes what they were; where `allClosed`, nothing is left of either side.
function rebase(Book memory book, uint8[2] memory shift, bool allClosed) pure {
    ++book.generation;
    book.fundingIndex = 0;
    for (uint256 side = LONG; side <= SHORT; ++side) {
        // The sum of holders' shifted shares is at most the shifted sum: totals stay upper bounds.
        book.shares[side] = allClosed ? 0 : book.shares[side] >> shift[side];
        book.base[side] = allClosed ? ONE_BASE : book.base[side] << shift[side];
        book.cash[side] = -_exposure(book, side, book.base[side]);
    }
}

/// @dev Money earned in a market pays its own shortfall first.
/// @return rest What is left of `amount` for the insurance fund.
function payShortfall(Book memory book, Usd amount) pure returns (Usd rest) {
    Usd repaid = amount.min(book.shortfall);
    book.shortfall = book.shortfall - repaid;
    book.pool = book.pool + repaid;
    return amount - repaid;
}

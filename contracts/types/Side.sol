// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Rounding} from "../math/Rounding.sol";
import {ALL_CLOSED} from "./MarketState.sol";
import {Size} from "./Size.sol";

/// @dev A = 1: one share stands for one unit of size.
uint256 constant BASE_BITS = 126;
uint256 constant ONE_BASE = 1 << BASE_BITS;

/// @notice One side of a market, as a unit trust: a share of it is worth `V = B ± A · (mark − F)`, + for longs and − for
/// shorts. Price and funding move V by themselves; closing a part of the side at mark lowers A and books the cash in B; a
/// haircut lowers B. Each reaches every holder without touching any.
struct Side {
    bool isLong;
    /// @dev An upper bound of what holders have together.
    uint256 shares;
    /// @dev A: size per share, `BASE_BITS` of fraction.
    uint256 base;
    /// @dev B: cash per share, in value units.
    int256 cash;
    /// @dev V at the book's mark and funding index, kept by `Book.revalue`.
    int256 worth;
}

using {value, exposure, size, sizeOf, sharesDown, sharesUp, close, charge, shift, rebase, isWhole} for Side global;

/// @dev V: what one share is worth, in value units. Floor: holders do without the fraction.
/// @param distance mark − F
function value(Side memory self, int256 distance) pure returns (int256) {
    unchecked {
        return self.cash + self.exposure(distance);
    }
}

/// @dev ± A · (mark − F)
function exposure(Side memory self, int256 distance) pure returns (int256) {
    return Rounding.mulShiftFloor(int256(self.base), self.isLong ? distance : -distance, BASE_BITS);
}

/// @dev All of the side. Down: a fraction of a size-wei is nobody's.
function size(Side memory self) pure returns (Size) {
    return self.sizeOf(self.shares);
}

/// @dev What `shares` stand for, not negative. Down, as above.
function sizeOf(Side memory self, uint256 shares) pure returns (Size) {
    return Size.wrap(int256(Rounding.mulShiftDown(shares, self.base, BASE_BITS)));
}

/// @dev Shares that stand for `amount` at most. Down: who opens does without the fraction of a share.
function sharesDown(Side memory self, Size amount) pure returns (uint256) {
    return Rounding.shiftDivDown(uint256(Size.unwrap(amount)), BASE_BITS, self.base);
}

/// @dev Shares that stand for `amount` at least. Up: who closes gives the fraction of a share.
function sharesUp(Side memory self, Size amount) pure returns (uint256) {
    return Rounding.shiftDivUp(uint256(Size.unwrap(amount)), BASE_BITS, self.base);
}

/// @dev Closes `amount` of the side at mark, pro rata over its holders; V stays exactly what it was. Assumes `amount` ≤ the
/// side's size. A side of which nothing is left has A = 0.
function close(Side memory self, Size amount, int256 distance) pure {
    int256 before = self.value(distance);
    uint256 left = uint256(Size.unwrap(self.size() - amount));
    self.base = left == 0 ? 0 : Rounding.shiftDivDown(left, BASE_BITS, self.shares);
    self.cash = before - self.exposure(distance);
}

/// @dev Charges `amount` of money · value unit to the side, pro rata over its shares. Up: the charged side bears the
/// fraction, less than one value unit a share. Assumes a side with shares.
/// @return perShare By how much a share is worth less.
function charge(Side memory self, uint256 amount, uint256 valueUnit) pure returns (uint256 perShare) {
    perShare = Rounding.mulDivUp(amount, valueUnit, self.shares);
    self.cash -= int256(perShare);
}

/// @dev By how many bits A must rise to be in (½, 1]; `ALL_CLOSED` where nothing is left. Assumes that A is zero or above 2
/// of its fraction's units: a side that has a size has an A of at least 2^15.
function shift(Side memory self) pure returns (uint8) {
    return self.base == 0 ? ALL_CLOSED : uint8(BASE_BITS - 1 - Math.log2(self.base - 1));
}

/// @dev Starts a generation of the side: shares and A are shifted, which leaves sizes what they were, and V is 0; or all is
/// closed, and the side is whole.
/// @param distance mark − F in the new generation.
function rebase(Side memory self, uint8 bits, int256 distance) pure {
    bool gone = bits == ALL_CLOSED;
    // The sum of holders' shifted shares is at most the shifted sum: totals stay upper bounds.
    self.shares = gone ? 0 : self.shares >> bits;
    self.base = gone ? ONE_BASE : self.base << bits;
    self.cash = gone ? int256(0) : -self.exposure(distance);
}

/// @dev A = 1 and B = 0: nobody has been deleveraged since the side was empty.
function isWhole(Side memory self) pure returns (bool) {
    return self.base == ONE_BASE && self.cash == 0;
}

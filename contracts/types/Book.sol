// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Narrow} from "../math/Narrow.sol";
import {Rounding} from "../math/Rounding.sol";
import {ALL_CLOSED, EndedGeneration, LOW_BITS} from "./MarketState.sol";
import {ONE, Price} from "./Price.sol";
import {MAX_DRIFT, MAX_PRICE_BITS, MIN_SHIFT} from "./Ranges.sol";
import {MarketStatus, PackedRisk} from "./RiskParameters.sol";
import {Side} from "./Side.sol";
import {Size} from "./Size.sol";
import {Usd, ZERO_USD} from "./Usd.sol";

/// @dev For how long the losses of an ended market are collected before its gains are paid.
uint256 constant RESOLUTION_PERIOD = 7 days;
/// @dev All of a gain.
uint256 constant WHOLE_PAYOUT = 1 << 40;
/// @dev Nothing of a gain: what a pool pays that has less than two parts of it. Not zero, which is that of a market that was not wound up.
uint256 constant NO_PAYOUT = 1;

/// @dev What a market keeps in its pool of its fees against rounding: one token.
Usd constant ROUNDING_RESERVE = Usd.wrap(1e18);

/// @notice A market opened for one call: unpacked, accrued, and either with a fresh mark or with the last accepted one.
struct Book {
    uint8 id;
    /// @dev Whether the oracle vouches for `mark` now. Where it does not, the market is valued and not traded.
    bool fresh;
    /// @dev Whether `mark` lay further than the maintenance margin from the one before.
    bool jumped;
    /// @dev The range of marks since yesterday, in the steps of `InitialMargin`.
    uint256 volatility;
    /// @dev What is paid of each gain since the market was wound up, in parts of `WHOLE_PAYOUT`. Zero before that.
    uint256 payout;
    PackedRisk risk;
    Usd pool;
    Usd shortfall;
    Side long;
    Side short;
    uint24 generation;
    uint256 scale;
    Price mark;
    uint256 publishedAt;
    uint256 acceptedAt;
    Usd fees;
    /// @dev F, in value units.
    int256 fundingIndex;
    /// @dev As it is at `accruedAt`.
    int256 premium;
    uint256 accruedAt;
}

using {
    distance,
    valueOf,
    valueUnit,
    markValue,
    moneyFloor,
    revalue,
    openInterest,
    waits,
    payable_,
    lowBits,
    fixMark,
    windUp,
    repay,
    sweep,
    priceLimit,
    renew
} for Book global;

/// @dev mark − F. Assumes marks and drift in their ranges.
function distance(Book memory self) pure returns (int256) {
    unchecked {
        return int256(self.markValue()) - self.fundingIndex;
    }
}

/// @dev V: what one share of a side is worth, in value units.
function valueOf(Book memory self, bool isLong) pure returns (int256) {
    return isLong ? self.long.worth : self.short.worth;
}

/// @dev After anything that moves V: a new mark, funding, a haircut, a new generation.
function revalue(Book memory self) pure {
    int256 apart = self.distance();
    self.long.worth = self.long.value(apart);
    self.short.worth = self.short.value(apart);
}

/// @dev money · valueUnit = shares · value
function valueUnit(Book memory self) pure returns (uint256) {
    return ONE << self.scale;
}

/// @dev The mark as a value per share at A = 1.
function markValue(Book memory self) pure returns (uint256) {
    return self.mark.raw() << self.scale;
}

/// @dev shares · value in money. Floor: the holder bears the fraction.
function moneyFloor(Book memory self, uint256 shares, int256 perShare) pure returns (Usd) {
    return Usd.wrap(Rounding.mulDivFloor(int256(shares), perShare, self.valueUnit()));
}

/// @dev The larger side: they differ by rounding only.
function openInterest(Book memory self) pure returns (Size) {
    return self.long.size().max(self.short.size());
}

/// @dev Whether gains wait: the market has ended and its losses are still being collected.
function waits(Book memory self) pure returns (bool) {
    return self.payout == 0 && self.risk.status() == MarketStatus.Settled;
}

/// @dev What gains can be paid from.
function payable_(Book memory self) pure returns (Usd) {
    return self.waits() ? ZERO_USD : self.pool;
}

/// @dev A price as a value per share, without the bits that are not kept of the lowest one. Never zero.
function lowBits(Book memory self, uint256 price) pure returns (uint256) {
    return Math.max((price << self.scale) >> LOW_BITS, 1);
}

/// @dev Ends the market: its mark is final, and funding stops.
function fixMark(Book memory self, uint256 time) pure {
    (self.acceptedAt, self.publishedAt, self.premium, self.jumped) = (time, time, 0, false);
}

/// @dev Closes both sides of an ended market at its final price. Waiting fees repay its shortfall; what is left of that cuts
/// every gain, pro rata. Down: whoever is paid does without the fraction.
function windUp(Book memory self) pure {
    Usd fees = self.fees.min(self.shortfall);
    self.fees = self.fees - fees;
    Usd missing = self.shortfall - fees;
    self.payout =
        missing == ZERO_USD
            ? WHOLE_PAYOUT
            : Math.max(Rounding.mulDivDown(self.pool.raw(), WHOLE_PAYOUT, (self.pool + missing).raw()), NO_PAYOUT);
    self.shortfall = ZERO_USD;
    self.long.close(self.long.size(), self.distance());
    self.short.close(self.short.size(), self.distance());
}

/// @dev Money earned in a market pays its own shortfall first.
/// @return rest What is left of `amount` for the insurance fund.
function repay(Book memory self, Usd amount) pure returns (Usd rest) {
    Usd repaid = amount.min(self.shortfall);
    self.shortfall = self.shortfall - repaid;
    self.pool = self.pool + repaid;
    return amount - repaid;
}

/// @dev Takes the fees beyond the reserve out of the pool, as far as it goes.
function sweep(Book memory self) pure returns (Usd swept) {
    swept = (self.fees - ROUNDING_RESERVE).positivePart().min(self.payable_());
    self.fees = self.fees - swept;
    self.pool = self.pool - swept;
}

/// @dev A price below this keeps a market's values in range.
function priceLimit(Book memory self) pure returns (uint256) {
    return Math.min((1 << MAX_PRICE_BITS) >> self.scale, type(uint96).max);
}

/// @dev Ends the generation where its numbers run short of range, or where nothing is left of a side: then both are closed,
/// at mark. F begins again at zero.
/// @return ended Whether it did.
/// @return end How it settles whoever has not touched it since.
function renew(Book memory self) pure returns (bool ended, EndedGeneration memory end) {
    (Side memory long, Side memory short) = (self.long, self.short);
    (end.longShift, end.shortShift) = (long.shift(), short.shift());
    if (end.longShift == ALL_CLOSED || end.shortShift == ALL_CLOSED) {
        (end.longShift, end.shortShift) = (ALL_CLOSED, ALL_CLOSED);
    } else {
        bool inRange = end.longShift < MIN_SHIFT && end.shortShift < MIN_SHIFT;
        if (inRange && !_drifted(self.fundingIndex) && !_drifted(long.cash) && !_drifted(short.cash)) {
            return (false, end);
        }
    }
    self.revalue();
    (end.longValue, end.shortValue) = (Narrow.toInt112(long.worth), Narrow.toInt112(short.worth));
    ++self.generation;
    self.fundingIndex = 0;
    long.rebase(end.longShift, self.distance());
    short.rebase(end.shortShift, self.distance());
    self.revalue();
    return (true, end);
}

function _drifted(int256 x) pure returns (bool) {
    return x > MAX_DRIFT || x < -MAX_DRIFT;
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../math/Rounding.sol";
import {ONE, Price} from "./Price.sol";
import {PackedRisk} from "./RiskParameters.sol";
import {Side} from "./Side.sol";
import {Size} from "./Size.sol";
import {Usd} from "./Usd.sol";

/// @dev What a market keeps in its pool of its fees against rounding: one token.
Usd constant ROUNDING_RESERVE = Usd.wrap(1e18);

/// @notice A market opened for one call: unpacked, accrued, and either with a fresh mark or with the last accepted one.
struct Book {
    uint8 id;
    /// @dev Whether the oracle vouches for `mark` now. Where it does not, the market is valued and not traded.
    bool fresh;
    PackedRisk risk;
    Usd pool;
    Usd shortfall;
    Side long;
    Side short;
    uint24 generation;
    uint8 scale;
    Price mark;
    uint32 publishedAt;
    uint32 acceptedAt;
    uint16 day;
    uint256 high;
    Usd fees;
    /// @dev F, in value units.
    int256 fundingIndex;
    int256 premium;
    uint256 premiumAge;
    uint32 accruedAt;
}

using {distance, valueOf, valueUnit, markValue, moneyFloor, revalue, openInterest, repay, sweep} for Book global;

/// @dev mark − F
function distance(Book memory self) pure returns (int256) {
    return int256(self.markValue()) - self.fundingIndex;
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
    swept = (self.fees - ROUNDING_RESERVE).positivePart().min(self.pool);
    self.fees = self.fees - swept;
    self.pool = self.pool - swept;
}

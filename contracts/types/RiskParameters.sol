// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Rates are in parts per million of notional: 50_000 is 5 %.
uint256 constant PPM = 1e6;

enum MarketStatus {
    Unlisted,
    Active,
    /// @dev Open interest may not grow. Reducing, liquidating and deleveraging go on as ever.
    ReduceOnly,
    /// @dev Ended for good, at a final price.
    Settled
}

/// @notice What governance sets for a market, as people read and write it.
struct RiskParameters {
    MarketStatus status;
    /// @dev Whether an account in this market may be in no other: for feeds that are not to be trusted with more.
    bool isolatedOnly;
    /// @dev IM: what must be secured to open in an empty market, ppm of notional.
    uint24 initialMargin;
    /// @dev The same where open interest is at its cap; in between, IM grows with open interest in proportion.
    uint24 initialMarginAtCap;
    /// @dev IM is at least this part of the range of marks since yesterday, ppm of that range.
    uint24 volatilityMargin;
    /// @dev MM: below it an account may be liquidated, ppm of notional.
    uint24 maintenanceMargin;
    /// @dev d_min: the incentive of a liquidator where equity = MM, ppm of notional.
    uint24 incentiveMin;
    /// @dev d_max: the same where equity ≤ ½ · MM.
    uint24 incentiveMax;
    /// @dev φ: the insurance fund's part of a liquidation penalty, ppm of notional.
    uint24 fundFee;
    /// @dev The protocol's fee for each side of a fill, ppm of notional.
    uint24 tradeFee;
    /// @dev How far from mark a fill's price may lie, ppm of mark.
    uint24 priceBand;
    /// @dev t: a liquidation restores equity to this multiple of MM, ppm.
    uint24 buffer;
    /// @dev Money, in whole thousandths of a token. Open interest at mark may not grow beyond it, nor beyond what the
    /// insurance fund bears (`InsuranceFund.openInterestLimit`).
    uint112 openInterestCap;
    /// @dev Money, in whole thousandths of a token. What a position must be worth at mark when it is opened, increased or partly closed.
    uint80 minNotional;
    /// @dev A shortfall above this part of the open interest cap makes the market reduce-only, ppm.
    uint24 shortfallLimit;
    /// @dev The clamp of the funding rate, either way, ppm of mark per day.
    uint16 maxFundingRate;
    /// @dev What the caller of `deleverage` earns, ppm of the notional that defaulted.
    uint24 bountyRate;
    /// @dev Money. The most that one account's default in this market may earn its caller.
    uint80 bountyCap;
}

/// @dev Amounts that fills read are stored in thousandths of a token, so that a fill reads one slot.
uint256 constant MILLI = 1e15;

/// @notice The same as the clearing house stores it.
struct PackedRisk {
    // What fills and margin checks read: 2 (status) + 1 (isolated only) + 3 × 20 (IM, IM at the cap, volatility margin) +
    // 19 (MM) + 14 (trade fee) + 19 (price band) + 60 (open interest cap, in thousandths) + 30 (minimum notional, in
    // thousandths) + 20 (shortfall limit) + 16 (maximum funding rate) = 241 bits
    uint256 trading;
    // What liquidating and deleveraging read besides: 4 × 24 (d_min, d_max, φ, t) + 24 (bounty rate) + 80 (bounty cap)
    // = 200 bits
    uint256 closing;
}

using {
    status,
    isolatedOnly,
    initialMargin,
    initialMarginAtCap,
    volatilityMargin,
    maintenanceMargin,
    incentiveMin,
    incentiveMax,
    fundFee,
    tradeFee,
    priceBand,
    buffer,
    openInterestCap,
    minNotional,
    shortfallLimit,
    maxFundingRate,
    bountyRate,
    bountyCap,
    unpack
} for PackedRisk global;

/// @dev Assumes that every value fits its bits, which the governor's bounds ensure.
function pack(RiskParameters memory p) pure returns (PackedRisk memory packed) {
    packed.trading =
        uint256(p.status) |
        (p.isolatedOnly ? 1 << 2 : 0) |
        (uint256(p.initialMargin) << 3) |
        (uint256(p.initialMarginAtCap) << 23) |
        (uint256(p.volatilityMargin) << 43) |
        (uint256(p.maintenanceMargin) << 63) |
        (uint256(p.tradeFee) << 82) |
        (uint256(p.priceBand) << 96) |
        ((p.openInterestCap / MILLI) << 115) |
        ((p.minNotional / MILLI) << 175) |
        (uint256(p.shortfallLimit) << 205) |
        (uint256(p.maxFundingRate) << 225);
    packed.closing =
        uint256(p.incentiveMin) |
        (uint256(p.incentiveMax) << 24) |
        (uint256(p.fundFee) << 48) |
        (uint256(p.buffer) << 72) |
        (uint256(p.bountyRate) << 96) |
        (uint256(p.bountyCap) << 120);
}

function unpack(PackedRisk memory self) pure returns (RiskParameters memory p) {
    p.status = self.status();
    p.isolatedOnly = self.isolatedOnly();
    p.initialMargin = uint24(self.initialMargin());
    p.initialMarginAtCap = uint24(self.initialMarginAtCap());
    p.volatilityMargin = uint24(self.volatilityMargin());
    p.maintenanceMargin = uint24(self.maintenanceMargin());
    p.incentiveMin = uint24(self.incentiveMin());
    p.incentiveMax = uint24(self.incentiveMax());
    p.fundFee = uint24(self.fundFee());
    p.tradeFee = uint24(self.tradeFee());
    p.priceBand = uint24(self.priceBand());
    p.buffer = uint24(self.buffer());
    p.openInterestCap = uint112(self.openInterestCap());
    p.minNotional = uint80(self.minNotional());
    p.shortfallLimit = uint24(self.shortfallLimit());
    p.maxFundingRate = uint16(self.maxFundingRate());
    p.bountyRate = uint24(self.bountyRate());
    p.bountyCap = uint80(self.bountyCap());
}

function status(PackedRisk memory self) pure returns (MarketStatus) {
    return MarketStatus(self.trading & 3);
}

function isolatedOnly(PackedRisk memory self) pure returns (bool) {
    return self.trading & (1 << 2) != 0;
}

function initialMargin(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 3) & 0xfffff;
}

function initialMarginAtCap(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 23) & 0xfffff;
}

function volatilityMargin(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 43) & 0xfffff;
}

function maintenanceMargin(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 63) & 0x7ffff;
}

function tradeFee(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 82) & 0x3fff;
}

function priceBand(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 96) & 0x7ffff;
}

function openInterestCap(PackedRisk memory self) pure returns (uint256) {
    return ((self.trading >> 115) & 0xfffffffffffffff) * MILLI;
}

function minNotional(PackedRisk memory self) pure returns (uint256) {
    return ((self.trading >> 175) & 0x3fffffff) * MILLI;
}

function shortfallLimit(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 205) & 0xfffff;
}

function maxFundingRate(PackedRisk memory self) pure returns (uint256) {
    return self.trading >> 225;
}

function incentiveMin(PackedRisk memory self) pure returns (uint256) {
    return self.closing & type(uint24).max;
}

function incentiveMax(PackedRisk memory self) pure returns (uint256) {
    return (self.closing >> 24) & type(uint24).max;
}

function fundFee(PackedRisk memory self) pure returns (uint256) {
    return (self.closing >> 48) & type(uint24).max;
}

function buffer(PackedRisk memory self) pure returns (uint256) {
    return (self.closing >> 72) & type(uint24).max;
}

function bountyRate(PackedRisk memory self) pure returns (uint256) {
    return (self.closing >> 96) & type(uint24).max;
}

function bountyCap(PackedRisk memory self) pure returns (uint256) {
    return (self.closing >> 120) & type(uint80).max;
}

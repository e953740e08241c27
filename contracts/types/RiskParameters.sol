// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Rates are in parts per million of notional: 50_000 is 5 %.
uint256 constant PPM = 1e6;

enum MarketStatus {
    Unlisted,
    Active,
    /// @dev Open interest may not grow. Reducing, liquidating and deleveraging go on as ever.
    ReduceOnly
}

/// @notice What governance sets for a market, as people read and write it.
struct RiskParameters {
    MarketStatus status;
    /// @dev IM: what must be secured to open, ppm of notional.
    uint24 initialMargin;
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
    /// @dev Money, in whole millionths of a token. Open interest at mark may not grow beyond it.
    uint112 openInterestCap;
    /// @dev Money, in whole millionths of a token. What a position must be worth at mark when it is opened, increased or partly closed.
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

/// @dev Amounts that fills read are stored in millionths of a token, so that a fill reads one slot.
uint256 constant MICRO = 1e12;

/// @notice The same as the clearing house stores it.
struct PackedRisk {
    // What fills and margin checks read: 8 (status) + 4 × 24 (IM, MM, trade fee, price band) + 72 (open interest cap, in
    // millionths) + 40 (minimum notional, in millionths) + 24 (shortfall limit) + 16 (maximum funding rate) = 256 bits
    uint256 trading;
    // What liquidating and deleveraging read besides: 4 × 24 (d_min, d_max, φ, t) + 24 (bounty rate) + 80 (bounty cap)
    // = 200 bits
    uint256 closing;
}

using {
    status,
    initialMargin,
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
        (uint256(p.initialMargin) << 8) |
        (uint256(p.maintenanceMargin) << 32) |
        (uint256(p.tradeFee) << 56) |
        (uint256(p.priceBand) << 80) |
        ((p.openInterestCap / MICRO) << 104) |
        ((p.minNotional / MICRO) << 176) |
        (uint256(p.shortfallLimit) << 216) |
        (uint256(p.maxFundingRate) << 240);
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
    p.initialMargin = uint24(self.initialMargin());
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
    return MarketStatus(self.trading & type(uint8).max);
}

function initialMargin(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 8) & type(uint24).max;
}

function maintenanceMargin(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 32) & type(uint24).max;
}

function tradeFee(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 56) & type(uint24).max;
}

function priceBand(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 80) & type(uint24).max;
}

function openInterestCap(PackedRisk memory self) pure returns (uint256) {
    return ((self.trading >> 104) & type(uint72).max) * MICRO;
}

function minNotional(PackedRisk memory self) pure returns (uint256) {
    return ((self.trading >> 176) & type(uint40).max) * MICRO;
}

function shortfallLimit(PackedRisk memory self) pure returns (uint256) {
    return (self.trading >> 216) & type(uint24).max;
}

function maxFundingRate(PackedRisk memory self) pure returns (uint256) {
    return self.trading >> 240;
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

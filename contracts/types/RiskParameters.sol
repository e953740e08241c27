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
    /// @dev Money. Open interest at mark may not grow beyond it.
    uint112 openInterestCap;
    /// @dev Money. What a position must be worth at mark when it is opened, increased or partly closed.
    uint80 minNotional;
    /// @dev A shortfall above this part of the open interest cap makes the market reduce-only, ppm.
    uint24 shortfallLimit;
    /// @dev The clamp of the funding rate, either way, ppm of mark per day.
    uint24 maxFundingRate;
    /// @dev What the caller of `deleverage` earns, ppm of the notional that defaulted.
    uint24 bountyRate;
    /// @dev Money. The most that one account's default in this market may earn its caller.
    uint80 bountyCap;
}

/// @notice The same as the clearing house stores it: three slots, the last of them read by `deleverage` alone.
struct PackedRisk {
    // 8 (status) + 8 × 24 (rates, in the order of the struct above) = 200 bits
    uint256 rates;
    // 112 (open interest cap) + 80 (minimum notional) + 24 + 24 = 240 bits
    uint256 limits;
    // 24 (rate) + 80 (cap) = 104 bits
    uint256 bounty;
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

function pack(RiskParameters memory p) pure returns (PackedRisk memory packed) {
    packed.rates =
        uint256(p.status) |
        (uint256(p.initialMargin) << 8) |
        (uint256(p.maintenanceMargin) << 32) |
        (uint256(p.incentiveMin) << 56) |
        (uint256(p.incentiveMax) << 80) |
        (uint256(p.fundFee) << 104) |
        (uint256(p.tradeFee) << 128) |
        (uint256(p.priceBand) << 152) |
        (uint256(p.buffer) << 176);
    packed.limits =
        uint256(p.openInterestCap) |
        (uint256(p.minNotional) << 112) |
        (uint256(p.shortfallLimit) << 192) |
        (uint256(p.maxFundingRate) << 216);
    packed.bounty = uint256(p.bountyRate) | (uint256(p.bountyCap) << 24);
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
    p.maxFundingRate = uint24(self.maxFundingRate());
    p.bountyRate = uint24(self.bountyRate());
    p.bountyCap = uint80(self.bountyCap());
}

function status(PackedRisk memory self) pure returns (MarketStatus) {
    return MarketStatus(self.rates & type(uint8).max);
}

function initialMargin(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 8) & type(uint24).max;
}

function maintenanceMargin(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 32) & type(uint24).max;
}

function incentiveMin(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 56) & type(uint24).max;
}

function incentiveMax(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 80) & type(uint24).max;
}

function fundFee(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 104) & type(uint24).max;
}

function tradeFee(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 128) & type(uint24).max;
}

function priceBand(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 152) & type(uint24).max;
}

function buffer(PackedRisk memory self) pure returns (uint256) {
    return (self.rates >> 176) & type(uint24).max;
}

function openInterestCap(PackedRisk memory self) pure returns (uint256) {
    return self.limits & type(uint112).max;
}

function minNotional(PackedRisk memory self) pure returns (uint256) {
    return (self.limits >> 112) & type(uint80).max;
}

function shortfallLimit(PackedRisk memory self) pure returns (uint256) {
    return (self.limits >> 192) & type(uint24).max;
}

function maxFundingRate(PackedRisk memory self) pure returns (uint256) {
    return (self.limits >> 216) & type(uint24).max;
}

function bountyRate(PackedRisk memory self) pure returns (uint256) {
    return self.bounty & type(uint24).max;
}

function bountyCap(PackedRisk memory self) pure returns (uint256) {
    return (self.bounty >> 24) & type(uint80).max;
}

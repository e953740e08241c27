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

/// @notice What governance sets for a market. Two slots, read by every fill and liquidation.
struct RiskParameters {
    // slot 0: 8 × 24 + 8 = 200 bits
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
    MarketStatus status;
    // slot 1: 112 + 80 + 24 + 24 = 240 bits
    /// @dev Money. Open interest at mark may not grow beyond it.
    uint112 openInterestCap;
    /// @dev Money. What a position must be worth at mark when it is opened, increased or partly closed.
    uint80 minNotional;
    /// @dev A shortfall above this part of the open interest cap makes the market reduce-only, ppm.
    uint24 shortfallLimit;
    /// @dev The clamp of the funding rate, either way, ppm of mark per day.
    uint24 maxFundingRate;
    // slot 2: 24 + 80 = 104 bits, read by `deleverage` alone
    /// @dev What the caller of `deleverage` earns, ppm of the notional that defaulted.
    uint24 bountyRate;
    /// @dev Money. The most that one account's default in this market may earn its caller.
    uint80 bountyCap;
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RiskParameters} from "../types/RiskParameters.sol";

/// @notice The door through which governance lists markets, sets their parameters and ends them, within hard bounds. Every
/// function that changes something is restricted by the access manager, which gives roles and delays, but the one that lets an
/// announced maintenance margin go up.
interface IMarketGovernor {
    event MarketListed(uint8 indexed market, uint256 maxPrice, uint8 scale, RiskParameters parameters);
    /// @notice What is in force from now on. `targetMargin` is where the maintenance margin is going, zero where it stays.
    event RiskParametersSet(uint8 indexed market, RiskParameters parameters, uint256 targetMargin);

    /// @notice Lists a market; its number is the next free one, and the oracle must have a price for that number.
    /// @param maxPrice The market accepts every price up to this and none from twice this on (1.7e-8 on where it is below
    /// that): it fixes the binary scale of the market's values and with it the range of sizes. 18 decimals, 1e-9 … 1e9.
    /// @dev Errors: `ParameterOutOfBounds`, `TooManyMarkets`, and the oracle's refusal.
    function listMarket(RiskParameters calldata parameters, uint256 maxPrice) external returns (uint8 market);

    /// @notice Replaces a market's parameters, at once but for a higher maintenance margin: that goes up by
    /// `raiseMaintenanceMargin`, so that nobody who has a hundredth more than it is made liquidatable by a decree.
    /// @dev Ends a ramp that is under way, or starts a new one. What the maintenance margin bounds must fit both the one in
    /// force and the higher one. Errors: `ParameterOutOfBounds`, `UnknownMarket`, `MarketEnded`.
    function setRiskParameters(uint8 market, RiskParameters calldata parameters) external;

    /// @notice Makes a market reduce-only and nothing else: meant for a guardian without delay, because it only tightens.
    /// @dev Errors: `UnknownMarket`, `MarketEnded`.
    function restrictMarket(uint8 market) external;

    /// @notice Brings a maintenance margin that is to rise up by a hundredth of itself, at most once an hour. Anyone.
    /// @dev Errors: `NoMarginToRaise`, `UnknownMarket`, `MarketEnded`.
    function raiseMaintenanceMargin(uint8 market) external;

    /// @notice Where a maintenance margin is going, ppm, and from when on it may take its next step, unix seconds. Both zero
    /// where it stays.
    function rampOf(uint8 market) external view returns (uint24 target, uint40 nextAt);

    /// @notice The least time between two steps of a ramp, seconds.
    function RAMP_INTERVAL() external view returns (uint256);

    /// @notice Ends a market for good: the mark in force (the newest, where the oracle vouches for one) is its final price.
    /// For seven days losses are collected and defaulters deleveraged as ever while gains wait; the first call that touches
    /// the market after that closes both sides, and gains are paid, pro rata where there is a shortfall.
    /// @dev Errors: `UnknownMarket`, `MarketEnded`.
    function endMarket(uint8 market) external;

    /// @notice A market's parameters as they are in force.
    function riskParametersOf(uint8 market) external view returns (RiskParameters memory);
}

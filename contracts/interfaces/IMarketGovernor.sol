// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RiskParameters} from "../types/RiskParameters.sol";

/// @notice The door through which governance lists markets and sets their parameters, within hard bounds. Every function is
/// restricted by the access manager, which gives roles and delays.
interface IMarketGovernor {
    event MarketListed(uint8 indexed market, uint256 maxPrice, uint8 scale, RiskParameters parameters);
    event RiskParametersSet(uint8 indexed market, RiskParameters parameters);

    /// @notice Lists a market; its number is the next free one, and the oracle must have a price for that number.
    /// @param maxPrice The market accepts every price up to this and none from twice this on (1.7e-8 on where it is below
    /// that): it fixes the binary scale of the market's values and with it the range of sizes. 18 decimals, 1e-9 … 1e9.
    /// @dev Errors: `ParameterOutOfBounds`, `TooManyMarkets`, and the oracle's refusal.
    function listMarket(RiskParameters calldata parameters, uint256 maxPrice) external returns (uint8 market);

    /// @notice Replaces a market's parameters.
    /// @dev Errors: `ParameterOutOfBounds`, `UnknownMarket`.
    function setRiskParameters(uint8 market, RiskParameters calldata parameters) external;

    /// @notice Makes a market reduce-only and nothing else: meant for a guardian without delay, because it only tightens.
    /// @dev Errors: `UnknownMarket`.
    function restrictMarket(uint8 market) external;

    /// @notice A market's parameters as they are in force.
    function riskParametersOf(uint8 market) external view returns (RiskParameters memory);
}

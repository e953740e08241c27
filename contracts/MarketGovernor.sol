// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "./interfaces/Errors.sol";
import {IClearingHouse} from "./interfaces/IClearingHouse.sol";
import {IMarketGovernor} from "./interfaces/IMarketGovernor.sol";
import {MAX_MAX_PRICE, MAX_PRICE_BITS, MAX_SCALE, MIN_MAX_PRICE} from "./types/Ranges.sol";
import {MICRO, MarketStatus, PPM, RiskParameters, pack} from "./types/RiskParameters.sol";

/// @notice What governance may set for markets, and within what. Knows no balances and has no path to any.
contract MarketGovernor is IMarketGovernor, AccessManaged {
    IClearingHouse private immutable _clearingHouse = IClearingHouse(msg.sender);

    /// @param authority OpenZeppelin AccessManager.
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IMarketGovernor
    function listMarket(
        RiskParameters calldata parameters,
        uint256 maxPrice
    ) external restricted returns (uint8 market) {
        _requireWithin("maxPrice", maxPrice, MIN_MAX_PRICE, MAX_MAX_PRICE);
        _requireBounds(parameters);
        uint256 scale = Math.min(MAX_PRICE_BITS - 1 - Math.log2(maxPrice), MAX_SCALE);
        market = _clearingHouse.addMarket(pack(parameters), uint8(scale));
        emit MarketListed(market, maxPrice, uint8(scale), parameters);
    }

    /// @inheritdoc IMarketGovernor
    function setRiskParameters(uint8 market, RiskParameters calldata parameters) external restricted {
        _requireBounds(parameters);
        _set(market, parameters);
    }

    /// @inheritdoc IMarketGovernor
    function restrictMarket(uint8 market) external restricted {
        RiskParameters memory parameters = riskParametersOf(market);
        parameters.status = MarketStatus.ReduceOnly;
        _set(market, parameters);
    }

    function _set(uint8 market, RiskParameters memory parameters) private {
        _clearingHouse.setRisk(market, pack(parameters));
        emit RiskParametersSet(market, parameters);
    }

    /// @inheritdoc IMarketGovernor
    function riskParametersOf(uint8 market) public view returns (RiskParameters memory) {
        return _clearingHouse.riskOf(market).unpack();
    }

    /// @dev The hard bounds. docs/mechanism.md gives the reason of each.
    function _requireBounds(RiskParameters calldata p) private pure {
        _requireWithin("status", uint256(p.status), uint256(MarketStatus.Active), uint256(MarketStatus.ReduceOnly));
        _requireWithin("maintenanceMargin", p.maintenanceMargin, 1_000, 500_000);
        _requireWithin("initialMargin", p.initialMargin, uint256(p.maintenanceMargin) + 1, PPM);
        _requireWithin("incentiveMax", p.incentiveMax, p.incentiveMin, p.maintenanceMargin / 2);
        // d_max + φ ≤ m / 2: a liquidation costs at most half of what it frees.
        _requireWithin("fundFee", p.fundFee, 0, p.maintenanceMargin / 2 - p.incentiveMax);
        _requireWithin("buffer", p.buffer, PPM, 2 * PPM);
        _requireWithin("tradeFee", p.tradeFee, 0, 10_000);
        // Beyond the maintenance margin one fill could carry a healthy account into default.
        _requireWithin("priceBand", p.priceBand, 0, p.maintenanceMargin);
        _requireWithin("openInterestCap", p.openInterestCap, 0, 1e33);
        _requireWithin("minNotional", p.minNotional, 0, 1e6 * 1e18);
        // Both are stored in millionths of a token.
        _requireWithin("openInterestCap % 1e12", p.openInterestCap % MICRO, 0, 0);
        _requireWithin("minNotional % 1e12", p.minNotional % MICRO, 0, 0);
        _requireWithin("shortfallLimit", p.shortfallLimit, 0, PPM);
        _requireWithin("maxFundingRate", p.maxFundingRate, 0, 40_000);
        // A defaulter has paid the fee of opening and never pays that of closing: nobody defaults for the bounty.
        _requireWithin("bountyRate", p.bountyRate, 0, p.tradeFee);
    }

    function _requireWithin(string memory name, uint256 value, uint256 lowest, uint256 highest) private pure {
        require(value >= lowest && value <= highest, Errors.ParameterOutOfBounds(name, value, lowest, highest));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "./interfaces/Errors.sol";
import {IClearingHouse} from "./interfaces/IClearingHouse.sol";
import {IMarketGovernor} from "./interfaces/IMarketGovernor.sol";
import {MAX_MAX_PRICE, MAX_PRICE_BITS, MAX_SCALE, MIN_MAX_PRICE} from "./types/Ranges.sol";
import {MILLI, MarketStatus, PPM, RiskParameters, pack} from "./types/RiskParameters.sol";

/// @notice What governance may set for markets, and within what. Knows no balances and has no path to any.
contract MarketGovernor is IMarketGovernor, AccessManaged {
    /// @dev A maintenance margin that rises goes up step by step, to here.
    struct Ramp {
        // slot 0: 24 + 40 = 64 bits
        /// @dev Zero where none is under way.
        uint24 target;
        uint40 steppedAt;
    }

    /// @inheritdoc IMarketGovernor
    uint256 public constant RAMP_INTERVAL = 1 hours;
    /// @dev By which part of itself a maintenance margin rises in a step: a hundredth.
    uint256 private constant STEPS_TO_DOUBLE = 100;

    IClearingHouse private immutable _clearingHouse = IClearingHouse(msg.sender);

    mapping(uint8 market => Ramp) private _ramps;

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
        RiskParameters memory next = parameters;
        uint24 margin = _parametersOf(market).maintenanceMargin;
        uint24 target = parameters.maintenanceMargin;
        if (target > margin) {
            // What is bounded by the maintenance margin must fit the one that is in force until the ramp has ended.
            next.maintenanceMargin = margin;
            _requireBounds(next);
        } else {
            target = 0;
        }
        _ramp(market, target);
        _set(market, next);
    }

    /// @inheritdoc IMarketGovernor
    function raiseMaintenanceMargin(uint8 market) external {
        RiskParameters memory parameters = _parametersOf(market);
        Ramp memory ramp = _ramps[market];
        uint256 next = ramp.steppedAt + RAMP_INTERVAL;
        require(ramp.target != 0 && block.timestamp >= next, Errors.NoMarginToRaise(market, ramp.target, next));
        // Down, but a millionth at least.
        uint256 step = Math.max(parameters.maintenanceMargin / STEPS_TO_DOUBLE, 1);
        uint24 raised = uint24(Math.min(parameters.maintenanceMargin + step, ramp.target));
        parameters.maintenanceMargin = raised;
        _ramp(market, raised == ramp.target ? 0 : ramp.target);
        _set(market, parameters);
    }

    /// @inheritdoc IMarketGovernor
    function restrictMarket(uint8 market) external restricted {
        RiskParameters memory parameters = _parametersOf(market);
        parameters.status = MarketStatus.ReduceOnly;
        _set(market, parameters);
    }

    /// @inheritdoc IMarketGovernor
    function endMarket(uint8 market) external restricted {
        RiskParameters memory parameters = _parametersOf(market);
        // Fills may go on, and must move no premium.
        (parameters.status, parameters.maxFundingRate) = (MarketStatus.Settled, 0);
        _ramp(market, 0);
        _set(market, parameters);
    }

    function _ramp(uint8 market, uint24 target) private {
        if (target == 0) delete _ramps[market];
        else _ramps[market] = Ramp(target, uint40(block.timestamp));
    }

    function _set(uint8 market, RiskParameters memory parameters) private {
        _clearingHouse.setRisk(market, pack(parameters));
        emit RiskParametersSet(market, parameters, _ramps[market].target);
    }

    /// @inheritdoc IMarketGovernor
    function riskParametersOf(uint8 market) public view returns (RiskParameters memory) {
        return _clearingHouse.riskOf(market).unpack();
    }

    /// @inheritdoc IMarketGovernor
    function rampOf(uint8 market) external view returns (uint24 target, uint40 nextAt) {
        Ramp memory ramp = _ramps[market];
        return ramp.target == 0 ? (uint24(0), uint40(0)) : (ramp.target, ramp.steppedAt + uint40(RAMP_INTERVAL));
    }

    /// @dev Of a market that may still change.
    function _parametersOf(uint8 market) private view returns (RiskParameters memory parameters) {
        parameters = riskParametersOf(market);
        require(parameters.status != MarketStatus.Unlisted, Errors.UnknownMarket(market));
        require(parameters.status != MarketStatus.Settled, Errors.MarketEnded(market));
    }

    /// @dev The hard bounds. docs/mechanism.md gives the reason of each.
    function _requireBounds(RiskParameters memory p) private pure {
        _requireWithin("status", uint256(p.status), uint256(MarketStatus.Active), uint256(MarketStatus.ReduceOnly));
        _requireWithin("maintenanceMargin", p.maintenanceMargin, 1_000, 500_000);
        _requireWithin("initialMargin", p.initialMargin, uint256(p.maintenanceMargin) + 1, PPM);
        _requireWithin("initialMarginAtCap", p.initialMarginAtCap, p.initialMargin, PPM);
        _requireWithin("volatilityMargin", p.volatilityMargin, 0, PPM);
        _requireWithin("incentiveMax", p.incentiveMax, p.incentiveMin, p.maintenanceMargin / 2);
        // d_max + φ ≤ m / 2: a liquidation costs at most half of what it frees.
        _requireWithin("fundFee", p.fundFee, 0, p.maintenanceMargin / 2 - p.incentiveMax);
        _requireWithin("buffer", p.buffer, PPM, 2 * PPM);
        _requireWithin("tradeFee", p.tradeFee, 0, 10_000);
        // Beyond the maintenance margin one fill could carry a healthy account into default.
        _requireWithin("priceBand", p.priceBand, 0, p.maintenanceMargin);
        _requireWithin("openInterestCap", p.openInterestCap, 0, 1e33);
        _requireWithin("minNotional", p.minNotional, 0, 1e6 * 1e18);
        // Both are stored in thousandths of a token.
        _requireWithin("openInterestCap % 1e15", p.openInterestCap % MILLI, 0, 0);
        _requireWithin("minNotional % 1e15", p.minNotional % MILLI, 0, 0);
        _requireWithin("shortfallLimit", p.shortfallLimit, 0, PPM);
        // Beyond six times the fee, trading with oneself to move the premium could pay.
        _requireWithin("maxFundingRate", p.maxFundingRate, 0, Math.min(uint256(p.tradeFee) * 6, 40_000));
        // A defaulter has paid the fee of opening and never pays that of closing: nobody defaults for the bounty.
        _requireWithin("bountyRate", p.bountyRate, 0, p.tradeFee);
    }

    function _requireWithin(string memory name, uint256 value, uint256 lowest, uint256 highest) private pure {
        require(value >= lowest && value <= highest, Errors.ParameterOutOfBounds(name, value, lowest, highest));
    }
}

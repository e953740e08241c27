// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "../interfaces/Errors.sol";
import {ONE_BASE} from "../types/Book.sol";
import {MAX_MARKETS} from "../types/MarketSet.sol";
import {MarketState} from "../types/MarketState.sol";
import {MAX_MAX_PRICE, MAX_PRICE_BITS, MAX_SCALE, MIN_MAX_PRICE} from "../types/Ranges.sol";
import {MarketStatus, PPM, RiskParameters} from "../types/RiskParameters.sol";
import {Ledger} from "./Ledger.sol";

/// @notice What governance may set, and within what. No path from here to anyone's balance.
abstract contract Governance is Ledger, AccessManaged {
    /// @dev See {IClearingHouse-listMarket}.
    function listMarket(
        RiskParameters calldata parameters,
        uint256 maxPrice
    ) external restricted nonReentrant returns (uint8 market) {
        require(marketCount < MAX_MARKETS, Errors.TooManyMarkets(marketCount, MAX_MARKETS));
        _requireWithin("maxPrice", maxPrice, MIN_MAX_PRICE, MAX_MAX_PRICE);
        _requireBounds(parameters);
        market = uint8(marketCount++);
        _risk[market] = parameters;
        (uint256 price, uint256 publishedAt) = oracle.read(market);
        require(price <= maxPrice, Errors.PriceAboveMaximum(market, price, maxPrice));

        MarketState storage state = _markets[market];
        uint256 scale = Math.min(MAX_PRICE_BITS - 1 - Math.log2(maxPrice), MAX_SCALE);
        state.scale = uint8(scale);
        // A side's slot is never zero: the first deleveraging of a market pays for no fresh slot.
        (state.longBase, state.shortBase) = (uint128(ONE_BASE), uint128(ONE_BASE));
        // B is such that V begins at zero.
        int128 markValue = int128(uint128(price << scale));
        (state.longCash, state.shortCash) = (-markValue, markValue);
        (state.mark, state.publishedAt, state.acceptedAt, state.accruedAt) = (
            uint96(price),
            uint40(publishedAt),
            uint40(block.timestamp),
            uint40(block.timestamp)
        );
        _haircutLimits[market].high = uint96(price);
        _haircutLimits[market].periodStart = uint40(block.timestamp);
        _haircutLimits[market].longLeft = 1;
        emit MarketListed(market, uint8(scale), maxPrice, parameters);
        emit MarkAccepted(market, price, publishedAt);
    }

    /// @dev See {IClearingHouse-setRiskParameters}.
    function setRiskParameters(uint8 market, RiskParameters calldata parameters) external restricted {
        require(market < marketCount, Errors.UnknownMarket(market));
        _requireBounds(parameters);
        _risk[market] = parameters;
        emit RiskParametersSet(market, parameters);
    }

    /// @dev See {IClearingHouse-restrictMarket}.
    function restrictMarket(uint8 market) external restricted {
        require(market < marketCount, Errors.UnknownMarket(market));
        _risk[market].status = MarketStatus.ReduceOnly;
        emit MarketRestricted(market);
    }

    /// @dev The hard bounds. docs/mechanism.md gives the reason of each.
    function _requireBounds(RiskParameters calldata p) private pure {
        _requireWithin("status", uint256(p.status), uint256(MarketStatus.Active), uint256(MarketStatus.ReduceOnly));
        _requireWithin("maintenanceMargin", p.maintenanceMargin, 1_000, 500_000);
        _requireWithin("initialMargin", p.initialMargin, uint256(p.maintenanceMargin) + 1, PPM);
        _requireWithin("incentiveMax", p.incentiveMax, p.incentiveMin, p.maintenanceMargin / 2);
        // d_max + φ ≤ m / 2: a liquidation costs less than half of what it frees.
        _requireWithin("fundFee", p.fundFee, 0, p.maintenanceMargin / 2 - p.incentiveMax);
        _requireWithin("buffer", p.buffer, PPM, 2 * PPM);
        _requireWithin("tradeFee", p.tradeFee, 0, 10_000);
        // Beyond the maintenance margin one fill could move a healthy account into default.
        _requireWithin("priceBand", p.priceBand, 0, p.maintenanceMargin);
        _requireWithin("openInterestCap", p.openInterestCap, 0, 1e33);
        _requireWithin("shortfallLimit", p.shortfallLimit, 0, PPM);
        _requireWithin("maxFundingRate", p.maxFundingRate, 0, 40_000);
        // Below a round trip's fees, so that nobody defaults for the bounty.
        _requireWithin("bountyRate", p.bountyRate, 0, p.tradeFee == 0 ? 0 : 2 * uint256(p.tradeFee) - 1);
    }

    function _requireWithin(string memory name, uint256 value, uint256 lowest, uint256 highest) private pure {
        require(
            value >= lowest && value <= highest,
            Errors.ParameterOutOfBounds(name, value, lowest, highest)
        );
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {MarketStatus, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Actors} from "./Actors.sol";

/// @notice Prices, feeds, time and governance: what happens to everybody.
abstract contract Surroundings is Actors {
    // ------------------------------------------------------------------ prices

    /// @dev Between a twentieth and five times, near one mostly. A feed that was down is up again.
    function movePrice(uint256 where, uint256 how) external watched {
        uint8 market = uint8(where % MARKETS);
        uint256 kind = how % 10;
        bool falls = (how / 10) % 2 == 0;
        how /= 20;
        if (kind < 5) how = bound(how, 1_000, 1_080);
        else if (kind < 8) how = bound(how, 1_050, 1_400);
        else how = bound(how, 1_400, falls ? 20_000 : 5_000);
        _move(market, falls ? 1e6 / how : how);
        _record("movePrice", true);
    }

    /// @dev Every market gaps in the same breath, each by its own part between a twentieth and five times.
    function gap(uint256 how) external watched {
        for (uint8 market; market < MARKETS; ++market) {
            how = uint256(keccak256(abi.encode(how)));
            _move(market, how % 2 == 0 ? bound(how >> 8, 50, 1_000) : bound(how >> 8, 1_000, 5_000));
        }
        _record("gap", true);
    }

    function _move(uint8 market, uint256 permille) internal {
        _moveTo(market, (prices[market] * permille) / 1_000);
        if (permille % 4 != 0) house.accrueFunding(market);
    }

    /// @dev A feed refuses until the next movement of its price or the next time that passes.
    function breakFeed(uint256 where) external watched {
        vm.warp(vm.getBlockTimestamp() + 1);
        feeds[where % MARKETS].setAnswer(0, vm.getBlockTimestamp());
        _record("breakFeed", true);
    }

    // ------------------------------------------------------------------ time

    /// @dev Funding accrues from the first touch after it.
    function passTime(uint256 time, uint256 scale) external watched {
        skip(bound(time, 1, scale % 40 == 0 ? 10 * 365 days : (scale % 3 == 0 ? 5 weeks : 4 hours)));
        for (uint8 market; market < MARKETS; ++market) {
            _publish(market);
            house.accrueFunding(market);
        }
        _record("passTime", true);
    }

    // ------------------------------------------------------------------ governance

    /// @dev One market of a run at most, so that something is left to trade in.
    function endMarket(uint256 where) external watched {
        bool first = !_anyEnded();
        if (first) governor.endMarket(uint8(where % MARKETS));
        _record("endMarket", first);
    }

    function _anyEnded() internal view returns (bool) {
        for (uint8 market; market < MARKETS; ++market) if (_hasEnded(market)) return true;
        return false;
    }

    /// @dev Anything within the hard bounds. Margins change by little; a maintenance margin that is to rise takes an hour for
    /// each step.
    function changeParameters(uint256 where, uint256 how) external watched {
        uint8 market = _living(uint8(where % MARKETS));
        (uint256 target, uint256 nextAt) = governor.rampOf(market);
        if (target != 0 && vm.getBlockTimestamp() >= nextAt) governor.raiseMaintenanceMargin(market);
        RiskParameters memory p = _parameters(market);
        uint24 step = uint24(how % 20_000);
        (p.maintenanceMargin, p.initialMargin) = (p.maintenanceMargin - step, p.initialMargin - step);
        p.initialMarginAtCap = uint24(bound(how >> 216, p.initialMargin, 2 * p.initialMargin));
        p.volatilityMargin = uint24(bound(how >> 228, 0, 200_000));
        p.isolatedOnly = how % 13 == 0;
        // What it bounds must fit the one in force as well.
        uint256 margin = _min(p.maintenanceMargin, house.riskOf(market).maintenanceMargin());
        p.incentiveMax = uint24(bound(how >> 8, p.incentiveMin, margin / 2 - p.fundFee));
        p.priceBand = uint24(bound(how >> 32, 1_000, margin));
        p.tradeFee = uint24(bound(how >> 56, 0, 2_000));
        p.bountyRate = uint24(bound(how >> 80, 0, p.tradeFee));
        p.maxFundingRate = uint16(bound(how >> 104, 0, 6 * uint256(p.tradeFee)));
        p.buffer = uint24(bound(how >> 128, 1_000_000, 2_000_000));
        if (how % 8 == 0) p.status = MarketStatus.ReduceOnly;
        if (how % 11 == 0) p.openInterestCap = 100_000e18;
        governor.setRiskParameters(market, p);
        fund.setLimit(market, IInsuranceFund.Limit(uint128(bound(how >> 152, 0, 1e24)), uint64(how >> 200), 0));
        _record("changeParameters", true);
    }
}

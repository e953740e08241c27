// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IClearingHouseLens} from "../../contracts/interfaces/IClearingHouseLens.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {HaircutLimit, MarketState} from "../../contracts/types/MarketState.sol";
import {MarketSet} from "../../contracts/types/MarketSet.sol";
import {Position} from "../../contracts/types/Position.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";

/// @notice Reads everything that a comparison looks at through the lens, in one call instead of a hundred.
contract Onlooker {
    /// @dev As written, but for `health`.
    struct AccountSeen {
        uint256 collateral;
        /// @dev Bit by bit.
        uint256 markets;
        /// @dev One for each market of the house.
        Position[] positions;
        IClearingHouseLens.AccountHealth health;
    }

    /// @dev As written, but for `fundAvailable` and `summary`.
    struct MarketSeen {
        MarketState state;
        HaircutLimit haircutLimit;
        uint256 fundAvailable;
        RiskParameters risk;
        /// @dev Of the maintenance margin.
        uint256 rampTarget;
        uint256 rampNextAt;
        IClearingHouseLens.MarketSummary summary;
        /// @dev The initial margin rate if open interest grew by one unit.
        uint256 initialMarginAfterOne;
    }

    function look(
        IClearingHouseLens lens,
        AccountId[] calldata ids
    )
        external
        view
        returns (
            AccountSeen[] memory accounts,
            MarketSeen[] memory markets,
            IClearingHouseLens.BalanceSheet memory sheet
        )
    {
        IClearingHouse house = lens.house();
        uint8 count = uint8(house.marketCount());
        IClearingHouseLens.AccountHealth[] memory healths = lens.healths(ids);
        accounts = new AccountSeen[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) accounts[i] = _lookAt(house, lens, ids[i], count, healths[i]);
        markets = new MarketSeen[](count);
        for (uint8 i = 0; i < count; ++i) {
            MarketSeen memory seen = markets[i];
            (seen.state, seen.haircutLimit) = (lens.marketOf(i), lens.haircutLimitOf(i));
            seen.fundAvailable = house.insuranceFund().available(i);
            seen.risk = lens.riskParametersOf(i);
            (seen.rampTarget, seen.rampNextAt) = house.governor().rampOf(i);
            seen.summary = lens.marketSummary(i);
            seen.initialMarginAfterOne = lens.initialMarginAfter(i, 1e18);
        }
        sheet = lens.balanceSheet();
    }

    function _lookAt(
        IClearingHouse house,
        IClearingHouseLens lens,
        AccountId id,
        uint8 count,
        IClearingHouseLens.AccountHealth memory health
    ) private view returns (AccountSeen memory seen) {
        seen.health = health;
        seen.positions = new Position[](count);
        for (uint8 i = 0; i < count; ++i) seen.positions[i] = lens.positionOf(id, i);
        MarketSet set;
        (seen.collateral, set) = house.accountOf(id);
        seen.markets = MarketSet.unwrap(set);
    }
}

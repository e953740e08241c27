// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {Book} from "../types/Book.sol";
import {MAX_MARKETS, MarketSet} from "../types/MarketSet.sol";
import {MarketState} from "../types/MarketState.sol";
import {MarketStatus, PackedRisk} from "../types/RiskParameters.sol";
import {ONE_BASE} from "../types/Side.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice Writes what the market governor decided. No path from here to anyone's balance.
abstract contract Governance is Ledger {
    modifier onlyGovernor() {
        require(msg.sender == address(governor), Errors.OnlyGovernor(msg.sender));
        _;
    }

    /// @dev See {IClearingHouse-addMarket}.
    function addMarket(PackedRisk calldata risk, uint8 scale) external onlyGovernor returns (uint8 market) {
        require(marketCount < MAX_MARKETS, Errors.TooManyMarkets(marketCount, MAX_MARKETS));
        market = uint8(marketCount++);
        _risk[market] = risk;
        MarketState storage state = _markets[market];
        state.scale = scale;
        // A side's slot is never zero, so that the first deleveraging of a market pays for no fresh one.
        (state.longBase, state.shortBase) = (uint128(ONE_BASE), uint128(ONE_BASE));
        _haircutLimits[market].longLeft = 1;
        // The first mark, or the oracle's refusal.
        (Book[] memory books, ) = _openFor(MarketSet.wrap(0), market);
        _store(books);
    }

    /// @dev See {IClearingHouse-setRisk}.
    function setRisk(uint8 market, PackedRisk calldata risk) external onlyGovernor nonReentrant {
        // Funding up to now is what the old parameters made it.
        Book[] memory books = _open(MarketSet.wrap(0).add(market));
        // The mark in force is the final price, accepted anew.
        if (risk.status() == MarketStatus.Settled) books[0].fixMark(block.timestamp);
        _store(books);
        _risk[market] = risk;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {EndedGeneration, HaircutLimit, MarketState} from "../types/MarketState.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {Position} from "../types/Position.sol";
import {Rights} from "../types/Rights.sol";
import {RiskParameters} from "../types/RiskParameters.sol";
import {Size} from "../types/Size.sol";
import {Ledger} from "./Ledger.sol";

/// @notice Raw state, as last written. Meaning is added by the lens.
abstract contract Views is Ledger {
    /// @dev See {IClearingHouse-accountOf}.
    function accountOf(AccountId account) external view returns (uint256 collateral, MarketSet markets) {
        Account storage stored = _accounts[account];
        return (stored.collateral, stored.markets);
    }

    /// @dev See {IClearingHouse-positionOf}.
    function positionOf(AccountId account, uint8 market) external view returns (Position memory) {
        return _positions[account][market];
    }

    /// @dev See {IClearingHouse-sizeOf}.
    function sizeOf(AccountId account, uint8 market) external view returns (int256) {
        Book[] memory books = _openAsWritten(MarketSet.wrap(0).add(market));
        Portfolio memory portfolio = _load(account, books);
        return Size.unwrap(portfolio.sizeIn(books[0], 0));
    }

    /// @dev See {IClearingHouse-marketOf}.
    function marketOf(uint8 market) external view returns (MarketState memory) {
        return _markets[market];
    }

    /// @dev See {IClearingHouse-riskParametersOf}.
    function riskParametersOf(uint8 market) external view returns (RiskParameters memory) {
        return _risk[market];
    }

    /// @dev See {IClearingHouse-haircutLimitOf}.
    function haircutLimitOf(uint8 market) external view returns (HaircutLimit memory) {
        return _haircutLimits[market];
    }

    /// @dev See {IClearingHouse-endedGenerationOf}.
    function endedGenerationOf(uint8 market, uint24 generation) external view returns (EndedGeneration memory) {
        return _ended[market][generation];
    }

    /// @dev See {IClearingHouse-rightsOf}.
    function rightsOf(AccountId account, address operator) external view returns (Rights) {
        return _rights[account][operator];
    }
}

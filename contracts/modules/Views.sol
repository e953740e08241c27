// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {PackedRisk} from "../types/RiskParameters.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {Rights} from "../types/Rights.sol";
import {Size} from "../types/Size.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice Raw state, as last written. Meaning is added by the lens.
abstract contract Views is Ledger {
    /// @dev See {IClearingHouse-accountOf}.
    function accountOf(AccountId account) external view returns (uint256 collateral, MarketSet markets) {
        Account storage stored = _accounts[account];
        return (stored.collateral, stored.markets);
    }

    /// @dev See {IClearingHouse-sizeOf}.
    function sizeOf(AccountId account, uint8 market) external view returns (int256) {
        require(market < marketCount, Errors.UnknownMarket(market));
        Book[] memory books = _openAsWritten(MarketSet.wrap(0).add(market));
        Portfolio memory portfolio = _load(account, books);
        return Size.unwrap(portfolio.holdings[0].size(books[0]));
    }

    /// @dev See {IClearingHouse-riskOf}.
    function riskOf(uint8 market) external view returns (PackedRisk memory) {
        return _risk[market];
    }

    /// @dev See {IClearingHouse-rightsOf}.
    function rightsOf(AccountId account, address operator) external view returns (Rights) {
        return _rights[account][operator];
    }

    /// @dev See {IClearingHouse-load}.
    function load(bytes32[] calldata slots) external view returns (bytes32[] memory words) {
        words = new bytes32[](slots.length);
        for (uint256 i; i < slots.length; ++i) {
            bytes32 slot = slots[i];
            bytes32 word;
            assembly ("memory-safe") {
                word := sload(slot)
            }
            words[i] = word;
        }
    }
}

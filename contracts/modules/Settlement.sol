// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {ZERO_USD} from "../types/Usd.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice Moving losses into pools and gains out of them, and keeping marks and funding up to date. Anyone, always.
abstract contract Settlement is Ledger {
    /// @dev See {IClearingHouse-settle}.
    function settle(AccountId[] calldata accounts) external nonReentrant {
        Book[] memory books = _open(_marketsOf(accounts));
        Portfolio memory account = _newPortfolio(books.length);
        // Whoever is paid in the first round is paid from what stood before them in the list; the second round pays
        // those who stood before the losers.
        for (uint256 round; round < 2; ++round) {
            for (uint256 i; i < accounts.length; ++i) {
                _load(account, accounts[i], books);
                if (account.markets.isEmpty() || (round == 1 && !account.hasGain(books))) continue;
                account.settle(books);
                _save(account, books);
                emit Settled(account.id, account.collateral.raw());
            }
        }
        _store(books);
    }

    /// @dev See {IClearingHouse-accrueFunding}.
    function accrueFunding(uint8 market) external nonReentrant {
        require(market < marketCount, Errors.UnknownMarket(market));
        Book[] memory books = _open(MarketSet.wrap(0).add(market));
        _earn(books[0], ZERO_USD);
        _store(books);
    }
}

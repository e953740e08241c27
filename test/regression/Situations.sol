// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {LedgerReader} from "../invariant/LedgerReader.sol";

/// @notice Where an attack begins: the states in which one was found, for the test that keeps it and for those that look for
/// more around it.
abstract contract Situations is LedgerReader {
    struct Bankruptcy {
        uint8 market;
        AccountId bankrupt;
        AccountId winner;
    }

    struct UnpaidGain {
        uint8 market;
        uint8 other;
        AccountId winner;
        AccountId loser;
        AccountId maker;
    }

    struct Stale {
        uint8 dead;
        uint8 alive;
        AccountId trader;
        AccountId maker;
        uint256 publishedAt;
    }

    struct Dust {
        uint8 market;
        AccountId bankrupt;
        AccountId accomplice;
        AccountId second;
        AccountId dust;
    }

    /// @dev Long 10 from 100 with 100, now at 85: a deficit of 50.
    function _bankruptcy() internal returns (Bankruptcy memory s) {
        s.market = _list(100e18, _plain());
        (s.bankrupt, s.winner) = (_trader("bankrupt", 100), _trader("winner", 1_000));
        _fill(s.bankrupt, s.winner, s.market, 10e18, 100e18);
        _setPrice(s.market, 85e18);
    }

    /// @dev The pool holds 1,000 that a winner has not fetched yet; the mark is 110.
    function _waitingPool() internal returns (uint8 market) {
        market = _list(100e18, _plain());
        AccountId winner = _trader("winner", 10_000);
        AccountId loser = _trader("loser", 10_000);
        _fill(winner, loser, market, 100e18, 100e18);
        _setPrice(market, 110e18);
        _settle(loser);
        assertEq(_pool(market), 1_000e18, "pool");
    }

    /// @dev The winner is long 10 from 100 with 200 of its own; at 150 its 500 are with a loser who has 100.
    function _unpaidGain() internal returns (UnpaidGain memory s) {
        (s.market, s.other) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (s.winner, s.maker, s.loser) = (_trader("winner", 200), _trader("maker", 100_000), _trader("loser", 100));
        _fill(s.winner, s.loser, s.market, 10e18, 100e18);
        _setPrice(s.market, 150e18);
    }

    /// @dev The trader is long 10 where the feed dies at 100, with 300 of collateral.
    function _staleMarket() internal returns (Stale memory s) {
        (s.dead, s.alive) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (s.trader, s.maker) = (_trader("trader", 300), _trader("maker", 100_000));
        _fill(s.trader, s.maker, s.dead, 10e18, 100e18);
        s.publishedAt = vm.getBlockTimestamp();
        vm.warp(s.publishedAt + MAX_AGE + 1);
        _setPrice(s.alive, 100e18);
    }

    /// @dev Long 10 from 100; gone bankrupt at 80, not resolved. Its opposing side sells out, all but `held` to an account that
    /// defaults at 92 and tears it up. So a holder of `held` alone opposes a deficit of 20 and more. The highest mark was 100.
    function _hugeHaircut(uint256 held) internal returns (Dust memory s) {
        s.market = _list(100e18, _plain());
        (s.bankrupt, s.accomplice) = (_trader("bankrupt", 100), _trader("accomplice", 100));
        (s.second, s.dust) = (_trader("second", 80), _trader("dust", 1_000));
        _fill(s.bankrupt, s.accomplice, s.market, 10e18, 100e18);
        _setPrice(s.market, 80e18);
        _fill(s.accomplice, s.dust, s.market, held, 80e18);
        _fill(s.accomplice, s.second, s.market, 10e18 - held, 80e18);
        _setPrice(s.market, 92e18);
        _deleverage(s.second);
    }
}

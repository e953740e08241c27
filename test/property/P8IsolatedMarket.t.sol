// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {RandomBook} from "./RandomBook.sol";

/// @notice P8: one market, isolated accounts, all of them at or above zero at p0; only the price moves, and defaulters are
/// resolved by any calls with any lists. Then nobody outside the defaulters is pushed below zero, and there is no shortfall
/// but what positions of less than a size-wei owe.
contract P8IsolatedMarketTest is RandomBook {
    uint8 private market;
    uint256 private price;
    uint256 private highest;

    function testFuzz_deleverage_pushesNobodyBelowZero(uint256 seed) public {
        _run(seed);
    }

    /// @dev Without defaulters there is nothing to prove.
    function test_mostBooksHaveDefaulters() public {
        _requireMost(_run, 60);
    }

    /// @return defaulters How many were below zero when a call was about to resolve some of them.
    function _run(uint256 seed) private returns (uint256 defaulters) {
        _seed(seed);
        price = _drawLog(1e16, 1e22);
        market = _list(price, _thin());
        price = (price / 1e10) * 1e10;
        _newAccounts(_draw(3, 8));
        if (_chance(30)) _insure("backer", _draw(1, 1_000));
        _open(_draw(3, 12));
        // What follows may begin in a book that has been deleveraged before.
        if (_chance(50)) {
            _move(_moved(price));
            _resolveAll();
            _resolveAll();
            _open(_draw(1, 6));
        }
        _liftToZero();

        uint256 before = _shortfall(market);
        uint256 moves = _draw(1, 4);
        for (uint256 i; i < moves; ++i) {
            _move(_moved(price));
            uint256 calls = i + 1 < moves ? _draw(0, 2) : _draw(0, 4);
            defaulters += _defaulters();
            for (uint256 j; j < calls; ++j) _resolve(_draw(1, 5));
        }
        for (uint256 i; i < accounts.length; ++i) _resolve(accounts.length);
        uint256 rounding = accounts.length * (_ceil(highest, WAD) + 1);
        assertLe(_shortfall(market), before + rounding, "shortfall");
    }

    function _open(uint256 fills) private {
        for (uint256 i; i < fills; ++i) {
            _randomFill(market, 1e15, 1e21);
            _move((price * _draw(950, 1_050)) / 1_000);
        }
    }

    function _move(uint256 to) private {
        price = to < 1e12 ? 1e12 : (to > 9e23 ? 9e23 : (to / 1e10) * 1e10);
        highest = _max(highest, price);
        _setPrice(market, price);
        house.accrueFunding(market);
    }

    /// @dev p0: nobody below zero, and some exactly there.
    function _liftToZero() private {
        for (uint256 i; i < accounts.length; ++i) {
            int256 equity = _equity(accounts[i]);
            if (equity < 0) _deposit(accounts[i], uint256(-equity) + (_chance(60) ? 0 : _draw(1, 1e21)));
        }
    }

    function _resolve(uint256 length) private {
        int256[] memory before = new int256[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) before[i] = _equity(accounts[i]);
        house.deleverage(_drawList(length), NO_ACCOUNT);
        for (uint256 i; i < accounts.length; ++i) {
            int256 now_ = _equity(accounts[i]);
            if (before[i] >= 0) assertGe(now_, int256(0), "pushed below zero");
        }
    }
}

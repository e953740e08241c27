// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Attack} from "./Attack.sol";

/// @notice A liquidator who takes a position in bites, who lifts somebody with a gift in order to liquidate them, or who would
/// rather not have a default resolved against itself.
contract LiquidationsTest is Attack {
    uint256 private constant ALL = type(uint256).max;

    uint8 private market;
    AccountId private victim;
    AccountId private taker;
    uint256 private gift;
    uint256 private bites;
    uint256 private plan;

    // ------------------------------------------------------------------ bites

    /// @dev Long 100 from 100 with 1,000; at 94 it has 400 of 470 of MM. At once: d = 0.5 % + 1 % · 140 / 470, and of what
    /// restores 1.2 · MM. In ten bites each finds it healthier, and cheaper.
    function test_bites_bringNoMoreThanOneGrab() public {
        _weak(100e18, 1_000e18, 94e18);
        (int256 grab, int256 before) = (_profitOf(_takeAll), _equity(victim));
        bites = 10;
        int256 nibbled = _profitOf(_takeInBites);
        assertGt(grab, int256(0), "it pays");
        assertLt(nibbled, grab, "and pays less in bites");
        uint256 size = 164e18;
        // (1.2 · 470 − 400) / (94 · (6 % − 0.5 % − d)) of 94 each, and d of it.
        uint256 d = 5e15 + (uint256(1e16) * 140) / 470;
        size = (size * WAD) / (((55e15 - d) * 94));
        assertApproxEqAbs(uint256(grab), (size * 94 * d) / WAD, 1e4, "one grab");
        assertEq(_equity(victim), before, "no trace");
    }

    /// @dev Any number of bites of any size, in a random order of two positions: no more profit than a whole grab but rounding,
    /// the account's equity over MM never falls, and what it loses is at most half of the MM that it is freed of.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_bites_stripNobody(uint256 seed) public {
        _seed(seed);
        uint256 size = _drawLog(1e18, 1e22);
        uint256 fall = _draw(5_270, 9_999);
        _weak(size, (size * 10), 100e18 - fall * 1e15);
        HealthWords memory h = _health(victim);
        if (h.equity < 0 || h.equity >= int256(h.maintenanceMargin)) return;
        int256 grab = _profitOf(_takeAll);
        bites = _draw(2, 12);
        plan = _draw(1, type(uint64).max);
        int256 nibbled = _profitOf(_takeInBites);
        assertLe(nibbled, grab + int256(bites) * 10, "profit");
        _takeInBites();
        HealthWords memory now_ = _health(victim);
        uint256 freed = h.maintenanceMargin - now_.maintenanceMargin;
        assertLe(h.equity - now_.equity, int256(freed / 2 + bites * 2), "half of what it is freed of");
        assertGe(now_.equity, int256(0), "not below zero");
    }

    function _takeAll() private {
        house.liquidate(victim, market, ALL, taker);
    }

    function _takeInBites() private {
        uint256 whole = uint256(house.sizeOf(victim, market));
        if (plan != 0) _seed(plan);
        for (uint256 i; i < bites; ++i) {
            HealthWords memory h = _health(victim);
            uint256 left = uint256(house.sizeOf(victim, market));
            if (left == 0 || h.equity >= int256(h.maintenanceMargin)) return;
            uint256 bite = plan == 0 ? whole / 20 : _drawLog(whole / 1e6 + 1, whole);
            house.liquidate(victim, market, i + 1 == bites ? ALL : bite, taker);
            HealthWords memory now_ = _health(victim);
            if (now_.maintenanceMargin == 0) return;
            // Crosswise, MM rounded up by two wei.
            assertGe(
                now_.equity * int256(h.maintenanceMargin) + int256(h.maintenanceMargin + _magnitude(h.equity)) * 2,
                h.equity * int256(now_.maintenanceMargin),
                "equity over MM"
            );
        }
    }

    // ------------------------------------------------------------------ gifts

    /// @dev The winner and who lifts the bankrupt are one. It owes 50, all of which the winner would bear; with 60 it may be
    /// liquidated, for at most the 10 on top. Doing nothing costs the winner 50; the gift costs 60 and brings the incentive.
    function test_gift_costsTheWinnerWhatTheHaircutWouldHave() public {
        _bankruptWinner();
        house.accrueFunding(market);
        int256 idle = _profitOf(_nothing);
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, victim, 50e18));
        house.liquidate(victim, market, ALL, taker);
        gift = 60e18;
        int256 lifted = _profitOf(_liftAndTake);
        assertLe(lifted, idle, "no better than doing nothing");
        assertGe(lifted + int256(10e18), idle, "and no worse than by what was given on top");
    }

    /// @dev Whoever is above, at or below zero, whoever holds the opposing side, with shares of the fund or without: no gift
    /// followed by the best of resolving, liquidating and taking over brings more than the best of these without it.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_gift_bringsNothing(uint256 seed) public {
        _seed(seed);
        RiskParameters memory p = _plain();
        if (_chance(50)) (p.tradeFee, p.bountyRate, p.bountyCap) = (500, uint24(_draw(0, 500)), 1e24);
        market = _list(100e18, p);
        if (_chance(50)) _insure("backer", _drawLog(1, 1e5));
        if (_chance(50)) _buyShares(_drawLog(1, 1e5));
        _limitFund(market, uint128(_chance(50) ? 0 : _drawLog(1e18, 1e23)));
        (victim, taker) = (_trader("victim", 0), _mine("taker", 1e9));
        uint256 size = _drawLog(1e18, 1e21);
        _deposit(victim, size * 10 + (size * 100 * p.tradeFee) / 1e6 + 1);
        _fill(victim, _chance(50) ? taker : _trader("stranger", 1e9), market, size, 100e18);
        _strangers("others", market, _drawLog(1e17, 1e21), 100e18);
        _to(market, ((_draw(7_000, 9_600) * 1e16) / 1e10) * 1e10);
        int256 equity = _equity(victim);
        gift = _chance(50) && equity < 0 ? uint256(-equity) + _drawLog(1, size * 10) : _drawLog(1, size * 10);
        int256 without = _best(false);
        assertLe(_best(true), without + 1e3, "profit");
    }

    function _best(bool given) private returns (int256 best) {
        uint256 id = vm.snapshotState();
        if (given) _give(victim, gift);
        best = _profitOf(_nothing);
        best = _more(best, _profitOf(_tryToTake));
        best = _more(best, _profitOf(_huntVictim));
        best = _more(best, _profitOf(_huntAndTakeOver));
        vm.revertToState(id);
    }

    function _more(int256 a, int256 b) private pure returns (int256) {
        return a > b ? a : b;
    }

    function _tryToTake() private {
        try house.liquidate(victim, market, ALL, taker) {} catch {}
        _huntVictim();
    }

    function _huntVictim() private {
        _hunt(_list1(victim), NO_ACCOUNT);
    }

    function _huntAndTakeOver() private {
        _hunt(_list1(victim), taker);
    }

    function _liftAndTake() private {
        _give(victim, gift);
        house.liquidate(victim, market, ALL, taker);
    }

    // ------------------------------------------------------------------ set-ups

    /// @dev A victim that is long, alone against a stranger, at a mark where it may be liquidated.
    function _weak(uint256 size, uint256 money, uint256 mark) private {
        market = _list(100e18, _plain());
        (victim, taker) = (_trader("victim", 0), _mine("taker", 1e9));
        _deposit(victim, money);
        _fill(victim, _trader("stranger", 1e9), market, size, 100e18);
        _to(market, (mark / 1e10) * 1e10);
    }

    function _bankruptWinner() private {
        Bankruptcy memory s = _bankruptcy();
        (market, victim, taker) = (s.market, s.bankrupt, _control(s.winner));
    }
}

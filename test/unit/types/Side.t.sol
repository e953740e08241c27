// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ALL_CLOSED} from "../../../contracts/types/MarketState.sol";
import {
    MAX_DRIFT,
    MAX_PRICE_BITS,
    MAX_SIDE_SHARES,
    MAX_SIDE_SIZE,
    MIN_SHIFT
} from "../../../contracts/types/Ranges.sol";
import {ONE_BASE, Side} from "../../../contracts/types/Side.sol";
import {Size, ZERO_SIZE} from "../../../contracts/types/Size.sol";
import {Test} from "../../utils/Test.sol";

contract SideTest is Test {
    /// @dev The widest of types/Ranges.sol: |mark − F| is below the highest mark plus the drift, |B| likewise below twice.
    int256 internal constant FARTHEST = int256(1 << MAX_PRICE_BITS) + MAX_DRIFT;
    uint256 internal constant MOST_SHARES = MAX_SIDE_SHARES - 1;
    /// @dev A size-wei of the most shares: no side with a size has a lower A.
    uint256 internal constant LOWEST_BASE = ONE_BASE / MAX_SIDE_SHARES;
    uint256 internal constant MOST_MONEY = 1 << 112;

    // ------------------------------------------------------------------ V

    function test_value_ofBothSidesAtTheStart() public pure {
        Side memory long = _side(true, 10e18, ONE_BASE, 0);
        Side memory short = _side(false, 10e18, ONE_BASE, 0);
        assertEq(long.value(2000e18), int256(2000e18), "long");
        assertEq(short.value(2000e18), int256(-2000e18), "short");
        (long.cash, short.cash) = (-5, 7);
        assertEq(long.value(2000e18), int256(2000e18 - 5), "long with cash");
        assertEq(short.value(2000e18), int256(-2000e18 + 7), "short with cash");
    }

    function test_exposure_roundsAHalfDownOnBothSides() public pure {
        assertEq(_side(true, 1, ONE_BASE / 2, 0).exposure(3), int256(1), "long gains 1.5");
        assertEq(_side(true, 1, ONE_BASE / 2, 0).exposure(-3), int256(-2), "long loses 1.5");
        assertEq(_side(false, 1, ONE_BASE / 2, 0).exposure(-3), int256(1), "short gains 1.5");
        assertEq(_side(false, 1, ONE_BASE / 2, 0).exposure(3), int256(-2), "short loses 1.5");
    }

    function testFuzz_exposure_isTheFloor(bool isLong, uint256 base, int256 distance) public pure {
        (base, distance) = (bound(base, 0, ONE_BASE), bound(distance, -FARTHEST, FARTHEST));
        int256 q = _side(isLong, 1, base, 0).exposure(distance);
        int256 exact = int256(base) * (isLong ? distance : -distance);
        assertLe(q * int256(ONE_BASE), exact, "not above");
        assertLt(exact - q * int256(ONE_BASE), int256(ONE_BASE), "less than one below");
    }

    /// @dev With equal A what one side gains the other loses, but for at most a value unit a share that nobody has.
    function testFuzz_exposure_ofBothSidesGivesNothingAway(uint256 base, int256 distance) public pure {
        (base, distance) = (bound(base, 0, ONE_BASE), bound(distance, -FARTHEST, FARTHEST));
        int256 sum = _side(true, 1, base, 0).exposure(distance) + _side(false, 1, base, 0).exposure(distance);
        assertTrue(sum == 0 || sum == -1, "0 or -1");
    }

    // ------------------------------------------------------------------ size

    function testFuzz_sizeOf_isTheFloor(uint256 shares, uint256 base) public pure {
        (shares, base) = (bound(shares, 0, MOST_SHARES), bound(base, 0, ONE_BASE));
        Side memory side = _side(true, shares, base, 0);
        uint256 got = _raw(side.sizeOf(shares));
        assertTrue(got * ONE_BASE <= shares * base && shares * base < (got + 1) * ONE_BASE, "floor");
        assertEq(_raw(side.size()), got, "all of it");
    }

    function testFuzz_shares_forASizeBracketIt(uint256 amount, uint256 base) public pure {
        (amount, base) = (bound(amount, 0, MAX_SIDE_SIZE), bound(base, LOWEST_BASE, ONE_BASE));
        Side memory side = _side(true, 0, base, 0);
        (uint256 down, uint256 up) = (side.sharesDown(_size(amount)), side.sharesUp(_size(amount)));
        assertLe(down * base, amount * ONE_BASE, "down stands for the amount at most");
        assertGt((down + 1) * base, amount * ONE_BASE, "and one more for more");
        assertGe(up * base, amount * ONE_BASE, "up stands for the amount at least");
        assertTrue(up == 0 || (up - 1) * base < amount * ONE_BASE, "and one less for less");
        // A share is at most one size-wei, so the fraction of one costs at most that.
        assertGe(_raw(side.sizeOf(down)) + 1, amount, "opened");
        assertEq(_raw(side.sizeOf(up)), amount, "closed");
    }

    // ------------------------------------------------------------------ close

    function test_close_aTenthLeavesValueAndNineTenths() public pure {
        Side memory side = _side(false, 100e18, ONE_BASE, 0);
        side.close(_size(10e18), 100e18);
        assertEq(side.value(100e18), int256(-100e18), "V");
        assertEq(side.cash, int256(-10e18), "B: a tenth of V is cash");
        assertEq(_raw(side.size()), 90e18 - 1, "size: nine tenths, but for what 0.9 lacks in binary");
        assertEq(side.base, (ONE_BASE * 9) / 10, "A");
        assertEq(side.shares, 100e18, "shares");
    }

    function testFuzz_close_leavesValueAndTheRestOfTheSize(
        bool isLong,
        uint256 shares,
        uint256 base,
        int256 cash,
        int256 distance,
        uint256 amount
    ) public pure {
        (shares, base) = (bound(shares, 1, MOST_SHARES), bound(base, LOWEST_BASE, ONE_BASE));
        (cash, distance) = (bound(cash, -2 * FARTHEST, 2 * FARTHEST), bound(distance, -FARTHEST, FARTHEST));
        Side memory side = _side(isLong, shares, base, cash);
        amount = bound(amount, 0, _raw(side.size()));
        uint256 left = _raw(side.size()) - amount;
        int256 before = side.value(distance);

        side.close(_size(amount), distance);

        assertEq(side.value(distance), before, "V is exactly what it was");
        assertLe(_raw(side.size()), left, "not more than asked is left");
        assertGe(_raw(side.size()) + 1, left, "nor a size-wei less");
        assertLe(side.base, base, "A never rises");
        assertEq(side.base == 0, left == 0, "A is zero where nothing is left, and only there");
        assertEq(side.shares, shares, "shares stay");
    }

    /// @dev Closing is pro rata: every holder keeps the same part, to one size-wei.
    function testFuzz_close_takesTheSamePartOfEveryHolder(
        uint256 shares,
        uint256 held,
        uint256 base,
        uint256 amount
    ) public pure {
        (shares, base) = (bound(shares, 1, MOST_SHARES), bound(base, LOWEST_BASE, ONE_BASE));
        held = bound(held, 0, shares);
        Side memory side = _side(true, shares, base, 0);
        uint256 left = _raw(side.size());
        left -= bound(amount, 0, left);
        side.close(side.size() - _size(left), 1e18);
        // left · held / shares, floored
        uint256 fair = (left * held) / shares;
        assertLe(_raw(side.sizeOf(held)), fair, "not more");
        assertGe(_raw(side.sizeOf(held)) + 1, fair, "nor a size-wei less");
    }

    function test_close_allOfASide() public pure {
        Side memory side = _side(true, MOST_SHARES, ONE_BASE / 3, -1e30);
        int256 before = side.value(FARTHEST);
        side.close(side.size(), FARTHEST);
        assertEq(side.base, 0, "A");
        assertEq(side.cash, before, "all of V is cash");
        assertTrue(side.size() == ZERO_SIZE, "size");
        assertEq(side.value(-FARTHEST), before, "and no price moves it any more");
    }

    /// @dev A thousand in a row, with a new generation wherever A has run short.
    function test_close_aThousandTimesFivePercent() public pure {
        Side memory side = _side(false, MAX_SIDE_SIZE, ONE_BASE, 0);
        int256 distance = 1e30;
        uint256 generations;
        for (uint256 i; i < 1_000; ++i) {
            uint256 before = _raw(side.size());
            int256 value = side.value(distance);
            side.close(_size(before / 20), distance);
            assertEq(side.value(distance), value, "V");
            assertApproxEqAbs(_raw(side.size()), before - before / 20, 1, "a size-wei a closing");
            if (side.shift() < MIN_SHIFT) continue;
            before = _raw(side.size());
            side.rebase(side.shift(), distance);
            assertApproxEqAbs(_raw(side.size()), before, 1, "a size-wei a generation");
            ++generations;
        }
        // 0.95^1000 = 2^-74, and a generation takes the 136 closings after which 0.95^n is below 2^-10.
        assertEq(generations, 7, "generations");
        // 1e30 · 0.95^1000 = 52,918,227. A closing is off by at most a size-wei, which all later ones shrink by 0.95: 20 in
        // all, and one for each generation.
        assertApproxEqAbs(_raw(side.size()), 52_918_227, 27, "what is left");
    }

    // ------------------------------------------------------------------ charge

    function test_charge_bearsTheFraction() public pure {
        Side memory side = _side(false, 3, ONE_BASE, 100);
        assertEq(side.charge(10, 1), 4, "10 / 3 up");
        assertEq(side.cash, int256(96), "B");
        assertEq(side.charge(9, 1), 3, "exact");
        assertEq(side.cash, int256(93), "B again");
    }

    function testFuzz_charge_bearsTheAmountAndLessThanAUnitPerShareMore(
        bool isLong,
        uint256 shares,
        uint256 amount,
        uint256 scale,
        int256 distance
    ) public pure {
        (shares, amount) = (bound(shares, 1, MOST_SHARES), bound(amount, 1, MOST_MONEY));
        (scale, distance) = (bound(scale, 0, 70), bound(distance, -FARTHEST, FARTHEST));
        Side memory side = _side(isLong, shares, ONE_BASE / 7, 5);
        int256 before = side.value(distance);
        uint256 due = amount * (1e18 << scale);

        uint256 perShare = side.charge(amount, 1e18 << scale);

        assertGe(perShare * shares, due, "bears it all");
        assertLt(perShare * shares - due, shares, "less than one value unit a share more");
        assertEq(side.value(distance), before - int256(perShare), "V falls by it");
        assertEq(side.base, ONE_BASE / 7, "no size is closed");
    }

    // ------------------------------------------------------------------ generations

    function test_shift_atTheEdges() public pure {
        assertEq(uint256(_side(true, 1, ONE_BASE, 0).shift()), 0, "1");
        assertEq(uint256(_side(true, 1, ONE_BASE / 2 + 1, 0).shift()), 0, "above a half");
        assertEq(uint256(_side(true, 1, ONE_BASE / 2, 0).shift()), 1, "a half");
        assertEq(uint256(_side(true, 1, ONE_BASE / 1024 + 1, 0).shift()), 9, "above 2^-10");
        assertEq(uint256(_side(true, 1, ONE_BASE / 1024, 0).shift()), 10, "2^-10");
        assertEq(uint256(_side(true, 1, LOWEST_BASE, 0).shift()), 111, "the lowest");
        assertEq(uint256(_side(true, 1, 0, 0).shift()), ALL_CLOSED, "nothing left");
    }

    function testFuzz_shift_bringsTheBaseAboveAHalf(uint256 base, uint256 drop) public pure {
        base = bound(base, LOWEST_BASE, ONE_BASE) >> bound(drop, 0, 100);
        if (base < LOWEST_BASE) base = LOWEST_BASE;
        uint256 shifted = base << _side(true, 1, base, 0).shift();
        assertGt(shifted, ONE_BASE / 2, "above a half");
        assertLe(shifted, ONE_BASE, "at most one");
    }

    function testFuzz_rebase_keepsSizesAndStartsAtZero(
        bool isLong,
        uint256 shares,
        uint256 held,
        uint256 base,
        int256 cash,
        int256 distance
    ) public pure {
        (shares, base) = (bound(shares, 1, MOST_SHARES), bound(base, LOWEST_BASE, ONE_BASE));
        held = bound(held, 0, shares);
        (cash, distance) = (bound(cash, -2 * FARTHEST, 2 * FARTHEST), bound(distance, -FARTHEST, FARTHEST));
        Side memory side = _side(isLong, shares, base, cash);
        (uint256 before, uint256 heldBefore) = (_raw(side.size()), _raw(side.sizeOf(held)));
        uint8 bits = side.shift();

        side.rebase(bits, distance);

        assertEq(side.value(distance), int256(0), "V");
        assertLe(_raw(side.size()), before, "the side is not larger");
        assertGe(_raw(side.size()) + 1, before, "nor a size-wei smaller");
        // What a late toucher does with its shares.
        assertLe(_raw(side.sizeOf(held >> bits)), heldBefore, "a holder is not larger");
        assertGe(_raw(side.sizeOf(held >> bits)) + 1, heldBefore, "nor a size-wei smaller");
        assertLe((held >> bits) + ((shares - held) >> bits), side.shares, "the total stays an upper bound");
    }

    function testFuzz_rebase_closesAll(bool isLong, uint256 shares, int256 cash, int256 distance) public pure {
        (cash, distance) = (bound(cash, -FARTHEST, FARTHEST), bound(distance, -FARTHEST, FARTHEST));
        Side memory side = _side(isLong, bound(shares, 0, MOST_SHARES), 0, cash);
        side.rebase(ALL_CLOSED, distance);
        assertEq(side.shares, 0, "shares");
        assertTrue(side.isWhole(), "whole");
        assertEq(side.base, ONE_BASE, "A");
        assertEq(side.cash, int256(0), "B");
    }

    function _side(bool isLong, uint256 shares, uint256 base, int256 cash) private pure returns (Side memory) {
        return Side({isLong: isLong, shares: shares, base: base, cash: cash, worth: 0});
    }

    function _size(uint256 amount) private pure returns (Size) {
        return Size.wrap(int256(amount));
    }

    function _raw(Size size) private pure returns (uint256) {
        return uint256(Size.unwrap(size));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FundingRate} from "../../../contracts/logic/FundingRate.sol";
import {Book} from "../../../contracts/types/Book.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {Size} from "../../../contracts/types/Size.sol";
import {Test} from "../../utils/Test.sol";

contract FundingRateTest is Test {
    /// @dev The hard bound of the clamp: 4 % a day in parts per billion.
    int256 internal constant MOST = 4e7;
    uint256 internal constant FADE = 8 hours;
    uint256 internal constant NOW = 1_700_000_000;
    /// @dev Marks in value units are below this.
    uint256 internal constant HIGHEST = 1 << 104;
    Price internal constant MARK = Price.wrap(100e18);

    // ------------------------------------------------------------------ what accrues

    function test_accrued_examples() public pure {
        // 0.1 % a day of 100: a sixth of that in eight fading hours, by half the rate for a third of a day.
        assertEq(FundingRate.accrued(1e6, 0, FADE, 100e18), int256(16_666666666666666), "until it has faded");
        // Four hours at three quarters of the rate.
        assertEq(FundingRate.accrued(1e6, 0, 4 hours, 100e18), int256(12_500000000000000), "half way");
        assertEq(FundingRate.accrued(-1e6, 0, 4 hours, 100e18), int256(-12_500000000000000), "the other way round");
        assertEq(FundingRate.accrued(-1e6, 0, FADE, 100e18), int256(-16_666666666666667), "floor");
        assertEq(FundingRate.accrued(0, 0, FADE, 100e18), int256(0), "no premium");
        assertEq(FundingRate.accrued(1e6, 0, 0, 100e18), int256(0), "no time");
    }

    function test_accrued_noLongerThanThePremiumLasts() public pure {
        int256 all = FundingRate.accrued(MOST, 0, FADE, HIGHEST);
        assertGt(
            FundingRate.accrued(MOST, 0, FADE, HIGHEST),
            FundingRate.accrued(MOST, 0, FADE - 1, HIGHEST),
            "until then"
        );
        assertEq(FundingRate.accrued(MOST, 0, FADE + 1, HIGHEST), all, "a second later");
        assertEq(FundingRate.accrued(MOST, 0, 10 * 365 days, HIGHEST), all, "ten years later");
        assertEq(FundingRate.accrued(MOST, 0, type(uint32).max, HIGHEST), all, "at the end of the clock");
    }

    /// @dev The rate falls, so over every second it lies between what it was at the beginning and at the end. Each of the
    /// 2,880 terms of either sum is rounded by less than one.
    function test_accrued_liesBetweenTheSumsOverShortSteps() public pure {
        uint256 unit = 2000e18 << 20;
        uint256 step = 10;
        uint256 above;
        uint256 below;
        for (uint256 t; t < FADE; t += step) {
            above += (unit * 1e7 * (FADE - t) * step) / (FADE * 1e9 * 1 days);
            below += (unit * 1e7 * (FADE - t - step) * step) / (FADE * 1e9 * 1 days);
        }
        uint256 accrued = uint256(FundingRate.accrued(1e7, 0, FADE, unit));
        assertLt(accrued, above + FADE / step, "not above the sum of first values");
        assertGt(accrued, below, "not below the sum of last values");
    }

    /// @dev Of a rate that falls in a straight line, the mean of both ends times the time is the exact integral: the sum over
    /// any steps is off by less than one a step, by its own floors.
    function testFuzz_accrued_isTheSumOverAnySteps(
        int256 premium,
        uint256 unit,
        uint256 elapsed,
        uint256 steps
    ) public pure {
        (premium, unit) = (bound(premium, -MOST, MOST), bound(unit, 1, HIGHEST));
        (elapsed, steps) = (bound(elapsed, 1, FADE), bound(steps, 1, 40));
        int256 sum;
        uint256 from;
        for (uint256 i = 1; i <= steps; ++i) {
            uint256 to = (elapsed * i) / steps;
            int256 product = int256(unit) * premium * int256((FADE - from) + (FADE - to)) * int256(to - from);
            sum += product / int256(2 * FADE * 1e9 * 1 days);
            from = to;
        }
        assertApproxEqAbs(FundingRate.accrued(premium, 0, elapsed, unit), sum, steps, "integral");
    }

    function testFuzz_accrued_isTheFloor(int256 premium, uint256 unit, uint256 elapsed) public pure {
        (premium, unit) = (bound(premium, -MOST, MOST), bound(unit, 1, HIGHEST));
        elapsed = bound(elapsed, 0, 2 * FADE);
        uint256 active = elapsed > FADE ? FADE : elapsed;
        // premium · (T - T² / (2 · FADE)) / day
        int256 exact = int256(unit) * premium * int256(2 * FADE * active - active * active);
        int256 divisor = int256(2 * FADE * 1e9 * 1 days);
        int256 accrued = FundingRate.accrued(premium, 0, elapsed, unit);
        assertLe(accrued * divisor, exact, "not above");
        assertLt(exact - accrued * divisor, divisor, "less than one below");
    }

    /// @dev In pieces as at once, whoever touches the market when: but for the floor of each piece.
    function testFuzz_accrued_isTheSameInPieces(int256 premium, uint256 unit, uint256[8] memory gaps) public pure {
        (premium, unit) = (bound(premium, -MOST, MOST), bound(unit, 1, HIGHEST));
        int256 sum;
        uint256 age;
        for (uint256 i; i < 8; ++i) {
            uint256 gap = bound(gaps[i], 0, 2 hours);
            sum += FundingRate.accrued(premium, age, gap, unit);
            age += gap;
        }
        int256 atOnce = FundingRate.accrued(premium, 0, age, unit);
        assertLe(sum, atOnce, "floors");
        assertGe(sum + 8, atOnce, "of less than one each");
    }

    function test_accrued_nothingMoreOnceItHasFaded() public pure {
        assertEq(FundingRate.accrued(MOST, FADE, 1, HIGHEST), int256(0), "from the end on");
        assertEq(FundingRate.accrued(MOST, FADE + 1, 10 * 365 days, HIGHEST), int256(0), "and later");
        // The last second, at half of the last 1/28,800 of the rate.
        assertEq(FundingRate.accrued(1e6, FADE - 1, 1, 1e27), int256(200_938786008230), "before it");
        assertEq(FundingRate.accrued(1e6, FADE - 1, 365 days, 1e27), int256(200_938786008230), "and not beyond it");
    }

    // ------------------------------------------------------------------ a market brought up to date

    function test_accrue_bringsIndexClockAndAge() public pure {
        Book memory book = _book(1e6, 0);
        assertTrue(FundingRate.accrue(book, NOW + 4 hours), "moved");
        assertEq(book.fundingIndex, int256(5e18 + (12_500000000000000 << 20)), "index");
        assertEq(uint256(book.accruedAt), NOW + 4 hours, "clock");
        assertEq(book.premium, int256(1e6), "the premium is kept as the fill set it");
        assertEq(book.premiumAge, 4 hours, "with its age");

        assertTrue(FundingRate.accrue(book, NOW + 10 hours), "moved");
        // 16.666… in all, less the fraction of a value unit
        assertEq(book.fundingIndex, int256(5e18 + (uint256(100e18 << 20) / 6_000)), "to the end");
        assertEq(book.premium, int256(0), "gone");
        assertEq(book.premiumAge, 0, "and begins anew");
        assertEq(uint256(book.accruedAt), NOW + 10 hours, "clock");
        assertFalse(FundingRate.accrue(book, NOW + 11 hours), "nothing is left to move");
    }

    function test_accrue_standsStill() public pure {
        Book memory book = _book(1e6, 100);
        assertFalse(FundingRate.accrue(book, NOW), "no time has passed");
        assertEq(book.premiumAge, 100, "age");
        book.premium = 0;
        assertFalse(FundingRate.accrue(book, NOW + 1), "no premium");
        assertEq(uint256(book.accruedAt), NOW, "the clock stands still");
        assertEq(book.fundingIndex, int256(5e18), "index");
    }

    function test_accrue_atTheEdgeOfFading() public pure {
        Book memory book = _book(1e6, 0);
        FundingRate.accrue(book, NOW + FADE - 1);
        assertEq(book.premium, int256(1e6), "a second before");
        assertEq(book.premiumAge, FADE - 1, "age");
        book = _book(1e6, 0);
        FundingRate.accrue(book, NOW + FADE);
        assertEq(book.premium, int256(0), "at the end");
        assertEq(book.premiumAge, 0, "age");
    }

    function test_accrue_afterYears() public pure {
        (Book memory once, Book memory late) = (_book(-MOST, 0), _book(-MOST, 0));
        FundingRate.accrue(once, NOW + FADE);
        FundingRate.accrue(late, NOW + 10 * 365 days);
        assertEq(late.fundingIndex, once.fundingIndex, "as if it had been touched in time");
    }

    // ------------------------------------------------------------------ what is left

    function test_faded_examples() public pure {
        assertEq(FundingRate.faded(1e6, 0), int256(1e6), "at once");
        assertEq(FundingRate.faded(1e6, 2 hours), int256(750_000), "a quarter is gone");
        assertEq(FundingRate.faded(-1e6, 4 hours), int256(-500_000), "half is gone");
        assertEq(FundingRate.faded(28_800, FADE - 1), int256(1), "a second before the end");
        assertEq(FundingRate.faded(28_799, FADE - 1), int256(0), "towards zero");
        assertEq(FundingRate.faded(-28_799, FADE - 1), int256(0), "from both sides");
        assertEq(FundingRate.faded(MOST, FADE), int256(0), "at the end");
        assertEq(FundingRate.faded(MOST, 10 * 365 days), int256(0), "years later");
        assertEq(FundingRate.faded(0, 1), int256(0), "nothing");
    }

    function testFuzz_faded_isTheLineTowardsZero(int256 premium, uint256 elapsed) public pure {
        (premium, elapsed) = (bound(premium, -MOST, MOST), bound(elapsed, 0, FADE));
        // Signed division goes towards zero.
        assertEq(FundingRate.faded(premium, elapsed), (premium * int256(FADE - elapsed)) / int256(FADE));
        assertEq(FundingRate.faded(-premium, elapsed), -FundingRate.faded(premium, elapsed), "alike on both sides");
    }

    // ------------------------------------------------------------------ what a fill does

    function test_afterFill_theFirstSetsThePremium() public pure {
        // 0.2 % above mark, with nothing open: all the weight.
        assertEq(_afterFill(0, 100.2e18, 1e18, 0, 40_000), int256(2e6), "above");
        assertEq(_afterFill(0, 99.8e18, 1e18, 0, 40_000), int256(-2e6), "below");
        assertEq(_afterFill(5e6, 100e18, 1e18, 0, 40_000), int256(0), "at mark");
    }

    function test_afterFill_weighsBySize() public pure {
        assertEq(_afterFill(0, 100.2e18, 10e18, 10e18, 40_000), int256(1e6), "as large as what is open: half");
        assertEq(_afterFill(0, 100.2e18, 10e18, 30e18, 40_000), int256(500_000), "a third of it: a quarter");
        assertEq(_afterFill(1e6, 100.2e18, 10e18, 30e18, 40_000), int256(1_250_000), "a quarter of the way");
        assertEq(_afterFill(2e6, 99.8e18, 10e18, 30e18, 40_000), int256(1e6), "back down");
        assertEq(_afterFill(0, 101e18, 1, 1e24, 40_000), int256(0), "dust moves nothing up");
        // Floor: the least that a fill below mark can do is one part per billion.
        assertEq(_afterFill(0, 99e18, 1, 1e24, 40_000), int256(-1), "and next to nothing down");
    }

    function test_afterFill_clampsTheDistanceBeforeItCounts() public pure {
        // 5 % above mark counts as 0.1 %, and half of that with half of the weight.
        assertEq(_afterFill(0, 105e18, 1e18, 1e18, 1_000), int256(500_000), "above");
        assertEq(_afterFill(0, 95e18, 1e18, 1e18, 1_000), int256(-500_000), "below");
        assertEq(_afterFill(0, 105e18, 1e18, 0, 1_000), int256(1e6), "at the clamp");
        assertEq(_afterFill(0, 105e18, 1e18, 0, 0), int256(0), "no funding at all");
    }

    /// @dev Governance has lowered the clamp since the premium was written.
    function test_afterFill_bringsAnOlderPremiumUnderTheClamp() public pure {
        assertEq(_afterFill(4e7, 100e18, 1, 1e24, 1_000), int256(1e6), "above");
        assertEq(_afterFill(-4e7, 100e18, 1, 1e24, 1_000), int256(-1e6), "below");
    }

    function testFuzz_afterFill_goesTowardsTheFillByItsWeight(
        int256 premium,
        uint256 price,
        uint256 mark,
        uint256 size,
        uint256 interest
    ) public pure {
        (premium, mark) = (bound(premium, -MOST, MOST), bound(mark, 1e9, 1e27));
        price = bound(price, mark / 2, mark + mark / 2);
        (size, interest) = (bound(size, 1, 1e30), bound(interest, 0, 1e30));
        int256 after_ = FundingRate.afterFill(
            premium,
            Price.wrap(price),
            Price.wrap(mark),
            Size.wrap(int256(size)),
            Size.wrap(int256(interest)),
            40_000
        );
        // The floor of the distance, by its meaning: d · mark ≤ (price - mark) · 1e9 < (d + 1) · mark
        int256 distance = int256((price * 1e9) / mark) - 1e9;
        if (distance > MOST) distance = MOST;
        if (distance < -MOST) distance = -MOST;
        (int256 low, int256 high) = premium < distance ? (premium, distance) : (distance, premium);
        assertTrue(after_ >= low && after_ <= high, "between the two");
        // after - premium = floor((distance - premium) · size / (size + interest))
        int256 exact = (distance - premium) * int256(size);
        int256 whole = int256(size + interest);
        assertLe((after_ - premium) * whole, exact, "not above");
        assertLt(exact - (after_ - premium) * whole, whole, "less than one below");
    }

    function testFuzz_afterFill_staysUnderTheClamp(int32 premium, uint96 price, uint96 mark, uint16 clamp) public pure {
        uint256 m = bound(mark, 1, type(uint96).max);
        int256 limit = int256(uint256(clamp)) * 1_000;
        int256 after_ = FundingRate.afterFill(
            premium,
            Price.wrap(price),
            Price.wrap(m),
            Size.wrap(3),
            Size.wrap(5),
            clamp
        );
        assertTrue(after_ >= -limit && after_ <= limit, "clamp");
    }

    /// @dev At 100, with a binary scale of 20.
    function _book(int256 premium, uint256 age) private pure returns (Book memory book) {
        (book.mark, book.scale, book.fundingIndex) = (MARK, 20, 5e18);
        (book.premium, book.premiumAge, book.accruedAt) = (premium, age, uint32(NOW));
    }

    function _afterFill(
        int256 premium,
        uint256 price,
        int256 size,
        int256 interest,
        uint256 clamp
    ) private pure returns (int256) {
        return FundingRate.afterFill(premium, Price.wrap(price), MARK, Size.wrap(size), Size.wrap(interest), clamp);
    }
}

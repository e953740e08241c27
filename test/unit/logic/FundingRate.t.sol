// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FundingRate} from "../../../contracts/logic/FundingRate.sol";
import {Book} from "../../../contracts/types/Book.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {Size} from "../../../contracts/types/Size.sol";
import {Test} from "../../utils/Test.sol";

contract FundingRateTest is Test {
    /// @dev The hard bound of the clamp, 4 % a day, in ppm and in parts per hundred million.
    uint256 internal constant CLAMP = 40_000;
    int256 internal constant MOST = 4e6;
    /// @dev What a premium under that clamp loses in a second: 4e6 / 28,800, rounded up.
    uint256 internal constant FADING = 139;
    uint256 internal constant FADE = 8 hours;
    uint256 internal constant NOW = 1_700_000_000;
    /// @dev Marks in value units are below this.
    uint256 internal constant HIGHEST = 1 << 104;
    int256 internal constant DIVISOR = 2 * 1e8 * 1 days;
    Price internal constant MARK = Price.wrap(100e18);

    // ------------------------------------------------------------------ what accrues

    function test_accrued_examples() public pure {
        // 139,000 parts last 1,000 seconds, at half of them on average: 0.139 % a day of 100, for 500 seconds.
        _assertAccrued(139_000, 1_000, 804398148148148, 0, "until it has faded");
        // 500 seconds at three quarters.
        _assertAccrued(139_000, 500, 603298611111111, 69_500, "half way");
        _assertAccrued(-139_000, 500, -603298611111112, -69_500, "the other way round, floor");
        _assertAccrued(0, FADE, 0, 0, "no premium");
        _assertAccrued(139_000, 0, 0, 139_000, "no time");
        // Less than a second takes: half of it on average, and gone.
        _assertAccrued(100, 1, 578703703, 0, "a last second");
        _assertAccrued(239, 2, 2540509259, 0, "a whole second and the last");
    }

    function test_accrued_noLongerThanThePremiumLasts() public pure {
        (int256 all, int256 left) = FundingRate.accrued(MOST, FADE, HIGHEST, CLAMP);
        assertEq(left, int256(0), "gone within FADE");
        // 4e6 / 139 = 28,776 seconds and a part.
        (int256 before, int256 last) = FundingRate.accrued(MOST, 28_776, HIGHEST, CLAMP);
        assertEq(last, int256(136), "the last second's");
        assertLt(before, all, "until then");
        _assertIndex(28_777, all, "then");
        _assertIndex(FADE + 1, all, "later");
        _assertIndex(10 * 365 days, all, "ten years later");
        _assertIndex(type(uint32).max, all, "at the end of the clock");
    }

    /// @dev However low the clamp is: the part that a second takes is never nothing.
    function testFuzz_accrued_isGoneWithinTheFade(int256 premium, uint16 clamp) public pure {
        premium = bound(premium, -MOST, MOST);
        (, int256 left) = FundingRate.accrued(premium, FADE, 100e18, clamp);
        assertEq(left, int256(0));
    }

    /// @dev Second by second, each with the mean of its two ends: the closed form is the sum of them, exactly.
    function testFuzz_accrued_isTheSumOverSeconds(int256 premium, uint256 unit, uint256 elapsed) public pure {
        (premium, unit) = (bound(premium, -100_000, 100_000), bound(unit, 1, HIGHEST));
        elapsed = bound(elapsed, 0, 800);
        uint256 twiceArea;
        uint256 now_ = uint256(premium < 0 ? -premium : premium);
        for (uint256 t; t < elapsed; ++t) {
            uint256 next = now_ > FADING ? now_ - FADING : 0;
            twiceArea += now_ + next;
            now_ = next;
        }
        int256 exact = int256(unit) * (premium < 0 ? -int256(twiceArea) : int256(twiceArea));
        (int256 gained, int256 left) = FundingRate.accrued(premium, elapsed, unit, CLAMP);
        assertLe(gained * DIVISOR, exact, "not above");
        assertLt(exact - gained * DIVISOR, DIVISOR, "less than one below");
        assertEq(left, premium < 0 ? -int256(now_) : int256(now_), "left");
    }

    /// @dev In pieces as at once, whoever touches the market when: but for the floor of each piece.
    function testFuzz_accrued_isTheSameInPieces(int256 premium, uint256 unit, uint256[8] memory gaps) public pure {
        (premium, unit) = (bound(premium, -MOST, MOST), bound(unit, 1, HIGHEST));
        int256 sum;
        int256 left = premium;
        uint256 elapsed;
        for (uint256 i; i < 8; ++i) {
            uint256 gap = bound(gaps[i], 0, 2 hours);
            int256 gained;
            (gained, left) = FundingRate.accrued(left, gap, unit, CLAMP);
            sum += gained;
            elapsed += gap;
        }
        (int256 atOnce, int256 leftAtOnce) = FundingRate.accrued(premium, elapsed, unit, CLAMP);
        assertLe(sum, atOnce, "floors");
        assertGe(sum + 8, atOnce, "of less than one each");
        assertEq(left, leftAtOnce, "the same is left");
    }

    /// @dev Governance has lowered the clamp since the premium was written.
    function test_accrued_countsAnOlderPremiumUpToTheClamp() public pure {
        (int256 old, int256 oldLeft) = FundingRate.accrued(MOST, 100, HIGHEST, 1_000);
        (int256 clamped, int256 clampedLeft) = FundingRate.accrued(100_000, 100, HIGHEST, 1_000);
        assertEq(old, clamped, "gained");
        assertEq(oldLeft, clampedLeft, "left");
        // 100,000 / 28,800 = 3.47, so a second takes four.
        assertEq(oldLeft, int256(99_600));
        (int256 none, int256 noneLeft) = FundingRate.accrued(MOST, 100, HIGHEST, 0);
        assertEq(none, int256(0), "no funding at all");
        assertEq(noneLeft, int256(0), "and no premium");
    }

    // ------------------------------------------------------------------ a market brought up to date

    function test_accrue_bringsIndexPremiumAndClock() public pure {
        Book memory book = _book(139_000);
        assertTrue(FundingRate.accrue(book, NOW + 500), "moved");
        // 500 · (139,000 + 69,500) / 2 parts per hundred million of a day
        int256 half = int256((uint256(100e18 << 20) * 500 * 208_500) / (2 * 1e8 * 1 days));
        assertEq(book.fundingIndex, 5e18 + half, "index");
        assertEq(book.accruedAt, NOW + 500, "clock");
        assertEq(book.premium, int256(69_500), "premium");

        assertTrue(FundingRate.accrue(book, NOW + 10 hours), "moved");
        int256 rest = int256((uint256(100e18 << 20) * 500 * 69_500) / (2 * 1e8 * 1 days));
        assertEq(book.fundingIndex, 5e18 + half + rest, "to the end");
        assertEq(book.premium, int256(0), "gone");
        assertEq(book.accruedAt, NOW + 10 hours, "clock");
        assertFalse(FundingRate.accrue(book, NOW + 11 hours), "nothing is left to move");
    }

    function test_accrue_standsStill() public pure {
        Book memory book = _book(1e6);
        assertFalse(FundingRate.accrue(book, NOW), "no time has passed");
        assertEq(book.premium, int256(1e6), "premium");
        book.premium = 0;
        assertFalse(FundingRate.accrue(book, NOW + 1), "no premium");
        assertEq(book.accruedAt, NOW, "the clock stands still");
        assertEq(book.fundingIndex, int256(5e18), "index");
    }

    function test_accrue_afterYears() public pure {
        (Book memory once, Book memory late) = (_book(-MOST), _book(-MOST));
        FundingRate.accrue(once, NOW + FADE);
        FundingRate.accrue(late, NOW + 10 * 365 days);
        assertEq(late.fundingIndex, once.fundingIndex, "as if it had been touched in time");
    }

    // ------------------------------------------------------------------ what a fill does

    function test_afterFill_theFirstSetsThePremium() public pure {
        // 0.2 % above mark, with nothing open: all the weight.
        assertEq(_afterFill(0, 100.2e18, 1e18, 0, 40_000), int256(200_000), "above");
        assertEq(_afterFill(0, 99.8e18, 1e18, 0, 40_000), int256(-200_000), "below");
        assertEq(_afterFill(500_000, 100e18, 1e18, 0, 40_000), int256(0), "at mark");
    }

    function test_afterFill_weighsBySize() public pure {
        assertEq(_afterFill(0, 100.2e18, 10e18, 10e18, 40_000), int256(100_000), "as large as what is open: half");
        assertEq(_afterFill(0, 100.2e18, 10e18, 30e18, 40_000), int256(50_000), "a third of it: a quarter");
        assertEq(_afterFill(100_000, 100.2e18, 10e18, 30e18, 40_000), int256(125_000), "a quarter of the way");
        assertEq(_afterFill(200_000, 99.8e18, 10e18, 30e18, 40_000), int256(100_000), "back down");
        assertEq(_afterFill(0, 101e18, 1, 1e24, 40_000), int256(0), "dust moves nothing up");
        // Floor: the least that a fill below mark can do is one part per hundred million.
        assertEq(_afterFill(0, 99e18, 1, 1e24, 40_000), int256(-1), "and next to nothing down");
    }

    function test_afterFill_clampsTheDistanceBeforeItCounts() public pure {
        // 5 % above mark counts as 0.1 %, and half of that with half of the weight.
        assertEq(_afterFill(0, 105e18, 1e18, 1e18, 1_000), int256(50_000), "above");
        assertEq(_afterFill(0, 95e18, 1e18, 1e18, 1_000), int256(-50_000), "below");
        assertEq(_afterFill(0, 105e18, 1e18, 0, 1_000), int256(100_000), "at the clamp");
        assertEq(_afterFill(0, 105e18, 1e18, 0, 0), int256(0), "no funding at all");
    }

    /// @dev Governance has lowered the clamp since the premium was written.
    function test_afterFill_bringsAnOlderPremiumUnderTheClamp() public pure {
        assertEq(_afterFill(4e6, 100e18, 1, 1e24, 1_000), int256(100_000), "above");
        assertEq(_afterFill(-4e6, 100e18, 1, 1e24, 1_000), int256(-100_000), "below");
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
        // The floor of the distance, by its meaning: d · mark ≤ (price - mark) · 1e8 < (d + 1) · mark
        int256 distance = int256((price * 1e8) / mark) - 1e8;
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

    function testFuzz_afterFill_staysUnderTheClamp(int24 premium, uint96 price, uint96 mark, uint16 clamp) public pure {
        uint256 m = bound(mark, 1, type(uint96).max);
        int256 limit = int256(uint256(clamp)) * 100;
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

    /// @dev At 100, with a binary scale of 20 and a clamp of 4 % a day.
    function _book(int256 premium) private pure returns (Book memory book) {
        (book.mark, book.scale, book.fundingIndex) = (MARK, 20, 5e18);
        (book.premium, book.accruedAt) = (premium, NOW);
        book.risk.trading = CLAMP << 225;
    }

    function _assertAccrued(
        int256 premium,
        uint256 elapsed,
        int256 gained,
        int256 left,
        string memory why
    ) private pure {
        (int256 found, int256 foundLeft) = FundingRate.accrued(premium, elapsed, 100e18, CLAMP);
        assertEq(found, gained, why);
        assertEq(foundLeft, left, why);
    }

    function _assertIndex(uint256 elapsed, int256 expected, string memory why) private pure {
        (int256 found, ) = FundingRate.accrued(MOST, elapsed, HIGHEST, CLAMP);
        assertEq(found, expected, why);
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

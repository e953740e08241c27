// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarkRange} from "../../../contracts/logic/MarkRange.sol";
import {Book} from "../../../contracts/types/Book.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {Test} from "../../utils/Test.sol";

contract MarkRangeTest is Test {
    uint8 internal constant SCALE = 24;
    /// @dev At this scale the lowest mark is kept in whole multiples of this.
    uint256 internal constant GRAIN = 1 << 16;
    /// @dev The first second of a day.
    uint256 internal constant DAY = 19_700 * 1 days;

    // ------------------------------------------------------------------ the first mark

    function test_observe_theFirstMark() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _market();
        _observe(book, seen, 100e18, DAY + 5);
        _assertSeen(seen, 100e18, 0, 100e18);
        assertEq(book.volatility, 0, "no range yet");
        assertFalse(book.jumped, "from nowhere is no jump");
    }

    function test_observe_theSecondMarkOfTheFirstDay() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 104e18, DAY + 6);
        _assertSeen(seen, 104e18, 0, 100e18);
        assertEq(book.volatility, 1, "a step that has begun");
    }

    // ------------------------------------------------------------------ within a day

    function test_observe_whatIsInBetweenChangesNothing() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 104e18, DAY + 6);
        _observe(book, seen, 97e18, DAY + 7);
        _assertSeen(seen, 104e18, 0, 97e18);
        assertEq(book.volatility, 2, "7 %");
        _observe(book, seen, 100e18, DAY + 8);
        _observe(book, seen, 104e18, DAY + 9);
        _observe(book, seen, 97e18, DAY + 10);
        _assertSeen(seen, 104e18, 0, 97e18);
        assertEq(book.volatility, 2, "still");
    }

    function test_observe_higherAndLower() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 100e18 + 1, DAY + 6);
        assertEq(seen.high, 100e18 + 1, "the highest to the wei");
        _observe(book, seen, 100e18 - 1, DAY + 7);
        _assertSeen(seen, 100e18 + 1, 0, 100e18 - 1);
        _observe(book, seen, 90e18, DAY + 8);
        _assertSeen(seen, 100e18 + 1, 0, 90e18);
        assertEq(book.volatility, 3, "100 is 11 % above 90");
        _observe(book, seen, 80e18, DAY + 9);
        assertEq(book.volatility, 5, "100 is 25 % above 80, and the wei beyond it is not kept");
        _observe(book, seen, 120e18, DAY + 10);
        _assertSeen(seen, 120e18, 0, 80e18);
        assertEq(book.volatility, 10, "120 is half above 80");
    }

    /// @dev A part of the lowest, so that a fall to a half counts as a rise to the double.
    function test_observe_countsInPartsOfTheLowest() public pure {
        (Book memory up, MarkRange.Extremes memory seenUp) = _begun();
        _observe(up, seenUp, 125e18, DAY + 6);
        assertEq(up.volatility, 5, "100 to 125");
        (Book memory down, MarkRange.Extremes memory seenDown) = _begun();
        _observe(down, seenDown, 80e18, DAY + 6);
        assertEq(down.volatility, 5, "100 to 80");
    }

    function test_observe_aStepBeginsAfterTheLast() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 105e18, DAY + 6);
        assertEq(book.volatility, 1, "a whole step");
        _observe(book, seen, 105e18 + GRAIN, DAY + 7);
        assertEq(book.volatility, 2, "the next has begun");
        _observe(book, seen, 110e18, DAY + 8);
        assertEq(book.volatility, 2, "two whole steps");
        _observe(book, seen, 110e18 + GRAIN, DAY + 9);
        assertEq(book.volatility, 3, "the next has begun");
    }

    function test_observe_fifteenStepsAtMost() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 170e18, DAY + 6);
        assertEq(book.volatility, 14, "70 %");
        _observe(book, seen, 175e18, DAY + 7);
        assertEq(book.volatility, 15, "75 %");
        _observe(book, seen, 175e18 + GRAIN, DAY + 8);
        assertEq(book.volatility, 15, "and more");
        _observe(book, seen, 10_000e18, DAY + 9);
        assertEq(book.volatility, 15, "much more");
    }

    // ------------------------------------------------------------------ days

    function test_observe_aDayBeginsWithTheMarkInForce() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 120e18, DAY + 6);
        _observe(book, seen, 110e18, DAY + 7);
        assertEq(book.volatility, 4, "20 %");

        // Lower than what was in force: that one is the highest of the day.
        _observe(book, seen, 104.5e18, DAY + 1 days);
        _assertSeen(seen, 110e18, 120e18, 104.5e18);
        assertEq(book.volatility, 2, "half of 4 is left, and 5.3 % are as much");

        // Higher: that one is the lowest.
        _observe(book, seen, 125.4e18, DAY + 2 days);
        _assertSeen(seen, 125.4e18, 110e18, 104.5e18);
        assertEq(book.volatility, 4, "20 % above what was in force");
    }

    /// @dev The extremes of the day before are over, and so is its low.
    function test_observe_aDayForgetsTheLowOfTheOneBefore() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 60e18, DAY + 6);
        _observe(book, seen, 100e18, DAY + 7);
        assertEq(book.volatility, 14, "100 is two thirds above 60");
        _observe(book, seen, 101e18, DAY + 1 days);
        _assertSeen(seen, 101e18, 100e18, 100e18);
        assertEq(book.volatility, 7, "half of it");
        _observe(book, seen, 101e18, DAY + 2 days);
        _assertSeen(seen, 101e18, 101e18, 101e18);
        assertEq(book.volatility, 3, "half of that, down");
    }

    function test_observe_theLastSecondOfADayAndTheFirstOfTheNext() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        book.volatility = 8;
        _observe(book, seen, 100e18, DAY + 1 days - 1);
        assertEq(book.volatility, 8, "the same day");
        assertEq(seen.previousHigh, 0, "still the first");
        _observe(book, seen, 100e18, DAY + 1 days);
        assertEq(book.volatility, 4, "the next");
        assertEq(seen.previousHigh, 100e18, "the second");
    }

    function test_observe_halvesOncePerDay() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        book.volatility = 15;
        uint256[5] memory left = [uint256(7), 3, 1, 0, 0];
        for (uint256 i; i < 5; ++i) {
            uint256 day = DAY + (i + 1) * 1 days;
            _observe(book, seen, 100e18, day + 1);
            assertEq(book.volatility, left[i], "its first mark halves");
            _observe(book, seen, 100e18, day + 2);
            _observe(book, seen, 100e18, day + 1 days - 1);
            assertEq(book.volatility, left[i], "and no other");
        }
    }

    /// @dev Time alone tells nothing: whoever brought no prices does not know how far they have gone.
    function test_observe_halvesOnceAfterDaysWithoutAMark() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        book.volatility = 12;
        _observe(book, seen, 100e18, DAY + 30 days);
        assertEq(book.volatility, 6, "once for thirty days");
        _observe(book, seen, 100e18, DAY + 31 days);
        assertEq(book.volatility, 3, "once for one");
    }

    function test_observe_risesAtOnceAndFallsByHalves() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        book.volatility = 4;
        _observe(book, seen, 109e18, DAY + 6);
        assertEq(book.volatility, 4, "9 % are less than what is kept");
        _observe(book, seen, 125e18, DAY + 7);
        assertEq(book.volatility, 5, "25 % are more");
        _observe(book, seen, 112.5e18, DAY + 1 days);
        assertEq(book.volatility, 3, "11 % of a new day are more than half of 5");
        _observe(book, seen, 112.5e18, DAY + 1 days + 1);
        assertEq(book.volatility, 3, "and stay");
    }

    function test_observe_keepsTheHighOfTheLastDayThatHadAMark() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 140e18, DAY + 6);
        _observe(book, seen, 90e18, DAY + 7);
        _observe(book, seen, 91e18, DAY + 9 days);
        assertEq(seen.previousHigh, 140e18, "nine days later");
        _observe(book, seen, 99e18, DAY + 9 days + 1);
        _observe(book, seen, 300e18, DAY + 10 days - 1);
        assertEq(seen.previousHigh, 140e18, "all of that day");
        assertEq(seen.high, 300e18, "beside the new one");
        _observe(book, seen, 1e18, DAY + 10 days);
        _assertSeen(seen, 300e18, 300e18, 1e18);
        _observe(book, seen, 1e18, DAY + 11 days);
        _assertSeen(seen, 1e18, 300e18, 1e18);
        _observe(book, seen, 1e18, DAY + 12 days);
        _assertSeen(seen, 1e18, 1e18, 1e18);
    }

    // ------------------------------------------------------------------ steps

    function test_stepsUp_examples() public pure {
        assertEq(MarkRange.stepsUp(100, 100), 0, "none");
        assertEq(MarkRange.stepsUp(101, 100), 1, "begun");
        assertEq(MarkRange.stepsUp(105, 100), 1, "whole");
        assertEq(MarkRange.stepsUp(106, 100), 2, "the next");
        assertEq(MarkRange.stepsUp(170, 100), 14, "fourteen");
        assertEq(MarkRange.stepsUp(171, 100), 15, "the last");
        assertEq(MarkRange.stepsUp(175, 100), 15, "whole");
        assertEq(MarkRange.stepsUp(176, 100), 15, "no more");
        assertEq(MarkRange.stepsUp(2, 1), 15, "double");
        assertEq(MarkRange.stepsUp(type(uint64).max, 1), 15, "as far as the numbers go");
    }

    function testFuzz_stepsUp_isTheLeastThatReaches(uint64 high, uint64 low, bool near) public pure {
        uint256 from = bound(low, 1, type(uint64).max);
        uint256 to = bound(high, from, near ? from + (from * 4) / 5 : type(uint64).max);
        uint256 steps = MarkRange.stepsUp(to, from);
        assertTrue(steps == 15 || steps * from >= (to - from) * 20, "reaches");
        assertTrue(steps == 0 || (steps - 1) * from < (to - from) * 20, "one less does not");
        assertLe(steps, 15, "fifteen");
    }

    // ------------------------------------------------------------------ how often is no matter

    struct Path {
        uint256[12] prices;
        uint256[12] times;
        uint256 before;
        uint256 volatility;
        uint256 start;
    }

    /// @dev A day in many marks is a day in three: its highest and its lowest, whichever came first, and its last.
    function testFuzz_observe_isTheSameForTheSameExtremes(Path memory path, bool highFirst, bool sameDay) public pure {
        (Book memory often, MarkRange.Extremes memory seenOften) = _sometime(path);
        (Book memory seldom, MarkRange.Extremes memory seenSeldom) = _sometime(path);
        for (uint256 d; d < 3; ++d) {
            uint256 day = DAY + (sameDay ? d : d + 1) * 1 days;
            uint256 time = day + 100;
            (uint256 high, uint256 low) = (0, type(uint256).max);
            for (uint256 i = 4 * d; i < 4 * d + 4; ++i) {
                time += path.times[i] % 6 hours;
                if (time >= day + 1 days) time = day + 1 days - 1;
                uint256 price = _near(path.prices[i]);
                _observe(often, seenOften, price, time);
                (high, low) = (price > high ? price : high, price < low ? price : low);
            }
            _observe(seldom, seenSeldom, highFirst ? high : low, day + 100);
            _observe(seldom, seenSeldom, highFirst ? low : high, day + 50_000);
            _observe(seldom, seenSeldom, _near(path.prices[4 * d + 3]), day + 1 days - 1);
            _assertSame(often, seenOften, seldom, seenSeldom);
        }
    }

    /// @dev Nobody makes a market calm by touching it: within a day, more marks in between never leave less.
    function testFuzz_observe_inBetweenMarksNeverLeaveLess(Path memory path) public pure {
        (Book memory with, MarkRange.Extremes memory seenWith) = _sometime(path);
        (Book memory without, MarkRange.Extremes memory seenWithout) = _sometime(path);
        for (uint256 i; i < 12; ++i) {
            uint256 time = DAY + 1 days + i * 2 hours;
            _observe(with, seenWith, _near(path.prices[i]), time);
            if (path.times[i] % 2 == 0 || i == 11) _observe(without, seenWithout, _near(path.prices[i]), time);
        }
        assertGe(with.volatility, without.volatility, "volatility");
        assertGe(seenWith.high, seenWithout.high, "high");
        assertLe(seenWith.low, seenWithout.low, "low");
    }

    /// @dev By its meaning, from the list of what was in force each day.
    function testFuzz_observe_isTheRangeOfTheDay(Path memory path) public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _sometime(path);
        uint256 kept = book.volatility;
        uint256 previous = seen.high;
        uint256 inForce = book.mark.raw();
        for (uint256 d; d < 4; ++d) {
            (uint256 high, uint256 low) = (inForce, inForce);
            kept /= 2;
            for (uint256 i = 3 * d; i < 3 * d + 3; ++i) {
                inForce = _near(path.prices[i]);
                _observe(book, seen, inForce, DAY + (1 + d * d) * 1 days + i);
                (high, low) = (inForce > high ? inForce : high, inForce < low ? inForce : low);
                uint256 steps = _stepsOf(high, low);
                if (steps > kept) kept = steps;
                assertEq(book.volatility, kept, "volatility");
                _assertSeen(seen, high, previous, low);
            }
            previous = high;
        }
    }

    // ------------------------------------------------------------------ jumps

    function test_observe_jumpsAboveTheMargin() public pure {
        _assertJump(105e18, false, "exactly the margin up");
        _assertJump(105e18 + 1, true, "a wei more");
        _assertJump(95e18, false, "exactly the margin down");
        _assertJump(95e18 - 1, true, "a wei more");
        _assertJump(100e18, false, "nothing");
        _assertJump(1, true, "to nothing");
        _assertJump(1_000_000e18, true, "through the roof");
    }

    /// @dev Down: five hundredths of 101 wei are 5.
    function test_observe_roundsTheMarginDown() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _market();
        uint256[4] memory prices = [uint256(106), 107, 96, 95];
        for (uint256 i; i < 4; ++i) {
            _observe(book, seen, 101, DAY + 10 * i);
            _observe(book, seen, prices[i], DAY + 10 * i + 1);
            assertTrue(book.jumped == (i % 2 == 1), "more than five");
        }
        // A mark so low that the margin is nothing: every move is one.
        _observe(book, seen, 19, DAY + 50);
        _observe(book, seen, 19, DAY + 51);
        assertFalse(book.jumped, "no move");
        _observe(book, seen, 20, DAY + 52);
        assertTrue(book.jumped, "a wei of 19");
        _observe(book, seen, 21, DAY + 53);
        assertFalse(book.jumped, "a wei of 20");
    }

    /// @dev From the mark before it, not from the day's ends; and the next mark is asked anew.
    function test_observe_jumpsFromTheMarkInForce() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, 104e18, DAY + 6);
        _observe(book, seen, 108e18, DAY + 7);
        _observe(book, seen, 112e18, DAY + 8);
        assertFalse(book.jumped, "in steps");
        _observe(book, seen, 106e18, DAY + 9);
        assertTrue(book.jumped, "5.4 % of 112, though inside of the day's range");
        _observe(book, seen, 106e18, DAY + 10);
        assertFalse(book.jumped, "over");
        _observe(book, seen, 100e18, DAY + 1 days);
        assertTrue(book.jumped, "5.7 % of 106, on a new day");
        _observe(book, seen, 104e18, DAY + 2 days);
        assertFalse(book.jumped, "4 % of 100, on the next");
    }

    function test_observe_jumpsByTheMarginInForce() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _margin(book, 500_000);
        _observe(book, seen, 150e18, DAY + 6);
        assertFalse(book.jumped, "half");
        _observe(book, seen, 75e18 - 1, DAY + 7);
        assertTrue(book.jumped, "half and a wei");
        _margin(book, 1_000);
        _observe(book, seen, 75.075e18 - 1, DAY + 8);
        assertTrue(book.jumped, "a thousandth of 75, from a wei below it");
        _observe(book, seen, 75e18, DAY + 9);
        assertFalse(book.jumped, "a thousandth");
    }

    function testFuzz_observe_jumpsByItsMeaning(uint256 mark, uint256 price, uint256 margin, bool near) public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _market();
        margin = bound(margin, 1_000, 500_000);
        _margin(book, uint24(margin));
        mark = bound(mark, 1, 1e23);
        price = near ? bound(price, (mark + 1) / 2, (mark * 3) / 2 + 1) : bound(price, 1, 1e23);
        _observe(book, seen, mark, DAY);
        _observe(book, seen, price, DAY + 1);
        uint256 moved = price > mark ? price - mark : mark - price;
        assertTrue(book.jumped == (moved * 1e6 > mark * margin));
    }

    // ------------------------------------------------------------------ prices of next to nothing

    /// @dev The scale of the highest maximum price: 26 bits of a price are not kept.
    function test_observe_pricesBelowWhatIsKept() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _market();
        book.scale = 14;
        _observe(book, seen, 1, DAY);
        assertEq(seen.low, 1, "never zero");
        assertEq(seen.high, 1, "to the wei");
        assertEq(book.volatility, 0, "one mark");
        _observe(book, seen, (1 << 27) - 1, DAY + 1);
        assertEq(book.volatility, 0, "what is not kept of either is no range");
        assertTrue(book.jumped, "though it is a jump");
        _observe(book, seen, 1 << 27, DAY + 2);
        assertEq(seen.low, 1, "the lowest");
        assertEq(book.volatility, 15, "twice what is kept of it");
        _observe(book, seen, (1 << 90) - 1, DAY + 3);
        assertEq(book.volatility, 15, "from one end to the other");
        _observe(book, seen, 1, DAY + 1 days);
        assertEq(seen.low, 1, "and back");
        assertEq(seen.high, (1 << 90) - 1, "from what was in force");
    }

    /// @dev The finest scale keeps every bit of a price.
    function test_observe_pricesOfAFewWei() public pure {
        (Book memory book, MarkRange.Extremes memory seen) = _market();
        book.scale = 70;
        _observe(book, seen, 20, DAY);
        assertEq(seen.low, 20 << 30, "the lowest");
        _observe(book, seen, 21, DAY + 1);
        assertEq(book.volatility, 1, "a twentieth");
        _observe(book, seen, 22, DAY + 2);
        assertEq(book.volatility, 2, "two");
        _observe(book, seen, 1, DAY + 3);
        assertEq(seen.low, 1 << 30, "the lowest");
        assertEq(book.volatility, 15, "as far as it goes");
    }

    // ------------------------------------------------------------------ makings

    /// @dev A market that has never had a mark, with a maintenance margin of 5 %.
    function _market() private pure returns (Book memory book, MarkRange.Extremes memory seen) {
        book.scale = SCALE;
        seen.high = 0;
        _margin(book, 50_000);
    }

    /// @dev With a first mark of 100.
    function _begun() private pure returns (Book memory book, MarkRange.Extremes memory seen) {
        (book, seen) = _market();
        _observe(book, seen, 100e18, DAY + 5);
    }

    /// @dev With some day behind it.
    function _sometime(Path memory path) private pure returns (Book memory book, MarkRange.Extremes memory seen) {
        (book, seen) = _market();
        _observe(book, seen, _near(path.before), DAY);
        _observe(book, seen, _near(path.start), DAY + 1);
        uint256 kept = bound(path.volatility, 0, 15);
        if (kept > book.volatility) book.volatility = kept;
    }

    function _margin(Book memory book, uint24 margin) private pure {
        RiskParameters memory risk;
        risk.maintenanceMargin = margin;
        book.risk = pack(risk);
    }

    /// @dev As the ledger does it.
    function _observe(Book memory book, MarkRange.Extremes memory seen, uint256 price, uint256 time) private pure {
        MarkRange.observe(book, seen, price, time);
        (book.mark, book.acceptedAt) = (Price.wrap(price), time);
    }

    /// @dev Between 50 and 150, so that ranges on both sides of their maximum occur.
    function _near(uint256 price) private pure returns (uint256) {
        return bound(price, 50e18, 150e18);
    }

    /// @dev From prices without the bits that are not kept, by trying.
    function _stepsOf(uint256 high, uint256 low) private pure returns (uint256 steps) {
        (high, low) = (high / GRAIN, low / GRAIN);
        while (steps < 15 && low * 20 + low * steps < high * 20) ++steps;
    }

    function _assertJump(uint256 price, bool expected, string memory why) private pure {
        (Book memory book, MarkRange.Extremes memory seen) = _begun();
        _observe(book, seen, price, DAY + 6);
        assertTrue(book.jumped == expected, why);
        // The same as the first mark of a later day.
        (book, seen) = _begun();
        _observe(book, seen, price, DAY + 3 days);
        assertTrue(book.jumped == expected, why);
    }

    /// @param low As a price: what of it is not kept does not count.
    function _assertSeen(MarkRange.Extremes memory seen, uint256 high, uint256 previous, uint256 low) private pure {
        assertEq(seen.high, high, "high");
        assertEq(seen.previousHigh, previous, "previous high");
        assertEq(seen.low, low / GRAIN, "low");
    }

    function _assertSame(
        Book memory a,
        MarkRange.Extremes memory seenA,
        Book memory b,
        MarkRange.Extremes memory seenB
    ) private pure {
        assertEq(keccak256(abi.encode(seenA)), keccak256(abi.encode(seenB)), "extremes");
        assertEq(a.volatility, b.volatility, "volatility");
    }
}

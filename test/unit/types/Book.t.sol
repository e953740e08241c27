// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, ROUNDING_RESERVE} from "../../../contracts/types/Book.sol";
import {ALL_CLOSED, EndedGeneration} from "../../../contracts/types/MarketState.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {MAX_DRIFT, MIN_SHIFT} from "../../../contracts/types/Ranges.sol";
import {ONE_BASE} from "../../../contracts/types/Side.sol";
import {Size} from "../../../contracts/types/Size.sol";
import {Usd, usd} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract BookTest is Test {
    uint8 internal constant SCALE = 24;
    /// @dev The bound of everything that the vault may hold.
    uint256 internal constant MOST = (1 << 112) - 1;

    // ------------------------------------------------------------------ values

    function test_revalue_seesMarkAndFunding() public pure {
        Book memory book = _book(100e18);
        assertEq(book.valueUnit(), 1e18 << SCALE, "value unit");
        assertEq(book.markValue(), 100e18 << SCALE, "mark");
        assertEq(book.valueOf(true), int256(100e18 << SCALE), "long");
        assertEq(book.valueOf(false), -int256(100e18 << SCALE), "short");

        book.fundingIndex = int256(3e18 << SCALE);
        assertEq(book.distance(), int256(97e18 << SCALE), "mark - F");
        assertEq(book.valueOf(true), int256(100e18 << SCALE), "kept until it is revalued");
        book.revalue();
        assertEq(book.valueOf(true), int256(97e18 << SCALE), "a long has paid the funding");
        assertEq(book.valueOf(false), -int256(97e18 << SCALE), "a short has received it");
    }

    function test_moneyFloor_ofGainsAndLosses() public pure {
        Book memory book = _book(100e18);
        assertEq(Usd.unwrap(book.moneyFloor(10e18, int256(3e18 << SCALE))), int256(30e18), "gain");
        assertEq(Usd.unwrap(book.moneyFloor(10e18, -int256(3e18 << SCALE))), int256(-30e18), "loss");
        assertEq(Usd.unwrap(book.moneyFloor(1, 1)), int256(0), "a fraction gained is not there");
        assertEq(Usd.unwrap(book.moneyFloor(1, -1)), int256(-1), "a fraction lost is a wei");
        assertEq(Usd.unwrap(book.moneyFloor(0, -1)), int256(0), "no shares");
    }

    function testFuzz_moneyFloor_isTheFloor(uint256 shares, int256 perShare, uint8 scale) public pure {
        (shares, perShare) = (bound(shares, 0, 1 << 111), bound(perShare, -(1 << 112), 1 << 112));
        Book memory book;
        book.scale = uint8(bound(scale, 0, 70));
        int256 unit = int256(book.valueUnit());
        int256 money = Usd.unwrap(book.moneyFloor(shares, perShare));
        int256 exact = int256(shares) * perShare;
        assertLe(money * unit, exact, "not above");
        assertLt(exact - money * unit, unit, "less than a wei below");
    }

    function test_openInterest_isTheLargerSide() public pure {
        Book memory book = _book(100e18);
        (book.long.shares, book.short.shares) = (10e18, 10e18 - 1);
        assertEq(Size.unwrap(book.openInterest()), int256(10e18), "long");
        book.short.shares = 11e18;
        assertEq(Size.unwrap(book.openInterest()), int256(11e18), "short");
        book.short.base = ONE_BASE / 2;
        assertEq(Size.unwrap(book.openInterest()), int256(10e18), "by size and not by shares");
    }

    function test_priceLimit_keepsValuesInRangeAndPricesStorable() public pure {
        Book memory book = _book(100e18);
        book.scale = 9;
        assertEq(book.priceLimit(), 1 << 95, "values fill 104 bits");
        book.scale = 8;
        assertEq(book.priceLimit(), (1 << 96) - 1, "a price fills 96 bits");
    }

    function test_lowBits_areAValueWithoutItsLast40Bits() public pure {
        Book memory book = _book(100e18);
        assertEq(book.lowBits(100e18), 100e18 >> 16, "at a scale of 24, a price without its last 16");
        assertEq(book.lowBits((1 << 16) + 1), 1, "down");
        assertEq(book.lowBits((2 << 16) - 1), 1, "down to the last of them");
        assertEq(book.lowBits(2 << 16), 2, "the next");
        assertEq(book.lowBits((1 << 80) - 1), type(uint64).max, "the highest price fills 64 bits");
        book.scale = 70;
        assertEq(book.lowBits(3), 3 << 30, "a fine scale keeps every bit");
        assertEq(book.lowBits((1 << 34) - 1), ((1 << 34) - 1) << 30, "up to its highest price");
    }

    function test_lowBits_areNeverZero() public pure {
        Book memory book = _book(100e18);
        assertEq(book.lowBits((1 << 16) - 1), 1, "less than is kept");
        assertEq(book.lowBits(1), 1, "a wei");
        book.scale = 14;
        assertEq(book.lowBits((1 << 26) - 1), 1, "less than is kept at the coarsest scale");
        assertEq(book.lowBits((1 << 27) - 1), 1, "not two yet");
        assertEq(book.lowBits(1 << 27), 2, "two");
    }

    // ------------------------------------------------------------------ renew

    function test_renew_whereTheFundingIndexHasDrifted() public pure {
        assertFalse(_endsAtFunding(MAX_DRIFT), "far");
        assertTrue(_endsAtFunding(MAX_DRIFT + 1), "too far");
        assertFalse(_endsAtFunding(-MAX_DRIFT), "far below zero");
        assertTrue(_endsAtFunding(-MAX_DRIFT - 1), "too far below zero");
    }

    function test_renew_whereTheSharesOfOneSideRunShort() public pure {
        for (uint256 i; i < 2; ++i) {
            Book memory book = _book(100e18);
            (i == 0 ? book.long : book.short).base = ONE_BASE >> (MIN_SHIFT - 1);
            (bool ended, ) = book.renew();
            assertFalse(ended, "a bit more than the least");
            (i == 0 ? book.long : book.short).base = ONE_BASE >> MIN_SHIFT;
            EndedGeneration memory end;
            (ended, end) = book.renew();
            assertTrue(ended, "the least");
            assertEq(uint256(end.longShift), i == 0 ? MIN_SHIFT : 0, "shift of longs");
            assertEq(uint256(end.shortShift), i == 0 ? 0 : MIN_SHIFT, "shift of shorts");
            assertTrue(book.valueOf(true) == 0 && book.valueOf(false) == 0, "V begins at zero, at once");
        }
    }

    /// @dev Whichever side it is that nothing is left of: the other one is closed too.
    function test_renew_closesBothSides_whereOneIsGone() public pure {
        for (uint256 i; i < 2; ++i) {
            Book memory book = _book(100e18);
            (book.long.shares, book.short.shares) = (5e18, 7e18);
            (i == 0 ? book.long : book.short).base = 0;
            (bool ended, EndedGeneration memory end) = book.renew();
            assertTrue(ended, "ended");
            assertTrue(end.longShift == ALL_CLOSED && end.shortShift == ALL_CLOSED, "both");
            assertEq(book.long.shares | book.short.shares, 0, "nobody is left");
            assertTrue(book.long.isWhole() && book.short.isWhole(), "and both begin again");
            assertEq(book.valueOf(true), int256(100e18 << SCALE), "longs");
            assertEq(book.valueOf(false), -int256(100e18 << SCALE), "shorts");
        }
    }

    function _endsAtFunding(int256 fundingIndex) private pure returns (bool ended) {
        Book memory book = _book(100e18);
        book.fundingIndex = fundingIndex;
        (ended, ) = book.renew();
    }

    // ------------------------------------------------------------------ repay

    function test_repay_theShortfallFirst() public pure {
        Book memory book = _book(100e18);
        (book.pool, book.shortfall) = (Usd.wrap(5), Usd.wrap(30));
        assertEq(book.repay(Usd.wrap(10)).raw(), 0, "all of a small amount goes to the shortfall");
        assertEq(book.shortfall.raw(), 20, "shortfall");
        assertEq(book.pool.raw(), 15, "pool");
        assertEq(book.repay(Usd.wrap(20)).raw(), 0, "exactly enough");
        assertEq(book.shortfall.raw(), 0, "repaid");
        assertEq(book.pool.raw(), 35, "pool");
        assertEq(book.repay(Usd.wrap(7)).raw(), 7, "nothing to repay: all is left");
        assertEq(book.pool.raw(), 35, "and the pool is what it was");
    }

    function testFuzz_repay_losesNothing(uint256 pool, uint256 shortfall, uint256 amount) public pure {
        Book memory book = _book(100e18);
        (book.pool, book.shortfall) = (_money(pool), _money(shortfall));
        (uint256 poolBefore, uint256 shortBefore) = (book.pool.raw(), book.shortfall.raw());
        amount = bound(amount, 0, MOST);

        uint256 rest = book.repay(Usd.wrap(int256(amount))).raw();

        assertEq(book.pool.raw() - poolBefore + rest, amount, "to the pool or left");
        assertEq(shortBefore - book.shortfall.raw(), book.pool.raw() - poolBefore, "what the pool gains is repaid");
        assertTrue(rest == 0 || book.shortfall.raw() == 0, "nothing is left while there is a shortfall");
    }

    // ------------------------------------------------------------------ sweep

    function test_sweep_leavesTheReserve() public pure {
        Book memory book = _book(100e18);
        assertEq(ROUNDING_RESERVE.raw(), 1e18, "reserve");
        (book.pool, book.fees) = (Usd.wrap(50e18), Usd.wrap(1e18));
        assertEq(book.sweep().raw(), 0, "the first token stays");
        book.fees = Usd.wrap(1e18 - 1);
        assertEq(book.sweep().raw(), 0, "less than it stays too");
        assertEq(book.fees.raw(), 1e18 - 1, "fees");
        book.fees = Usd.wrap(4e18);
        assertEq(book.sweep().raw(), 3e18, "the rest goes");
        assertEq(book.fees.raw(), 1e18, "fees");
        assertEq(book.pool.raw(), 47e18, "out of the pool");
        assertEq(book.sweep().raw(), 0, "once");
    }

    function test_sweep_goesAsFarAsThePool() public pure {
        Book memory book = _book(100e18);
        (book.pool, book.fees) = (Usd.wrap(2e18), Usd.wrap(10e18));
        assertEq(book.sweep().raw(), 2e18, "all that is there");
        assertEq(book.pool.raw(), 0, "pool");
        assertEq(book.fees.raw(), 8e18, "what is still to be swept stays counted");
        book.pool = Usd.wrap(100e18);
        assertEq(book.sweep().raw(), 7e18, "the rest, when there is money again");
        assertEq(book.fees.raw(), 1e18, "down to the reserve");
    }

    function testFuzz_sweep_takesFromThePoolWhatItGives(uint256 pool, uint256 fees) public pure {
        Book memory book = _book(100e18);
        (book.pool, book.fees) = (_money(pool), _money(fees));
        (uint256 poolBefore, uint256 feesBefore) = (book.pool.raw(), book.fees.raw());
        uint256 swept = book.sweep().raw();
        assertEq(book.pool.raw() + swept, poolBefore, "pool");
        assertEq(book.fees.raw() + swept, feesBefore, "fees");
        bool reserved = book.fees.raw() <= 1e18;
        assertTrue(reserved || book.pool.raw() == 0, "stops at the reserve or at an empty pool");
        assertTrue(swept == 0 || book.fees.raw() >= 1e18, "never into the reserve");
    }

    function _book(uint256 mark) private pure returns (Book memory book) {
        (book.scale, book.mark) = (SCALE, Price.wrap(mark));
        (book.long.isLong, book.long.base, book.short.base) = (true, ONE_BASE, ONE_BASE);
        book.revalue();
    }

    function _money(uint256 x) private pure returns (Usd) {
        return usd(uint128(bound(x, 0, MOST)));
    }
}

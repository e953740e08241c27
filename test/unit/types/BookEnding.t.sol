// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, RESOLUTION_PERIOD, WHOLE_PAYOUT} from "../../../contracts/types/Book.sol";
import {ALL_CLOSED, EndedGeneration} from "../../../contracts/types/MarketState.sol";
import {Holding} from "../../../contracts/types/Portfolio.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {MarketStatus, PackedRisk, RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {ONE_BASE} from "../../../contracts/types/Side.sol";
import {Size} from "../../../contracts/types/Size.sol";
import {Usd} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

/// @notice A market that ends: its final mark, the time in which gains wait, and what is paid of them.
contract BookEndingTest is Test {
    uint8 internal constant SCALE = 24;
    uint256 internal constant WHOLE = 2 ** 40;
    /// @dev The bound of everything that the vault may hold.
    uint256 internal constant MOST = (1 << 112) - 1;

    function test_constants() public pure {
        assertEq(WHOLE_PAYOUT, WHOLE, "all of a gain");
        assertEq(RESOLUTION_PERIOD, 7 * 24 * 60 * 60, "seven days");
    }

    // ------------------------------------------------------------------ the final mark

    function test_fixMark_acceptsTheMarkAnewAndStopsFunding() public pure {
        Book memory book = _book(MarketStatus.Active);
        (book.publishedAt, book.acceptedAt, book.accruedAt) = (1_000, 1_010, 1_020);
        (book.premium, book.fundingIndex, book.jumped) = (77, 5e18, true);
        (book.volatility, book.pool, book.fees, book.shortfall) = (9, Usd.wrap(30), Usd.wrap(20), Usd.wrap(10));
        Book memory before = _copyOf(book);

        book.fixMark(2_000);

        assertEq(book.acceptedAt, 2_000, "accepted");
        assertEq(book.publishedAt, 2_000, "published");
        assertEq(book.premium, int256(0), "premium");
        assertFalse(book.jumped, "jumped");
        (before.acceptedAt, before.publishedAt, before.premium, before.jumped) = (2_000, 2_000, 0, false);
        assertEq(keccak256(abi.encode(book)), keccak256(abi.encode(before)), "the rest is what it was");
    }

    // ------------------------------------------------------------------ gains that wait

    function test_waits_betweenTheEndAndTheWindingUp() public pure {
        assertFalse(_book(MarketStatus.Unlisted).waits(), "unlisted");
        assertFalse(_book(MarketStatus.Active).waits(), "active");
        assertFalse(_book(MarketStatus.ReduceOnly).waits(), "reduce-only");
        Book memory book = _book(MarketStatus.Settled);
        assertTrue(book.waits(), "settled");
        book.payout = 1;
        assertFalse(book.waits(), "wound up, with next to nothing to pay");
        book.payout = WHOLE;
        assertFalse(book.waits(), "wound up");
    }

    function test_payable_isNothingWhileGainsWait() public pure {
        MarketStatus[2] memory open = [MarketStatus.Active, MarketStatus.ReduceOnly];
        for (uint256 i; i < 2; ++i) {
            Book memory active = _book(open[i]);
            active.pool = Usd.wrap(30);
            assertEq(active.payable_().raw(), 30, "all of the pool");
        }
        Book memory book = _book(MarketStatus.Settled);
        book.pool = Usd.wrap(30);
        assertEq(book.payable_().raw(), 0, "nothing");
        book.payout = 1;
        assertEq(book.payable_().raw(), 30, "all of it again");
    }

    /// @dev Fees stay for the shortfall that they may have to repay.
    function test_sweep_waitsToo() public pure {
        Book memory book = _book(MarketStatus.Settled);
        (book.pool, book.fees) = (Usd.wrap(50e18), Usd.wrap(4e18));
        assertEq(book.sweep().raw(), 0, "nothing yet");
        assertEq(book.fees.raw(), 4e18, "fees");
        assertEq(book.pool.raw(), 50e18, "pool");
        book.windUp();
        assertEq(book.sweep().raw(), 3e18, "what was not needed");
        assertEq(book.pool.raw(), 47e18, "out of the pool");
    }

    /// @dev Penalties and gifts to a shortfall are welcome at any time.
    function test_repay_doesNotWait() public pure {
        Book memory book = _book(MarketStatus.Settled);
        (book.pool, book.shortfall) = (Usd.wrap(5), Usd.wrap(30));
        assertEq(book.repay(Usd.wrap(40)).raw(), 10, "rest");
        assertEq(book.shortfall.raw(), 0, "shortfall");
        assertEq(book.pool.raw(), 35, "pool");
    }

    // ------------------------------------------------------------------ winding up: the money

    function test_windUp_withoutAShortfall_paysAll() public pure {
        _assertWindUp(0, 0, 0, WHOLE, 0);
        _assertWindUp(100, 0, 0, WHOLE, 0);
        _assertWindUp(100, 30, 0, WHOLE, 30);
    }

    function test_windUp_feesRepayTheShortfall() public pure {
        _assertWindUp(100, 30, 10, WHOLE, 20);
        _assertWindUp(100, 30, 29, WHOLE, 1);
        _assertWindUp(100, 30, 30, WHOLE, 0);
    }

    /// @dev What they repay, the pool has already: it is its own again.
    function test_windUp_feesRepayAPartOfTheShortfall() public pure {
        // 30 stay missing beside 90, 90 beside 30, and a wei beside 100.
        _assertWindUp(90, 10, 40, (WHOLE * 3) / 4, 0);
        _assertWindUp(30, 30, 120, WHOLE / 4, 0);
        _assertWindUp(100, 30, 31, (WHOLE * 100) / 101, 0);
        // No fees at all.
        _assertWindUp(60, 0, 60, WHOLE / 2, 0);
    }

    function test_windUp_roundsThePayoutDown() public pure {
        _assertWindUp(1, 0, 2, 366_503_875_925, 0);
        _assertWindUp(2, 0, 1, 733_007_751_850, 0);
        _assertWindUp(MOST - 1, 0, 1, WHOLE - 1, 0);
        // Two parts of 2^40 and, for a wei more that is missing, one; and one, exactly.
        _assertWindUp(3, 0, 3 * (WHOLE / 2) - 3, 2, 0);
        _assertWindUp(3, 0, 3 * (WHOLE / 2) - 2, 1, 0);
        _assertWindUp(3, 0, 3 * WHOLE - 3, 1, 0);
    }

    /// @dev Zero stands for a market that has not been wound up, and 1 for nothing.
    function test_windUp_payoutIsNeverZero() public pure {
        _assertWindUp(0, 0, 1, 1, 0);
        _assertWindUp(0, 0, MOST, 1, 0);
        _assertWindUp(3, 0, 3 * WHOLE, 1, 0);
        _assertWindUp(1, 1, MOST, 1, 0);
    }

    // ------------------------------------------------------------------ winding up: the sides

    function test_windUp_closesBothSidesAtTheFinalPrice() public pure {
        Book memory book = _book(MarketStatus.Settled);
        (book.long.shares, book.short.shares) = (10e18, 10e18);
        book.fundingIndex = int256(3e18 << SCALE);
        book.revalue();

        book.windUp();
        assertEq(Size.unwrap(book.long.size()), int256(0), "longs");
        assertEq(Size.unwrap(book.short.size()), int256(0), "shorts");
        (bool ended, EndedGeneration memory end) = book.renew();

        assertTrue(ended, "ended");
        assertTrue(end.longShift == ALL_CLOSED && end.shortShift == ALL_CLOSED, "all closed");
        assertEq(int256(end.longValue), int256(97e18 << SCALE), "longs");
        assertEq(int256(end.shortValue), -int256(97e18 << SCALE), "shorts");
        assertEq(book.long.shares | book.short.shares, 0, "nobody is left");
        assertTrue(book.long.isWhole() && book.short.isWhole(), "both sides are as if new");
        assertEq(uint256(book.generation), 1, "generation");
        assertFalse(book.waits(), "wound up");
    }

    function test_windUp_ofAMarketThatNobodyIsIn() public pure {
        Book memory book = _book(MarketStatus.Settled);
        book.windUp();
        (bool ended, EndedGeneration memory end) = book.renew();
        assertTrue(ended, "a generation like any other");
        assertTrue(end.longShift == ALL_CLOSED && end.shortShift == ALL_CLOSED, "all closed");
        assertEq(book.payout, WHOLE, "payout");
    }

    /// @dev Whatever haircuts and closings have left of the sides: no share is worth a value unit more or less.
    function testFuzz_windUp_leavesEveryShareWhatItWasWorth(
        uint256[2] memory shares,
        uint256[2] memory bases,
        int104[2] memory cash,
        uint96 mark
    ) public pure {
        Book memory book = _book(MarketStatus.Settled);
        book.mark = Price.wrap(bound(mark, 1, (1 << 80) - 1));
        book.long.shares = bound(shares[0], 0, 1 << 110);
        book.short.shares = bound(shares[1], 0, 1 << 110);
        book.long.base = bound(bases[0], ONE_BASE >> 10, ONE_BASE);
        book.short.base = bound(bases[1], ONE_BASE >> 10, ONE_BASE);
        (book.long.cash, book.short.cash) = (cash[0], cash[1]);
        book.revalue();
        (int256 long, int256 short) = (book.valueOf(true), book.valueOf(false));

        book.windUp();
        (bool ended, EndedGeneration memory end) = book.renew();

        assertTrue(ended, "ended");
        assertEq(int256(end.longValue), long, "longs");
        assertEq(int256(end.shortValue), short, "shorts");
        assertEq(book.long.shares | book.short.shares, 0, "nobody is left");
    }

    // ------------------------------------------------------------------ what is paid

    struct Case {
        uint256 pool;
        uint256 fees;
        uint256 shortfall;
        uint256[6] gains;
    }

    /// @dev However gains are spread over accounts, the pool has what they are cut to, and the fees that were not needed.
    function testFuzz_windUp_thePoolHasWhatItPays(Case memory c) public pure {
        Book memory book = _due(c);
        uint256 claims;
        for (uint256 i; i < 6; ++i) claims += c.gains[i];
        assertEq(claims, c.pool - c.fees + c.shortfall, "what the market owes");

        book.windUp();

        uint256 paid;
        for (uint256 i; i < 6; ++i) paid += _cut(c.gains[i], book.payout);
        uint256 free = c.pool - book.fees.raw();
        if (c.shortfall <= c.fees) assertEq(paid, claims, "without a shortfall all of it");
        assertLe(paid, free, "is there");
        // The least payout, which stands for none, is that of everything below two parts in 2^40.
        assertLe(free, paid + (2 * claims) / WHOLE + 7, "and next to nothing is held back");
    }

    /// @dev Each by its own size: less than a wei, and a part in 2^40, below its exact share.
    function testFuzz_windUp_cutsEveryGainProRata(Case memory c) public pure {
        Book memory book = _due(c);
        book.windUp();
        uint256 missing = c.shortfall > c.fees ? c.shortfall - c.fees : 0;
        uint256 owed = c.pool + missing;
        vm.assume(missing != 0 && c.pool * WHOLE >= 2 * owed);
        for (uint256 i; i < 6; ++i) {
            uint256 paid = _cut(c.gains[i], book.payout);
            assertLe(paid * owed, c.gains[i] * c.pool, "not above");
            assertLt(c.gains[i] * c.pool, (paid + 1 + c.gains[i] / WHOLE + 1) * owed, "not far below");
        }
    }

    /// @dev Splitting a gain over accounts brings nothing.
    function testFuzz_windUp_aSplitGainIsNotCutLess(Case memory c, uint256 part) public pure {
        Book memory book = _due(c);
        book.windUp();
        part = bound(part, 0, c.gains[0]);
        uint256 whole = _cut(c.gains[0], book.payout);
        uint256 parts = _cut(part, book.payout) + _cut(c.gains[0] - part, book.payout);
        assertLe(parts, whole, "not more");
        assertLe(whole, parts + 1, "nor less by more than a wei");
    }

    /// @dev Two longs that have won 10 and 90, and the short that has lost as much and could not pay all of it.
    function test_windUp_ofPositions() public pure {
        Book memory book = _book(MarketStatus.Active);
        (Holding memory small, Holding memory large, Holding memory short) = (_nothing(), _nothing(), _nothing());
        small.move(book, Size.wrap(1e18));
        large.move(book, Size.wrap(9e18));
        short.move(book, Size.wrap(-10e18));
        book.mark = Price.wrap(110e18);
        book.revalue();
        // The short has paid 60 of 100, and defaulted on the rest.
        (book.pool, book.shortfall, short.owed) = (Usd.wrap(60e18), Usd.wrap(40e18), Usd.wrap(100e18));
        book.risk = _risk(MarketStatus.Settled);
        book.fixMark(5);

        book.windUp();
        (, EndedGeneration memory end) = book.renew();

        small.walk(book, end.longValue, end.longShift);
        large.walk(book, end.longValue, end.longShift);
        short.walk(book, end.shortValue, end.shortShift);
        assertEq(small.shares | large.shares | short.shares, 0, "closed");
        small.cut(book.payout);
        large.cut(book.payout);
        short.cut(book.payout);
        // 0.6 of 2^40, down.
        assertEq(book.payout, 659_706_976_665, "payout");
        assertEq(small.owed.raw(), 5_999_999_999_994_543_031, "six tenths of 10");
        assertEq(large.owed.raw(), 53_999_999_999_950_887_286, "six tenths of 90");
        assertEq(Usd.unwrap(short.owed), int256(0), "the short");
        assertLe(small.owed.raw() + large.owed.raw(), book.pool.raw(), "the pool has it");
    }

    // ------------------------------------------------------------------ makings

    function _risk(MarketStatus status) private pure returns (PackedRisk memory) {
        RiskParameters memory risk;
        risk.status = status;
        return pack(risk);
    }

    function _book(MarketStatus status) private pure returns (Book memory book) {
        (book.risk, book.scale, book.mark) = (_risk(status), SCALE, Price.wrap(100e18));
        (book.long.isLong, book.long.base, book.short.base) = (true, ONE_BASE, ONE_BASE);
        book.revalue();
    }

    function _copyOf(Book memory book) private pure returns (Book memory) {
        return abi.decode(abi.encode(book), (Book));
    }

    function _nothing() private pure returns (Holding memory held) {}

    function _cut(uint256 gain, uint256 payout) private pure returns (uint256) {
        Holding memory held;
        held.owed = Usd.wrap(int256(gain));
        held.cut(payout);
        return held.owed.raw();
    }

    /// @dev A market that owes its winners what is in its pool and no fee, and its shortfall.
    function _due(Case memory c) private pure returns (Book memory book) {
        c.pool = bound(c.pool, 0, 1e30);
        c.fees = bound(c.fees, 0, c.pool);
        c.shortfall = bound(c.shortfall, 0, 1e30);
        uint256 left = c.pool - c.fees + c.shortfall;
        for (uint256 i; i < 5; ++i) {
            c.gains[i] = bound(c.gains[i], 0, left);
            left -= c.gains[i];
        }
        c.gains[5] = left;
        book = _book(MarketStatus.Settled);
        (book.pool, book.fees) = (Usd.wrap(int256(c.pool)), Usd.wrap(int256(c.fees)));
        book.shortfall = Usd.wrap(int256(c.shortfall));
    }

    function _assertWindUp(
        uint256 pool,
        uint256 fees,
        uint256 shortfall,
        uint256 payout,
        uint256 feesLeft
    ) private pure {
        Book memory book = _book(MarketStatus.Settled);
        (book.pool, book.fees) = (Usd.wrap(int256(pool)), Usd.wrap(int256(fees)));
        book.shortfall = Usd.wrap(int256(shortfall));
        book.windUp();
        assertEq(book.payout, payout, "payout");
        assertEq(book.fees.raw(), feesLeft, "fees left");
        assertEq(book.pool.raw(), pool, "the pool keeps all");
        assertEq(book.shortfall.raw(), 0, "no shortfall");
    }
}

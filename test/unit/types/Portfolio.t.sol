// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {healthOf} from "../../../contracts/logic/Health.sol";
import {Book, WHOLE_PAYOUT} from "../../../contracts/types/Book.sol";
import {MarketSet} from "../../../contracts/types/MarketSet.sol";
import {ALL_CLOSED} from "../../../contracts/types/MarketState.sol";
import {Holding, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {MarketStatus, RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {ONE_BASE} from "../../../contracts/types/Side.sol";
import {Size, ZERO_SIZE} from "../../../contracts/types/Size.sol";
import {Usd, ZERO_USD} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract PortfolioTest is Test {
    uint8 internal constant SCALE = 24;
    uint256 internal constant MARKETS = 3;
    Usd internal constant NO_LIMIT = Usd.wrap(type(int256).max);

    // ------------------------------------------------------------------ one position: move

    function test_move_opensALong() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(10e18));
        assertTrue(held.isLong && held.changed, "long, and to be written");
        assertEq(held.shares, 10e18, "shares");
        assertEq(held.paidValue, book.valueOf(true), "paid up to V");
        assertEq(book.long.shares, 1_010e18, "the side's total");
        assertEq(book.short.shares, 1_000e18, "the other side's");
        _assertPosition(held, book, 10e18, 0);
    }

    function test_move_opensAShort() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(-10e18));
        assertFalse(held.isLong, "short");
        assertEq(held.paidValue, book.valueOf(false), "paid up to V");
        assertEq(book.short.shares, 1_010e18, "the side's total");
        assertEq(book.long.shares, 1_000e18, "the other side's");
        _assertPosition(held, book, -10e18, 0);
    }

    /// @dev One share is a position like any other.
    function test_move_closesASingleShareBeforeItOpens() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.open(1, book.valueOf(true), 0);
        held.move(book, _size(-3));
        assertFalse(held.isLong, "short");
        assertEq(held.shares, 2, "what is left of three");
        assertEq(book.long.shares, 1_000e18 - 1, "longs");
        assertEq(book.short.shares, 1_000e18 + 2, "shorts");
    }

    /// @dev What a holding was used for before is forgotten, and what was only read is not written.
    function test_open_isWhatIsStored() public pure {
        Holding memory held = _nothing();
        held.changed = true;
        held.open(-5, 7, -3);
        assertFalse(held.isLong, "short");
        assertEq(held.shares, 5, "shares");
        assertEq(held.signedShares(), int256(-5), "as stored");
        assertEq(held.paidValue, int256(7), "paid");
        assertEq(Usd.unwrap(held.owed), int256(-3), "owed");
        assertFalse(held.changed, "unchanged");
    }

    function test_move_earnsWhatTheMarkMoves() public pure {
        (Book memory book, Holding memory long, Holding memory short) = (_book(100e18), _nothing(), _nothing());
        long.move(book, _size(10e18));
        short.move(book, _size(-10e18));
        _setMark(book, 103e18);
        _assertPosition(long, book, 10e18, 30e18);
        _assertPosition(short, book, -10e18, -30e18);
        _setMark(book, 98e18);
        _assertPosition(long, book, 10e18, -20e18);
        _assertPosition(short, book, -10e18, 20e18);
    }

    function test_move_increasesAndKeepsWhatWasMade() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(10e18));
        _setMark(book, 103e18);
        held.move(book, _size(5e18));
        assertEq(Usd.unwrap(held.owed), int256(30e18), "owed");
        _assertPosition(held, book, 15e18, 30e18);
        assertEq(book.long.shares, 1_015e18, "total");
        _setMark(book, 104e18);
        _assertPosition(held, book, 15e18, 45e18);
    }

    function test_move_reducesAndKeepsWhatWasMade() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(-10e18));
        _setMark(book, 103e18);
        held.move(book, _size(4e18));
        _assertPosition(held, book, -6e18, -30e18);
        assertEq(book.short.shares, 1_006e18, "total");
        assertEq(book.long.shares, 1_000e18, "no long is opened");
    }

    function test_move_closesAllSharesWithTheWholeSize() public pure {
        Book memory book = _book(100e18);
        book.long.base = (ONE_BASE * 2) / 3;
        book.revalue();
        Holding memory held = _nothing();
        held.move(book, _size(10e18));
        uint256 total = book.long.shares;
        uint256 shares = held.shares;
        _setMark(book, 90e18);
        Usd loss = held.unsettled(book);
        Size whole = held.size(book);
        held.move(book, -whole);
        assertEq(held.shares, 0, "not a fraction stays");
        assertEq(book.long.shares, total - shares, "total");
        assertEq(Usd.unwrap(held.unsettled(book)), Usd.unwrap(loss), "the loss is still owed");
        assertLt(Usd.unwrap(loss), int256(0), "a loss");
    }

    function test_move_flipsThroughZero() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(10e18));
        _setMark(book, 99e18);
        held.move(book, _size(-25e18));
        assertFalse(held.isLong, "short");
        _assertPosition(held, book, -15e18, -10e18);
        assertEq(held.paidValue, book.valueOf(false), "paid up to the V of its new side");
        assertEq(book.long.shares, 1_000e18, "longs");
        assertEq(book.short.shares, 1_015e18, "shorts");
        held.move(book, _size(16e18));
        assertTrue(held.isLong, "and back");
        _assertPosition(held, book, 1e18, -10e18);
    }

    function test_move_byNothingOnlyWritesDown() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(10e18));
        _setMark(book, 101e18);
        held.move(book, ZERO_SIZE);
        assertEq(Usd.unwrap(held.owed), int256(10e18), "owed");
        assertEq(held.shares, 10e18, "shares");
        assertEq(book.long.shares, 1_010e18, "total");
    }

    /// @dev At any A of either side: money stays exactly what it was, the size follows to one size-wei against the mover,
    /// and totals move with the holder.
    function testFuzz_move_keepsMoneyAndFollowsTheSize(
        uint256 longBase,
        uint256 shortBase,
        int256[4] memory deltas,
        uint256[4] memory marks
    ) public pure {
        Book memory book = _book(100e18);
        book.long.base = bound(longBase, ONE_BASE >> 10, ONE_BASE);
        book.short.base = bound(shortBase, ONE_BASE >> 10, ONE_BASE);
        book.revalue();
        Holding memory held = _nothing();
        for (uint256 i; i < 4; ++i) {
            int256 delta = bound(deltas[i], -1e26, 1e26);
            int256 before = Size.unwrap(held.size(book));
            Usd money = held.unsettled(book);

            held.move(book, _size(delta));

            assertEq(Usd.unwrap(held.unsettled(book)), Usd.unwrap(money), "money");
            int256 got = Size.unwrap(held.size(book));
            int256 wanted = before + delta;
            // Who opens gets the fraction of a share less, who closes gives it: towards zero, except that a reduction to
            // one size-wei may end at none.
            int256 short_ = wanted < 0 ? got - wanted : wanted - got;
            assertTrue(short_ == 0 || short_ == 1, "at most a size-wei less than asked");
            assertEq(book.long.shares - 1_000e18, held.isLong ? held.shares : 0, "longs");
            assertEq(book.short.shares - 1_000e18, held.isLong ? 0 : held.shares, "shorts");
            _setMark(book, bound(marks[i], 1, 1e24));
        }
    }

    // ------------------------------------------------------------------ one position: the rest

    function test_crystallise_writesDownExactly() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(10e18));
        held.owed = Usd.wrap(-4e18);
        _setMark(book, 101e18);
        held.crystallise(book);
        assertEq(Usd.unwrap(held.owed), int256(6e18), "owed");
        assertEq(held.paidValue, book.valueOf(true), "paid value");
        _assertPosition(held, book, 10e18, 6e18);
    }

    function test_unsettled_ofAClosedPositionIsWhatIsOwed() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        (held.owed, held.paidValue) = (Usd.wrap(-7), 12345);
        assertEq(Usd.unwrap(held.unsettled(book)), int256(-7));
    }

    function test_close_leavesTheMoney() public pure {
        (Book memory book, Holding memory held) = (_book(100e18), _nothing());
        held.move(book, _size(-10e18));
        _setMark(book, 110e18);
        held.close(book);
        _assertPosition(held, book, 0, -100e18);
        assertEq(held.shares, 0, "shares");
        assertEq(book.short.shares, 1_000e18, "total");
    }

    function test_burnDust_onlyWhereThereIsNoSize() public pure {
        Book memory book = _book(100e18);
        book.long.base = ONE_BASE / 2;
        book.revalue();
        Holding memory held = _nothing();
        (held.isLong, held.shares, held.paidValue) = (true, 2, book.valueOf(true));
        book.long.shares += 2;
        held.burnDust(book);
        assertEq(held.shares, 2, "one size-wei is a size");

        (held.shares, book.long.shares) = (1, 1_000e18 + 1);
        held.burnDust(book);
        assertEq(held.shares, 0, "half a size-wei is none");
        assertEq(book.long.shares, 1_000e18, "total");
        assertTrue(held.changed, "to be written");
    }

    // ------------------------------------------------------------------ one position: generations

    function test_walk_paysUpToTheEndAndShiftsShares() public pure {
        Book memory book = _book(100e18);
        Holding memory held = _nothing();
        (held.isLong, held.shares, held.paidValue, held.owed) = (true, (3 << 40) + 1023, 5 << 50, Usd.wrap(7));
        // Two units of V less than it was paid up to, a share; a share is 2^-18 size-wei of money at this scale.
        held.walk(book, (5 << 50) - int256((2 * 1e18) << SCALE), 10);
        assertEq(Usd.unwrap(held.owed), 7 - 2 * int256((3 << 40) + 1023), "owed");
        assertEq(held.shares, 3 << 30, "shares, down");
        assertEq(held.paidValue, int256(0), "V begins again");
        assertTrue(held.changed, "to be written");

        held.walk(book, 1, 1);
        assertEq(Usd.unwrap(held.owed), 7 - 2 * int256((3 << 40) + 1023), "less than a wei for each: floor");
        assertEq(held.shares, 3 << 29, "once more");
    }

    function test_walk_closes() public pure {
        Book memory book = _book(100e18);
        Holding memory held = _nothing();
        (held.shares, held.paidValue) = (10e18, -3e18 << SCALE);
        held.walk(book, -4e18 << SCALE, ALL_CLOSED);
        assertEq(Usd.unwrap(held.owed), int256(-10e18), "a short's V fell by one");
        assertEq(held.shares, 0, "closed");
    }

    function test_cut_roundsAGainDown() public pure {
        Holding memory held = _nothing();
        held.owed = Usd.wrap(10);
        held.cut((WHOLE_PAYOUT * 3) / 4);
        assertEq(Usd.unwrap(held.owed), int256(7), "three quarters of 10");
        assertTrue(held.changed, "to be written");
        held.cut((WHOLE_PAYOUT * 3) / 4);
        assertEq(Usd.unwrap(held.owed), int256(5), "three quarters of 7");
        held.cut(WHOLE_PAYOUT - 1);
        assertEq(Usd.unwrap(held.owed), int256(4), "nearly all of 5");
        held.cut(2);
        assertEq(Usd.unwrap(held.owed), int256(0), "next to nothing");
    }

    function test_cut_atItsEnds() public pure {
        Holding memory held = _nothing();
        held.owed = Usd.wrap(1 << 122);
        held.cut(WHOLE_PAYOUT);
        assertEq(held.owed.raw(), 1 << 122, "all");
        assertTrue(held.changed, "of this generation from now on");
        held.cut(2);
        assertEq(held.owed.raw(), 1 << 83, "the least part");
        held.owed = Usd.wrap(int256(WHOLE_PAYOUT) / 2 - 1);
        held.cut(2);
        assertEq(held.owed.raw(), 0, "less than a wei");
    }

    function test_cut_toNothing() public pure {
        Holding memory held = _nothing();
        held.owed = Usd.wrap(1 << 122);
        held.cut(1);
        assertEq(held.owed.raw(), 0, "what an empty pool pays");
        assertTrue(held.changed, "to be written");
    }

    function test_cut_leavesLossesAlone() public pure {
        Holding memory held = _nothing();
        (held.owed, held.isLong, held.shares) = (Usd.wrap(-10), true, 5);
        held.cut(1);
        assertEq(Usd.unwrap(held.owed), int256(-10), "a loss");
        assertFalse(held.changed, "nothing to write");
        held.owed = ZERO_USD;
        held.cut(1);
        assertEq(Usd.unwrap(held.owed), int256(0), "nothing");
        assertFalse(held.changed, "nothing to write");
        (held.owed, held.paidValue) = (Usd.wrap(1), 3);
        held.cut(WHOLE_PAYOUT);
        assertEq(held.shares, 5, "shares");
        assertEq(held.paidValue, int256(3), "paid value");
    }

    function testFuzz_cut_isTheFloor(uint256 owed, uint256 payout) public pure {
        (owed, payout) = (bound(owed, 0, 1 << 122), bound(payout, 2, WHOLE_PAYOUT));
        Holding memory held = _nothing();
        held.owed = Usd.wrap(int256(owed));
        held.cut(payout);
        uint256 paid = held.owed.raw();
        assertLe(paid << 40, owed * payout, "not above");
        assertLt(owed * payout, (paid + 1) << 40, "less than a wei below");
    }

    function test_signedShares_areAboveZeroForLongs() public pure {
        Holding memory held = _nothing();
        (held.isLong, held.shares) = (true, 5);
        assertEq(held.signedShares(), int256(5), "long");
        held.isLong = false;
        assertEq(held.signedShares(), -5, "short");
    }

    // ------------------------------------------------------------------ the whole account: examples

    function test_settle_gainsFirstThenLossesAsFarAsTheyGo() public pure {
        (Portfolio memory account, Book[] memory books) = _three(40e18);
        (account.holdings[0].owed, books[0].pool) = (Usd.wrap(50e18), Usd.wrap(30e18));
        (account.holdings[1].owed, books[1].pool) = (Usd.wrap(-100e18), Usd.wrap(1e18));

        account.settle(books);

        assertEq(Usd.unwrap(account.collateral), int256(0), "40 + 30 does not pay 100");
        assertEq(Usd.unwrap(account.holdings[0].owed), int256(20e18), "the gain that still waits");
        assertEq(Usd.unwrap(account.holdings[1].owed), int256(-30e18), "the loss that stays unpaid");
        assertEq(books[0].pool.raw(), 0, "the winner's pool is empty");
        assertEq(books[1].pool.raw(), 71e18, "the loser's has 70 more");
        assertFalse(account.holdings[2].changed, "a market that owes nothing is not written");
    }

    function test_settle_paysLossesProRataToExactlyZero() public pure {
        (Portfolio memory account, Book[] memory books) = _three(10);
        account.holdings[0].owed = Usd.wrap(-10);
        account.holdings[1].owed = Usd.wrap(-10);
        account.holdings[2].owed = Usd.wrap(-10);

        account.settle(books);

        assertEq(Usd.unwrap(account.collateral), int256(0), "collateral");
        assertEq(books[0].pool.raw(), 3, "a third of 10, down");
        assertEq(books[1].pool.raw(), 3, "two thirds, down, less what was paid");
        assertEq(books[2].pool.raw(), 4, "the rest");
        assertEq(Usd.unwrap(account.holdings[2].owed), int256(-6), "owed");
    }

    function test_settle_paysEverythingWhereItCan() public pure {
        (Portfolio memory account, Book[] memory books) = _three(100e18);
        account.holdings[0].move(books[0], _size(10e18));
        account.holdings[1].move(books[1], _size(-10e18));
        _setMark(books[0], 98e18);
        _setMark(books[1], 97e18);
        books[1].pool = Usd.wrap(40e18);

        account.settle(books);

        assertEq(Usd.unwrap(account.collateral), int256(110e18), "100 - 20 + 30");
        assertEq(books[0].pool.raw(), 20e18, "paid in");
        assertEq(books[1].pool.raw(), 10e18, "paid out");
        _assertPosition(account.holdings[0], books[0], 10e18, 0);
        _assertPosition(account.holdings[1], books[1], -10e18, 0);
        assertEq(account.holdings[1].paidValue, books[1].valueOf(false), "paid up to V");
    }

    function test_payGains_stopsAtItsLimit() public pure {
        (Portfolio memory account, Book[] memory books) = _three(0);
        for (uint256 i; i < MARKETS; ++i) {
            (account.holdings[i].owed, books[i].pool) = (Usd.wrap(10), Usd.wrap(100));
        }
        account.payGains(books, Usd.wrap(15));
        assertEq(Usd.unwrap(account.collateral), int256(15), "collateral");
        assertEq(Usd.unwrap(account.holdings[0].owed), int256(0), "first");
        assertEq(Usd.unwrap(account.holdings[1].owed), int256(5), "second");
        assertEq(Usd.unwrap(account.holdings[2].owed), int256(10), "third");
        assertFalse(account.holdings[2].changed, "untouched");
        account.payGains(books, NO_LIMIT);
        assertEq(Usd.unwrap(account.collateral), int256(30), "all of it");
    }

    function test_payGains_takesNoLosses() public pure {
        (Portfolio memory account, Book[] memory books) = _three(5);
        account.holdings[0].owed = Usd.wrap(-3);
        account.payGains(books, NO_LIMIT);
        assertEq(Usd.unwrap(account.collateral), int256(5), "collateral");
        assertEq(books[0].pool.raw(), 0, "pool");
        assertFalse(account.holdings[0].changed, "untouched");
    }

    function test_settleMarket_leavesOtherMarketsAlone() public pure {
        (Portfolio memory account, Book[] memory books) = _three(100);
        (account.holdings[0].owed, account.holdings[1].owed) = (Usd.wrap(-30), Usd.wrap(-20));
        account.settleMarket(books[0], account.holdings[0]);
        assertEq(Usd.unwrap(account.collateral), int256(70), "collateral");
        assertEq(books[0].pool.raw(), 30, "pool");
        assertEq(Usd.unwrap(account.holdings[1].owed), int256(-20), "the other market");
    }

    function test_settleMarket_paysAsFarAsItCan() public pure {
        (Portfolio memory account, Book[] memory books) = _three(20);
        account.holdings[0].owed = Usd.wrap(-30);
        account.settleMarket(books[0], account.holdings[0]);
        assertEq(Usd.unwrap(account.collateral), int256(0), "collateral");
        assertEq(Usd.unwrap(account.holdings[0].owed), int256(-10), "still owed");

        (account.holdings[1].owed, books[1].pool) = (Usd.wrap(30), Usd.wrap(8));
        account.settleMarket(books[1], account.holdings[1]);
        assertEq(Usd.unwrap(account.collateral), int256(8), "as far as the pool goes");
        assertEq(Usd.unwrap(account.holdings[1].owed), int256(22), "still waiting");
    }

    /// @dev In memory, collateral may be below zero while a fill is under way.
    function test_settleMarket_takesNothingFromCollateralBelowZero() public pure {
        (Portfolio memory account, Book[] memory books) = _three(0);
        (account.collateral, account.holdings[0].owed) = (Usd.wrap(-5), Usd.wrap(-30));
        account.settleMarket(books[0], account.holdings[0]);
        assertEq(Usd.unwrap(account.collateral), int256(-5), "collateral");
        assertEq(books[0].pool.raw(), 0, "pool");
    }

    /// @dev Losses go on being collected while gains wait, for each as far as its own collateral goes.
    function test_settle_whereAMarketHasEnded() public pure {
        (Portfolio memory account, Book[] memory books) = _three(40);
        (account.holdings[0].owed, books[0].pool) = (Usd.wrap(50), Usd.wrap(30));
        (account.holdings[1].owed, books[1].pool) = (Usd.wrap(-25), Usd.wrap(1));
        (account.holdings[2].owed, books[2].pool) = (Usd.wrap(20), Usd.wrap(9));
        _end(books[0]);
        _end(books[1]);

        account.settle(books);

        assertEq(Usd.unwrap(account.holdings[0].owed), int256(50), "its gain waits");
        assertFalse(account.holdings[0].changed, "untouched");
        assertEq(books[0].pool.raw(), 30, "beside a pool that has some of it");
        assertEq(Usd.unwrap(account.holdings[1].owed), int256(0), "its loss is paid");
        assertEq(books[1].pool.raw(), 26, "into the pool of its market");
        assertEq(Usd.unwrap(account.holdings[2].owed), int256(11), "the market that goes on pays");
        assertEq(Usd.unwrap(account.collateral), int256(24), "40 + 9 - 25");
        assertTrue(account.hasGain(books), "a gain that waits is one");
        assertEq(Usd.unwrap(account.secured(books)), int256(24), "and secures nothing");

        books[0].payout = WHOLE_PAYOUT;
        account.settle(books);
        assertEq(Usd.unwrap(account.holdings[0].owed), int256(20), "as far as the pool goes");
        assertEq(Usd.unwrap(account.collateral), int256(54), "paid");
    }

    function test_settleMarket_whereItHasEnded() public pure {
        (Portfolio memory account, Book[] memory books) = _three(40);
        (account.holdings[0].owed, books[0].pool) = (Usd.wrap(50), Usd.wrap(30));
        (account.holdings[1].owed, books[1].pool) = (Usd.wrap(-60), Usd.wrap(1));
        _end(books[0]);
        _end(books[1]);
        account.settleMarket(books[0], account.holdings[0]);
        assertEq(Usd.unwrap(account.collateral), int256(40), "a gain waits");
        account.settleMarket(books[1], account.holdings[1]);
        assertEq(Usd.unwrap(account.collateral), int256(0), "a loss does not");
        assertEq(books[1].pool.raw(), 41, "pool");
        assertEq(Usd.unwrap(account.holdings[1].owed), int256(-20), "the rest stays owed");
    }

    function test_hasGain_inAnyMarket() public pure {
        (Portfolio memory account, Book[] memory books) = _three(10);
        assertFalse(account.hasGain(books), "nothing");
        account.holdings[0].owed = Usd.wrap(-30);
        assertFalse(account.hasGain(books), "a loss");
        account.holdings[2].owed = Usd.wrap(1);
        assertTrue(account.hasGain(books), "a wei");
    }

    // ------------------------------------------------------------------ the whole account: any

    struct Case {
        uint96 collateral;
        uint96[3] pools;
        int96[3] owed;
        int96[3] sizes;
        uint64[3] marks;
    }

    function testFuzz_settle_conservesAndKeepsEquity(Case memory c) public pure {
        (Portfolio memory account, Book[] memory books) = _any(c);
        Usd equity = healthOf(account, books).equity;
        Usd total = _total(account, books);

        account.settle(books);

        assertEq(Usd.unwrap(_total(account, books)), Usd.unwrap(total), "collateral and pools");
        assertEq(Usd.unwrap(healthOf(account, books).equity), Usd.unwrap(equity), "equity");
        assertTrue(account.collateral >= ZERO_USD, "collateral is not negative");
        for (uint256 i; i < MARKETS; ++i) assertTrue(books[i].pool >= ZERO_USD, "no pool is negative");
    }

    function testFuzz_settle_leavesNoGainBesideAPoolAndNoLossBesideCollateral(Case memory c) public pure {
        (Portfolio memory account, Book[] memory books) = _any(c);
        bool[MARKETS] memory gained;
        for (uint256 i; i < MARKETS; ++i) gained[i] = account.holdings[i].unsettled(books[i]) > ZERO_USD;

        account.settle(books);

        for (uint256 i; i < MARKETS; ++i) {
            Usd due = account.holdings[i].unsettled(books[i]);
            if (gained[i]) assertTrue(due == ZERO_USD || books[i].pool == ZERO_USD, "gain");
            else assertTrue(due == ZERO_USD || account.collateral == ZERO_USD, "loss");
            // A gain never turns into a loss, nor a loss into a gain.
            assertTrue(gained[i] ? due >= ZERO_USD : due <= ZERO_USD, "sign");
        }
    }

    /// @dev Settling twice is settling once: all that can move has moved.
    function testFuzz_settle_isDoneOnce(Case memory c) public pure {
        (Portfolio memory account, Book[] memory books) = _any(c);
        account.settle(books);
        bytes32 once = keccak256(abi.encode(account, books));
        account.settle(books);
        assertEq(keccak256(abi.encode(account, books)), once);
    }

    function testFuzz_payLosses_isProRata(uint96 collateral, uint96[3] memory losses) public pure {
        (Portfolio memory account, Book[] memory books) = _three(collateral);
        uint256 sum;
        for (uint256 i; i < MARKETS; ++i) {
            account.holdings[i].owed = Usd.wrap(-int256(uint256(losses[i])));
            sum += losses[i];
        }
        account.payLosses(books);

        uint256 purse = collateral < sum ? collateral : sum;
        uint256 paid;
        for (uint256 i; i < MARKETS; ++i) {
            uint256 part = books[i].pool.raw();
            paid += part;
            // Cumulative floors: less than a wei from the exact part, either way.
            assertTrue(part * sum < purse * losses[i] + sum || sum == 0, "not a wei more");
            assertTrue(part * sum + sum > purse * losses[i] || sum == 0, "not a wei less");
            assertLe(part, losses[i], "never more than the loss");
        }
        assertEq(paid, purse, "the parts add up");
        assertEq(Usd.unwrap(account.collateral), int256(collateral - purse), "collateral");
    }

    function test_unpaidLosses_countsNoGains() public pure {
        (Portfolio memory account, Book[] memory books) = _three(100);
        assertEq(account.unpaidLosses(books).raw(), 0, "nothing");
        (account.holdings[0].owed, account.holdings[1].owed) = (Usd.wrap(-30), Usd.wrap(50));
        account.holdings[2].owed = Usd.wrap(-7);
        assertEq(account.unpaidLosses(books).raw(), 37, "losses alone");
    }

    // ------------------------------------------------------------------ makings

    /// @dev A market with others in it, IM 10 % and MM 5 %.
    function _book(uint256 mark) private pure returns (Book memory book) {
        RiskParameters memory risk;
        (risk.status, risk.initialMargin, risk.maintenanceMargin) = (MarketStatus.Active, 100_000, 50_000);
        (book.risk, book.scale) = (pack(risk), SCALE);
        (book.long.isLong, book.long.base, book.short.base) = (true, ONE_BASE, ONE_BASE);
        (book.long.shares, book.short.shares) = (1_000e18, 1_000e18);
        _setMark(book, mark);
    }

    function _setMark(Book memory book, uint256 mark) private pure {
        book.mark = Price.wrap(mark);
        book.revalue();
    }

    function _nothing() private pure returns (Holding memory held) {}

    /// @dev Its losses are collected, its gains wait.
    function _end(Book memory book) private pure {
        RiskParameters memory risk = book.risk.unpack();
        risk.status = MarketStatus.Settled;
        book.risk = pack(risk);
    }

    /// @dev An account beside three markets at 100.
    function _three(uint256 collateral) private pure returns (Portfolio memory account, Book[] memory books) {
        account.collateral = Usd.wrap(int256(collateral));
        account.markets = MarketSet.wrap(7);
        (account.holdings, books) = (new Holding[](MARKETS), new Book[](MARKETS));
        for (uint256 i; i < MARKETS; ++i) {
            books[i] = _book(100e18);
            books[i].id = uint8(i);
        }
    }

    function _any(Case memory c) private pure returns (Portfolio memory account, Book[] memory books) {
        (account, books) = _three(c.collateral);
        for (uint256 i; i < MARKETS; ++i) {
            account.holdings[i].move(books[i], Size.wrap(c.sizes[i] / 2 ** 24));
            account.holdings[i].owed = Usd.wrap(c.owed[i]);
            books[i].pool = Usd.wrap(int256(uint256(c.pools[i])));
            _setMark(books[i], bound(uint256(c.marks[i]) * 100, 1, 1e24));
        }
    }

    function _total(Portfolio memory account, Book[] memory books) private pure returns (Usd total) {
        total = account.collateral;
        for (uint256 i; i < MARKETS; ++i) total = total + books[i].pool;
    }

    function _size(int256 amount) private pure returns (Size) {
        return Size.wrap(amount);
    }

    function _assertPosition(Holding memory held, Book memory book, int256 size, int256 unsettled) private pure {
        assertEq(Size.unwrap(held.size(book)), size, "size");
        assertEq(Usd.unwrap(held.unsettled(book)), unsettled, "unsettled");
    }
}

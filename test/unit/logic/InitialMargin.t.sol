// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InitialMargin} from "../../../contracts/logic/InitialMargin.sol";
import {Book} from "../../../contracts/types/Book.sol";
import {Holding, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {MarketStatus, RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {ONE_BASE} from "../../../contracts/types/Side.sol";
import {Size} from "../../../contracts/types/Size.sol";
import {Usd} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract InitialMarginTest is Test {
    uint256 internal constant PPM = 1e6;
    /// @dev From 10 % to 30 %: a millionth of notional more for every 5 that are open.
    uint24 internal constant LOW = 100_000;
    uint24 internal constant HIGH = 300_000;
    uint112 internal constant CAP = 1_000_000e18;

    // ------------------------------------------------------------------ open interest

    function test_rateUp_ofAnEmptyMarket() public pure {
        assertEq(_rateAt(0), LOW);
    }

    function test_rateUp_inProportion() public pure {
        assertEq(_rateAt(250_000e18), 150_000, "a quarter of the cap");
        assertEq(_rateAt(500_000e18), 200_000, "half of it");
        assertEq(_rateAt(750_000e18), 250_000, "three quarters");
    }

    function test_rateUp_roundsUp() public pure {
        assertEq(_rateAt(1), 100_001, "a wei is a millionth");
        assertEq(_rateAt(5e18 - 1), 100_001, "not quite five");
        assertEq(_rateAt(5e18), 100_001, "five");
        assertEq(_rateAt(5e18 + 1), 100_002, "and a wei");
        assertEq(_rateAt(500_000e18 - 1), 200_000, "not quite half");
        assertEq(_rateAt(500_000e18 + 1), 200_001, "half and a wei");
    }

    function test_rateUp_endsAtTheCap() public pure {
        assertEq(_rateAt(CAP - 5e18), 299_999, "one step before it");
        assertEq(_rateAt(CAP - 1), HIGH, "a wei before it");
        assertEq(_rateAt(CAP), HIGH, "at it");
        assertEq(_rateAt(CAP + 1), HIGH, "a wei beyond it");
        assertEq(_rateAt(100 * uint256(CAP)), HIGH, "far beyond it");
    }

    function test_rateUp_whereNothingMayBeOpen() public pure {
        RiskParameters memory risk = _risk();
        risk.openInterestCap = 0;
        assertEq(InitialMargin.rateUp(_book(risk, 0)), HIGH, "nothing is the cap");
        assertEq(InitialMargin.rateUp(_book(risk, 1)), HIGH, "what was open before");
    }

    function test_rateUp_withEqualEnds_knowsNoOpenInterest() public pure {
        RiskParameters memory risk = _risk();
        risk.initialMarginAtCap = LOW;
        assertEq(InitialMargin.rateUp(_book(risk, 0)), LOW, "empty");
        assertEq(InitialMargin.rateUp(_book(risk, 1)), LOW, "a wei");
        assertEq(InitialMargin.rateUp(_book(risk, CAP - 1)), LOW, "nearly full");
        assertEq(InitialMargin.rateUp(_book(risk, CAP)), LOW, "full");
    }

    /// @dev All that the parameters can hold, from an unlisted market's zeros to the whole of notional.
    function test_rateUp_atTheEndsOfTheParameters() public pure {
        RiskParameters memory risk;
        assertEq(InitialMargin.rateUp(_book(risk, 0)), 0, "no parameters");
        assertEq(InitialMargin.rateUp(_book(risk, 1)), 0, "no parameters, and a position");
        (risk.initialMarginAtCap, risk.openInterestCap) = (1_000_000, 1e33);
        assertEq(InitialMargin.rateUp(_book(risk, 0)), 0, "from nothing");
        assertEq(InitialMargin.rateUp(_book(risk, 5e32)), 500_000, "in between");
        assertEq(InitialMargin.rateUp(_book(risk, 1e33)), PPM, "to all of it");
    }

    /// @dev Money and not size; and it is rounded up before it counts.
    function test_rateUp_countsOpenInterestAtMark() public pure {
        Book memory book = _book(_risk(), 500e18);
        book.mark = Price.wrap(1_000e18);
        assertEq(InitialMargin.rateUp(book), 200_000, "500 at 1000");
        book.mark = Price.wrap(1_001e18);
        assertEq(InitialMargin.rateUp(book), 200_100, "500 at 1001");
        book.mark = Price.wrap(1);
        assertEq(InitialMargin.rateUp(book), 100_001, "500 at a wei are 500 wei");

        RiskParameters memory risk = _risk();
        // Two billion wei for every millionth.
        (risk.initialMarginAtCap, risk.openInterestCap) = (600_000, 1e15);
        book = _book(risk, 3);
        book.mark = Price.wrap(666_666_666_666_666_666_666_666_666);
        assertEq(InitialMargin.rateUp(book), 100_001, "two billion wei, less a fraction");
        book.mark = Price.wrap(666_666_666_666_666_666_666_666_667);
        assertEq(InitialMargin.rateUp(book), 100_002, "two billion wei and a fraction");
    }

    function test_rateUp_countsTheLargerSideBySize() public pure {
        Book memory book = _book(_risk(), 250_000e18);
        book.short.shares = 500_000e18;
        assertEq(InitialMargin.rateUp(book), 200_000, "shorts");
        (book.long.shares, book.short.shares) = (750_000e18, 500_000e18);
        assertEq(InitialMargin.rateUp(book), 250_000, "longs");
        book.long.base = ONE_BASE / 2;
        assertEq(InitialMargin.rateUp(book), 200_000, "whose shares stand for half");
        book.short.base = ONE_BASE / 4;
        assertEq(InitialMargin.rateUp(book), 175_000, "and shorts' for a quarter");
    }

    // ------------------------------------------------------------------ volatility

    function test_rateUp_isAtLeastItsPartOfTheRange() public pure {
        // Half of a range of 30 %.
        assertEq(_rateOf(6, 500_000, 0), 150_000, "above the rate of an empty market");
        assertEq(_rateOf(6, 500_000, 250_000e18), 150_000, "as much as that of a quarter of the cap");
        assertEq(_rateOf(6, 500_000, 250_000e18 + 1), 150_001, "that of a wei more");
        assertEq(_rateOf(6, 500_000, 500_000e18), 200_000, "the higher of the two and not their sum");
        assertEq(_rateOf(6, 500_000, CAP), HIGH, "below the rate at the cap");
        assertEq(_rateOf(15, 500_000, CAP), 375_000, "above it");
        assertEq(_rateOf(15, 500_000, 2 * uint256(CAP)), 375_000, "beyond the cap too");
    }

    function test_rateUp_ofTheRange_knowsNoCap() public pure {
        RiskParameters memory risk = _risk();
        (risk.openInterestCap, risk.volatilityMargin) = (0, 1_000_000);
        Book memory book = _book(risk, 0);
        book.volatility = 7;
        assertEq(InitialMargin.rateUp(book), 350_000);
    }

    function test_rateUp_ofTheRange_roundsUp() public pure {
        RiskParameters memory risk;
        Book memory book = _book(risk, 0);
        (book.volatility, risk.volatilityMargin) = (1, 1);
        book.risk = pack(risk);
        assertEq(InitialMargin.rateUp(book), 1, "a twentieth of a millionth");
        risk.volatilityMargin = 20;
        book.risk = pack(risk);
        assertEq(InitialMargin.rateUp(book), 1, "a millionth");
        risk.volatilityMargin = 21;
        book.risk = pack(risk);
        assertEq(InitialMargin.rateUp(book), 2, "and a twentieth of one");
        (book.volatility, risk.volatilityMargin) = (7, 500_001);
        book.risk = pack(risk);
        assertEq(InitialMargin.rateUp(book), 175_001, "seven twentieths of half, and seven twentieths");
        book.volatility = 0;
        assertEq(InitialMargin.rateUp(book), 0, "no range");
    }

    function test_rateUp_ofTheWidestRange() public pure {
        assertEq(_rateOf(15, 1_000_000, 0), 750_000, "all of 75 %");
        assertEq(_rateOf(15, 0, 0), LOW, "nothing of it");
        assertEq(_rateOf(0, 1_000_000, 0), LOW, "no range");
    }

    // ------------------------------------------------------------------ any

    struct Case {
        uint256 low;
        uint256 high;
        uint256 cap;
        uint256 size;
        uint256 mark;
        uint256 volatilityMargin;
        uint256 steps;
    }

    /// @dev By its meaning: the least rate that is not below the line, not beyond its end, and not below its part of the
    /// range.
    function testFuzz_rateUp_isTheLeastRateThatSuffices(Case memory c) public pure {
        Book memory book = _bounded(c);
        uint256 rate = InitialMargin.rateUp(book);
        uint256 interest = _interest(c);
        assertTrue(_suffices(c, interest, rate), "suffices");
        assertTrue(rate == 0 || !_suffices(c, interest, rate - 1), "one less does not");
        assertLe(rate, PPM, "at most all of notional");
    }

    function testFuzz_rateUp_neverFallsAsOpenInterestGrows(Case memory c, uint256 more) public pure {
        Book memory book = _bounded(c);
        uint256 rate = InitialMargin.rateUp(book);
        book.long.shares += bound(more, 0, 1e30 - c.size);
        assertGe(InitialMargin.rateUp(book), rate, "a larger side");
        book.mark = Price.wrap(c.mark * 2);
        assertGe(InitialMargin.rateUp(book), rate, "at a higher mark");
    }

    /// @dev Nowhere a jump: a size-wei more costs no more than the slope of the line, not even at the cap.
    function testFuzz_rateUp_isContinuous(Case memory c, bool atTheCap) public pure {
        Book memory book = _bounded(c);
        if (atTheCap) {
            // The size whose last wei reaches the cap.
            uint256 reaching = (c.cap * 1e18) / c.mark;
            c.size = reaching > 1e30 ? 1e30 : reaching;
            book.long.shares = c.size;
        }
        uint256 rate = InitialMargin.rateUp(book);
        ++book.long.shares;
        // A size-wei is ⌈mark⌉ wei of money at most.
        uint256 money = (c.mark + 1e18 - 1) / 1e18;
        uint256 slope = c.cap == 0 ? 0 : ((c.high - c.low) * money + c.cap - 1) / c.cap;
        assertLe(InitialMargin.rateUp(book), rate + slope);
    }

    /// @dev The market alone: not what else the book holds, and not by how many accounts its sides are held.
    function testFuzz_rateUp_dependsOnNothingElse(Case memory c, Case memory other, int120 any) public pure {
        Book memory book = _bounded(c);
        uint256 rate = InitialMargin.rateUp(book);
        (book.short.shares, book.short.base) = (bound(other.size, 0, c.size), bound(other.cap, 1, ONE_BASE));
        assertEq(InitialMargin.rateUp(book), rate, "the smaller side");
        int256 cash = any;
        (book.long.cash, book.short.cash, book.fundingIndex, book.premium) = (cash, -cash, cash, cash);
        (book.pool, book.fees, book.shortfall) = (Usd.wrap(cash), Usd.wrap(cash), Usd.wrap(-cash));
        (book.id, book.generation, book.scale) = (uint8(other.low), uint24(other.high), bound(other.mark, 0, 70));
        (book.publishedAt, book.acceptedAt, book.accruedAt) = (other.low, other.high, other.mark);
        (book.fresh, book.jumped, book.payout) = (!book.fresh, !book.jumped, other.size);
        book.revalue();
        assertEq(InitialMargin.rateUp(book), rate, "the rest of the book");
        RiskParameters memory risk = book.risk.unpack();
        (risk.status, risk.isolatedOnly, risk.maintenanceMargin) = (MarketStatus.Settled, true, 524_287);
        (risk.tradeFee, risk.priceBand, risk.minNotional) = (16_383, 524_287, 1e24);
        (risk.shortfallLimit, risk.maxFundingRate, risk.buffer) = (1_000_000, 65_535, 2_000_000);
        book.risk = pack(risk);
        assertEq(InitialMargin.rateUp(book), rate, "the other parameters");
    }

    /// @dev What one account would be asked for, each of many that stand for the same is asked for.
    function testFuzz_rateUp_isTheSameHoweverPositionsAreSplit(Case memory c, uint256 parts) public pure {
        (parts, c.size) = (bound(parts, 1, 20), bound(c.size, 0, 1e29));
        Book memory whole = _bounded(c);
        Book memory split = _book(whole.risk.unpack(), 0);
        (split.mark, split.volatility, whole.long.shares) = (whole.mark, whole.volatility, 0);
        Holding memory one;
        one.move(whole, Size.wrap(int256(c.size)));
        uint256 left = c.size;
        for (uint256 i = parts; i != 0; --i) {
            Holding memory part;
            part.move(split, Size.wrap(int256(left / i)));
            left -= left / i;
        }
        assertEq(InitialMargin.rateUp(split), InitialMargin.rateUp(whole));
    }

    // ------------------------------------------------------------------ of an account

    function test_requiredUp_addsUpOverMarkets() public pure {
        (Portfolio memory account, Book[] memory books) = _account([int256(10e18), -4e18, 0]);
        (books[0].mark, books[1].mark) = (Price.wrap(103e18), Price.wrap(105e18));
        // 10 % of 1,030 and 30 % of 420; a market at its cap without a position asks for nothing.
        (books[1].short.shares, books[2].long.shares) = (CAP, CAP);
        assertEq(InitialMargin.requiredUp(account, books).raw(), 229e18);
    }

    function test_requiredUp_ofNothing() public pure {
        (Portfolio memory account, Book[] memory books) = _account([int256(0), 0, 0]);
        // What is owed is no position.
        account.holdings[1].owed = Usd.wrap(-5e18);
        assertEq(InitialMargin.requiredUp(account, books).raw(), 0);
    }

    function test_requiredUp_roundsAgainstTheAccount() public pure {
        (Portfolio memory account, Book[] memory books) = _account([int256(1), -1, 0]);
        (books[0].mark, books[1].mark) = (Price.wrap(1), Price.wrap(1));
        assertEq(InitialMargin.requiredUp(account, books).raw(), 2, "a wei each for next to nothing");
    }

    /// @dev The rate of each market, found apart, of the notional there: two roundings up a market.
    function testFuzz_requiredUp_isTheSumOfTheRates(
        int96[3] memory sizes,
        uint64[3] memory marks,
        uint104[3] memory interests
    ) public pure {
        (Portfolio memory account, Book[] memory books) = _account([int256(sizes[0]), sizes[1], sizes[2]]);
        uint256 required;
        for (uint256 i; i < 3; ++i) {
            books[i].mark = Price.wrap(marks[i]);
            (books[i].long.shares, books[i].short.shares) = (interests[i], interests[i]);
            required += account.holdings[i].shares * marks[i] * InitialMargin.rateUp(books[i]);
        }
        uint256 found = InitialMargin.requiredUp(account, books).raw() * 1e24;
        assertGe(found, required, "not less than asked for");
        assertLt(found, required + 6 * 1e24, "nor far above");
    }

    /// @dev Beside three empty markets at 100.
    function _account(int256[3] memory sizes) private pure returns (Portfolio memory account, Book[] memory books) {
        (account.holdings, books) = (new Holding[](3), new Book[](3));
        for (uint256 i; i < 3; ++i) {
            books[i] = _book(_risk(), 0);
            books[i].mark = Price.wrap(100e18);
            account.holdings[i].isLong = sizes[i] >= 0;
            account.holdings[i].shares = uint256(sizes[i] >= 0 ? sizes[i] : -sizes[i]);
        }
    }

    // ------------------------------------------------------------------ makings

    function _risk() private pure returns (RiskParameters memory risk) {
        (risk.status, risk.openInterestCap) = (MarketStatus.Active, CAP);
        (risk.initialMargin, risk.initialMarginAtCap) = (LOW, HIGH);
    }

    /// @dev Both sides at so many, at a mark of one: size and money are the same number.
    function _book(RiskParameters memory risk, uint256 size) private pure returns (Book memory book) {
        (book.risk, book.mark, book.scale) = (pack(risk), Price.wrap(1e18), 24);
        (book.long.isLong, book.long.base, book.short.base) = (true, ONE_BASE, ONE_BASE);
        (book.long.shares, book.short.shares) = (size, size);
        book.revalue();
    }

    function _rateAt(uint256 interest) private pure returns (uint256) {
        return InitialMargin.rateUp(_book(_risk(), interest));
    }

    function _rateOf(uint256 steps, uint24 volatilityMargin, uint256 interest) private pure returns (uint256) {
        RiskParameters memory risk = _risk();
        risk.volatilityMargin = volatilityMargin;
        Book memory book = _book(risk, interest);
        book.volatility = steps;
        return InitialMargin.rateUp(book);
    }

    /// @dev Any market that can be listed, with longs alone. Every second time its open interest lies below the cap.
    function _bounded(Case memory c) private pure returns (Book memory book) {
        (c.high, c.volatilityMargin) = (bound(c.high, 0, PPM), bound(c.volatilityMargin, 0, PPM));
        (c.low, c.steps) = (bound(c.low, 0, c.high), bound(c.steps, 0, 15));
        c.cap = bound(c.cap, 0, 1e18) * 1e15;
        c.mark = bound(c.mark, 1, 1e27);
        c.size = bound(c.size, 0, 1e30);
        if (c.size % 2 == 0 && c.cap != 0 && c.cap * 1e18 < c.size * c.mark)
            c.size = bound(c.size, 0, (c.cap * 1e18) / c.mark);
        RiskParameters memory risk;
        (risk.initialMargin, risk.initialMarginAtCap) = (uint24(c.low), uint24(c.high));
        (risk.openInterestCap, risk.volatilityMargin) = (uint112(c.cap), uint24(c.volatilityMargin));
        book = _book(risk, c.size);
        (book.short.shares, book.mark, book.volatility) = (0, Price.wrap(c.mark), c.steps);
    }

    /// @dev ⌈size · mark⌉
    function _interest(Case memory c) private pure returns (uint256 interest) {
        interest = (c.size * c.mark) / 1e18;
        if (interest * 1e18 < c.size * c.mark) ++interest;
    }

    function _suffices(Case memory c, uint256 interest, uint256 rate) private pure returns (bool) {
        bool ofRange = rate * 20 >= c.steps * c.volatilityMargin;
        bool ofLine = rate >= c.low && (rate - c.low) * c.cap >= (c.high - c.low) * interest;
        return ofRange && (interest >= c.cap ? rate >= c.high : ofLine);
    }
}

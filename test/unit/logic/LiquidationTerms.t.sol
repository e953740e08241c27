// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../../../contracts/logic/Health.sol";
import {LiquidationTerms} from "../../../contracts/logic/LiquidationTerms.sol";
import {ONE, Price} from "../../../contracts/types/Price.sol";
import {MarketStatus, RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {Size, ZERO_SIZE} from "../../../contracts/types/Size.sol";
import {Usd, ZERO_USD} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract LiquidationTermsTest is Test {
    Price internal constant MARK = Price.wrap(100e18);
    Size internal constant HUNDRED = Size.wrap(100e18);
    Usd internal constant PLENTY = Usd.wrap(1 << 119);

    // ------------------------------------------------------------------ the worked example

    function test_agree_workedExample() public pure {
        LiquidationTerms.Terms memory terms = _agree(_health(400e18, 500e18), _risk());
        assertEq(LiquidationTerms.incentiveRate(_health(400e18, 500e18), pack(_risk())), 0.009e18, "d");
        // (600 - 400) / (100 · 0.046)
        assertEq(Size.unwrap(terms.size), int256(43_478260869565217391), "size");
        // size · 100 · 1.4 %, of which 5/14 for the fund
        assertEq((terms.incentive + terms.fundFee).raw(), 60_869565217391304347, "penalty");
        assertEq(terms.fundFee.raw(), 21_739130434782608695, "fund");
        assertEq(terms.incentive.raw(), 39_130434782608695652, "incentive");
        // Afterwards 339.13 against 282.61: the buffer of 1.2, but for the size-wei that was rounded down.
        uint256 equity = 400e18 - (terms.incentive + terms.fundFee).raw();
        uint256 margin = MARK.notionalUp(HUNDRED - terms.size).partUp(50_000).raw();
        assertEq(margin, 282_608695652173913045, "MM");
        assertEq(equity, 339_130434782608695653, "equity");
        assertEq((margin * 12) / 10 - equity, 1, "t = 1.2, to the wei");
    }

    // ------------------------------------------------------------------ the incentive

    function test_incentiveRate_isLinearFromMarginToHalfOfIt() public pure {
        uint256[7] memory equities = [uint256(500e18), 475e18, 450e18, 375e18, 300e18, 275e18, 250e18];
        uint256[7] memory rates = [uint256(5e15), 6e15, 7e15, 10e15, 13e15, 14e15, 15e15];
        for (uint256 i; i < 7; ++i) {
            assertEq(LiquidationTerms.incentiveRate(_health(equities[i], 500e18), pack(_risk())), rates[i], "d");
        }
        assertEq(LiquidationTerms.incentiveRate(_health(249e18, 500e18), pack(_risk())), 15e15, "below half");
        assertEq(LiquidationTerms.incentiveRate(_health(0, 500e18), pack(_risk())), 15e15, "at zero");
        assertEq(LiquidationTerms.incentiveRate(_health(250e18 + 1, 500e18), pack(_risk())), 15e15 - 1, "rounds down");
    }

    function testFuzz_incentiveRate_isTheFloorOfTheLine(
        uint112 margin,
        uint112 equity,
        uint24 low,
        uint24 high
    ) public pure {
        margin = uint112(bound(margin, 1, type(uint112).max));
        equity = uint112(bound(equity, 0, margin));
        RiskParameters memory p = _risk();
        (p.incentiveMax, p.incentiveMin) = (uint24(bound(high, 0, 25_000)), 0);
        p.incentiveMin = uint24(bound(low, 0, p.incentiveMax));
        uint256 rate = LiquidationTerms.incentiveRate(_health(equity, margin), pack(p));
        uint256 missing = 2 * (uint256(margin) - equity);
        if (missing > margin) missing = margin;
        // rate - low = floor(span · missing / margin)
        uint256 above = (rate - uint256(p.incentiveMin) * 1e12) * margin;
        uint256 exact = uint256(p.incentiveMax - p.incentiveMin) * 1e12 * missing;
        assertTrue(above <= exact && exact < above + margin, "floor");
    }

    // ------------------------------------------------------------------ the size

    function test_agree_noMoreThanWasAsked() public pure {
        LiquidationTerms.Terms memory terms = LiquidationTerms.agree(
            _health(400e18, 500e18),
            HUNDRED,
            MARK,
            pack(_risk()),
            Size.wrap(10e18),
            PLENTY
        );
        assertEq(Size.unwrap(terms.size), int256(10e18), "size");
        assertEq(terms.incentive.raw(), 9e18, "0.9 % of 1,000");
        assertEq(terms.fundFee.raw(), 5e18, "0.5 % of 1,000");
    }

    function test_agree_theWholePositionWhereTheBufferNeedsMore() public pure {
        // (600 - 200) / (100 · (0.06 - 0.015 - 0.005)) = 100
        assertEq(Size.unwrap(_agree(_health(200e18, 500e18), _risk()).size), int256(100e18), "exactly all");
        assertEq(Size.unwrap(_agree(_health(200e18 + 1e4, 500e18), _risk()).size), int256(100e18 - 2_500), "just less");
        assertEq(Size.unwrap(_agree(_health(100e18, 500e18), _risk()).size), int256(100e18), "more than all");
        assertEq(Size.unwrap(_agree(_health(0, 500e18), _risk()).size), int256(100e18), "nothing is left");
    }

    function test_agree_theWholePositionWhereTheRestWouldBeDust() public pure {
        RiskParameters memory p = _risk();
        // 56.52… units would stay, worth 5,652.17…
        p.minNotional = 5_652e18;
        assertEq(Size.unwrap(_agree(_health(400e18, 500e18), p).size), int256(43_478260869565217391), "large enough");
        p.minNotional = 5_653e18;
        assertEq(Size.unwrap(_agree(_health(400e18, 500e18), p).size), int256(100e18), "dust");
    }

    /// @dev 350 / (100 · 0.04) = 87.5 go, and 12.5 units stay, worth 1,250.
    function test_agree_leavesExactlyWhatIsNoDust() public pure {
        RiskParameters memory p = _risk();
        p.minNotional = 1_250e18;
        assertEq(Size.unwrap(_agree(_health(250e18, 500e18), p).size), int256(87.5e18), "just enough stays");
        p.minNotional = 1_250e18 + 1e15;
        assertEq(Size.unwrap(_agree(_health(250e18, 500e18), p).size), int256(100e18), "a thousandth is missing");
    }

    /// @dev At a mark of ½ a size-wei is worth half a wei: what would stay is worth half a wei less than the minimum.
    function test_agree_takesARestThatIsAFractionTooSmall() public pure {
        RiskParameters memory p = _risk();
        p.minNotional = 1_250e18;
        Size position = Size.wrap(20_000e18);
        Size almost = position - Size.wrap(1);
        assertEq(Size.unwrap(_agreeAtHalf(250e18, position, position, p).size), int256(17_500e18), "just enough stays");
        assertEq(
            Size.unwrap(_agreeAtHalf(250e18, almost, almost, p).size),
            Size.unwrap(almost),
            "half a wei too little"
        );
    }

    /// @dev Cross-margined: MM counts other markets too, and then one position may not be enough.
    function test_agree_countsTheMarginOfOtherMarkets() public pure {
        // (1.2 · 600 - 580) / (100 · 0.06 - d - φ), d = 0.5 % + 1 % · 40 / 600 = 0.566… %
        LiquidationTerms.Terms memory terms = _agree(_health(580e18, 600e18), _risk());
        uint256 restored = 0.06e18 - 0.005666666666666666e18 - 0.005e18;
        assertEq(uint256(Size.unwrap(terms.size)), (140e18 * 1e36) / (100e18 * restored), "size");
        terms = _agree(_health(300e18, 5_000e18), _risk());
        assertEq(Size.unwrap(terms.size), int256(100e18), "all of it");
    }

    // ------------------------------------------------------------------ the penalty

    function test_agree_takesTheEquityOfThePartAtMost() public pure {
        // 1.5 % + 0.5 % of 10,000 is 200, but there are only 150.
        LiquidationTerms.Terms memory terms = _agree(_health(150e18, 500e18), _risk());
        assertEq((terms.incentive + terms.fundFee).raw(), 150e18, "all equity of the whole position");
        assertEq(terms.fundFee.raw(), 37.5e18, "a quarter of it for the fund");
        terms = LiquidationTerms.agree(_health(50e18, 500e18), HUNDRED, MARK, pack(_risk()), Size.wrap(10e18), PLENTY);
        assertEq((terms.incentive + terms.fundFee).raw(), 5e18, "a tenth of the equity for a tenth of the position");
    }

    function test_agree_takesNoMoreThanCanBePaid() public pure {
        LiquidationTerms.Terms memory terms = LiquidationTerms.agree(
            _health(400e18, 500e18),
            HUNDRED,
            MARK,
            pack(_risk()),
            HUNDRED,
            Usd.wrap(14e18)
        );
        assertEq(Size.unwrap(terms.size), int256(43_478260869565217391), "the size is the same");
        assertEq(terms.fundFee.raw(), 5e18, "fund");
        assertEq(terms.incentive.raw(), 9e18, "incentive");
    }

    function test_agree_takesNothingWhereNothingIsThere() public pure {
        LiquidationTerms.Terms memory terms = _agree(_health(0, 500e18), _risk());
        assertEq((terms.incentive + terms.fundFee).raw(), 0, "no equity");
        terms = LiquidationTerms.agree(_health(400e18, 500e18), HUNDRED, MARK, pack(_risk()), HUNDRED, ZERO_USD);
        assertEq((terms.incentive + terms.fundFee).raw(), 0, "nothing to pay from");
        assertEq(Size.unwrap(terms.size), int256(43_478260869565217391), "the position goes all the same");
    }

    /// @dev At a mark of ½. 2 % of 50 is a penalty of one wei; of 49.5, counted as 49, it is none.
    function test_agree_countsNoFractionOfNotional() public pure {
        Size position = Size.wrap(20_000e18);
        LiquidationTerms.Terms memory terms = _agreeAtHalf(250e18, position, Size.wrap(100), _risk());
        assertEq((terms.incentive + terms.fundFee).raw(), 1, "of 50");
        terms = _agreeAtHalf(250e18, position, Size.wrap(99), _risk());
        assertEq((terms.incentive + terms.fundFee).raw(), 0, "of 49.5");
    }

    /// @dev At a mark of ½. The MM of the part is 2.5, counted as 2, and two fifths of that equity is less than a wei.
    function test_agree_countsNoFractionOfThePartsMargin() public pure {
        Size position = Size.wrap(20_000e18);
        LiquidationTerms.Terms memory terms = _agreeAtHalf(200e18, position, Size.wrap(100), _risk());
        assertEq((terms.incentive + terms.fundFee).raw(), 0, "two fifths of 2");
        terms = _agreeAtHalf(200e18, position, Size.wrap(120), _risk());
        assertEq((terms.incentive + terms.fundFee).raw(), 1, "two fifths of 3");
    }

    function test_agree_worksWithoutAnyRates() public pure {
        RiskParameters memory p = _risk();
        (p.incentiveMin, p.incentiveMax, p.fundFee) = (0, 0, 0);
        LiquidationTerms.Terms memory terms = _agree(_health(400e18, 500e18), p);
        // 200 / (100 · 0.06)
        assertEq(Size.unwrap(terms.size), int256(33_333333333333333333), "size");
        assertEq((terms.incentive + terms.fundFee).raw(), 0, "no penalty");

        p.incentiveMax = 15_000;
        terms = _agree(_health(500e18 - 1, 500e18), p);
        assertEq(terms.fundFee.raw(), 0, "no fee");
        assertEq(terms.incentive.raw(), 0, "nor an incentive where equity is next to MM");
    }

    function test_agree_worksWithTheFeeAlone() public pure {
        RiskParameters memory p = _risk();
        (p.incentiveMin, p.incentiveMax) = (0, 0);
        LiquidationTerms.Terms memory terms = _agree(_health(400e18, 500e18), p);
        assertEq(terms.incentive.raw(), 0, "no incentive");
        assertEq(terms.fundFee.raw(), MARK.notionalDown(terms.size).partDown(5_000).raw(), "fee");
    }

    // ------------------------------------------------------------------ any account

    struct Case {
        uint96 mark;
        uint96 position;
        uint96 otherMargin;
        uint112 equity;
        uint24 margin;
        uint24 low;
        uint24 high;
        uint24 fee;
        uint24 buffer;
        uint96 asked;
        uint112 payable_;
    }

    struct Account {
        Health health;
        Size position;
        Price mark;
        RiskParameters p;
        Size asked;
        Usd payable_;
    }

    /// @dev equity' / MM' ≥ equity / MM by cross-multiplication, equity' ≥ 0, and the parts within what they may be.
    function testFuzz_agree_neverLowersHealth(Case memory c) public pure {
        Account memory a = _any(c);
        LiquidationTerms.Terms memory terms = LiquidationTerms.agree(
            a.health,
            a.position,
            a.mark,
            pack(a.p),
            a.asked,
            a.payable_
        );
        assertTrue(terms.size >= ZERO_SIZE && terms.size <= a.asked && terms.size <= a.position, "size");
        assertTrue(terms.incentive >= ZERO_USD && terms.fundFee >= ZERO_USD, "nobody pays for earning");
        Usd penalty = terms.incentive + terms.fundFee;
        assertTrue(penalty <= a.payable_, "can be paid");
        uint256 half = a.mark.notionalDown(terms.size).partDown(a.p.maintenanceMargin / 2).raw();
        assertLe(penalty.raw(), half, "at most half of the margin of what is taken");

        Usd equity = a.health.equity - penalty;
        assertTrue(equity >= ZERO_USD, "no deficit");
        Usd freed = _margin(a, a.position) - _margin(a, a.position - terms.size);
        uint256 marginAfter = (a.health.maintenanceMargin - freed).raw();
        assertGe(
            equity.raw() * a.health.maintenanceMargin.raw(),
            a.health.equity.raw() * marginAfter,
            "equity/MM is not lower"
        );
    }

    /// @dev Where neither a cap nor the position's end binds, equity afterwards is t · MM: below it by at most what one
    /// size-wei is worth, rounded up, and four roundings of a wei; above it by at most four of these.
    function testFuzz_agree_restoresTheBuffer(Case memory c) public pure {
        Account memory a = _any(c);
        // MM of one market, equity above what the highest penalty takes, so that no cap binds.
        Usd margin = _margin(a, a.position);
        uint256 equity = bound(a.health.equity.raw(), margin.raw() / 2, margin.raw() - 1);
        a.health = _health(equity, margin.raw());
        LiquidationTerms.Terms memory terms = LiquidationTerms.agree(
            a.health,
            a.position,
            a.mark,
            pack(a.p),
            a.position,
            PLENTY
        );
        if (terms.size == a.position) return;
        int256 left = Usd.unwrap(a.health.equity - terms.incentive - terms.fundFee);
        int256 target = Usd.unwrap(_margin(a, a.position - terms.size).partUp(a.p.buffer));
        int256 sizeWei = int256(a.mark.raw() / ONE) + 1;
        assertGe(left, target - sizeWei - 4, "the buffer");
        assertLe(left, target + 4, "and no more");
    }

    function _any(Case memory c) private pure returns (Account memory a) {
        a.p = _risk();
        a.p.maintenanceMargin = uint24(bound(c.margin, 1_000, 500_000));
        a.p.incentiveMax = uint24(bound(c.high, 0, a.p.maintenanceMargin / 2));
        a.p.incentiveMin = uint24(bound(c.low, 0, a.p.incentiveMax));
        a.p.fundFee = uint24(bound(c.fee, 0, a.p.maintenanceMargin / 2 - a.p.incentiveMax));
        a.p.buffer = uint24(bound(c.buffer, 1e6, 2e6));
        a.mark = Price.wrap(bound(c.mark, 1e9, 1e27));
        // A position worth between a token and 1e12 of them.
        uint256 most = (1e12 * 1e36) / a.mark.raw();
        if (most > 1e30) most = 1e30;
        uint256 least = 1e36 / a.mark.raw();
        a.position = Size.wrap(int256(bound(c.position, least, most)));
        uint256 margin = _margin(a, a.position).raw() + (c.otherMargin >> 8);
        a.health = _health(bound(c.equity, 0, margin - 1), margin);
        a.asked = Size.wrap(int256(bound(c.asked, 1, uint256(Size.unwrap(a.position)))));
        a.payable_ = Usd.wrap(int256(uint256(c.payable_)));
    }

    /// @dev As the account's health counts it.
    function _margin(Account memory a, Size size) private pure returns (Usd) {
        return a.mark.notionalUp(size).partUp(a.p.maintenanceMargin);
    }

    function _agree(
        Health memory health,
        RiskParameters memory p
    ) private pure returns (LiquidationTerms.Terms memory) {
        return LiquidationTerms.agree(health, HUNDRED, MARK, pack(p), HUNDRED, PLENTY);
    }

    /// @dev At a mark of ½, with an MM of 500 and, where equity is half of it or less, d + φ = 2 %.
    function _agreeAtHalf(
        uint256 equity,
        Size position,
        Size asked,
        RiskParameters memory p
    ) private pure returns (LiquidationTerms.Terms memory) {
        Health memory health = _health(equity, 500e18);
        return LiquidationTerms.agree(health, position, Price.wrap(0.5e18), pack(p), asked, PLENTY);
    }

    /// @dev m = 5 %, d from 0.5 % to 1.5 %, φ = 0.5 %, t = 1.2.
    function _risk() private pure returns (RiskParameters memory p) {
        (p.status, p.initialMargin, p.maintenanceMargin) = (MarketStatus.Active, 100_000, 50_000);
        (p.incentiveMin, p.incentiveMax, p.fundFee, p.buffer) = (5_000, 15_000, 5_000, 1_200_000);
    }

    function _health(uint256 equity, uint256 margin) private pure returns (Health memory health) {
        health.equity = Usd.wrap(int256(equity));
        health.maintenanceMargin = Usd.wrap(int256(margin));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health, healthOf} from "../../../contracts/logic/Health.sol";
import {Book} from "../../../contracts/types/Book.sol";
import {Holding, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {ONE_BASE} from "../../../contracts/types/Side.sol";
import {Usd, ZERO_USD, usd} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract HealthTest is Test {
    // ------------------------------------------------------------------ of an account

    function test_healthOf_countsGainsForEquityAndNotForSecured() public pure {
        (Portfolio memory account, Book[] memory books) = _account(100e18, [int256(10e18), -4e18, 0]);
        (books[0].mark, books[1].mark) = (Price.wrap(103e18), Price.wrap(105e18));
        (account.holdings[0].owed, account.holdings[1].owed) = (Usd.wrap(30e18), Usd.wrap(-20e18));
        account.holdings[2].owed = Usd.wrap(7e18);

        Health memory health = healthOf(account, books);

        assertEq(Usd.unwrap(health.equity), int256(117e18), "100 + 30 - 20 + 7");
        assertEq(Usd.unwrap(health.secured), int256(80e18), "100 - 20");
        // 5 % of 1,030 and of 420; the market without a position needs none.
        assertEq(health.maintenanceMargin.raw(), 72.5e18, "MM");
    }

    function test_healthOf_followsTheMark() public pure {
        (Portfolio memory account, Book[] memory books) = _account(100e18, [int256(10e18), -4e18, 0]);
        for (uint256 i; i < 2; ++i) {
            books[i].mark = Price.wrap(103e18);
            books[i].revalue();
        }
        Health memory health = healthOf(account, books);
        assertEq(Usd.unwrap(health.equity), int256(118e18), "100 + 30 - 12");
        assertEq(Usd.unwrap(health.secured), int256(88e18), "100 - 12");
    }

    function test_healthOf_roundsTheRequirementAgainstTheAccount() public pure {
        (Portfolio memory account, Book[] memory books) = _account(0, [int256(1), 0, 0]);
        books[0].mark = Price.wrap(1);
        Health memory health = healthOf(account, books);
        assertEq(health.maintenanceMargin.raw(), 1, "MM of next to nothing");
    }

    function testFuzz_healthOf_addsUpOverMarkets(
        uint96 collateral,
        int96[3] memory sizes,
        int96[3] memory owed,
        uint64[3] memory marks
    ) public pure {
        (Portfolio memory account, Book[] memory books) = _account(collateral, [int256(sizes[0]), sizes[1], sizes[2]]);
        (int256 equity, int256 secured) = (int256(uint256(collateral)), int256(uint256(collateral)));
        uint256 notionals;
        for (uint256 i; i < 3; ++i) {
            account.holdings[i].owed = Usd.wrap(owed[i]);
            books[i].mark = Price.wrap(marks[i]);
            equity += owed[i];
            if (owed[i] < 0) secured += owed[i];
            notionals += account.holdings[i].shares * marks[i];
        }
        Health memory health = healthOf(account, books);
        assertEq(Usd.unwrap(health.equity), equity, "equity");
        assertEq(Usd.unwrap(health.secured), secured, "secured");
        // Two roundings up a market.
        assertGe(health.maintenanceMargin.raw() * 2e19, notionals, "MM is not below 5 %");
        assertLt(health.maintenanceMargin.raw() * 2e19, notionals + 6 * 2e19, "nor far above");
    }

    /// @dev Beside three markets at 100 with MM of 5 %, paid up to there.
    function _account(
        uint256 collateral,
        int256[3] memory sizes
    ) private pure returns (Portfolio memory account, Book[] memory books) {
        RiskParameters memory risk;
        risk.maintenanceMargin = 50_000;
        account.collateral = Usd.wrap(int256(collateral));
        (account.holdings, books) = (new Holding[](3), new Book[](3));
        for (uint256 i; i < 3; ++i) {
            (Book memory book, Holding memory held) = (books[i], account.holdings[i]);
            (book.risk, book.scale, book.mark) = (pack(risk), 24, Price.wrap(100e18));
            (book.long.isLong, book.long.base, book.short.base) = (true, ONE_BASE, ONE_BASE);
            book.revalue();
            held.isLong = sizes[i] >= 0;
            held.shares = uint256(held.isLong ? sizes[i] : -sizes[i]);
            held.paidValue = book.valueOf(held.isLong);
        }
    }

    // ------------------------------------------------------------------ states

    function test_isDefault_belowZero() public pure {
        assertTrue(_health(-1, 0, 0).isDefault(), "a wei below");
        assertFalse(_health(0, -5, 0).isDefault(), "zero");
    }

    function test_isLiquidatable_fromZeroToBelowMargin() public pure {
        assertFalse(_health(-1, 0, 100).isLiquidatable(), "below zero the waterfall");
        assertTrue(_health(0, 0, 100).isLiquidatable(), "zero");
        assertTrue(_health(99, 0, 100).isLiquidatable(), "a wei below MM");
        assertFalse(_health(100, 0, 100).isLiquidatable(), "at MM");
        assertFalse(_health(0, 0, 0).isLiquidatable(), "no position");
    }

    function test_minus_takesFromBoth() public pure {
        Health memory health = _health(10, 4, 2);
        health.minus(Usd.wrap(5));
        assertEq(Usd.unwrap(health.equity), int256(5), "equity");
        assertEq(Usd.unwrap(health.secured), int256(-1), "secured");
        assertEq(health.maintenanceMargin.raw(), 2, "MM");
    }

    // ------------------------------------------------------------------ reductions

    function test_keepsPromise_examples() public pure {
        // 40 of 100 before (MM), half is closed.
        Health memory before = _health(40, 40, 100);
        assertTrue(_health(50, 50, 50).keepsPromise(before, Usd.wrap(50)), "at MM");
        assertTrue(_health(40, 40, 50).keepsPromise(before, Usd.wrap(50)), "equity stays, ratio doubles");
        assertTrue(_health(20, 20, 50).keepsPromise(before, Usd.wrap(50)), "the same ratio");
        assertFalse(_health(19, 19, 50).keepsPromise(before, Usd.wrap(50)), "a lower ratio");
        assertFalse(_health(-1, -1, 50).keepsPromise(_health(0, 0, 100), Usd.wrap(50)), "below zero");
        assertTrue(_health(0, 0, 50).keepsPromise(_health(0, 0, 100), Usd.wrap(50)), "zero stays zero");
    }

    /// @dev equity' / MM' ≥ equity / MM, asked by cross-multiplication where MM' is MM less what was closed.
    function testFuzz_keepsPromise_isTheRatioRule(
        uint112 equity,
        uint112 equityAfter,
        uint112 margin,
        uint112 closed
    ) public pure {
        margin = uint112(bound(margin, 1, type(uint112).max));
        closed = uint112(bound(closed, 0, margin));
        _assertRatioRule(equity, equityAfter, margin, closed);
    }

    /// @dev The same about the edge: the equity that keeps the ratio, and a wei either way.
    function testFuzz_keepsPromise_isTheRatioRuleAtItsEdge(
        uint112 equity,
        uint112 margin,
        uint112 closed,
        uint8 offset
    ) public pure {
        margin = uint112(bound(margin, 1, type(uint112).max));
        closed = uint112(bound(closed, 0, margin));
        equity = uint112(bound(equity, 0, margin));
        uint256 same = (uint256(equity) * (margin - closed)) / margin;
        uint256 equityAfter = same + (offset % 3);
        if (equityAfter > 0) --equityAfter;
        _assertRatioRule(equity, equityAfter, margin, closed);
    }

    function _assertRatioRule(uint256 equity, uint256 equityAfter, uint256 margin, uint256 closed) private pure {
        uint256 marginAfter = margin - closed;
        bool kept = _signed(equityAfter, marginAfter).keepsPromise(_signed(equity, margin), usd(uint128(closed)));
        bool expected = equityAfter >= marginAfter || equityAfter * margin >= equity * marginAfter;
        assertEq(kept, expected);
    }

    function testFuzz_keepsPromise_neverBelowZero(uint112 missing, uint112 equity, uint112 margin) public pure {
        missing = uint112(bound(missing, 1, type(uint112).max));
        Health memory self = _health(-int256(uint256(missing)), 0, 0);
        assertFalse(self.keepsPromise(_signed(equity, margin), usd(margin)));
    }

    // ------------------------------------------------------------------ fees of a reduction

    function test_feeAllowance_examples() public pure {
        Health memory before = _health(40, 40, 100);
        // The ratio may stay at 40 %: 20 of 50, so 20 of 40 are free.
        assertEq(_health(40, 40, 50).feeAllowance(before, Usd.wrap(50)).raw(), 20, "by the ratio");
        assertEq(_health(40, 15, 50).feeAllowance(before, Usd.wrap(50)).raw(), 15, "no loss goes unpaid");
        assertEq(_health(90, 90, 50).feeAllowance(before, Usd.wrap(50)).raw(), 70, "by the ratio, from above MM");
        assertEq(_health(20, 20, 50).feeAllowance(before, Usd.wrap(50)).raw(), 0, "nothing to spare");
        assertEq(_health(40, 40, 0).feeAllowance(before, Usd.wrap(100)).raw(), 40, "all closed: all there is");
        assertEq(_health(40, -3, 50).feeAllowance(before, Usd.wrap(50)).raw(), 0, "an unpaid loss");
        // Far above MM: down to MM, where that is less strict than the ratio.
        before = _health(400, 400, 100);
        assertEq(_health(400, 400, 50).feeAllowance(before, Usd.wrap(50)).raw(), 350, "down to MM");
    }

    struct Case {
        uint112 equity;
        uint112 margin;
        uint112 closed;
        int112 equityAfter;
        int112 waiting;
        uint112 marginOff;
    }

    /// @dev The allowance keeps every rule, and one wei more breaks one.
    function testFuzz_feeAllowance_isTheLargestThatKeepsThePromise(Case memory c) public pure {
        (Health memory self, Health memory before, Usd closed) = _any(c);
        Usd allowance = self.feeAllowance(before, closed);
        assertTrue(allowance >= ZERO_USD, "never negative");
        if (!_allowed(self, before, closed, ZERO_USD)) {
            assertEq(allowance.raw(), 0, "nothing where even no fee is too much");
            return;
        }
        assertTrue(_allowed(self, before, closed, allowance), "allowed");
        assertFalse(_allowed(self, before, closed, allowance + Usd.wrap(1)), "a wei more is not");
    }

    /// @dev A fill at mark without fees leaves equity what it was: then reducing is always possible.
    function testFuzz_keepsPromise_whereverAReductionIsAtMark(
        uint112 equity,
        uint112 margin,
        uint112 closed
    ) public pure {
        margin = uint112(bound(margin, 1, type(uint112).max));
        closed = uint112(bound(closed, 0, margin));
        Health memory before = _signed(equity, margin);
        Health memory self = _signed(equity, margin - closed);
        assertTrue(self.keepsPromise(before, usd(closed)), "no fee");
        self.minus(self.feeAllowance(before, usd(closed)));
        assertTrue(self.keepsPromise(before, usd(closed)), "with all that may be charged");
    }

    function _allowed(Health memory self, Health memory before, Usd closed, Usd fee) private pure returns (bool) {
        Health memory charged = Health(self.equity, self.secured, self.maintenanceMargin);
        charged.minus(fee);
        return charged.secured >= ZERO_USD && charged.keepsPromise(before, closed);
    }

    /// @dev Equity before is not negative (a fill demands it) and there was a position (else nothing could be reduced). What
    /// was closed is rounded down, and MM up on both sides of it: MM afterwards may exceed the difference by two wei.
    function _any(Case memory c) private pure returns (Health memory self, Health memory before, Usd closed) {
        uint256 margin = bound(c.margin, 1, type(uint112).max);
        uint256 part = bound(c.closed, 0, margin);
        before = _signed(c.equity % (3 * margin), margin);
        closed = usd(uint128(part));
        int256 span = int256(margin) * 3;
        int256 equityAfter = bound(int256(c.equityAfter), -span / 8, span);
        int256 waiting = bound(int256(c.waiting), 0, span);
        self = _health(equityAfter, equityAfter - waiting, margin - part + (c.marginOff % 3));
    }

    function _signed(uint256 equity, uint256 margin) private pure returns (Health memory) {
        return _health(int256(equity), int256(equity), margin);
    }

    function _health(int256 equity, int256 secured, uint256 maintenanceMargin) private pure returns (Health memory) {
        return Health(Usd.wrap(equity), Usd.wrap(secured), Usd.wrap(int256(maintenanceMargin)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {SHORTFALL_COUNTS, SHORT_COUNTS} from "../../../contracts/types/MarketState.sol";
import {TRADE} from "../../../contracts/types/Rights.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice The default waterfall in one call: who is resolved, who bears what, and in which order. Takers and generations have
/// files of their own.
contract DeleveragingTest is HouseTest {
    // ------------------------------------------------------------------ who bears it

    function test_deleverage_runsTheWholeWaterfall() public {
        uint8 m = _list(2000e18, _plain());
        AccountId alice = _join("alice", 2_000);
        AccountId bob = _join("bob", 20_000);
        _insure("backer", 400);
        _fill(alice, bob, m, 10e18, 2000e18);
        _setPrice(m, 1700e18);

        int256 unit = int256(1) << _market(m).scale;
        vm.expectEmit(address(house));
        emit Events.Deleveraged(alice, 1_000e18, 1_000e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 1_000e18, 0, 400e18, 0, 600e18, 0, 1700e18);
        // All shorts are closed at mark: V = −mark − 60 a share, and nothing stands behind it any more.
        vm.expectEmit(address(house));
        emit Events.SideScaled(m, false, 0, -1760e18 * unit, 600e18, 10e18);
        vm.expectEmit(address(house));
        emit Events.GenerationEnded(m, 0, 1700e18 * unit, -1760e18 * unit, 255, 255);
        _deleverage(alice);

        _assertAccount(alice, m, 0, 0, "alice");
        assertFalse(_isIn(alice, m), "alice has left");
        assertEq(_collateral(fundAccount), 0, "fund");
        _assertMarket(m, 2_400e18, 0);
        assertEq(_market(m).generation, 1, "generation");
        _assertSolvent();

        _settle(bob);
        _assertAccount(bob, m, 22_400e18, 0, "bob");
        assertFalse(_isIn(bob, m), "bob has left");
        _assertMarket(m, 0, 0);
        _assertSolvent();
    }

    function test_deleverage_writesTheSideThatBearsItAndNoOther() public {
        uint8 m = _list(2000e18, _plain());
        AccountId alice = _join("alice", 200);
        AccountId bob = _join("bob", 20_000);
        _fill(alice, bob, m, 1e18, 2000e18);
        _fill(_join("carol", 20_000), bob, m, 9e18, 2000e18);
        _setPrice(m, 1700e18);
        vm.recordLogs();
        _deleverage(alice);
        assertEq(_count(vm.getRecordedLogs(), Events.SideScaled.selector), 1, "told once");
        assertEq(uint256(_market(m).flags) & 7, SHORT_COUNTS, "shorts");
        _assertSolvent();
    }

    /// @dev Bob's mirror image: 1,000 over ten longs are 100 a share, which they cannot be charged again under this mark.
    function test_deleverage_remembersWhatLongsMayStillBeCharged() public {
        uint8 m = _list(2000e18, _plain());
        AccountId alice = _join("alice", 2_000);
        _fill(_join("bob", 20_000), alice, m, 10e18, 2000e18);
        _setPrice(m, 2300e18);
        _deleverage(alice);
        uint256 unit = uint256(1) << _market(m).scale;
        assertEq(_haircutLimit(m).longLeft, 2200e18 * unit, "longs");
        assertEq(_haircutLimit(m).shortLeft, 2300e18 * unit, "shorts");
        _assertSolvent();
    }

    function test_deleverage_takesFromTheFundBeforeTheOpposingSide() public {
        (uint8 m, AccountId alice, AccountId bob) = _aliceInDefault();
        _insure("backer", 5_000);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 1_000e18, 0, 1_000e18, 0, 0, 0, 1700e18);
        vm.expectEmit(address(house));
        emit Events.SideScaled(m, false, 0, -1700e18 * (int256(1) << _market(m).scale), 0, 10e18);
        _deleverage(alice);
        assertEq(_collateral(fundAccount), 4_000e18, "fund");
        _settle(bob);
        assertEq(_collateral(bob), 23_000e18, "bob has all of his gain");
    }

    function test_deleverage_takesFromTheFundNoMoreThanTheCap() public {
        (uint8 m, AccountId alice, ) = _aliceInDefault();
        _insure("backer", 5_000);
        _cap(m, 250e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 1_000e18, 0, 250e18, 0, 750e18, 0, 1700e18);
        _deleverage(alice);
        assertEq(_collateral(fundAccount), 4_750e18, "fund");
    }

    function test_deleverage_sharesTheFundOverMarkets() public {
        (uint8 m0, uint8 m1, AccountId x, AccountId bob) = _xInTwoMarkets();
        _insure("backer", 100);
        _setPrice(m0, 70e18);
        _setPrice(m1, 60e18);
        // Losses of 300 and 400 against 200, paid pro rata; the fund pays 100 in the proportion of what is left of them.
        uint256 paid0 = uint256(200e18 * 300) / 700;
        uint256 deficit0 = 300e18 - paid0;
        uint256 deficit1 = 500e18 - deficit0;
        uint256 fund0 = (deficit0 * 100e18) / 500e18;
        uint256 fund1 = (deficit1 * 100e18) / 500e18;
        vm.expectEmit(address(house));
        emit Events.Deleveraged(x, 500e18, 500e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m0, deficit0, 0, fund0, 0, deficit0 - fund0, 0, 70e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m1, deficit1, 0, fund1, 0, deficit1 - fund1, 0, 60e18);
        _deleverage(x);

        _assertMarket(m0, paid0 + fund0, 0);
        _assertMarket(m1, 200e18 - paid0 + fund1, 0);
        _assertSolvent();
        _settle(bob);
        // 10,000 + 700 − haircuts of 400, and a wei of rounding per market at most.
        assertApproxEqAbs(_collateral(bob), 10_300e18, 2, "bob");
    }

    /// @dev A gain that waits makes the deficit smaller than the losses: it is divided as they are, rounded down, and the last
    /// market has the rest.
    function test_deleverage_dividesADeficitAsTheLosses() public {
        uint8[3] memory m = [_list(100e18, _plain()), _list(100e18, _plain()), _list(100e18, _plain())];
        AccountId x = _join("x", 300);
        AccountId bob = _join("bob", 10_000);
        for (uint256 i; i < 3; ++i) _fill(x, bob, m[i], 10e18, 100e18);
        _setPrice(m[0], 70e18);
        _setPrice(m[1], 60e18);
        _setPrice(m[2], 109e18);
        // Losses of 300 and 400 take the 300 there are; 310 are missing beyond the 90 that wait.
        uint256 unpaid0 = 300e18 - uint256(300e18 * 300) / 700;
        uint256 part0 = (310e18 * unpaid0) / 400e18;
        assertGt((310e18 * unpaid0) % 400e18, 0, "does not divide");
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m[0], part0, 0, 0, 0, part0, 0, 70e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m[1], 310e18 - part0, 0, 0, 0, 310e18 - part0, 0, 60e18);
        _deleverage(x);
        _assertSolvent();
    }

    /// @dev Where it has lost nothing, too: a defaulter keeps no position.
    function test_deleverage_closesTheSmallestPosition() public {
        (uint8 m0, uint8 m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        AccountId x = _join("x", 101);
        AccountId bob = _join("bob", 10_000);
        _fill(x, bob, m0, 10e18, 100e18);
        _fill(x, bob, m1, 1, 100e18);
        _setPrice(m0, 80e18);
        _deleverage(x);
        assertEq(house.sizeOf(x, m1), int256(0), "size");
        assertFalse(_isIn(x, m0) || _isIn(x, m1), "x has left both");
        _assertSolvent();
    }

    function test_deleverage_haircutsProRataToSize() public {
        uint8 m = _list(100e18, _plain());
        AccountId alice = _join("alice", 100);
        AccountId carol = _join("carol", 10_000);
        AccountId b1 = _join("b1", 10_000);
        AccountId b2 = _join("b2", 10_000);
        _fill(alice, b1, m, 8e18, 100e18);
        _fill(alice, b2, m, 2e18, 100e18);
        _fill(carol, b2, m, 10e18, 100e18);
        _setPrice(m, 80e18);
        // Alice: −100. Shorts of 20 lose half of their size and 5 a unit.
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 100e18, 0, 0, 0, 100e18, 0, 80e18);
        _deleverage(alice);
        house.settle(_list3(carol, b1, b2));
        _assertAccount(b1, m, 10_000e18 + 160e18 - 40e18, -4e18, "b1");
        _assertAccount(b2, m, 10_000e18 + 240e18 - 60e18, -6e18, "b2");
        _assertAccount(carol, m, 9_800e18, 10e18, "carol");
        _assertMarket(m, 0, 0);
        _assertSolvent();
    }

    function test_deleverage_chargesBothSidesTogether() public {
        (uint8 m, AccountId bull, AccountId bear, AccountId d, AccountId c) = _bothSidesInDefault();
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 240e18, 0, 0, 140e18, 100e18, 0, 80e18);
        _deleverage(bull, bear);
        house.settle(_list3(d, c, _account("s0")));
        // d: long 10 from 100 with 400, down 200, charged 140. c: short 20 from 60 and 100.
        _assertAccount(d, m, 1_000e18 - 200e18 - 140e18, 0, "d");
        _assertAccount(c, m, 1_000e18 + 200e18 - 100e18, 0, "c");
        _assertMarket(m, 0, 0);
        _assertSolvent();
    }

    function test_deleverage_booksAShortfall_whenNobodyOpposes() public {
        uint8 m = _list(100e18, _plain());
        (AccountId bull, AccountId bear, AccountId winner) = _bothInDefault(m);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(bull, 100e18, 100e18);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(bear, 140e18, 140e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 240e18, 0, 0, 0, 0, 240e18, 80e18);
        _deleverage(bull, bear);
        _assertMarket(m, 160e18, 240e18);
        assertEq(_market(m).longShares, 0, "nobody is long");
        assertEq(_market(m).shortShares, 0, "nobody is short");
        assertEq(_market(m).generation, 0, "there was no side to end");

        // The winner of 400 is paid what was collected; the rest waits for the shortfall to be repaid.
        _settle(winner);
        assertEq(_collateral(winner), 1_160e18, "winner");
        assertEq(_position(winner, m).owed, 240e18, "waits");
        _assertSolvent();
    }

    function test_deleverage_booksAShortfall_forADeficitWithoutSize() public {
        (uint8 m0, uint8 m1, AccountId y) = _flatLoser();
        // The gain that stood against the loss of 140 melts to 50.
        _setPrice(m0, 105e18);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(y, 90e18, 90e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m1, 90e18, 0, 0, 0, 0, 90e18, 80e18);
        _deleverage(y);

        assertEq(house.sizeOf(y, m0), int256(0), "closed");
        // Equity is zero: a gain that waits and a loss that it will pay.
        assertEq(_position(y, m0).owed, 50e18, "gain");
        assertEq(_position(y, m1).owed, -50e18, "loss");
        _assertMarket(m1, 0, 90e18);
        assertEq(uint256(_market(m1).flags) & 7, SHORTFALL_COUNTS, "no side is written");
        _assertSolvent();

        // When the gain comes in, it pays the loss.
        house.settle(_list2(_account("payer"), y));
        assertEq(_collateral(y), 0, "y");
        assertFalse(_isIn(y, m0) || _isIn(y, m1), "y has left both");
        assertEq(_market(m1).pool, 50e18, "pool");
        _assertSolvent();
    }

    /// @dev y is long ten units of m0 with 300 of gain that nobody has paid; in m1 it lost 340 and its size was closed by the
    /// default of the opposing side; 200 are paid.
    function _flatLoser() private returns (uint8 m0, uint8 m1, AccountId y) {
        (m0, m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        y = _join("y", 200);
        AccountId payer = _join("payer", 10_000);
        AccountId winner = _join("winner", 10_000);
        AccountId bear = _join("bear", 60);
        _fill(y, payer, m0, 10e18, 100e18);
        _fill(y, winner, m1, 10e18, 100e18);
        _setPrice(m0, 130e18);
        _setPrice(m1, 60e18);
        _settle(y);
        _fill(winner, bear, m1, 10e18, 60e18);
        _setPrice(m1, 80e18);
        // bear: 60 − 200 = −140, over the whole long side, which is y.
        _deleverage(bear);
        house.settle(_list2(y, winner));
        assertEq(house.sizeOf(y, m1), int256(0), "closed by deleveraging");
        assertEq(_position(y, m1).owed, -140e18, "unpaid");
        _assertMarket(m1, 0, 0);
    }

    // ------------------------------------------------------------------ the bound of a haircut

    function test_deleverage_chargesNoMoreThanTheHighestMarkOfTwoDays() public {
        (uint8 m, AccountId l1, AccountId l2) = _oldLosers();
        assertEq(_market(m).high, 10e18, "high");
        assertEq(_market(m).previousHigh, 10e18, "previous high");

        // Shorts hold 20 units at 10: 200 is all that can be taken from them, whatever they have.
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 800e18, 0, 0, 0, 200e18, 600e18, 10e18);
        _deleverage(l1);
        assertEq(_haircutLimit(m).shortLeft, 0, "nothing left");
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 700e18, 0, 0, 0, 0, 700e18, 10e18);
        _deleverage(l2);
        _assertMarket(m, 300e18, 1_300e18);
        _assertSolvent();
    }

    function test_deleverage_chargesAgainUnderANewMark() public {
        (uint8 m, AccountId l1, AccountId l2) = _oldLosers();
        _deleverage(l1);
        _setPrice(m, 9e18);
        // Ten units are left, at the highest mark of 10.
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 710e18, 0, 0, 0, 100e18, 610e18, 9e18);
        _deleverage(l2);
    }

    function test_deleverage_remembersTheHighOfTheDayBefore() public {
        uint8 m = _list(100e18, _plain());
        AccountId bull = _join("bull", 100);
        AccountId bear = _join("bear", 10_000);
        _fill(bull, bear, m, 10e18, 100e18);
        _nextDay(m, 50e18);
        assertEq(_market(m).high, 100e18, "the day begins with the mark that was in force");
        _nextDay(m, 10e18);
        assertEq(_market(m).previousHigh, 100e18, "the day before");
        assertEq(_market(m).high, 50e18, "this day");
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 800e18, 0, 0, 0, 800e18, 0, 10e18);
        _deleverage(bull);
    }

    function test_deleverage_keepsTheHighestMarkOfADay() public {
        uint8 m = _list(100e18, _plain());
        _setPrice(m, 130e18);
        house.accrueFunding(m);
        _setPrice(m, 90e18);
        house.accrueFunding(m);
        assertEq(_market(m).high, 130e18);
        assertEq(_market(m).previousHigh, 0);
    }

    /// @dev Two longs of ten units whose default is older than two days, against one short.
    function _oldLosers() private returns (uint8 m, AccountId l1, AccountId l2) {
        m = _list(100e18, _plain());
        l1 = _join("l1", 100);
        l2 = _join("l2", 200);
        AccountId bear = _join("bear", 10_000);
        _fill(l1, bear, m, 10e18, 100e18);
        _fill(l2, bear, m, 10e18, 100e18);
        for (uint256 i; i < 3; ++i) _nextDay(m, 10e18);
    }

    function _nextDay(uint8 m, uint256 price) private {
        _pass(1 days);
        _setPrice(m, price);
        house.accrueFunding(m);
    }

    // ------------------------------------------------------------------ whom it takes

    function test_deleverage_skipsWhoeverIsNotInDefault() public {
        (uint8 m, AccountId alice, AccountId bob) = _aliceInDefault();
        AccountId[] memory list = new AccountId[](7);
        list[0] = bob;
        list[1] = _account("unknown");
        list[2] = alice;
        list[3] = fundAccount;
        list[4] = NO_ACCOUNT;
        list[5] = alice;
        list[6] = _join("flat", 5);
        vm.recordLogs();
        house.deleverage(list, NO_ACCOUNT);
        assertEq(_count(vm.getRecordedLogs(), Events.Deleveraged.selector), 1, "one default");
        _assertAccount(alice, m, 0, 0, "alice");
        _assertMarket(m, 2_000e18, 0);
        _assertSolvent();
    }

    function test_deleverage_doesNothingForNobody() public {
        vm.recordLogs();
        house.deleverage(new AccountId[](0), NO_ACCOUNT);
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_deleverage_leavesAnEquityOfZero() public {
        uint8 m = _list(2000e18, _plain());
        AccountId alice = _join("alice", 2_000);
        AccountId bob = _join("bob", 20_000);
        _fill(alice, bob, m, 10e18, 2000e18);
        _setPrice(m, 1800e18);
        _deleverage(alice);
        _assertAccount(alice, m, 2_000e18, 10e18, "alice");

        // The smallest step that the feed knows below it.
        _setPrice(m, 1800e18 - 1e10);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(alice, 1e11, 1e11);
        _deleverage(alice);
        _assertAccount(alice, m, 0, 0, "alice");
    }

    function test_deleverage_takesAShortInDefault() public {
        uint8 m = _list(100e18, _plain());
        AccountId bear = _join("bear", 100);
        AccountId bull = _join("bull", 10_000);
        _fill(bull, bear, m, 10e18, 100e18);
        _setPrice(m, 130e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 200e18, 0, 0, 200e18, 0, 0, 130e18);
        _deleverage(bear);
        _settle(bull);
        _assertAccount(bull, m, 10_100e18, 0, "bull");
        _assertSolvent();
    }

    function test_deleverage_resolvesWhomTheFirstPassBringsDown() public {
        (uint8 m0, uint8 m1, AccountId alice, AccountId x, AccountId carol) = _gainOfADefault(65e18);
        // x stands at 200 + 200 − 350 = 50, until alice's default takes 100 of its gain.
        vm.expectEmit(address(house));
        emit Events.Deleveraged(alice, 100e18, 100e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m0, 100e18, 0, 0, 0, 100e18, 0, 80e18);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(x, 50e18, 50e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m1, 50e18, 0, 0, 0, 50e18, 0, 65e18);
        _deleverage(x, alice);

        _assertMarket(m0, 0, 0);
        _assertMarket(m1, 300e18, 0);
        assertFalse(_isIn(x, m0) || _isIn(x, m1), "x has left");
        _settle(carol);
        _assertAccount(carol, m1, 10_300e18, 0, "carol");
        _assertSolvent();
    }

    /// @dev In default before and with a gain that waits: it is taken after those whose haircuts cut the gain, wherever it
    /// stands in the list.
    function test_deleverage_takesWhoHasAGainAfterThoseWhoCutIt() public {
        (uint8 m0, uint8 m1, AccountId alice, AccountId x, AccountId carol) = _gainOfADefault(50e18);
        // x stands at 200 + 200 − 500, and alice's default takes 100 of its gain.
        vm.expectEmit(address(house));
        emit Events.Deleveraged(alice, 100e18, 100e18);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(x, 200e18, 200e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m1, 200e18, 0, 0, 0, 200e18, 0, 50e18);
        _deleverage(x, alice);

        _assertMarket(m0, 0, 0);
        _assertMarket(m1, 300e18, 0);
        _settle(carol);
        _assertAccount(carol, m1, 10_300e18, 0, "carol");
        _assertSolvent();
    }

    /// @dev x, with 200, has gained 200 on alice, who is 100 short of it; and has lost ten times what m1 fell by to carol.
    function _gainOfADefault(
        uint256 priceOfM1
    ) private returns (uint8 m0, uint8 m1, AccountId alice, AccountId x, AccountId carol) {
        (m0, m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (alice, x, carol) = (_join("alice", 100), _join("x", 200), _join("carol", 10_000));
        _fill(alice, x, m0, 10e18, 100e18);
        _fill(x, carol, m1, 10e18, 100e18);
        _setPrice(m0, 80e18);
        _setPrice(m1, priceOfM1);
    }

    function test_deleverage_paysGainsOnlyAsFarAsTheyPayLosses() public {
        (uint8 m0, uint8 m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        AccountId x = _join("x", 400);
        AccountId payer = _join("payer", 10_000);
        AccountId winner = _join("winner", 10_000);
        _fill(x, payer, m0, 10e18, 100e18);
        _fill(x, winner, m1, 20e18, 100e18);
        _setPrice(m0, 110e18);
        _setPrice(m1, 70e18);
        _settle(payer);
        // 400 + 100 − 600: the gain of 100 is in the pool, and pays.
        vm.expectEmit(address(house));
        emit Events.Deleveraged(x, 100e18, 100e18);
        _deleverage(x);
        _assertMarket(m0, 0, 0);
        _assertMarket(m1, 500e18, 0);
        assertEq(_collateral(x), 0, "x");
        _settle(winner);
        assertEq(_collateral(winner), 10_500e18, "winner");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ prices that are refused

    function test_deleverage_leavesARefusedMarketPending() public {
        (uint8 m0, uint8 m1, AccountId x, AccountId bob) = _xInTwoMarkets();
        _setPrice(m0, 70e18);
        _setPrice(m1, 70e18);
        house.accrueFunding(m1);
        _refuse(m1);
        // 100 paid in each; 200 missing in each; only the first is resolved.
        vm.expectEmit(address(house));
        emit Events.Deleveraged(x, 400e18, 200e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m0, 200e18, 0, 0, 0, 200e18, 0, 70e18);
        _deleverage(x);
        _assertAccount(x, m0, 0, 0, "x, resolved");
        _assertAccount(x, m1, 0, 10e18, "x, pending");
        assertEq(_position(x, m1).owed, -200e18, "unpaid");
        _assertMarket(m1, 100e18, 0);

        // A further call must not push the pending deficit anywhere.
        vm.recordLogs();
        _deleverage(x);
        assertEq(_count(vm.getRecordedLogs(), Events.Deleveraged.selector), 0, "nothing to do");

        _setPrice(m1, 71e18);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(x, 190e18, 190e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m1, 190e18, 0, 0, 0, 190e18, 0, 71e18);
        _deleverage(x);
        assertFalse(_isIn(x, m1), "x has left");
        _settle(bob);
        // Gains 300 and 290, haircuts 200 and 190.
        assertEq(_collateral(bob), 10_200e18, "bob");
        _assertSolvent();
    }

    function test_deleverage_waits_whenTheOnlyPositionHasNoPrice() public {
        (uint8 m, AccountId alice, ) = _aliceInDefault();
        house.accrueFunding(m);
        _refuse(m);
        _deleverage(alice);
        _assertAccount(alice, m, 2_000e18, 10e18, "alice");
    }

    /// @dev A price of another market, in which others of the list are, is none for her.
    function test_deleverage_waits_whereOnlyOthersHaveAPrice() public {
        (uint8 m, AccountId alice, ) = _aliceInDefault();
        house.accrueFunding(m);
        uint8 other = _list(100e18, _plain());
        AccountId y = _join("y", 100);
        _fill(y, _join("winner", 10_000), other, 10e18, 100e18);
        _setPrice(other, 80e18);
        _refuse(m);
        _deleverage(alice, y);
        _assertAccount(alice, m, 2_000e18, 10e18, "alice");
        _assertAccount(y, other, 0, 0, "y");
        _assertSolvent();
    }

    /// @dev x is long ten of m0 from 100 and of m1 from 100, and another one ten of m0. There shorts of all but two size-wei default
    /// at 91: x is left with shares of less than a size-wei, which is no position, and owes 90 + 140.
    function test_deleverage_needsNoPrice_forWhatHasShrunkToNothing() public {
        (uint8 m0, uint8 m1, AccountId x, AccountId bear) = _xInTwoMarkets();
        _fill(_join("other", 10_000), bear, m0, 10e18, 100e18);
        _setPrice(m0, 70e18);
        AccountId loser = _join("loser", 140);
        _fill(bear, loser, m0, 20e18 - 2, 70e18);
        _setPrice(m0, 91e18);
        _deleverage(loser);
        assertEq(house.sizeOf(x, m0), int256(0), "no size");
        assertGt(_market(m0).longShares, 0, "but shares");

        _setPrice(m1, 90e18);
        _refuse(m0);
        _deleverage(x);
        assertFalse(_isIn(x, m0) || _isIn(x, m1), "x has left both: nothing is owed any more");
        assertEq(_collateral(x), 0, "x");
        _assertSolvent();
    }

    function test_deleverage_needsNoPrice_forADeficitWithoutSize() public {
        (uint8 m0, uint8 m1, AccountId y) = _flatLoser();
        _setPrice(m0, 105e18);
        _refuse(m1);
        vm.expectEmit(address(house));
        emit Events.Deleveraged(y, 90e18, 90e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m1, 90e18, 0, 0, 0, 0, 90e18, 80e18);
        _deleverage(y);
        _assertSolvent();
    }

    // ------------------------------------------------------------------ the bounty

    function test_deleverage_paysABountyFromTheFund() public {
        (uint8 m, AccountId alice) = _bountyMarket(100e18);
        _insure("backer", 2_000);
        AccountId hunter = accountId(makeAddr("hunter"), 0);
        everyone.push(hunter);
        // 17,000 · 500 ppm
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 1_000e18, 8.5e18, 1_008.5e18, 0, 0, 0, 1700e18);
        vm.expectEmit(address(house));
        emit Events.BountyPaid(hunter, 8.5e18, 8.5e18);
        vm.prank(hunter.owner());
        _deleverage(alice);
        assertEq(_collateral(hunter), 8.5e18, "hunter");
        // 19 of fees
        assertEq(_collateral(fundAccount), 2_019e18 - 1_008.5e18, "fund");
        _assertSolvent();
    }

    function test_deleverage_capsTheBountyAndAddsItToTheHaircut() public {
        (uint8 m, AccountId alice) = _bountyMarket(5e18);
        _cap(m, 0);
        AccountId hunter = accountId(address(this), 0);
        everyone.push(hunter);
        _deposit(hunter, 100e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 1_000e18, 5e18, 0, 0, 1_005e18, 0, 1700e18);
        vm.expectEmit(address(house));
        emit Events.BountyPaid(hunter, 5e18, 105e18);
        _deleverage(alice);
        _assertSolvent();
    }

    function test_deleverage_paysNoMoreBountyThanThePoolHolds() public {
        (uint8 m, AccountId alice) = _bountyMarket(5e18);
        AccountId hunter = accountId(address(this), 0);
        everyone.push(hunter);
        // What alice could pay is paid, and bob has it.
        house.settle(_list2(alice, _account("bob")));
        _assertMarket(m, 0, 0);
        _insure("backer", 10);
        _cap(m, 3e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 1_000e18, 3e18, 3e18, 0, 1_000e18, 0, 1700e18);
        vm.expectEmit(address(house));
        emit Events.BountyPaid(hunter, 3e18, 3e18);
        _deleverage(alice);
        _assertMarket(m, 0, 0);
        _assertSolvent();
    }

    function test_deleverage_paysNoBounty_whenNothingIsLeftToPayItFrom() public {
        (uint8 m, AccountId alice) = _bountyMarket(5e18);
        house.settle(_list2(alice, _account("bob")));
        _cap(m, 0);
        vm.recordLogs();
        _deleverage(alice);
        assertEq(_count(vm.getRecordedLogs(), Events.BountyPaid.selector), 0, "bounty");
        assertEq(_collateral(accountId(address(this), 0)), 0, "hunter");
    }

    /// @dev As `_aliceInDefault`, with fees of ten each and a bounty of 500 ppm up to `cap`.
    function _bountyMarket(uint80 cap) private returns (uint8 m, AccountId alice) {
        RiskParameters memory p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (500, 500, cap);
        m = _list(2000e18, p);
        alice = _join("alice", 2_010);
        AccountId bob = _join("bob", 20_010);
        _fill(alice, bob, m, 10e18, 2000e18);
        _setPrice(m, 1700e18);
    }

    // ------------------------------------------------------------------ rights

    function test_deleverage_refusesATakerOfSomebodyElse() public {
        (, AccountId alice, AccountId bob) = _aliceInDefault();
        address stranger = makeAddr("stranger");
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, bob, stranger, TRADE));
        house.deleverage(_list1(alice), bob);
    }

    function test_deleverage_refusesTheFundAsTaker() public {
        (, AccountId alice, ) = _aliceInDefault();
        vm.expectRevert(abi.encodeWithSelector(Errors.FundAccountRefused.selector));
        house.deleverage(_list1(alice), fundAccount);
    }

    // ------------------------------------------------------------------ situations

    /// @dev Alice, long 10 from 2000 with 2,000, stands at −1,000 against bob.
    function _aliceInDefault() private returns (uint8 m, AccountId alice, AccountId bob) {
        m = _list(2000e18, _plain());
        alice = _join("alice", 2_000);
        bob = _join("bob", 20_000);
        _fill(alice, bob, m, 10e18, 2000e18);
        _setPrice(m, 1700e18);
    }

    /// @dev x is long 10 from 100 in two markets with 200, against bob.
    function _xInTwoMarkets() private returns (uint8 m0, uint8 m1, AccountId x, AccountId bob) {
        (m0, m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        x = _join("x", 200);
        bob = _join("bob", 10_000);
        _fill(x, bob, m0, 10e18, 100e18);
        _fill(x, bob, m1, 10e18, 100e18);
    }

    /// @dev At 80: a long of −100 and a short of −140 with nobody else, and a former short who is owed 400.
    function _bothInDefault(uint8 m) private returns (AccountId bull, AccountId bear, AccountId winner) {
        bull = _join("bull", 100);
        bear = _join("bear", 60);
        winner = _join("s0", 1_000);
        _fill(bull, winner, m, 10e18, 100e18);
        _setPrice(m, 60e18);
        _fill(winner, bear, m, 10e18, 60e18);
        _setPrice(m, 80e18);
    }

    /// @dev The same beside a healthy long and a healthy short of ten.
    function _bothSidesInDefault() private returns (uint8 m, AccountId bull, AccountId bear, AccountId d, AccountId c) {
        m = _list(100e18, _plain());
        d = _join("d", 1_000);
        c = _join("c", 1_000);
        _fill(d, c, m, 10e18, 100e18);
        (bull, bear, ) = _bothInDefault(m);
    }
}

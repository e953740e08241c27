// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Vm} from "../../utils/Vm.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Losses into pools, gains out of them, marks and funding kept up to date: anyone, always.
contract SettlementTest is HouseTest {
    uint8 private _m;
    AccountId private _alice;
    AccountId private _bob;

    function setUp() public override {
        super.setUp();
        RiskParameters memory p = _plain();
        p.maxFundingRate = 40_000;
        _m = _list(100e18, p);
        _alice = _join("alice", 1_000);
        _bob = _join("bob", 1_000);
    }

    // ------------------------------------------------------------------ settle

    function test_settle_collectsALossAndLeavesTheGainWaiting() public {
        _fill(_alice, _bob, _m, 10e18, 100e18);
        _quotePrice(_m, 90e18);
        vm.expectEmit(address(house));
        emit Events.MarkAccepted(_m, 90e18, vm.getBlockTimestamp());
        vm.expectEmit(address(house));
        emit Events.Settled(_alice, 900e18);
        vm.prank(makeAddr("anyone"));
        _settle(_alice);
        _assertMarket(_m, 100e18, 0);
        _assertAccount(_alice, _m, 900e18, 10e18, "alice");
        assertEq(_collateral(_bob), 1_000e18, "bob waits");
        _settle(_bob);
        assertEq(_collateral(_bob), 1_100e18, "bob is paid");
        _assertMarket(_m, 0, 0);
        _assertSolvent();
    }

    function test_settle_paysAWinnerListedBeforeTheLoser() public {
        _fill(_alice, _bob, _m, 10e18, 100e18);
        _setPrice(_m, 90e18);
        house.settle(_list2(_bob, _alice));
        assertEq(_collateral(_bob), 1_100e18, "bob");
        assertEq(_collateral(_alice), 900e18, "alice");
        _assertSolvent();
    }

    function test_settle_paysAsFarAsThePoolGoes() public {
        AccountId carol = _join("carol", 1_000);
        _fill(_alice, _bob, _m, 10e18, 100e18);
        _fill(_alice, carol, _m, 10e18, 100e18);
        _setPrice(_m, 110e18);
        // Alice is owed 200; one of two losers is settled.
        house.settle(_list2(_bob, _alice));
        _assertAccount(_alice, _m, 1_100e18, 20e18, "alice");
        assertEq(_position(_alice, _m).owed, 100e18, "the rest waits");
        house.settle(_list2(carol, _alice));
        assertEq(_collateral(_alice), 1_200e18, "all");
        assertFalse(_position(_alice, _m).hasOwed, "nothing waits");
        _assertSolvent();
    }

    function test_settle_collectsLossesProRata() public {
        uint8 other = _list(100e18, _plain());
        AccountId x = _join("x", 300);
        _fill(x, _bob, _m, 10e18, 100e18);
        _fill(x, _bob, other, 20e18, 100e18);
        _setPrice(_m, 80e18);
        _setPrice(other, 80e18);
        // 200 and 400 against 300: in default, and settled as far as it goes.
        _settle(x);
        assertEq(_market(_m).pool, 100e18, "a third");
        assertEq(_market(other).pool, 200e18, "two thirds");
        assertEq(_collateral(x), 0, "nothing is left");
        assertEq(_position(x, _m).owed, -100e18, "unpaid here");
        assertEq(_position(x, other).owed, -200e18, "and there");
        _assertSolvent();
    }

    function test_settle_sharesAnIndivisibleLossExactly() public {
        uint8 other = _list(100e18, _plain());
        AccountId x = _join("x", 400);
        _fill(x, _bob, _m, 10e18, 100e18);
        _fill(x, _bob, other, 20e18, 100e18);
        _setPrice(_m, 80e18);
        _setPrice(other, 75e18);
        _settle(x);
        // 200 of 700, rounded down; the other market gets what is left of the 400.
        assertEq(_market(_m).pool, uint256(400e18 * 200) / 700, "here");
        assertEq(_market(other).pool, 400e18 - uint256(400e18 * 200) / 700, "there");
        assertEq(_collateral(x), 0, "to exactly zero");
        _assertSolvent();
    }

    function test_settle_paysLossesFromGains() public {
        uint8 other = _list(100e18, _plain());
        AccountId x = _join("x", 300);
        _fill(x, _bob, _m, 10e18, 100e18);
        _fill(x, _alice, other, 20e18, 100e18);
        _setPrice(_m, 130e18);
        _setPrice(other, 80e18);
        _settle(_bob);
        // 300 + 300 − 400
        _settle(x);
        assertEq(_collateral(x), 200e18, "x");
        _assertMarket(_m, 0, 0);
        _assertMarket(other, 400e18, 0);
        _assertSolvent();
    }

    function test_settle_ignoresWhoeverIsInNoMarket() public {
        AccountId[] memory list = new AccountId[](4);
        (list[0], list[1], list[2], list[3]) = (_alice, fundAccount, NO_ACCOUNT, _account("unknown"));
        vm.recordLogs();
        house.settle(list);
        house.settle(new AccountId[](0));
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_settle_takesADuplicateOnce() public {
        _fill(_alice, _bob, _m, 10e18, 100e18);
        _setPrice(_m, 90e18);
        house.settle(_list3(_alice, _alice, _alice));
        assertEq(_collateral(_alice), 900e18, "alice");
        _assertMarket(_m, 100e18, 0);
    }

    function test_settle_goesOnAtTheLastMark_whenThePriceIsRefused() public {
        _fill(_alice, _bob, _m, 10e18, 100e18);
        _setPrice(_m, 90e18);
        house.accrueFunding(_m);
        _refuse(_m);
        house.settle(_list2(_alice, _bob));
        assertEq(_collateral(_alice), 900e18, "alice");
        assertEq(_collateral(_bob), 1_100e18, "bob");
    }

    function test_settle_forgivesLessThanATokenUnit() public {
        _redeploy(6);
        uint8 m = _list(100e18, _plain());
        AccountId long = _trader("long", 100);
        AccountId short = _trader("short", 100);
        AccountId other = _trader("other", 100);
        _fill(long, short, m, 1e10, 100e18);
        _setPrice(m, 150e18);
        // A gain of 5e11 (half a token unit) waits when the long leaves: it is let go, and stays in the pool.
        _fill(other, long, m, 1e10, 150e18);
        assertFalse(_isIn(long, m), "long has left");
        assertEq(_position(long, m).owed, 0, "nothing owed");
        _settle(short);
        assertEq(_market(m).pool, 5e11, "the house keeps it");
    }

    // ------------------------------------------------------------------ funding and marks

    function test_accrueFunding_takesANewerMark() public {
        _setPrice(_m, 103e18);
        vm.expectEmit(address(house));
        emit Events.MarkAccepted(_m, 103e18, vm.getBlockTimestamp());
        house.accrueFunding(_m);
        assertEq(_market(_m).mark, 103e18, "mark");
        vm.recordLogs();
        house.accrueFunding(_m);
        assertEq(vm.getRecordedLogs().length, 0, "nothing new");
    }

    function test_accrueFunding_refusesUnknownMarkets() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 1));
        house.accrueFunding(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 255));
        house.accrueFunding(255);
    }

    function test_accrueFunding_movesMoneyFromLongsToShorts() public {
        _fill(_alice, _bob, _m, 10e18, 104e18);
        _pass(4 hours);
        // 4 % a day at first, which loses 139 of its 4,000,000 parts a second: 14,400 seconds at the mean of both ends.
        int256 index = (int256(100e18) * 2 ** 24 * 14_400 * (4_000_000 + 1_998_400)) / (2e8 * 1 days);
        vm.expectEmit(address(house));
        emit Events.FundingAccrued(_m, index, 1_998_400);
        house.accrueFunding(_m);
        assertEq(_market(_m).premium, int256(1_998_400), "what is left of the premium");
        house.settle(_list2(_alice, _bob));
        // The payer bears the fraction.
        assertEq(_collateral(_alice), 960e18 - 4_998666666666666667, "alice");
        assertEq(_collateral(_bob), 1_040e18 + 4_998666666666666666, "bob");
        _assertSolvent();
    }

    function test_accrueFunding_movesMoneyFromShortsToLongs() public {
        _fill(_alice, _bob, _m, 10e18, 96e18);
        _pass(4 hours);
        house.accrueFunding(_m);
        house.settle(_list2(_alice, _bob));
        assertEq(_collateral(_alice), 1_040e18 + 4_998666666666666666, "alice");
        assertEq(_collateral(_bob), 960e18 - 4_998666666666666667, "bob");
        _assertSolvent();
    }

    function test_accrueFunding_isTheSameInPieces() public {
        _fill(_alice, _bob, _m, 10e18, 104e18);
        for (uint256 i; i < 10; ++i) {
            _pass(1 hours);
            house.accrueFunding(_m);
        }
        // Eight of them count, and each rounds down by less than one.
        assertApproxEqAbs(_market(_m).fundingIndex, _allOfIt(), 8);
        assertEq(_market(_m).premium, int256(0), "faded");
    }

    function test_fill_setsThePremiumFromWhatIsLeftOfIt() public {
        _fill(_alice, _bob, _m, 10e18, 104e18);
        _pass(4 hours);
        // About half of 4 % is left; a fill at mark of the size of the open interest halves it again.
        _fill(_alice, _bob, _m, 10e18, 100e18);
        assertEq(_market(_m).premium, int256(999_200), "premium");
        assertEq(_market(_m).accruedAt, vm.getBlockTimestamp(), "clock");
    }

    /// @dev 28,776 seconds take 139 each of 4,000,000 parts, and one more the last 136.
    function _allOfIt() private pure returns (int256) {
        return (int256(100e18) * 2 ** 24 * (28_776 * 4_000_136 + 136)) / (2e8 * 1 days);
    }

    function test_accrueFunding_stopsWhenThePremiumHasFaded() public {
        _fill(_alice, _bob, _m, 10e18, 104e18);
        _pass(365 days);
        house.accrueFunding(_m);
        assertEq(_market(_m).premium, int256(0), "faded");
        int256 index = _market(_m).fundingIndex;
        assertEq(index, _allOfIt(), "two thirds of a percent in all");
        _pass(365 days);
        vm.recordLogs();
        house.accrueFunding(_m);
        assertEq(vm.getRecordedLogs().length, 0, "nothing accrues");
    }

    function test_accrueFunding_startsTheClockWithThePremium() public {
        // A year without a premium, and then a fill at a distance: nothing accrues for the year.
        _pass(365 days);
        _setPrice(_m, 100e18);
        _fill(_alice, _bob, _m, 10e18, 104e18);
        house.accrueFunding(_m);
        assertEq(_market(_m).fundingIndex, int256(0));
        _pass(1);
        house.accrueFunding(_m);
        assertGt(_market(_m).fundingIndex, int256(0));
    }

    function test_accrueFunding_goesOnWithoutAPrice() public {
        _fill(_alice, _bob, _m, 10e18, 104e18);
        _refuse(_m);
        _pass(8 hours);
        house.accrueFunding(_m);
        assertGt(_market(_m).fundingIndex, int256(0));
        assertEq(_market(_m).mark, 100e18, "the last accepted mark");
    }

    function test_accrueFunding_usesTheMarkThatWasInForce() public {
        _fill(_alice, _bob, _m, 10e18, 104e18);
        _pass(8 hours);
        _quotePrice(_m, 200e18);
        vm.recordLogs();
        house.accrueFunding(_m);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs[0].topics[0], Events.FundingAccrued.selector, "funding first");
        assertEq(logs[1].topics[0], Events.MarkAccepted.selector, "then the mark");
        assertEq(_market(_m).fundingIndex, _allOfIt(), "at 100");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {Vm} from "../../utils/Vm.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice A named taker takes the net defaulted size over where nobody has to pay for it; where it cannot, the size is closed
/// as if none had been named.
contract DeleveragingTakersTest is HouseTest {
    uint8 private _m;
    AccountId private _alice;
    AccountId private _bob;
    AccountId private _taker;

    /// @dev Alice, long 10 from 2000 with 2,000, stands at −1,000 against bob. IM of her position is 1,700.
    function setUp() public override {
        super.setUp();
        _m = _list(2000e18, _plain());
        _alice = _join("alice", 2_000);
        _bob = _join("bob", 20_000);
        _taker = _join("taker", 0);
        _fill(_alice, _bob, _m, 10e18, 2000e18);
        _setPrice(_m, 1700e18);
    }

    function test_deleverage_letsATakerTakeOver() public {
        _insure("backer", 2_000);
        _deposit(_taker, 1_700e18);
        vm.expectEmit(address(house));
        emit Events.TakenOver(_m, _taker, 10e18, 1700e18);
        house.deleverage(_list1(_alice), _taker);
        _assertAccount(_taker, _m, 1_700e18, 10e18, "taker");
        _assertAccount(_bob, _m, 20_000e18, -10e18, "bob");
        _assertAccount(_alice, _m, 0, 0, "alice");
        assertEq(_market(_m).longShares, 10e18, "longs");
        assertEq(_market(_m).generation, 0, "nothing ended");
        house.settle(_list2(_bob, _taker));
        assertEq(_collateral(_bob), 23_000e18, "bob is paid in full");
        assertEq(_collateral(_taker), 1_700e18, "at mark");
        _assertSolvent();
    }

    /// @dev Alice's long and carol's short of the same size default together. With a taker there is nothing to take over, and
    /// nobody is torn up; without one each size is closed against the other side.
    function test_deleverage_ofEqualSizesOnBothSides() public {
        _insure("backer", 2_500);
        AccountId carol = _join("carol", 1_500);
        AccountId dave = _join("dave", 10_000);
        _setPrice(_m, 1400e18);
        _fill(dave, carol, _m, 10e18, 1400e18);
        _setPrice(_m, 1700e18);
        uint256 id = vm.snapshotState();
        vm.recordLogs();
        house.deleverage(_list2(_alice, carol), _taker);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, Events.TakenOver.selector), 0, "taken over");
        assertEq(_count(logs, Events.SideScaled.selector), 0, "closed");
        _assertAccount(_alice, _m, 0, 0, "alice");
        _assertAccount(carol, _m, 0, 0, "carol");
        _assertAccount(_taker, _m, 0, 0, "taker");
        assertEq(house.sizeOf(_bob, _m), -10e18, "bob");
        assertEq(house.sizeOf(dave, _m), int256(10e18), "dave");
        house.settle(_list2(_bob, dave));
        assertEq(_collateral(_bob), 23_000e18, "bob is paid in full");
        assertEq(_collateral(dave), 13_000e18, "dave is paid in full");
        _assertSolvent();

        vm.revertToState(id);
        house.deleverage(_list2(_alice, carol), NO_ACCOUNT);
        assertEq(house.sizeOf(_bob, _m), int256(0), "bob is closed");
        assertEq(house.sizeOf(dave, _m), int256(0), "dave is closed");
        house.settle(_list2(_bob, dave));
        assertEq(_collateral(_bob), 23_000e18, "bob is paid in full all the same");
        assertEq(_collateral(dave), 13_000e18, "and dave");
        _assertSolvent();
    }

    function test_deleverage_closes_whenTheTakerLacksAWei() public {
        _insure("backer", 2_000);
        _deposit(_taker, 1_700e18 - 1);
        _expectClosed();
        assertFalse(_isIn(_taker, _m), "taker");
    }

    function test_deleverage_closes_whenTheOpposingSideHasToPay() public {
        _insure("backer", 999);
        _deposit(_taker, 100_000e18);
        _expectClosed();
    }

    function test_deleverage_closes_whenTheTakerIsTheDefaulter() public {
        _insure("backer", 2_000);
        _taker = _alice;
        _expectClosed();
    }

    function test_deleverage_closes_whenTheTakerIsInSixteenMarkets() public {
        _insure("backer", 2_000);
        _deposit(_taker, 100_000e18);
        AccountId maker = _join("maker", 10_000);
        for (uint256 i; i < 16; ++i) _fill(_taker, maker, _list(100e18, _plain()), 1e18, 100e18);
        _expectClosed();
    }

    function test_deleverage_letsATakerIntoItsSixteenthMarket() public {
        _insure("backer", 2_000);
        _deposit(_taker, 100_000e18);
        AccountId maker = _join("maker", 10_000);
        for (uint256 i; i < 15; ++i) _fill(_taker, maker, _list(100e18, _plain()), 1e18, 100e18);
        vm.expectEmit(address(house));
        emit Events.TakenOver(_m, _taker, 10e18, 1700e18);
        house.deleverage(_list1(_alice), _taker);
        _assertSolvent();
    }

    function test_deleverage_closes_whenAPositionOfTheTakerHasNoPrice() public {
        _insure("backer", 2_000);
        _deposit(_taker, 100_000e18);
        uint8 other = _list(100e18, _plain());
        _fill(_taker, _join("maker", 10_000), other, 1e18, 100e18);
        _refuse(other);
        _expectClosed();
        assertEq(house.sizeOf(_taker, other), int256(1e18), "untouched");
    }

    function test_deleverage_letsATakerReduceItsOwn() public {
        _insure("backer", 2_000);
        AccountId short = _join("short", 10_000);
        _fill(_bob, short, _m, 4e18, 1700e18);
        // What it takes over closes the four that it is short of, and leaves six long.
        vm.expectEmit(address(house));
        emit Events.TakenOver(_m, short, 10e18, 1700e18);
        house.deleverage(_list1(_alice), short);
        _assertAccount(short, _m, 10_000e18, 6e18, "short");
        assertEq(_market(_m).longShares, 6e18, "longs");
        assertEq(_market(_m).shortShares, 6e18, "shorts");
        _assertSolvent();
    }

    function test_deleverage_letsATakerTakeTheNet() public {
        uint8 m = _list(100e18, _plain());
        (AccountId bull, AccountId bear, AccountId w) = _longOfTenAndShortOfFour(m);
        _insure("backer", 1_000);
        _deposit(_taker, 48e18);
        // IM of six at 80
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 156e18, 0, 156e18, 0, 0, 0, 80e18);
        vm.expectEmit(address(house));
        emit Events.TakenOver(m, _taker, 6e18, 80e18);
        house.deleverage(_list2(bull, bear), _taker);
        _assertAccount(_taker, m, 48e18, 6e18, "taker");
        assertEq(house.sizeOf(w, m), -6e18, "winner");
        _assertSolvent();
    }

    function test_deleverage_letsATakerTakeAShort() public {
        uint8 m = _list(100e18, _plain());
        AccountId bear = _join("bear", 100);
        AccountId bull = _join("bull", 10_000);
        _fill(bull, bear, m, 10e18, 100e18);
        _setPrice(m, 130e18);
        _insure("backer", 1_000);
        _deposit(_taker, 130e18);
        vm.expectEmit(address(house));
        emit Events.TakenOver(m, _taker, -10e18, 130e18);
        house.deleverage(_list1(bear), _taker);
        assertEq(house.sizeOf(_taker, m), -10e18, "taker");
        assertEq(house.sizeOf(bull, m), int256(10e18), "bull");
        _assertSolvent();
    }

    function test_deleverage_letsATakerTakeAsFarAsItsMarginGoes() public {
        (uint8 m0, uint8 m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        AccountId x = _join("x", 200);
        _fill(x, _bob, m0, 10e18, 100e18);
        _fill(x, _bob, m1, 10e18, 100e18);
        _setPrice(m0, 80e18);
        _setPrice(m1, 80e18);
        _insure("backer", 1_000);
        _deposit(_taker, 100e18);
        vm.recordLogs();
        house.deleverage(_list1(x), _taker);
        assertEq(_takeOvers(), 1, "one market");
        assertEq(house.sizeOf(_taker, m0), int256(10e18), "taken");
        assertEq(house.sizeOf(_bob, m0), -10e18, "bob, where it was taken");
        assertEq(house.sizeOf(_taker, m1), int256(0), "not taken");
        assertEq(house.sizeOf(_bob, m1), int256(0), "bob, where it was closed");
        _assertSolvent();
    }

    function test_deleverage_letsATakerTakeInTheSecondPass() public {
        (uint8 m0, uint8 m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        AccountId x = _join("x", 400);
        _fill(x, _bob, m0, 10e18, 100e18);
        _fill(x, _bob, m1, 20e18, 100e18);
        _setPrice(m0, 110e18);
        _setPrice(m1, 70e18);
        _insure("backer", 1_000);
        _deposit(_taker, 250e18);
        // 400 + 100 − 600: the gain waits, so x is resolved in the second pass. IM is 110 and 140.
        vm.expectEmit(address(house));
        emit Events.TakenOver(m0, _taker, 10e18, 110e18);
        vm.expectEmit(address(house));
        emit Events.TakenOver(m1, _taker, 20e18, 70e18);
        house.deleverage(_list1(x), _taker);
        assertEq(house.sizeOf(_taker, m1), int256(20e18), "taken");
        _assertSolvent();
    }

    /// @dev A taker that has slept through a generation, and whose side ends in the call that names it: it keeps no shares of a
    /// side that is gone.
    function test_deleverage_leavesNoShares_whereTheTakersSideEnds() public {
        uint8 m = _list(100e18, _plain());
        AccountId l1 = _join("l1", 20_480);
        AccountId l2 = _join("l2", 60);
        AccountId bear = _join("bear", 1_000_000);
        _deposit(_taker, 1_000e18);
        _fill(l1, bear, m, 2047e18, 100e18);
        _fill(l2, _taker, m, 1e18, 100e18);
        _setPrice(m, 50e18);
        _deleverage(l1);
        assertEq(_market(m).generation, 1, "the shorts have shrunk to 1/2048");
        assertEq(house.sizeOf(_taker, m), -int256(1e18) / 2048, "and so has the taker");

        _setPrice(m, 30e18);
        house.deleverage(_list1(l2), _taker);
        assertEq(_market(m).shortShares, 0, "nobody is short");
        assertEq(house.sizeOf(_taker, m), int256(0), "nor is the taker");
        house.settle(_list3(_taker, bear, l2));
        // Everybody's money is back where it came from, but for a wei of each for rounding.
        assertApproxEqAbs(
            _collateral(_taker) + _collateral(bear),
            1_000e18 + 1_000_000e18 + 20_480e18 + 60e18,
            3,
            "shorts have it all"
        );
        _assertSolvent();
    }

    /// @dev What a taker is worth must not be read from shares of a side that has ended in the same call.
    function test_deleverage_valuesTheTakerBeforeAnythingEnds() public {
        (uint8 m0, uint8 m1) = (_list(100e18, _plain()), _list(100e18, _plain()));
        AccountId x = _join("x", 100);
        AccountId y = _join("y", 100);
        // The taker is the only short of m0, which x's default closes; and has just what y's long in m1 needs.
        _deposit(_taker, 180e18);
        _fill(x, _taker, m0, 10e18, 100e18);
        _fill(y, _bob, m1, 10e18, 100e18);
        _setPrice(m0, 80e18);
        _setPrice(m1, 80e18);
        _insure("backer", 1_000);
        _cap(m0, 0);
        // IM is 80 for the short of ten that is still there, and 80 for what is taken; gains of the short do not count.
        vm.expectEmit(address(house));
        emit Events.TakenOver(m1, _taker, 10e18, 80e18);
        house.deleverage(_list2(x, y), _taker);
        assertEq(house.sizeOf(_taker, m0), int256(0), "closed");
        assertEq(house.sizeOf(_taker, m1), int256(10e18), "taken");
        _settle(_taker);
        assertEq(_collateral(_taker), 180e18 + 200e18 - 100e18, "gain less haircut");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ helpers

    function _expectClosed() private {
        vm.recordLogs();
        house.deleverage(_list1(_alice), _taker);
        assertEq(_takeOvers(), 0, "taken over");
        assertEq(house.sizeOf(_taker, _m), int256(0), "taker's size");
        assertEq(house.sizeOf(_bob, _m), int256(0), "bob is closed");
        _assertSolvent();
    }

    function _takeOvers() private returns (uint256 n) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) if (logs[i].topics[0] == Events.TakenOver.selector) ++n;
    }

    /// @dev At 80: a long of ten at −100 and a short of four at −56; w is short six.
    function _longOfTenAndShortOfFour(uint8 m) private returns (AccountId bull, AccountId bear, AccountId w) {
        bull = _join("bull", 100);
        bear = _join("bear", 24);
        w = _join("w", 10_000);
        _fill(bull, w, m, 10e18, 100e18);
        _setPrice(m, 60e18);
        _fill(w, bear, m, 4e18, 60e18);
        _setPrice(m, 80e18);
    }
}

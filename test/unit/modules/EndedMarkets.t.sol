// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketStatus, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Ending a market: a final price, seven days in which losses are collected while gains wait, then both sides are closed
/// and gains are paid, pro rata where there is a shortfall.
contract EndedMarketsTest is HouseTest {
    uint256 private constant PERIOD = 7 days;

    uint8 private _m;
    AccountId private _alice;
    AccountId private _bob;

    /// @dev Alice is long 10 against bob.
    function setUp() public override {
        super.setUp();
        _m = _list(100e18, _plain());
        _alice = _join("alice", 1_000);
        _bob = _join("bob", 1_000);
        _fill(_alice, _bob, _m, 10e18, 100e18);
    }

    // ------------------------------------------------------------------ the final price

    function test_endMarket_takesTheNewestPriceAndThenNone() public {
        _quotePrice(_m, 110e18);
        vm.expectEmit(address(house));
        emit Events.MarkAccepted(_m, 110e18, vm.getBlockTimestamp());
        _end();
        assertEq(_market(_m).mark, 110e18, "final");
        _setPrice(_m, 50e18);
        house.accrueFunding(_m);
        house.settle(_list2(_alice, _bob));
        assertEq(_market(_m).mark, 110e18, "whatever the feed says");
        assertEq(uint256(governor.riskParametersOf(_m).status), uint256(MarketStatus.Settled), "status");
    }

    /// @dev No role names a price: where the oracle refuses, the last accepted mark is the final one.
    function test_endMarket_atTheLastMarkWhereTheFeedIsDead() public {
        _setPrice(_m, 110e18);
        house.accrueFunding(_m);
        _refuse(_m);
        _pass(300 days);
        _end();
        assertEq(_market(_m).mark, 110e18, "final");
        assertEq(_market(_m).acceptedAt, vm.getBlockTimestamp(), "accepted anew");
        house.settle(_list2(_alice, _bob));
        assertEq(_collateral(_bob), 900e18, "losses are collected");
    }

    /// @dev Funding up to the end is brought in; after it there is none.
    function test_endMarket_stopsFunding() public {
        RiskParameters memory p = _plain();
        p.maxFundingRate = 28_512;
        _decree(_m, p);
        _fill(_alice, _bob, _m, 1e18, 101e18);
        _pass(60);
        _end();
        int256 index = _market(_m).fundingIndex;
        assertGt(index, int256(0), "up to the end");
        assertEq(_market(_m).premium, int256(0), "premium");
        _pass(1 days);
        house.accrueFunding(_m);
        assertEq(_market(_m).fundingIndex, index, "none after it");
        // Nor does who reduces away from the final price bring any back.
        _fill(_bob, _alice, _m, 1e18, 104e18);
        assertEq(_market(_m).premium, int256(0), "no premium");
        _pass(1 days);
        house.accrueFunding(_m);
        assertEq(_market(_m).fundingIndex, index, "none at all");
    }

    function test_endMarket_isForGoodAndByItsRoleAlone() public {
        vm.prank(makeAddr("guardian"));
        vm.expectRevert();
        governor.endMarket(_m);
        _end();
        bytes memory ended = abi.encodeWithSelector(Errors.MarketEnded.selector, _m);
        vm.expectRevert(ended);
        governor.endMarket(_m);
        vm.expectRevert(ended);
        governor.restrictMarket(_m);
        vm.expectRevert(ended);
        governor.setRiskParameters(_m, _plain());
        vm.expectRevert(ended);
        governor.raiseMaintenanceMargin(_m);
    }

    // ------------------------------------------------------------------ seven days

    function test_gainsWait_whileLossesAreCollected() public {
        _setPrice(_m, 110e18);
        _end();
        house.settle(_list2(_bob, _alice));
        assertEq(_collateral(_bob), 900e18, "the loss is collected");
        assertEq(_collateral(_alice), 1_000e18, "the gain waits");
        assertEq(_market(_m).pool, 100e18, "in the pool");
        _assertSolvent();
        // Neither a deposit nor a withdrawal brings it in.
        _deposit(_alice, 1e18);
        vm.prank(_alice.owner());
        house.withdraw(_alice, 891e18, _alice.owner());
        assertEq(_collateral(_alice), 110e18, "IM is kept");
    }

    /// @dev Whoever has no collateral is settled by a deposit, from what is written: not out of turn.
    function test_gainsWait_forADepositToAnEmptyAccount() public {
        _to(110e18);
        _fill(_join("carol", 1_000), _alice, _m, 10e18, 110e18);
        vm.prank(_alice.owner());
        house.withdraw(_alice, 1_000e18, _alice.owner());
        _end();
        house.settle(_list1(_bob));
        assertEq(_market(_m).pool, 100e18, "bob has paid");
        _deposit(_alice, 1e18);
        assertEq(_collateral(_alice), 1e18, "the gain waits");
        // Also when its time has come, and nobody has wound up yet.
        vm.prank(_alice.owner());
        house.withdraw(_alice, 1e18, _alice.owner());
        _pass(PERIOD);
        _deposit(_alice, 1e18);
        assertEq(_collateral(_alice), 1e18, "no gain before it is known what all get");
        house.settle(_list1(_alice));
        assertEq(_collateral(_alice), 101e18, "now it is");
        _assertSolvent();
    }

    function test_reducing_goesOnAtTheFinalPrice() public {
        _end();
        AccountId carol = _join("carol", 1_000);
        _fill(carol, _alice, _m, 4e18, 100e18);
        _fill(_bob, _alice, _m, 6e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketIsReduceOnly.selector, _m, 5e18, 4e18));
        _fill(_alice, _bob, _m, 1e18, 100e18);
        assertEq(house.sizeOf(_alice, _m), int256(0), "out");
    }

    function test_defaultersAreResolvedAsEver_andTheWeakLiquidated() public {
        AccountId broken = _join("broken", 150);
        AccountId weak = _join("weak", 220);
        _fill(broken, _bob, _m, 10e18, 100e18);
        _fill(weak, _bob, _m, 10e18, 100e18);
        _insure("backer", 20);
        _setPrice(_m, 80e18);
        _end();
        house.liquidate(weak, _m, ALL, _alice);
        _deleverage(broken);
        assertEq(house.sizeOf(broken, _m), int256(0), "resolved");
        assertEq(_collateral(fundAccount) < 20e18, true, "by the fund first");
        assertEq(_market(_m).shortfall, 0, "and by the opposing side");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ winding up

    function test_windUp_closesBothSidesAndPaysInFull() public {
        _setPrice(_m, 110e18);
        _end();
        house.settle(_list2(_bob, _alice));
        _pass(PERIOD - 1);
        house.settle(_list1(_alice));
        assertEq(_collateral(_alice), 1_000e18, "a second before");
        _pass(1);
        vm.expectEmit(address(house));
        emit Events.MarketWoundUp(_m, 1 << 40);
        house.settle(_list1(_alice));
        assertEq(_collateral(_alice), 1_100e18, "paid in full");
        _assertAccount(_alice, _m, 1_100e18, 0, "alice");
        assertFalse(_isIn(_alice, _m), "out");
        house.settle(_list1(_bob));
        assertFalse(_isIn(_bob, _m), "out as well");
        assertEq(_market(_m).pool, 0, "pool");
        assertEq(_market(_m).longShares, 0, "longs");
        assertEq(_market(_m).shortShares, 0, "shorts");
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketIsReduceOnly.selector, _m, 1e18, 0));
        _fill(_alice, _bob, _m, 1e18, 110e18);
        _assertSolvent();
    }

    /// @dev A flat account takes out what it has without a price, wound up or not.
    function test_windUp_holdsNobodysCollateral() public {
        _end();
        _pass(PERIOD);
        vm.prank(_bob.owner());
        house.withdraw(_bob, 1_000e18, _bob.owner());
        assertEq(_collateral(_bob), 0, "all of it: the call itself has wound up");
    }

    /// @dev Losses that nobody has collected in time are still collected, and pay the gains that wait.
    function test_windUp_collectsLateLosses() public {
        _setPrice(_m, 110e18);
        _end();
        _pass(PERIOD);
        house.settle(_list1(_alice));
        assertEq(_collateral(_alice), 1_000e18, "nothing to be paid from yet");
        house.settle(_list2(_bob, _alice));
        assertEq(_collateral(_bob), 900e18, "bob has paid");
        assertEq(_collateral(_alice), 1_100e18, "alice is paid");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ pro rata

    /// @dev A shortfall of 240 and gains of 280 and 120: the pool has 160 for 400, so each is paid two fifths.
    function test_windUp_paysProRataUnderAShortfall_inAnyOrder() public {
        (AccountId first, AccountId second) = _twoWinnersUnderAShortfall();
        _end();
        _pass(PERIOD);
        uint256 id = vm.snapshotState();
        for (uint256 order; order < 2; ++order) {
            house.settle(order == 0 ? _list1(first) : _list1(second));
            house.settle(order == 0 ? _list1(second) : _list1(first));
            uint256 payout = _market(_m).payout;
            assertEq(payout, uint256(2 << 40) / 5, "two fifths, rounded down");
            assertEq(_collateral(first), 10_000e18 + ((280e18 * payout) >> 40), "the first");
            assertEq(_collateral(second), 10_000e18 + ((120e18 * payout) >> 40), "the second");
            assertFalse(_isIn(first, _m) || _isIn(second, _m), "nothing is left to wait for");
            assertLt(uint256(_market(_m).pool), 1e9, "the pool is empty but for the fraction");
            assertEq(_market(_m).shortfall, 0, "written off");
            _assertSolvent();
            vm.revertToState(id);
        }
    }

    /// @dev A look is no touch, and who comes again is not cut again.
    function test_windUp_cutsEachGainOnce() public {
        (AccountId first, AccountId second) = _twoWinnersUnderAShortfall();
        _end();
        _pass(PERIOD);
        house.accrueFunding(_m);
        uint256 payout = _market(_m).payout;
        // Nothing to be paid from for a while: the cut claim is written and waits.
        bytes32 slot = keccak256(abi.encode(uint256(_m), uint256(3)));
        bytes32 word = vm.load(address(house), slot);
        vm.store(address(house), slot, (word >> 112) << 112);
        house.settle(_list2(first, second));
        house.settle(_list2(second, first));
        assertEq(_collateral(first), 10_000e18, "waits");
        assertEq(_position(first, _m).owed, int256((280e18 * payout) >> 40), "cut");
        vm.store(address(house), slot, word);
        house.settle(_list2(first, second));
        assertEq(_collateral(first), 10_000e18 + ((280e18 * payout) >> 40), "the first, once");
        assertEq(_collateral(second), 10_000e18 + ((120e18 * payout) >> 40), "the second, once");
        _assertSolvent();
    }

    /// @dev 16 of fees for opening and 16 for closing wait, because no sweep takes them while gains wait: 192 of 400.
    function test_windUp_takesWaitingFeesFirst() public {
        (AccountId first, ) = _twoWinnersUnderAShortfall();
        RiskParameters memory p = _plain();
        (p.tradeFee, p.shortfallLimit) = (10_000, 1_000_000);
        _decree(_m, p);
        _fill(_alice, _bob, _m, 10e18, 80e18);
        _end();
        _fill(_bob, _alice, _m, 10e18, 80e18);
        house.accrueFunding(_m);
        assertEq(_market(_m).fees, 32e18, "they wait");
        _pass(PERIOD);
        house.settle(_list1(first));
        uint256 payout = _market(_m).payout;
        assertEq(payout, uint256(192 << 40) / 400, "of 400");
        assertEq(_market(_m).fees, 0, "fees");
        assertEq(_collateral(first), 10_000e18 + ((280e18 * payout) >> 40), "the first");
        _assertSolvent();
    }

    /// @dev Bob's gain of 50 is cut to 20, alice's loss of 50 is paid in full, late: 30 stay in the pool.
    function test_windUp_cutsNoLoss() public {
        (AccountId first, AccountId second) = _twoWinnersUnderAShortfall();
        RiskParameters memory p = _plain();
        p.shortfallLimit = 1_000_000;
        _decree(_m, p);
        _fill(_alice, _bob, _m, 10e18, 80e18);
        _to(75e18);
        _end();
        _pass(PERIOD);
        AccountId[] memory list = new AccountId[](4);
        (list[0], list[1], list[2], list[3]) = (_alice, _bob, first, second);
        house.settle(list);
        assertEq(_collateral(_alice), 950e18, "in full");
        assertEq(_collateral(_bob), 1_000e18 + ((50e18 * uint256(_market(_m).payout)) >> 40), "two fifths");
        assertApproxEqAbs(uint256(_market(_m).pool), 30e18, 1e9, "what came too late");
        _assertSolvent();
    }

    /// @dev Where nobody has paid anything, nobody is paid anything, and nobody is kept.
    function test_windUp_ofAnEmptyPool() public {
        _cap(_m, 0);
        _to(110e18);
        AccountId carol = _join("carol", 1_000);
        _fill(carol, _alice, _m, 10e18, 110e18);
        _fill(_bob, carol, _m, 10e18, 110e18);
        house.settle(_list1(_alice));
        assertEq(_collateral(_alice), 1_100e18, "alice has been paid");
        // As if bob's loss had been somebody's who had nothing.
        bytes32 slot = keccak256(abi.encode(uint256(_m), uint256(3)));
        uint256 word = uint256(vm.load(address(house), slot));
        vm.store(address(house), slot, bytes32(((word >> 112) << 112) | (4 << 248)));
        vm.store(address(house), bytes32(uint256(slot) + 6), bytes32(uint256(100e18)));
        _end();
        _pass(PERIOD);
        house.accrueFunding(_m);
        assertEq(_market(_m).payout, 1, "nothing");
        assertEq(_market(_m).shortfall, 0, "written off");
        vm.prank(_bob.owner());
        house.withdraw(_bob, 900e18, _bob.owner());
    }

    /// @dev Bull and bear default in turn, and nobody opposes either: of the 400 that they owe, 240 stay unpaid.
    function _twoWinnersUnderAShortfall() private returns (AccountId first, AccountId second) {
        _fill(_bob, _alice, _m, 10e18, 100e18);
        _cap(_m, 0);
        (AccountId bull, AccountId bear) = (_join("bull", 100), _join("bear", 60));
        (first, second) = (_join("first", 10_000), _join("second", 10_000));
        _fill(bull, first, _m, 7e18, 100e18);
        _fill(bull, second, _m, 3e18, 100e18);
        _to(60e18);
        _fill(first, bear, _m, 7e18, 60e18);
        _fill(second, bear, _m, 3e18, 60e18);
        _to(80e18);
        _deleverage(bull, bear);
        assertEq(_market(_m).shortfall, 240e18, "shortfall");
        assertEq(_market(_m).pool, 160e18, "pool");
    }

    // ------------------------------------------------------------------ makings

    function _end() private {
        governor.endMarket(_m);
    }

    function _to(uint256 price) private {
        _setPrice(_m, price);
        house.accrueFunding(_m);
    }
}

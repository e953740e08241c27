// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {Call} from "../../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {ALL_CLOSED} from "../../../contracts/types/MarketState.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {ChainlinkAggregator} from "../../mocks/ChainlinkFeed.sol";
import {Vm} from "../../utils/Vm.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Where a wei, or a branch that is seldom taken, decides: one test for each change of the modules that no other test
/// had noticed.
contract EdgesTest is HouseTest {
    // ------------------------------------------------------------------ deleverage

    /// @dev Notional 870.0000005 and 6,699.00000385 wei, of which a hundredth is the bounty: rounded up it would be a wei more.
    function test_deleverage_roundsTheNotionalOfABountyDown() public {
        uint8 m = _list(100e18, _bountiful());
        AccountId alice = _join("alice", 112);
        _fill(alice, _join("bob", 20_000), m, 10e18 + 77, 100e18);
        _insure("backer", 2_000);
        _setPrice(m, 87.00000005e18);
        _deleverage(alice);
        assertEq(_collateral(accountId(address(this), 0)), 8.700000005e18 + 66, "bounty");
    }

    function test_deleverage_allocatesNothing_whereNothingWasLost() public {
        (uint8 m, uint8 n) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (AccountId alice, AccountId bob) = (_join("alice", 210), _join("bob", 20_000));
        _fill(alice, bob, m, 10e18, 100e18);
        _fill(alice, bob, n, 10e18, 100e18);
        _setPrice(m, 70e18);
        vm.recordLogs();
        _deleverage(alice);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, Events.DeficitAllocated.selector), 1, "where it was lost");
        assertEq(_count(logs, Events.SideScaled.selector), 2, "closed in both");
    }

    function test_deleverage_leavesTheHaircutsBoundAlone_whereTheFundPaysAll() public {
        uint8 m = _list(100e18, _bountiful());
        AccountId alice = _join("alice", 112);
        AccountId carol = _join("carol", 20_000);
        AccountId bob = _join("bob", 20_000);
        _fill(alice, bob, m, 10e18, 100e18);
        _fill(carol, bob, m, 10e18, 100e18);
        _insure("backer", 2_000);
        _setPrice(m, 80e18);
        _deleverage(alice);
        assertEq(house.sizeOf(bob, m), -10e18, "resolved");
        assertEq(_haircutLimit(m).markAcceptedAt, 0, "nobody has been charged");
    }

    function test_deleverage_takesBackWhatATakerCannotBear() public {
        uint8 m = _list(100e18, _plain());
        (AccountId alice, AccountId carol) = (_join("alice", 100), _join("carol", 20_000));
        (AccountId bob, AccountId taker) = (_join("bob", 20_000), _join("taker", 1));
        _fill(alice, bob, m, 10e18, 100e18);
        _fill(carol, bob, m, 10e18, 100e18);
        _insure("backer", 2_000);
        _setPrice(m, 80e18);
        house.deleverage(_list1(alice), taker);
        assertEq(house.sizeOf(taker, m), 0, "taker");
        assertEq(_market(m).longShares, 10e18, "carol's are all that is left");
    }

    /// @dev A market without a price that only the defaulter is in does not keep the taker from taking over elsewhere.
    function test_deleverage_asksTheTakerForPricesOfItsOwnMarketsOnly() public {
        (uint8 dead, uint8 m) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (AccountId alice, AccountId bob) = (_join("alice", 200), _join("bob", 20_000));
        AccountId taker = _join("taker", 20_000);
        _fill(alice, bob, dead, 10e18, 100e18);
        _fill(alice, bob, m, 10e18, 100e18);
        _insure("backer", 2_000);
        _refuse(dead);
        _setPrice(m, 70e18);
        house.deleverage(_list1(alice), taker);
        assertEq(house.sizeOf(taker, m), 10e18, "taken over");
        assertEq(house.sizeOf(alice, dead), 10e18, "pending");
    }

    function test_deleverage_closesBothSides_whereOnlyDustIsLeftOfTheLongs() public {
        _leaveDust(true);
    }

    function test_deleverage_closesBothSides_whereOnlyDustIsLeftOfTheShorts() public {
        _leaveDust(false);
    }

    /// @dev A size-wei that was scaled to less than one is left of a side, and of the other side what many closings have
    /// rounded away on this one.
    function _leaveDust(bool longs) private {
        uint8 m = _list(100e18, _plain());
        (AccountId rich, AccountId maker) = (_join("rich", 1_000), _join("maker", 20_000));
        AccountId dust = _join("dust", 1);
        _open(rich, maker, m, 2e18, longs);
        _open(dust, maker, m, 1, longs);
        AccountId[] memory bankrupt = new AccountId[](30);
        for (uint256 i; i < bankrupt.length; ++i) {
            bankrupt[i] = _join(string.concat("bankrupt ", vm.toString(i)), 11);
            _open(rich, bankrupt[i], m, 1e18 + 7 * i, longs);
        }
        _setPrice(m, longs ? 120e18 : 80e18);
        for (uint256 i; i < bankrupt.length; ++i) _deleverage(bankrupt[i]);
        assertEq(house.sizeOf(dust, m), 0, "less than a size-wei");
        _settle(rich);
        uint256 spare = _collateral(rich) - 100e18;
        vm.prank(rich.owner());
        house.withdraw(rich, spare, rich.owner());
        _setPrice(m, longs ? 1e18 : 200e18);
        _deleverage(rich);
        uint256 ended = _market(m).generation - 1;
        assertEq(_endedGeneration(m, ended).longShift, ALL_CLOSED, "longs");
        assertEq(_endedGeneration(m, ended).shortShift, ALL_CLOSED, "shorts");
        assertEq(house.sizeOf(maker, m), 0, "nobody is left");
    }

    function _open(AccountId a, AccountId b, uint8 m, uint256 size, bool aBuys) private {
        if (aBuys) _fill(a, b, m, size, 100e18);
        else _fill(b, a, m, size, 100e18);
    }

    // ------------------------------------------------------------------ liquidate

    /// @dev Collateral of 3 is less than the fund's part of 3.2; the incentive comes from the 20 that wait.
    function test_liquidate_takesTheIncentiveFromWhatTheFundLeaves() public {
        (uint8 m, uint8 n) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (AccountId debtor, AccountId bob) = (_join("debtor", 200), _join("bob", 20_000));
        AccountId keeper = _join("keeper", 20_000);
        _fill(debtor, bob, m, 10e18, 100e18);
        _fill(debtor, bob, n, 10e18, 100e18);
        _setPrice(m, 102e18);
        _setPrice(n, 80.3e18);
        house.liquidate(debtor, m, ALL, keeper);
        assertEq(_collateral(fundAccount), 3e18, "all of it to the fund");
        assertEq(_collateral(debtor), 0, "nothing is left");
        assertEq(_collateral(keeper), 20_000e18, "the incentive waits");
        assertGt(_position(keeper, m).owed, 0, "as a claim");
        _assertSolvent();
    }

    /// @dev The incentive is worth more than what the taker had not paid: that is paid all the same.
    function test_liquidate_paysTheTakersUnpaidLosses_whateverItEarns() public {
        uint8 loss = _list(100e18, _plain());
        uint8 m = _list(110e18, _plain());
        AccountId taker = _join("taker", 1_000);
        _fill(taker, _join("winner", 50_000), loss, 50e18, 100e18);
        (AccountId debtor, AccountId other) = (_join("debtor", 140_000), _join("other", 10_000_000));
        _fill(debtor, other, m, 10_000e18, 110e18);
        _setPrice(loss, 79e18);
        _settle(taker);
        assertEq(_position(taker, loss).owed, -50e18, "unpaid");
        _setPrice(m, 100e18);

        Call[] memory calls = new Call[](2);
        calls[0] = Call(address(house), abi.encodeCall(house.liquidate, (debtor, m, ALL, taker)));
        calls[1] = Call(
            address(house),
            abi.encodeCall(house.fill, (IClearingHouse.Fill(other, taker, m, 4_340e18, 100e18, NO_ACCOUNT, 0, 0)))
        );
        house.batch(calls);
        assertEq(_position(taker, loss).owed, 0, "paid");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ settle

    /// @dev b waits for a, who waits for c: listed in this order, twice through the list pays a, and b only in part.
    function test_settle_goesThroughTheListTwice() public {
        (uint8 m, uint8 n) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (AccountId a, AccountId b, AccountId c) = (_join("a", 200), _join("b", 1_000), _join("c", 1_000));
        _fill(a, c, m, 10e18, 100e18);
        _fill(a, b, n, 10e18, 100e18);
        _setPrice(m, 140e18);
        _setPrice(n, 50e18);
        vm.recordLogs();
        house.settle(_list3(b, a, c));
        assertEq(_collateral(b), 1_200e18, "what a had");
        assertEq(_market(n).pool, 300e18, "what a got from c waits for b");
        assertEq(_count(vm.getRecordedLogs(), Events.Settled.selector), 5, "c is owed nothing, and comes once");
    }

    // ------------------------------------------------------------------ fill

    /// @dev The largest size of any market is refused as more than this one takes, not as more than any.
    function test_fill_looksAtTheLargestSize() public {
        uint8 m = _list(100e18, _plain());
        (AccountId alice, AccountId bob) = (_join("alice", 1_000), _join("bob", 1_000));
        uint256 limit = (uint256(1e18) << 24) << 7;
        vm.expectRevert(abi.encodeWithSelector(Errors.SizeOutOfRange.selector, 1e30, limit));
        _fill(alice, bob, m, 1e30, 100e18);
    }

    /// @dev 5 % of a mark that ends in a single wei.
    function test_fill_roundsTheBandDown() public {
        uint8 m = _list(100e18, _plain());
        (AccountId alice, AccountId bob) = (_join("alice", 1_000), _join("bob", 1_000));
        ChainlinkAggregator exact = new ChainlinkAggregator(18, "TEST / USD");
        _pass(1);
        exact.setAnswer(100e18 + 1, vm.getBlockTimestamp());
        _point(m, exact);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 105e18 + 2, 100e18 + 1, 5e18));
        _fill(alice, bob, m, 1e18, 105e18 + 2);
        _fill(alice, bob, m, 1e18, 105e18 + 1);
    }

    /// @dev Worth a fraction of a wei less than the minimum is dust, which may shrink.
    function test_fill_takesAFractionLessThanTheMinimumForDust() public {
        RiskParameters memory p = _plain();
        p.minNotional = 100e18;
        uint8 m = _list(0.71e18, p);
        (AccountId alice, AccountId bob) = (_join("alice", 1_000), _join("bob", 1_000));
        uint256 size = (uint256(100e18) * 10) / 7;
        _fill(alice, bob, m, size, 0.71e18);
        _setPrice(m, 0.7e18);
        _fill(bob, alice, m, size / 2, 0.7e18);
        assertEq(house.sizeOf(alice, m), int256(size - size / 2), "less of it");
    }

    /// @dev What may be charged to who reduces below MM is equity times the part of MM that goes, both rounded down.
    function testFuzz_fill_roundsTheMarginOfWhatIsClosedDown(uint256 closed) public {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        uint8 m = _list(112e18, p);
        (AccountId alice, AccountId bob) = (_join("alice", 1_302), _join("bob", 100_000));
        _fill(alice, bob, m, 100e18, 112e18);
        uint256 mark = 101.00000007e18;
        _setPrice(m, mark);
        _settle(alice);
        uint256 equity = _collateral(alice);
        assertLt(equity, 100e18, "less than a fifth of MM");

        closed = bound(closed, 1e9, 90e18);
        // A wei more of notional would be a wei more of margin.
        while (((closed * mark) / 1e18) % 20 != 19) ++closed;
        uint256 maintenanceMargin = (100 * mark * 50_000 + 1e6 - 1) / 1e6;
        uint256 marginClosed = (((closed * mark) / 1e18) * 50_000) / 1e6;
        _fill(bob, alice, m, closed, mark);
        assertEq(_collateral(alice), equity - (equity * marginClosed) / maintenanceMargin, "what is left");
    }

    // ------------------------------------------------------------------

    /// @dev A fee of 1 % of each side, and as much for whoever resolves a default.
    function _bountiful() private pure returns (RiskParameters memory p) {
        p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (10_000, 10_000, 1_000e18);
    }
}

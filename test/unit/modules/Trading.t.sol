// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {Rights, TRADE, WITHDRAW} from "../../../contracts/types/Rights.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice What a fill books, whom it lets trade, and which input it refuses. Limits of markets and the health of parties have
/// files of their own.
contract TradingTest is HouseTest {
    uint8 internal market;
    AccountId internal alice;
    AccountId internal bob;

    function setUp() public override {
        super.setUp();
        market = _list(100e18, _plain());
        alice = _join("alice", 1_000);
        bob = _join("bob", 1_000);
    }

    // ------------------------------------------------------------------ what is booked

    function test_fill_opensBothSides() public {
        vm.expectEmit(address(house));
        emit Events.Filled(market, alice, bob, 10e18, 100e18, 100e18, 10e18, -10e18, 1_000e18, 1_000e18, 0);
        _fill(alice, bob, market, 10e18, 100e18);
        _assertAccount(alice, market, 1_000e18, 10e18, "alice");
        _assertAccount(bob, market, 1_000e18, -10e18, "bob");
        assertEq(_market(market).longShares, 10e18, "longs");
        assertEq(_market(market).shortShares, 10e18, "shorts");
        _assertMarket(market, 0, 0);
        _assertSolvent();
    }

    function test_fill_booksTheDistanceFromMarkAtOnce() public {
        vm.expectEmit(address(house));
        emit Events.Filled(market, alice, bob, 10e18, 102e18, 100e18, 10e18, -10e18, 980e18, 1_020e18, 0);
        _fill(alice, bob, market, 10e18, 102e18);
        _assertMarket(market, 0, 0);

        vm.expectEmit(address(house));
        emit Events.Filled(market, bob, alice, 10e18, 97e18, 100e18, 0, 0, 1_050e18, 950e18, 0);
        _fill(bob, alice, market, 10e18, 97e18);
        assertFalse(_isIn(alice, market) || _isIn(bob, market), "both have left");
        _assertSolvent();
    }

    function test_fill_roundsTheDistanceAgainstBoth() public {
        // 3 size-wei at a third of a wei each: the buyer pays one, the seller gets none, the pool keeps it.
        _fill(alice, bob, market, 3, 100e18 + 333_333_333_333_333_333);
        assertEq(_collateral(alice), 1_000e18 - 1, "buyer");
        assertEq(_collateral(bob), 1_000e18, "seller");
        _assertMarket(market, 1, 0);
        _assertSolvent();
    }

    function test_fill_addsToAPosition() public {
        _fill(alice, bob, market, 10e18, 100e18);
        _setPrice(market, 110e18);
        // The short's loss of 100 is collected and pays the long's gain.
        vm.expectEmit(address(house));
        emit Events.Filled(market, alice, bob, 5e18, 110e18, 110e18, 15e18, -15e18, 1_100e18, 900e18, 0);
        _fill(alice, bob, market, 5e18, 110e18);
        _assertMarket(market, 0, 0);
        assertEq(_position(alice, market).paidValue, int256(110e18) << _market(market).scale, "paid up to 110");
        _assertSolvent();
    }

    function test_fill_leavesAGainWaiting_whenThePoolIsEmpty() public {
        AccountId carol = _join("carol", 1_000);
        _fill(alice, bob, market, 10e18, 100e18);
        _setPrice(market, 110e18);
        vm.expectEmit(address(house));
        emit Events.Filled(market, carol, alice, 10e18, 110e18, 110e18, 10e18, 0, 1_000e18, 1_000e18, 0);
        _fill(carol, alice, market, 10e18, 110e18);
        assertEq(_position(alice, market).owed, 100e18, "waits");
        assertTrue(_position(alice, market).hasOwed, "and is marked");
        assertTrue(_isIn(alice, market), "alice stays in the market");

        house.settle(_list2(bob, alice));
        assertEq(_collateral(alice), 1_100e18, "paid");
        assertEq(_position(alice, market).owed, 0, "nothing owed");
        assertFalse(_isIn(alice, market), "alice has left");
        _assertSolvent();
    }

    function test_fill_settlesTheLoserFirst_onEitherSide() public {
        _fill(alice, bob, market, 10e18, 100e18);
        _setPrice(market, 90e18);
        _fill(bob, alice, market, 10e18, 90e18);
        _assertAccount(alice, market, 900e18, 0, "long lost");
        _assertAccount(bob, market, 1_100e18, 0, "short won");
        _fill(bob, alice, market, 10e18, 90e18);
        _setPrice(market, 99e18);
        _fill(alice, bob, market, 10e18, 99e18);
        _assertAccount(alice, market, 810e18, 0, "short lost");
        _assertAccount(bob, market, 1_190e18, 0, "long won");
        _assertSolvent();
    }

    function test_fill_settlesNoOtherMarket() public {
        uint8 other = _list(100e18, _plain());
        _fill(alice, bob, other, 10e18, 100e18);
        _setPrice(other, 90e18);
        _setPrice(market, 100e18);
        _fill(alice, bob, market, 1e18, 100e18);
        _assertMarket(other, 0, 0);
        assertEq(_collateral(alice), 1_000e18, "the loss of 100 elsewhere stays where it is");
        assertEq(_market(other).mark, 90e18, "but its mark is kept");
    }

    function test_fill_flipsThroughZero() public {
        _fill(alice, bob, market, 10e18, 100e18);
        vm.expectEmit(address(house));
        emit Events.Filled(market, bob, alice, 15e18, 100e18, 100e18, 5e18, -5e18, 1_000e18, 1_000e18, 0);
        _fill(bob, alice, market, 15e18, 100e18);
        assertEq(_market(market).longShares, 5e18, "longs");
        assertEq(_market(market).shortShares, 5e18, "shorts");
        _assertSolvent();
    }

    function test_fill_movesAPositionBetweenHolders() public {
        AccountId carol = _join("carol", 1_000);
        _fill(alice, bob, market, 10e18, 100e18);
        _fill(carol, alice, market, 4e18, 100e18);
        _assertAccount(alice, market, 1_000e18, 6e18, "alice");
        _assertAccount(carol, market, 1_000e18, 4e18, "carol");
        assertEq(_market(market).longShares, 10e18, "open interest");
    }

    function test_fill_letsOneOwnersAccountsTrade() public {
        AccountId second = accountId(alice.owner(), 1);
        everyone.push(second);
        _deposit(second, 500e18);
        vm.prank(alice.owner());
        _fill(alice, second, market, 1e18, 100e18);
        assertEq(house.sizeOf(second, market), -1e18);
    }

    // ------------------------------------------------------------------ rights

    function test_fill_needsTheTradeRightOfBoth() public {
        address venue = makeAddr("venue");
        _expectNotPermitted(alice, venue);
        _allow(alice, venue, TRADE);
        _expectNotPermitted(bob, venue);
        _allow(bob, venue, WITHDRAW);
        _expectNotPermitted(bob, venue);
        _allow(bob, venue, Rights.wrap(3));
        vm.prank(venue);
        _fill(alice, bob, market, 1e18, 100e18);
        _allow(bob, venue, Rights.wrap(0));
        _expectNotPermitted(bob, venue);
    }

    function test_fill_refusesTheFund() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.FundAccountRefused.selector));
        _fill(fundAccount, bob, market, 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.FundAccountRefused.selector));
        _fill(alice, fundAccount, market, 1e18, 100e18);
    }

    // ------------------------------------------------------------------ bad input

    function test_fill_refusesOneAccountOnBothSides() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.SameAccount.selector, alice));
        _fill(alice, alice, market, 1e18, 100e18);
    }

    function test_fill_refusesNothing() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        _fill(alice, bob, market, 0, 100e18);
    }

    function test_fill_refusesSizesBeyondAnyMarket() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.SizeOutOfRange.selector, 1e30 + 1, 1e30));
        _fill(alice, bob, market, 1e30 + 1, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.SizeOutOfRange.selector, ALL, 1e30));
        _fill(alice, bob, market, ALL, 100e18);
    }

    function test_fill_refusesUnknownMarkets() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 1));
        _fill(alice, bob, 1, 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 128));
        _fill(alice, bob, 128, 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 255));
        _fill(alice, bob, 255, 1e18, 100e18);
    }

    function test_fill_refusesPricesOutOfTheBand() public {
        _fill(alice, bob, market, 1e18, 105e18);
        _fill(alice, bob, market, 1e18, 95e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 105e18 + 1, 100e18, 5e18));
        _fill(alice, bob, market, 1e18, 105e18 + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 95e18 - 1, 100e18, 5e18));
        _fill(alice, bob, market, 1e18, 95e18 - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 0, 100e18, 5e18));
        _fill(alice, bob, market, 1e18, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, ALL, 100e18, 5e18));
        _fill(alice, bob, market, 1e18, ALL);
    }

    function test_fill_refusesASeventeenthMarket() public {
        AccountId carol = _join("carol", 10_000);
        for (uint256 i; i < 15; ++i) _fill(alice, carol, _list(100e18, _plain()), 1e18, 100e18);
        _fill(alice, bob, market, 1e18, 100e18);
        uint8 next = _list(100e18, _plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 17, 16));
        _fill(alice, bob, next, 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 17, 16));
        _fill(bob, alice, next, 1e18, 100e18);
        // Leaving one makes room.
        _fill(bob, alice, market, 1e18, 100e18);
        _fill(alice, bob, next, 1e18, 100e18);
    }

    function test_fill_refusesAccountsInDefault() public {
        AccountId carol = _join("carol", 1_000);
        AccountId poor = _join("poor", 100);
        _fill(poor, bob, market, 10e18, 100e18);
        _setPrice(market, 89e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, poor, 10e18));
        _fill(carol, poor, market, 10e18, 89e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, poor, 10e18));
        _fill(poor, carol, market, 10e18, 89e18);
    }

    // ------------------------------------------------------------------ prices that are refused

    function test_fill_needsAPriceOfItsMarket() public {
        uint256 publishedAt = _publishedAt(market);
        _pass(MAX_AGE);
        _fill(alice, bob, market, 1e18, 100e18);
        _pass(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceTooOld.selector, market, publishedAt, MAX_AGE));
        _fill(alice, bob, market, 1e18, 100e18);
    }

    function test_fill_refusesPricesOutOfRange() public {
        // The market was listed for prices up to 1e6; its numbers hold up to 2^80 wei.
        uint256 price = 120_892_581961463 * 1e10;
        assertGe(price, 2 ** 80, "the first of the feed's steps beyond it");
        _quotePrice(market, price);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceRefused.selector, market, price, vm.getBlockTimestamp()));
        _fill(alice, bob, market, 1e18, price);

        _setPrice(market, price - 1e10);
        house.accrueFunding(market);
        assertEq(_market(market).mark, price - 1e10, "the last one that is taken");
    }

    function test_fill_refusesAPriceOlderThanTheAcceptedOne() public {
        _setPrice(market, 101e18);
        house.accrueFunding(market);
        uint256 accepted = vm.getBlockTimestamp();
        _pass(10);
        feeds[market].setAnswer(102e8, accepted - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceRefused.selector, market, 102e18, accepted - 1));
        _fill(alice, bob, market, 1e18, 102e18);
    }

    function test_fill_acceptsANewerMark() public {
        _setPrice(market, 103e18);
        vm.expectEmit(address(house));
        emit Events.MarkAccepted(market, 103e18, vm.getBlockTimestamp());
        _fill(alice, bob, market, 1e18, 103e18);
        assertEq(_market(market).mark, 103e18, "mark");
        assertEq(_market(market).acceptedAt, vm.getBlockTimestamp(), "accepted at");
    }

    function test_fill_acceptsOneMarkABlock() public {
        _setPrice(market, 103e18);
        _fill(alice, bob, market, 1e18, 103e18);
        feeds[market].setAnswer(101e8, vm.getBlockTimestamp());
        _fill(alice, bob, market, 1e18, 103e18);
        assertEq(_market(market).mark, 103e18, "mark");
        // Nor is what was published in that second taken later.
        _pass(1);
        _fill(alice, bob, market, 1e18, 103e18);
        assertEq(_market(market).mark, 103e18, "mark, a block later");
    }

    function test_fill_refusesNewRiskBesideAPositionWithoutPrice() public {
        uint8 other = _list(100e18, _plain());
        AccountId carol = _join("carol", 1_000);
        _fill(alice, bob, other, 1e18, 100e18);
        _fill(alice, carol, market, 5e18, 100e18);
        _refuse(other);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        _fill(alice, carol, market, 1e18, 100e18);
        // Reducing goes on.
        _fill(carol, alice, market, 5e18, 100e18);
        assertEq(house.sizeOf(alice, market), int256(0));
    }

    // ------------------------------------------------------------------ helpers

    function _allow(AccountId id, address operator, Rights rights) private {
        vm.prank(id.owner());
        house.setOperator(0, operator, rights);
    }

    function _expectNotPermitted(AccountId id, address venue) private {
        vm.prank(venue);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, id, venue, TRADE));
        house.fill(IClearingHouse.Fill(alice, bob, market, 1e18, 100e18, NO_ACCOUNT, 0, 0));
    }
}

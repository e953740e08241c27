// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IClearingHouseLens} from "../../../contracts/interfaces/IClearingHouseLens.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {LensWorld} from "./LensWorld.sol";

/// @notice Liquidation and bankruptcy prices: against hand-computed ones, and against what the house then accepts.
contract TriggerPriceTest is LensWorld {
    uint256 private constant NEVER = type(uint256).max;
    /// @dev What a market listed for `MAX_PRICE` refuses from: 2^104 in value units.
    uint256 private constant PRICE_LIMIT = 1 << 80;

    AccountId private _keeper;

    function setUp() public override {
        super.setUp();
        _keeper = _trader("keeper", 1e9);
    }

    // ------------------------------------------------------------------ hand-computed

    function test_prices_ofOneMarket() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 100, 1_000, 10e18);

        // 100 + 10 · (p − 100) < 0.5 · p below 900 / 9.5, and < 0 below 90.
        _assertPrices(alice, 0, 94.736842105263157894e18, 90e18 - 1);
        // 1000 + 10 · (100 − p) < 0.5 · p above 2000 / 10.5, and < 0 above 200.
        _assertPrices(bob, 0, 190.476190476190476191e18, 200e18 + 1);
        _assertTriggers(alice, market, 0);
        _assertTriggers(bob, market, 0);
    }

    function test_prices_ofOneMarket_doNotMoveWithTheMark() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 100, 1_000, 10e18);
        _setFinePrice(market, 97e18);
        _assertPrices(alice, 0, 94.736842105263157894e18, 90e18 - 1);
        _settle(bob);
        _settle(alice);
        _assertPrices(alice, 0, 94.736842105263157894e18, 90e18 - 1);
        _assertPrices(bob, 0, 190.476190476190476191e18, 200e18 + 1);
        _wait(1);
        _assertTriggers(alice, market, 0);
    }

    function test_prices_ofTwoMarkets_holdTheOtherStill() public {
        (uint8 first, uint8 second, AccountId alice) = _cross();

        // Equity without the first market is 500 − 200, MM without it 110: 300 + 10 · (p − 100) < 110 + 0.5 · p.
        _assertPrices(alice, 0, 85.263157894736842105e18, 70e18 - 1);
        // The waiting gain of 100 counts: 600 + 2 · (1000 − p) < 55 + 0.1 · p.
        _assertPrices(alice, 1, 1211.904761904761904762e18, 1300e18 + 1);
        _wait(1);
        _assertTriggers(alice, first, 0);
        _assertTriggers(alice, second, 1);
    }

    function test_prices_belowTheMargin_areTheWayBack() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 100, 1_000, 10e18);
        _setFinePrice(market, 93e18);
        assertStanding(alice, IClearingHouseLens.Standing.Liquidatable, "alice");
        _assertPrices(alice, 0, 94.736842105263157894e18, 90e18 - 1);
        _setFinePrice(market, 85e18);
        assertStanding(alice, IClearingHouseLens.Standing.InDefault, "alice");
        _assertPrices(alice, 0, 94.736842105263157894e18, 90e18 - 1);
        _setFinePrice(market, 250e18);
        assertStanding(bob, IClearingHouseLens.Standing.InDefault, "bob");
        _assertPrices(bob, 0, 190.476190476190476191e18, 200e18 + 1);
    }

    function test_prices_outOfReach() public {
        // The long could pay for a price of zero; the short for the last one that the market would take.
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 1_000, 100_000_000, 10e18);
        _assertPrices(alice, 0, 0, 0);
        _assertPrices(bob, 0, NEVER, NEVER);
        _quote(market, 1);
        assertStanding(alice, IClearingHouseLens.Standing.Healthy, "alice");
        _quote(market, PRICE_LIMIT - 1);
        assertStanding(bob, IClearingHouseLens.Standing.Healthy, "bob");
    }

    function test_prices_whereNoPriceSaves() public {
        uint8 first = _listFine(100e18, _plain());
        uint8 second = _listFine(100e18, _plain());
        AccountId alice = _trader("alice", 100);
        AccountId bob = _trader("bob", 1e8);
        // A short of dust size beside a long that has lost everything.
        _fill(bob, alice, first, 1e12, 100e18);
        _fill(alice, bob, second, 5e18, 100e18);
        _setFinePrice(second, 1e18);
        // Equity without the short: 100 − 495. At a price of zero it would have gained 0.0001.
        _assertPrices(alice, 0, 1, 1);
        _quote(first, 1);
        assertStanding(alice, IClearingHouseLens.Standing.InDefault, "alice at the best price");
    }

    function test_prices_areZero_withoutASize() public {
        (uint8 market, AccountId alice, ) = _pair(100e18, 1_000, 1_000, 10e18);
        AccountId carol = _trader("carol", 1_000);
        _setFinePrice(market, 110e18);
        _fill(carol, alice, market, 10e18, 110e18);
        assertEq(_position(alice, 0).size, int256(0), "size");
        assertEq(_position(alice, 0).owed, 100e18, "owed");
        _assertPrices(alice, 0, 0, 0);
    }

    /// @dev In steps of a wei, equity and margin of a small position cross more than once. The first crossing counts.
    function test_liquidationPrice_isTheFirstCrossing() public {
        RiskParameters memory steep = _plain();
        (steep.initialMargin, steep.initialMarginAtCap) = (500_001, 500_001);
        steep.maintenanceMargin = 500_000;
        uint8 market = _listFine(1000, steep);
        AccountId alice = _trader("alice", 0);
        AccountId bob = _trader("bob", 1);
        _deposit(alice, 80);
        _fill(alice, bob, market, 0.1e18, 1000);
        _wait(1);

        // E(p) = 80 + ⌊(p − 1000) / 10⌋, M(p) = ⌈⌈p / 10⌉ / 2⌉: 20 and 20 at 400, 20 and 21 from 401 to 409, 21 and 21 at 410.
        assertEq(_position(alice, 0).liquidationPrice, 409, "price");
        _assertHealth(market, 410, alice, 21, 21);
        _assertHealth(market, 409, alice, 20, 21);
        _assertHealth(market, 401, alice, 20, 21);
        _assertHealth(market, 400, alice, 20, 20);
        _assertHealth(market, 399, alice, 19, 20);
    }

    // ------------------------------------------------------------------ whatever the state

    struct Draw {
        uint256 price;
        uint256 notional;
        uint256 maintenanceMargin;
        uint256 cut;
        uint256 collateral;
        uint256 tradePrice;
        uint256 otherSize;
        uint256 otherPrice;
        uint256 wait;
        bool isLong;
        bool otherIsLong;
    }

    /// @notice Cross margin over two markets, with funding under way, and after a part of the side was closed and charged.
    function testFuzz_prices_areWhereTheHouseBeginsToAccept(Draw memory d) public {
        RiskParameters memory risk = _plain();
        risk.maintenanceMargin = uint24(bound(d.maintenanceMargin, 10_000, 400_000));
        risk.initialMarginAtCap = risk.initialMargin = 2 * risk.maintenanceMargin;
        (risk.incentiveMin, risk.incentiveMax, risk.fundFee) = (0, 2_000, 1_000);
        risk.priceBand = 10_000;
        risk.maxFundingRate = 40_000;
        uint256 price = bound(d.price, 0.001e18, 10_000e18);
        uint8 first = _listFine(price, risk);
        uint8 second = _listFine(100e18, _plain());
        AccountId maker = _trader("maker", 1e9);
        AccountId alice = _trader("alice", 0);

        // A wei of equity must be far less than the margin, or nothing but defaults would be found.
        uint256 size = (bound(d.notional, 1e14, 10_000e18) * 1e18) / price;
        _scaleSide(first, d.isLong, size, maker, price, bound(d.cut, 0, 900_000));

        uint256 otherSize = bound(d.otherSize, 1e12, 100e18);
        uint256 needed = (((size * price) / 1e18) * risk.initialMargin) / 1e6 + otherSize * 10;
        _deposit(alice, bound(d.collateral, 2 * needed, 5 * needed));
        uint256 band = price / 100;
        _trade(alice, maker, first, d.isLong, size, price - band + bound(d.tradePrice, 0, 2 * band));
        _trade(alice, maker, second, d.otherIsLong, otherSize, 100e18);

        _wait(bound(d.wait, 1, 12 hours));
        _quote(first, price);
        _quote(second, bound(d.otherPrice, 90e18, 110e18));
        _assertTriggers(alice, first, 0);
        _assertTriggers(alice, second, 1);
    }

    /// @dev Lets an opponent of a side default, which closes and charges a part of that side, so that A, B and the number of
    /// shares for a size are no round numbers. `cut` is the part, ppm.
    function _scaleSide(uint8 market, bool isLong, uint256 size, AccountId maker, uint256 price, uint256 cut) private {
        if (cut == 0) return;
        AccountId other = _trader("other maker", 1e9);
        AccountId victim = _trader("victim", 0);
        uint256 part = (size * cut) / 1e6 + 1;
        _trade(maker, other, market, isLong, size, price);
        // Enough for any initial margin, too little for what follows.
        _deposit(victim, (((part * price) / 1e18) * 9) / 10 + 3);
        _trade(victim, maker, market, !isLong, part, price);
        _setFinePrice(market, isLong ? price * 5 : price / 50);
        assertStanding(victim, IClearingHouseLens.Standing.InDefault, "victim");
        _deleverage(victim);
        assertEq(house.sizeOf(victim, market), int256(0), "victim's size");
        _setFinePrice(market, price);
    }

    // ------------------------------------------------------------------ helpers

    function _pair(
        uint256 price,
        uint256 longMoney,
        uint256 shortMoney,
        uint256 size
    ) private returns (uint8 market, AccountId alice, AccountId bob) {
        market = _listFine(price, _plain());
        alice = _trader("alice", longMoney);
        bob = _trader("bob", shortMoney);
        _fill(alice, bob, market, size, price);
        _wait(1);
    }

    /// @dev Alice, with 500, is long 10 at 100 and short 2 at 1000; marks are 110 and 1100.
    function _cross() private returns (uint8 first, uint8 second, AccountId alice) {
        first = _listFine(100e18, _plain());
        second = _listFine(1000e18, _plain());
        alice = _trader("alice", 500);
        AccountId bob = _trader("bob", 1e9);
        _fill(alice, bob, first, 10e18, 100e18);
        _fill(bob, alice, second, 2e18, 1000e18);
        _wait(1);
        _quote(first, 110e18);
        _quote(second, 1100e18);
    }

    function _trade(AccountId a, AccountId b, uint8 market, bool aBuys, uint256 size, uint256 price) private {
        if (aBuys) _fill(a, b, market, size, price);
        else _fill(b, a, market, size, price);
    }

    function _assertPrices(AccountId id, uint256 i, uint256 liquidation, uint256 bankruptcy) private view {
        IClearingHouseLens.PositionHealth memory position = _position(id, i);
        assertEq(position.liquidationPrice, liquidation, "liquidation price");
        assertEq(position.bankruptcyPrice, bankruptcy, "bankruptcy price");
    }

    function _assertHealth(uint8 market, uint256 price, AccountId id, int256 equity, uint256 margin) private {
        _quote(market, price);
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(id);
        assertEq(health.equity, equity, "equity");
        assertEq(health.maintenanceMargin, margin, "margin");
    }

    enum Outcome {
        Healthy,
        Liquidated,
        InDefault
    }

    /// @dev At each of the two prices the house does what the price says, and one wei better it does not. Assumes that no
    /// mark was accepted this second.
    function _assertTriggers(AccountId id, uint8 market, uint256 i) private {
        IClearingHouseLens.PositionHealth memory position = _position(id, i);
        bool isLong = position.size > 0;
        (uint256 price, uint256 better) = _around(isLong, position.liquidationPrice);
        if (price != 0) {
            Outcome outcome = _outcomeAt(id, market, price);
            assertTrue(outcome != Outcome.Healthy, "safe at the liquidation price");
            // Where even the best price does not save it, the account may be in default there.
            if (better != 0) assertEq(uint256(outcome), uint256(Outcome.Liquidated), "at the liquidation price");
        }
        if (better != 0) {
            assertEq(uint256(_outcomeAt(id, market, better)), uint256(Outcome.Healthy), "before the liquidation price");
        }
        (price, better) = _around(isLong, position.bankruptcyPrice);
        if (price != 0) {
            assertEq(uint256(_outcomeAt(id, market, price)), uint256(Outcome.InDefault), "at the bankruptcy price");
        }
        if (better != 0) {
            assertTrue(_outcomeAt(id, market, better) != Outcome.InDefault, "before the bankruptcy price");
        }
    }

    /// @dev The price and the one a wei better; zero where the market takes no such price.
    function _around(bool isLong, uint256 trigger) private pure returns (uint256 price, uint256 better) {
        if (isLong) return (trigger, trigger + 1 < PRICE_LIMIT ? trigger + 1 : 0);
        if (trigger == NEVER) return (0, PRICE_LIMIT - 1);
        return (trigger, trigger - 1);
    }

    /// @dev What the house does to the account at a price, all taken back. Both refusals must carry the lens's numbers, and
    /// `deleverage` must agree with `liquidate`.
    function _outcomeAt(AccountId id, uint8 market, uint256 price) private returns (Outcome outcome) {
        uint256 snapshot = vm.snapshotState();
        uint256 original = _mark(market);
        _quote(market, price);
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(id);
        if (health.equity < 0) {
            outcome = Outcome.InDefault;
            vm.expectRevert(
                abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, id, uint256(-health.equity))
            );
        } else if (health.equity >= int256(health.maintenanceMargin)) {
            outcome = Outcome.Healthy;
            vm.expectRevert(
                abi.encodeWithSelector(Errors.NotLiquidatable.selector, id, health.equity, health.maintenanceMargin)
            );
        } else {
            outcome = Outcome.Liquidated;
        }
        // A wei of size: whether it is taken is the question, and any keeper can bear that.
        uint256 taken = house.liquidate(id, market, 1, _keeper);
        if (outcome == Outcome.Liquidated) assertEq(taken, 1, "taken");
        vm.revertToState(snapshot);

        snapshot = vm.snapshotState();
        _quote(market, price);
        int256 size = _position(id, 0).size;
        house.deleverage(_list1(id), NO_ACCOUNT);
        bool resolved = lens.positionsOf(id).length == 0 || _position(id, 0).size != size;
        assertEq(resolved, outcome == Outcome.InDefault, "deleverage");
        vm.revertToState(snapshot);
        _quote(market, original);
    }

    function _mark(uint8 market) private view returns (uint256) {
        return lens.marketSummary(market).mark;
    }
}

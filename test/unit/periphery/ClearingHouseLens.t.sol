// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IClearingHouseLens} from "../../../contracts/interfaces/IClearingHouseLens.sol";
import {HouseStorage} from "../../../contracts/periphery/HouseStorage.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {EndedGeneration} from "../../../contracts/types/MarketState.sol";
import {MAX_DRIFT} from "../../../contracts/types/Ranges.sol";
import {MarketStatus, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {LensWorld} from "./LensWorld.sol";

/// @notice The lens's figures against hand-computed ones, and against what the house then does.
contract ClearingHouseLensTest is LensWorld {
    using SlotDerivation for bytes32;

    // ------------------------------------------------------------------ accounts

    function test_healthOf_anAccountWithoutAnything() public {
        _listFine(100e18, _plain());
        AccountId nobody = _account("nobody");
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(nobody);
        assertEq(AccountId.unwrap(health.account), AccountId.unwrap(nobody), "account");
        assertEq(uint256(health.standing), uint256(IClearingHouseLens.Standing.Healthy), "standing");
        assertTrue(health.fresh, "fresh");
        _assertMoney(health, 0, 0, 0, 0);
        _assertMargins(health, 0, 0, 0);
        assertEq(lens.positionsOf(nobody).length, 0, "positions");
    }

    function test_healthOf_previewsThePriceThatNobodyHasBroughtYet() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 200, 1_000, 10e18);
        _setFinePrice(market, 95e18);

        // The house has not seen it …
        assertEq(uint256(lens.marketOf(market).mark), 100e18, "mark as written");
        // … and would start from it.
        IClearingHouseLens.AccountHealth memory long = lens.accountHealth(alice);
        _assertMoney(long, 200e18, -50e18, 150e18, 150e18);
        _assertMargins(long, 95e18, 47.5e18, 55e18);
        IClearingHouseLens.AccountHealth memory short = lens.accountHealth(bob);
        _assertMoney(short, 1_000e18, 50e18, 1_050e18, 1_000e18);
        _assertMargins(short, 95e18, 47.5e18, 905e18);

        IClearingHouseLens.PositionHealth memory position = _position(alice, 0);
        assertEq(uint256(position.market), market, "market");
        assertTrue(position.fresh, "fresh");
        assertEq(position.size, 10e18, "size");
        assertEq(position.mark, 95e18, "mark");
        assertEq(position.notional, 950e18, "notional");
        assertEq(position.unsettled, -50e18, "unsettled");
        assertEq(position.owed, int256(0), "owed");
        assertEq(_position(bob, 0).size, -10e18, "short size");
        _assertFreeCollateral(alice);
        _assertFreeCollateral(bob);
    }

    function test_healthOf_waitingGainsCountForEquityAndNotForSecured() public {
        AccountId alice = _cross();
        // Long 10 at 100, now 110: 100 that waits. Short 2 at 1000, now 1100: 200 that is due.
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(alice);
        _assertMoney(health, 600e18, -100e18, 500e18, 400e18);
        // Notionals are 1100 and 2200; both marks have jumped, so nothing is free before the next block.
        _assertMargins(health, 330e18, 165e18, 0);
        _wait(1);
        house.accrueFunding(0);
        house.accrueFunding(1);
        _wait(1);
        health = lens.accountHealth(alice);
        _assertMargins(health, 330e18, 165e18, 70e18);
        _assertFreeCollateral(alice);

        // Settling finds the other's loss in the pool of neither market: the gain goes on waiting, the loss is paid.
        _settle(alice);
        _assertMoney(lens.accountHealth(alice), 400e18, 100e18, 500e18, 400e18);
        assertEq(_position(alice, 0).owed, int256(0), "a gain of which nothing is paid stays in its shares");
        assertEq(_position(alice, 0).unsettled, 100e18, "gain");
        assertEq(_position(alice, 1).unsettled, int256(0), "loss");
    }

    function test_healthOf_anUnpaidLossOfAFlatAccount() public {
        (AccountId defaulter, AccountId bystander) = _shortfall();
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(bystander);
        // Its size was closed at 80 by another's default: 200 of loss on 100 of collateral.
        _assertMoney(health, 100e18, -200e18, -100e18, -100e18);
        _assertMargins(health, 0, 0, 0);
        assertStanding(bystander, IClearingHouseLens.Standing.InDefault, "bystander");
        assertEq(lens.accountHealth(defaulter).equity, int256(0), "defaulter");
    }

    function test_freeCollateral_isInWholeTokenUnits() public {
        _deploy(6);
        _deployLens();
        delete feeds;
        RiskParameters memory odd = _plain();
        (odd.initialMargin, odd.initialMarginAtCap) = (100_001, 100_001);
        uint8 market = _listFine(3.3333333e18, odd);
        AccountId alice = _trader("alice", 100);
        AccountId bob = _trader("bob", 1_000);
        _fill(alice, bob, market, 7.7777e18, 3.3333333e18);
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(alice);
        // 7.7777 · 3.3333333 · 0.100001, up to the next wei at each product.
        assertEq(health.initialMargin, 2_592_592_566_407_407_410, "IM");
        assertEq(health.freeCollateral, 97.407407e18, "free");
        _assertFreeCollateral(alice);
    }

    function test_healths_andStandings_keepTheOrderOfTheList() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 100, 1_000, 10e18);
        AccountId carol = _trader("carol", 150);
        AccountId idle = _trader("idle", 7);
        _fill(carol, bob, market, 10e18, 100e18);
        _setFinePrice(market, 89e18);

        AccountId[] memory list = new AccountId[](5);
        (list[0], list[1], list[2], list[3], list[4]) = (bob, alice, idle, carol, alice);
        IClearingHouseLens.AccountHealth[] memory found = lens.healths(list);
        IClearingHouseLens.Standing[] memory standings = lens.standings(list);
        for (uint256 i; i < list.length; ++i) {
            assertEq(keccak256(abi.encode(found[i])), keccak256(abi.encode(lens.accountHealth(list[i]))), "the same");
            assertEq(uint256(standings[i]), uint256(found[i].standing), "standing");
        }
        assertEq(uint256(standings[0]), uint256(IClearingHouseLens.Standing.Healthy), "bob");
        assertEq(uint256(standings[1]), uint256(IClearingHouseLens.Standing.InDefault), "alice");
        assertEq(uint256(standings[2]), uint256(IClearingHouseLens.Standing.Healthy), "idle");
        assertEq(uint256(standings[3]), uint256(IClearingHouseLens.Standing.Liquidatable), "carol");
        assertEq(found[1].equity, -10e18, "alice's equity");
        assertEq(found[3].equity, 40e18, "carol's equity");
        assertEq(found[3].maintenanceMargin, 44.5e18, "carol's MM");
        assertEq(lens.healths(new AccountId[](0)).length, 0, "nobody");
    }

    // ------------------------------------------------------------------ prices that are refused

    function test_aRefusedPrice_leavesTheLastMarkAndStopsWithdrawals() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 100, 1_000, 10e18);
        _announce(market, 94e18);
        house.accrueFunding(market);
        uint256 published = vm.getBlockTimestamp();
        _wait(MAX_AGE + 1);

        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(alice);
        assertFalse(health.fresh, "fresh");
        assertEq(
            uint256(health.standing),
            uint256(IClearingHouseLens.Standing.Waiting),
            "below MM, and nothing can be done"
        );
        _assertMoney(health, 100e18, -60e18, 40e18, 40e18);
        _assertMargins(health, 94e18, 47e18, 0);
        assertEq(_position(alice, 0).mark, 94e18, "mark");
        assertFalse(_position(alice, 0).fresh, "fresh position");
        assertEq(lens.accountHealth(bob).freeCollateral, 0, "bob cannot withdraw");

        bytes memory refusal = abi.encodeWithSelector(Errors.PriceTooOld.selector, market, published, MAX_AGE);
        vm.expectRevert(refusal);
        lens.previewLiquidation(alice, market, 1);
        vm.expectRevert(refusal);
        house.liquidate(alice, market, 1, bob);
        vm.expectRevert(refusal);
        vm.prank(bob.owner());
        house.withdraw(bob, 1, address(this));
    }

    function test_aPriceThatTheMarketCannotTake_isRefusedInTheHousesWords() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 100, 1_000, 10e18);
        _announce(market, 1 << 80);

        assertFalse(lens.accountHealth(alice).fresh, "fresh");
        assertEq(lens.marketSummary(market).mark, 100e18, "mark");
        assertFalse(lens.marketSummary(market).fresh, "market fresh");
        bytes memory refusal = abi.encodeWithSelector(
            Errors.PriceRefused.selector,
            market,
            uint256(1 << 80),
            vm.getBlockTimestamp()
        );
        vm.expectRevert(refusal);
        lens.previewLiquidation(alice, market, 1);
        vm.expectRevert(refusal);
        house.liquidate(alice, market, 1, bob);

        _announce(market, (1 << 80) - 1);
        assertTrue(lens.accountHealth(alice).fresh, "the highest price that it takes");
    }

    function test_aPriceOlderThanTheAcceptedOne_isRefused() public {
        (uint8 market, AccountId alice, ) = _pair(100e18, 100, 1_000, 10e18);
        _announce(market, 94e18);
        house.accrueFunding(market);
        uint256 accepted = vm.getBlockTimestamp();
        feeds[market].setAnswer(99e18, accepted - 1);
        // In the second of its acceptance a mark stands without being asked for again.
        assertTrue(lens.accountHealth(alice).fresh, "same second");
        _wait(1);
        assertFalse(lens.accountHealth(alice).fresh, "older price");
        assertEq(_position(alice, 0).mark, 94e18, "mark");
        // One of the same second says nothing new: the accepted mark stands.
        feeds[market].setAnswer(99e18, accepted);
        assertTrue(lens.accountHealth(alice).fresh, "price of the same second");
        assertEq(_position(alice, 0).mark, 94e18, "accepted mark");
    }

    function test_standing_whereOneOfTwoMarketsHasAPrice() public {
        AccountId alice = _cross();
        house.accrueFunding(0);
        house.accrueFunding(1);
        // The second market's feed falls silent; in the first the price falls.
        _wait(MAX_AGE + 1);
        _quote(0, 75e18);
        // 600 − 250 − 200; MM 37.5 + 110.
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(alice);
        assertEq(health.equity, 150e18, "equity");
        assertEq(health.maintenanceMargin, 147.5e18, "MM");
        assertFalse(health.fresh, "fresh");
        assertEq(uint256(health.standing), uint256(IClearingHouseLens.Standing.Healthy), "healthy");
        _quote(0, 74e18);
        assertStanding(alice, IClearingHouseLens.Standing.Liquidatable, "in the first market");
        _quote(0, 59e18);
        assertStanding(alice, IClearingHouseLens.Standing.InDefault, "resolved in the first market");
        _deleverage(alice);
        assertEq(house.sizeOf(alice, 0), int256(0), "closed");
        assertEq(house.sizeOf(alice, 1), -2e18, "pending");
        // What is left belongs to the market without a price.
        IClearingHouseLens.AccountHealth memory left = lens.accountHealth(alice);
        assertLt(left.equity, int256(0), "still in default");
        assertEq(uint256(left.standing), uint256(IClearingHouseLens.Standing.Waiting), "waiting");
        int256 before = left.equity;
        _deleverage(alice);
        assertEq(lens.accountHealth(alice).equity, before, "nothing can be done");
    }

    /// @dev What a deleveraging has left of alice's position has shares and no size: it needs no price, and nothing waits for it.
    function test_standing_whereWhatIsLeftHasNoSize() public {
        (uint8 first, AccountId alice, AccountId bear) = _pair(100e18, 200, 10_000, 10e18);
        uint8 second = _listFine(100e18, _plain());
        _fill(alice, bear, second, 10e18, 100e18);
        _fill(_trader("other", 10_000), bear, first, 10e18, 100e18);
        _setFinePrice(first, 70e18);
        AccountId loser = _trader("loser", 140);
        _fill(bear, loser, first, 20e18 - 2, 70e18);
        _setFinePrice(first, 91e18);
        _deleverage(loser);
        assertEq(house.sizeOf(alice, first), int256(0), "no size");
        assertEq(lens.accountHealth(alice).initialMargin, 100e18, "of the second market alone");

        _wait(MAX_AGE + 1);
        _quote(second, 80e18);
        assertFalse(lens.accountHealth(alice).fresh, "the first market's price is refused");
        assertStanding(alice, IClearingHouseLens.Standing.InDefault, "resolved all the same");
        _deleverage(alice);
        assertEq(house.sizeOf(alice, second), int256(0), "closed");
        assertStanding(alice, IClearingHouseLens.Standing.Healthy, "nothing is left");
    }

    // ------------------------------------------------------------------ funding

    function test_funding_isAccruedToThisSecond() public {
        RiskParameters memory risk = _plain();
        // A premium loses 100 parts per hundred million every second.
        risk.maxFundingRate = 28_512;
        uint8 market = _listFine(100e18, risk);
        AccountId alice = _trader("alice", 1_000);
        AccountId bob = _trader("bob", 1_000);
        // The first fill, 1 % above mark: a premium of 1 % a day.
        _fill(alice, bob, market, 10e18, 101e18);
        _wait(4320);

        // A twentieth of a day at the mean of 1 % and 0.568 %, of 100, for each of 10.
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(market);
        assertEq(summary.fundingIndex, 0.0392e18 << 24, "index");
        assertEq(summary.premium, 568_000, "what is left of the premium");
        assertEq(lens.marketOf(market).fundingIndex, int256(0), "index as written");
        assertEq(int256(lens.marketOf(market).premium), 1_000_000, "premium as written");
        _assertMoney(lens.accountHealth(alice), 990e18, -0.392e18, 989.608e18, 989.608e18);
        _assertMoney(lens.accountHealth(bob), 1_010e18, 0.392e18, 1_010.392e18, 1_010e18);
        // 989.608 + 10 · (p − 100) < 0.5 · p below 10.392 / 9.5.
        assertEq(_position(alice, 0).liquidationPrice, 1_093_894_736_842_105_263, "liquidation price");
        assertEq(_position(alice, 0).bankruptcyPrice, 1.0392e18 - 1, "bankruptcy price");

        house.accrueFunding(market);
        assertEq(int256(lens.marketOf(market).fundingIndex), summary.fundingIndex, "as the house accrues it");
        assertEq(lens.marketSummary(market).premium, summary.premium, "as the house lets it fade");
        _wait(8 hours);
        assertEq(lens.marketSummary(market).premium, int256(0), "faded");
        // Looking does not stretch it: the same line brings 5,680 seconds at half of 0.568 %.
        int256 index = lens.marketSummary(market).fundingIndex;
        int256 rest = ((int256(100e18) << 24) * 5_680 * 568_000) / (2e8 * 1 days);
        assertEq(index, (0.0392e18 << 24) + rest, "index after 8 h more");
    }

    /// @dev Nobody reaches this within years, so the index is written close to its bound before anyone trades.
    function test_funding_thatEndsTheGeneration_isSeenBeforeItIsWritten() public {
        RiskParameters memory risk = _plain();
        risk.maxFundingRate = 28_512;
        uint8 market = _listFine(100e18, risk);
        _writeFundingIndex(market, MAX_DRIFT - (0.03e18 << 24));
        AccountId alice = _trader("alice", 1_000);
        AccountId bob = _trader("bob", 1_000);
        AccountId carol = _trader("carol", 1_000);
        _fill(alice, bob, market, 10e18, 101e18);
        _fill(carol, bob, market, 3e18, 101e18);
        _wait(4320);
        _quote(market, 103e18);

        AccountId[] memory list = new AccountId[](3);
        (list[0], list[1], list[2]) = (alice, bob, carol);
        IClearingHouseLens.AccountHealth[] memory before = lens.healths(list);
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(market);
        assertEq(uint256(lens.marketOf(market).generation), 0, "generation as written");
        assertEq(summary.generation, 1, "generation");
        assertEq(summary.fundingIndex, int256(0), "index");
        // 10 · (3 − 0.0392), 13 · −(3 − 0.0392), 3 · (3 − 0.0392).
        _assertMoney(before[0], 990e18, 29.608e18, 1_019.608e18, 990e18);
        _assertMoney(before[1], 1_013e18, -38.4904e18, 974.5096e18, 974.5096e18);
        _assertMoney(before[2], 997e18, 8.8824e18, 1_005.8824e18, 997e18);
        bytes32 alicePosition = keccak256(abi.encode(lens.positionsOf(alice)));

        house.accrueFunding(market);
        assertEq(uint256(lens.marketOf(market).generation), 1, "ended");
        EndedGeneration memory ended = lens.endedGenerationOf(market, 0);
        assertEq(int256(ended.longValue), (99.9908e18 << 24) - MAX_DRIFT, "long value");
        assertEq(int256(ended.shortValue), -int256(ended.longValue), "short value");
        assertEq(
            keccak256(abi.encode(lens.healths(list))),
            keccak256(abi.encode(before)),
            "the same after it is written"
        );
        assertEq(keccak256(abi.encode(lens.positionsOf(alice))), alicePosition, "position");
        house.settle(list);
        for (uint256 i; i < 3; ++i) assertEq(lens.accountHealth(list[i]).equity, before[i].equity, "equity settled");
        assertEq(uint256(lens.positionOf(alice, market).generation), 1, "alice's generation");
        assertEq(house.sizeOf(alice, market), 10e18, "alice's size");
    }

    function _writeFundingIndex(uint8 market, int256 index) private {
        bytes32 slot = HouseStorage.MARKETS.deriveMapping(uint256(market)).offset(2);
        uint256 word = uint256(vm.load(address(house), slot));
        vm.store(address(house), slot, bytes32((word & ~uint256(type(uint112).max)) | uint112(int112(index))));
        assertEq(int256(lens.marketOf(market).fundingIndex), index, "index written");
    }

    // ------------------------------------------------------------------ after deleveraging

    function test_afterAPartialDeleveraging() public {
        RiskParameters memory risk = _plain();
        (risk.initialMargin, risk.initialMarginAtCap, risk.maintenanceMargin) = (50_000, 50_000, 25_000);
        (risk.incentiveMax, risk.priceBand) = (7_500, 25_000);
        uint8 market = _listFine(115e18, risk);
        AccountId whale = _trader("whale", 1e6);
        AccountId other = _trader("other", 1e6);
        AccountId defaulter = _trader("defaulter", 100);
        AccountId small = _trader("small", 60);
        _insure("backer", 20);
        _fill(defaulter, other, market, 10e18, 115e18);
        _fill(whale, small, market, 7e18, 115e18);
        _fill(whale, other, market, 83e18, 115e18);

        // The long of 10 has lost 150 of its 100; the fund pays 20, shorts of 100 bear 30 and lose a tenth of their size.
        _setFinePrice(market, 100e18);
        assertEq(lens.accountHealth(defaulter).equity, -50e18, "deficit");
        assertEq(lens.accountHealth(small).equity, 165e18, "before");
        _deleverage(defaulter);

        IClearingHouseLens.PositionHealth memory position = _position(small, 0);
        // A is a fraction of 2^126: the size is a wei less.
        assertEq(position.size, -6.3e18 + 1, "size");
        assertEq(position.unsettled, 102.9e18, "unsettled: 7 times 15 less 7 times 0.3");
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(small);
        _assertMoney(health, 60e18, 102.9e18, 162.9e18, 60e18);
        assertEq(health.initialMargin, 31.5e18 - 5, "IM: 5 % of 100 times that");
        assertEq(health.maintenanceMargin, 15.75e18 - 2, "MM: 2.5 %, up");
        // 162.9 + 6.3 · (100 − p) < 0.1575 · p above 792.9 / 6.4575 = 122.787456445993031358.9, and < 0 above
        // 792.9 / 6.3 = 125.857142857142857142.9. Rounding V moves the first by a wei.
        assertEq(position.liquidationPrice, 122_787_456_445_993_031_360, "liquidation price");
        assertEq(position.bankruptcyPrice, 125_857_142_857_142_857_143, "bankruptcy price");

        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(market);
        assertEq(summary.longSize, 90e18, "longs");
        assertEq(summary.shortSize, 90e18 - 1, "shorts");
        assertEq(summary.openInterest, 9_000e18, "open interest");
        assertEq(summary.pool, 120e18, "pool: 100 of the defaulter, 20 of the fund");
        // Settling writes what was previewed.
        _settle(small);
        assertEq(house.sizeOf(small, market), position.size, "size written");
        assertEq(lens.accountHealth(small).equity, 162.9e18, "equity settled");
        assertEq(_collateral(small), 162.9e18, "paid");
    }

    function test_afterTheEndOfAGeneration() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(2000e18, 2_000, 20_000, 10e18);
        _insure("backer", 400);
        _setFinePrice(market, 1700e18);
        _deleverage(alice);

        assertEq(int256(lens.positionOf(bob, market).shares), -10e18, "as stored, of a generation that is over");
        IClearingHouseLens.PositionHealth memory position = _position(bob, 0);
        assertEq(position.size, int256(0), "size");
        assertEq(position.notional, 0, "notional");
        assertEq(position.unsettled, 2_400e18, "unsettled");
        assertEq(position.owed, 2_400e18, "owed");
        assertEq(position.liquidationPrice, 0, "liquidation price");
        assertEq(position.bankruptcyPrice, 0, "bankruptcy price");
        _assertMoney(lens.accountHealth(bob), 20_000e18, 2_400e18, 22_400e18, 20_000e18);
        _assertMargins(lens.accountHealth(bob), 0, 0, 20_000e18);
        _assertFreeCollateral(bob);
        assertEq(lens.positionsOf(alice).length, 0, "alice has left");
    }

    // ------------------------------------------------------------------ liquidation

    function test_previewLiquidation_ofTheWorkedExample() public {
        (uint8 market, AccountId alice, ) = _pair(110e18, 1_400, 100_000, 100e18);
        AccountId keeper = _trader("keeper", 100_000);
        _setFinePrice(market, 100e18);
        assertEq(lens.accountHealth(alice).equity, 400e18, "equity");
        assertEq(lens.accountHealth(alice).maintenanceMargin, 500e18, "MM");

        // d = 0.9 %, size = 200 / 4.6, penalties 1.4 % of its notional.
        IClearingHouseLens.LiquidationPreview memory preview = lens.previewLiquidation(
            alice,
            market,
            type(uint256).max
        );
        assertEq(preview.size, 43_478_260_869_565_217_391, "size");
        assertEq(preview.mark, 100e18, "mark");
        assertEq(preview.incentive + preview.fundFee, 60_869_565_217_391_304_347, "penalties");
        assertEq(preview.fundFee, 21_739_130_434_782_608_695, "fund fee");
        assertEq(preview.incentive, 39_130_434_782_608_695_652, "incentive");
        assertEq(preview.claim, 0, "claim");
        assertEq(lens.previewLiquidation(alice, market, 1e18).size, 1e18, "what is asked");

        assertEq(house.liquidate(alice, market, type(uint256).max, keeper), preview.size, "taken");
        assertEq(_collateral(keeper), 100_000e18 + preview.incentive, "keeper");
        assertEq(_collateral(fundAccount), preview.fundFee, "fund");
        assertEq(lens.accountHealth(alice).equity, int256(400e18 - preview.incentive - preview.fundFee), "equity left");
    }

    function test_previewLiquidation_ofAnAccountThatOnlyHasAWaitingGain() public {
        uint8 first = _listFine(100e18, _plain());
        uint8 second = _listFine(100e18, _plain());
        AccountId alice = _trader("alice", 200);
        AccountId bob = _trader("bob", 100_000);
        AccountId keeper = _trader("keeper", 100_000);
        _fill(alice, bob, first, 10e18, 100e18);
        _fill(alice, bob, second, 10e18, 100e18);
        // 250 of gain that waits in the first market, 400 of loss in the second: 50 of equity, MM 62.5 + 30.
        _wait(1);
        _quote(first, 125e18);
        _quote(second, 60e18);
        _assertMoney(lens.accountHealth(alice), 200e18, -150e18, 50e18, -200e18);

        // Settling has nothing for the gain in the pool, so the loss takes all collateral and the incentive is a claim.
        IClearingHouseLens.LiquidationPreview memory preview = lens.previewLiquidation(alice, first, type(uint256).max);
        assertEq(preview.fundFee, 0, "the fund holds no claims");
        assertGt(preview.incentive, 0, "incentive");
        assertEq(preview.claim, preview.incentive, "claim");

        // Without a gain in the market there is nothing to pay a penalty from.
        IClearingHouseLens.LiquidationPreview memory unpaid = lens.previewLiquidation(alice, second, type(uint256).max);
        assertGt(unpaid.size, 0, "size in the second market");
        assertEq(unpaid.incentive + unpaid.fundFee, 0, "no penalty");

        uint256 taken = house.liquidate(alice, first, type(uint256).max, keeper);
        assertEq(taken, preview.size, "taken");
        assertEq(_collateral(keeper), 100_000e18, "nothing in collateral");
        assertEq(_position(keeper, 0).unsettled, int256(preview.claim), "claim of the keeper");
    }

    function test_previewLiquidation_refusesInTheHousesWords() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(100e18, 100, 1_000, 10e18);
        uint8 other = _listFine(50e18, _plain());
        _expectBoth(
            abi.encodeWithSelector(Errors.NotLiquidatable.selector, alice, int256(100e18), uint256(50e18)),
            alice,
            market,
            1,
            bob
        );
        _setFinePrice(market, 94e18);
        _expectBoth(abi.encodeWithSelector(Errors.NoPosition.selector, alice, other), alice, other, 1, bob);
        _expectBoth(abi.encodeWithSelector(Errors.AmountIsZero.selector), alice, market, 0, bob);
        _expectBoth(abi.encodeWithSelector(Errors.UnknownMarket.selector, uint8(2)), alice, 2, 1, bob);
        _expectBoth(abi.encodeWithSelector(Errors.UnknownMarket.selector, uint8(255)), alice, 255, 1, bob);
        _setFinePrice(market, 89e18);
        _expectBoth(
            abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, alice, uint256(10e18)),
            alice,
            market,
            1,
            bob
        );
    }

    function _expectBoth(bytes memory refusal, AccountId account, uint8 market, uint256 size, AccountId to) private {
        vm.expectRevert(refusal);
        lens.previewLiquidation(account, market, size);
        vm.expectRevert(refusal);
        house.liquidate(account, market, size, to);
    }

    // ------------------------------------------------------------------ markets

    function test_marketSummaries_haveEveryMarket() public {
        RiskParameters memory closing = _plain();
        closing.status = MarketStatus.ReduceOnly;
        (uint8 market, , ) = _pair(100e18, 1_000, 1_000, 10e18);
        uint8 other = _listFine(50e18, closing);
        uint256 published = vm.getBlockTimestamp();
        _setFinePrice(market, 103.000000000000000001e18);

        IClearingHouseLens.MarketSummary[] memory found = lens.marketSummaries();
        assertEq(found.length, 2, "markets");
        assertEq(keccak256(abi.encode(found[0])), keccak256(abi.encode(lens.marketSummary(market))), "first");
        assertEq(keccak256(abi.encode(found[1])), keccak256(abi.encode(lens.marketSummary(other))), "second");

        assertEq(uint256(found[0].market), market, "market");
        assertEq(uint256(found[0].status), uint256(MarketStatus.Active), "status");
        assertFalse(found[0].reduceOnly, "reduce-only");
        assertTrue(found[0].fresh, "fresh");
        assertEq(found[0].mark, 103.000000000000000001e18, "mark");
        assertEq(found[0].publishedAt, vm.getBlockTimestamp(), "published");
        assertEq(found[0].generation, 0, "generation");
        assertEq(found[0].longSize, 10e18, "longs");
        assertEq(found[0].shortSize, 10e18, "shorts");
        assertEq(found[0].openInterest, 1_030.00000000000000001e18, "open interest");
        assertEq(found[0].pool, 0, "pool");
        assertEq(found[0].shortfall, 0, "shortfall");
        assertEq(found[0].fees, 0, "fees");
        assertEq(found[0].fundingIndex, int256(0), "index");
        assertEq(found[0].premium, int256(0), "premium");
        assertEq(found[0].scale, 24, "scale");

        assertEq(uint256(found[1].market), other, "market");
        assertEq(uint256(found[1].status), uint256(MarketStatus.ReduceOnly), "status");
        assertTrue(found[1].reduceOnly, "reduce-only");
        assertEq(found[1].mark, 50e18, "mark");
        assertEq(found[1].publishedAt, published, "published");

        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, uint8(2)));
        lens.marketSummary(2);
    }

    function test_marketSummary_ofAMarketThatKeepsFees() public {
        RiskParameters memory risk = _plain();
        risk.tradeFee = 300;
        uint8 market = _listFine(100e18, risk);
        AccountId alice = _trader("alice", 1_000);
        AccountId bob = _trader("bob", 1_000);
        _fill(alice, bob, market, 10e18, 100e18);
        // Two fees of 0.3.
        assertEq(lens.marketSummary(market).fees, 0.6e18, "fees");
        assertEq(lens.marketSummary(market).pool, 0.6e18, "pool");
    }

    // ------------------------------------------------------------------ the balance sheet

    function test_balanceSheet_throughTheWaterfall() public {
        (uint8 market, AccountId alice, AccountId bob) = _pair(2000e18, 2_000, 20_000, 10e18);
        uint8 idle = _listFine(50e18, _plain());
        _insure("backer", 400);
        // Nobody's: sent without a deposit.
        token.mint(address(vault), 3 * one);
        _assertSheet(22_400e18, 22_400e18, 400e18, 0, 0);

        _setFinePrice(market, 1700e18);
        _deleverage(alice);
        _assertSheet(22_400e18, 20_000e18, 0, 2_400e18, 0);
        IClearingHouseLens.MarketSheet[] memory markets = lens.balanceSheet().markets;
        assertEq(markets.length, 2, "markets");
        assertEq(markets[market].pool, 2_400e18, "pool");
        assertEq(markets[idle].pool, 0, "idle pool");
        assertEq(lens.balanceSheet().tokenBalance, 22_403 * one, "tokens");

        _settle(bob);
        _assertSheet(22_400e18, 22_400e18, 0, 0, 0);
    }

    function test_balanceSheet_withAShortfall() public {
        (, AccountId bystander) = _shortfall();
        _deleverage(bystander);
        // 100 that nobody is left to pay.
        IClearingHouseLens.BalanceSheet memory sheet = lens.balanceSheet();
        assertEq(sheet.shortfalls, 100e18, "shortfalls");
        assertEq(sheet.markets[0].shortfall, 100e18, "shortfall of the first market");
        assertEq(sheet.markets[1].shortfall, 0, "shortfall of the second market");
        assertEq(lens.marketSummary(0).shortfall, 100e18, "shortfall in the summary");
        assertTrue(lens.marketSummary(0).reduceOnly, "reduce-only while it lasts");
        assertEq(uint256(lens.marketSummary(0).status), uint256(MarketStatus.Active), "status");
        assertFalse(lens.marketSummary(1).reduceOnly, "the other market");
        assertEq(sheet.pools + sheet.collateral, sheet.ledger, "P1");
    }

    function test_balanceSheet_showsFeesThatWaitInThePool() public {
        RiskParameters memory risk = _plain();
        risk.tradeFee = 300;
        uint8 market = _listFine(100e18, risk);
        AccountId alice = _trader("alice", 2_000);
        AccountId bob = _trader("bob", 2_000);
        _fill(alice, bob, market, 100e18, 100e18);
        // Two fees of 3.
        _assertSheet(4_000e18, 3_994e18, 0, 6e18, 0);
        assertEq(lens.balanceSheet().fees, 6e18, "fees");
        assertEq(lens.balanceSheet().markets[market].fees, 6e18, "fees of the market");

        // Swept into the fund, but for the token that stays against rounding.
        house.accrueFunding(market);
        _assertSheet(4_000e18, 3_999e18, 5e18, 1e18, 0);
        assertEq(lens.balanceSheet().fees, 1e18, "reserve");
    }

    function test_balanceSheet_inTokenUnits() public {
        _deploy(6);
        _deployLens();
        delete feeds;
        _listFine(100e18, _plain());
        _trader("alice", 5);
        token.mint(address(vault), 1);
        IClearingHouseLens.BalanceSheet memory sheet = lens.balanceSheet();
        assertEq(sheet.ledger, 5e18, "money");
        assertEq(sheet.collateral, 5e18, "collateral");
        assertEq(sheet.ledgerBalance, 5e6, "token units");
        assertEq(sheet.tokenBalance, 5e6 + 1, "what the token says");
    }

    function _assertSheet(
        uint256 ledger,
        uint256 collateral,
        uint256 fundAssets,
        uint256 pools,
        uint256 shortfalls
    ) private view {
        IClearingHouseLens.BalanceSheet memory sheet = lens.balanceSheet();
        assertEq(sheet.ledger, ledger, "ledger");
        assertEq(sheet.collateral, collateral, "collateral");
        assertEq(sheet.fundAssets, fundAssets, "fund");
        assertEq(sheet.pools, pools, "pools");
        assertEq(sheet.shortfalls, shortfalls, "shortfalls");
        assertEq(sheet.ledgerBalance, vault.ledgerBalance(), "ledger balance");
    }

    // ------------------------------------------------------------------ situations

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
    }

    /// @dev Alice, with 600, is long 10 at 100 and short 2 at 1000; the feeds say 110 and 1100.
    function _cross() private returns (AccountId alice) {
        uint8 first = _listFine(100e18, _plain());
        uint8 second = _listFine(1000e18, _plain());
        alice = _trader("alice", 600);
        AccountId bob = _trader("bob", 1e9);
        _fill(alice, bob, first, 10e18, 100e18);
        _fill(bob, alice, second, 2e18, 1000e18);
        _wait(1);
        _quote(first, 110e18);
        _quote(second, 1100e18);
    }

    /// @dev The bystander is long 10 in the first market, all alone against a defaulter who is ruined by the second market:
    /// resolving that one closes the bystander's size at 80, with a loss that it cannot pay.
    function _shortfall() private returns (AccountId defaulter, AccountId bystander) {
        uint8 first = _listFine(100e18, _plain());
        uint8 second = _listFine(100e18, _plain());
        bystander = _trader("bystander", 100);
        defaulter = _trader("defaulter", 250);
        AccountId whale = _trader("whale", 1e6);
        _fill(bystander, defaulter, first, 10e18, 100e18);
        _fill(defaulter, whale, second, 10e18, 100e18);
        _wait(1);
        _quote(first, 80e18);
        _quote(second, 40e18);
        _deleverage(defaulter);
    }

    // ------------------------------------------------------------------ assertions

    function _assertMoney(
        IClearingHouseLens.AccountHealth memory health,
        uint256 collateral,
        int256 unsettled,
        int256 equity,
        int256 secured
    ) private pure {
        assertEq(health.collateral, collateral, "collateral");
        assertEq(health.unsettled, unsettled, "unsettled");
        assertEq(health.equity, equity, "equity");
        assertEq(health.secured, secured, "secured");
    }

    function _assertMargins(
        IClearingHouseLens.AccountHealth memory health,
        uint256 initial,
        uint256 maintenance,
        uint256 free
    ) private pure {
        assertEq(health.initialMargin, initial, "IM");
        assertEq(health.maintenanceMargin, maintenance, "MM");
        assertEq(health.freeCollateral, free, "free collateral");
    }

    /// @dev What is called free can be withdrawn, and a token unit more cannot.
    function _assertFreeCollateral(AccountId id) private {
        uint256 snapshot = vm.snapshotState();
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(id);
        uint256 free = health.freeCollateral / vault.unit();
        uint256 tooMuch = (free + 1) * vault.unit();
        if (tooMuch > health.collateral) {
            vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientCollateral.selector, health.collateral, tooMuch));
        } else {
            int256 left = health.secured - int256(tooMuch);
            vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, id, left, health.initialMargin));
        }
        vm.prank(id.owner());
        house.withdraw(id, free + 1, address(this));
        vm.prank(id.owner());
        house.withdraw(id, free, address(this));
        assertEq(token.balanceOf(address(this)), free, "withdrawn");
        vm.revertToState(snapshot);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IClearingHouseLens} from "../../../contracts/interfaces/IClearingHouseLens.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketSet} from "../../../contracts/types/MarketSet.sol";
import {MarketState} from "../../../contracts/types/MarketState.sol";
import {MarketStatus, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {LensWorld} from "./LensWorld.sol";

/// @notice Markets that have ended, as the lens sees them: before, at and after the winding up, written or not.
contract LensEndingTest is LensWorld {
    uint256 private constant PERIOD = 7 days;
    uint256 private constant WHOLE = 2 ** 40;
    /// @dev Of a pool of 160 and a shortfall of 240.
    uint256 private constant TWO_FIFTHS = 439_804_651_110;

    uint8 private _market;
    AccountId private _alice;
    AccountId private _bob;

    function setUp() public override {
        super.setUp();
        _market = _listFine(100e18, _plain());
        _alice = _trader("alice", 1_000);
        _bob = _trader("bob", 1_000);
    }

    // ------------------------------------------------------------------ the final price

    function test_marketSummary_ofAMarketThatEnds() public {
        _fill(_alice, _bob, _market, 10e18, 100e18);
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        assertEq(summary.settlesAt, 0, "not ended");
        assertFalse(summary.reduceOnly, "open");
        governor.restrictMarket(_market);
        assertEq(lens.marketSummary(_market).settlesAt, 0, "restricted is not ended");

        _announce(_market, 110e18);
        governor.endMarket(_market);
        uint256 ended = vm.getBlockTimestamp();
        summary = lens.marketSummary(_market);
        assertEq(uint256(summary.status), uint256(MarketStatus.Settled), "status");
        assertTrue(summary.reduceOnly, "reduce-only");
        assertEq(summary.mark, 110e18, "the newest price");
        assertEq(summary.publishedAt, ended, "published");
        assertEq(summary.settlesAt, ended + PERIOD, "wound up from then on");
        assertTrue(summary.calm, "a final mark is no jump");
        assertEq(summary.volatility, 100_000, "volatility");
        assertEq(summary.longSize, 10e18, "longs");
        assertEq(summary.generation, 0, "generation");
    }

    /// @dev Whatever the feed says or does not say any more.
    function test_marketSummary_afterTheEnd_needsNoOracle() public {
        _fill(_alice, _bob, _market, 10e18, 100e18);
        governor.endMarket(_market);
        _announce(_market, 50e18);
        _assertFinal();
        feeds[_market].setAnswer(0, vm.getBlockTimestamp());
        _assertFinal();
        _wait(3 days);
        _assertFinal();
        assertTrue(lens.accountHealth(_alice).fresh, "an account in it");
        assertEq(lens.accountHealth(_alice).equity, 1_000e18, "at the final mark");
        _assertFree(_alice, 900e18);
        _wait(4 days);
        _assertFinal();
        _assertFree(_alice, 1_000e18);
    }

    function _assertFinal() private view {
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        assertTrue(summary.fresh && summary.calm, "fresh and calm");
        assertEq(summary.mark, 100e18, "mark");
        assertEq(summary.volatility, 0, "volatility");
    }

    function test_marketSummary_endedAtTheLastMark_whereTheFeedIsDead() public {
        _fill(_alice, _bob, _market, 10e18, 100e18);
        _wait(MAX_AGE + 1);
        _quote(_market, 0);
        assertFalse(lens.marketSummary(_market).fresh, "refused");
        governor.endMarket(_market);
        assertTrue(lens.marketSummary(_market).fresh, "final");
        assertEq(lens.marketSummary(_market).mark, 100e18, "mark");
        assertEq(lens.marketSummary(_market).settlesAt, vm.getBlockTimestamp() + PERIOD, "from now on");
    }

    // ------------------------------------------------------------------ paid in full

    function test_beforeTheWindingUp_gainsWaitAndMarginIsAskedFor() public {
        _winAndEnd();
        uint256 settlesAt = lens.marketSummary(_market).settlesAt;
        for (uint256 i; i < 2; ++i) {
            _assertHealth(_alice, 1_000e18, 100e18, 110e18);
            _assertHealth(_bob, 1_000e18, -100e18, 110e18);
            _assertFree(_alice, 890e18);
            _assertFree(_bob, 790e18);
            assertEq(_position(_alice, 0).size, 10e18, "alice's size");
            _assertAsWritten();
            vm.warp(settlesAt - 1);
        }
        // Bob pays, alice is not paid.
        house.settle(_list2(_bob, _alice));
        _assertHealth(_alice, 1_000e18, 100e18, 110e18);
        _assertHealth(_bob, 900e18, 0, 110e18);
        assertEq(lens.marketSummary(_market).pool, 100e18, "pool");
    }

    function test_atTheWindingUp_isSeenBeforeItIsWritten() public {
        _winAndEnd();
        vm.warp(lens.marketSummary(_market).settlesAt);
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        assertEq(summary.settlesAt, 0, "nothing waits any more");
        assertEq(summary.generation, 1, "a generation has ended");
        assertEq(uint256(lens.marketOf(_market).generation), 0, "though nobody has written it");
        assertEq(summary.longSize + summary.shortSize + summary.openInterest, 0, "nothing is open");
        _assertHealth(_alice, 1_000e18, 100e18, 0);
        _assertHealth(_bob, 1_000e18, -100e18, 0);
        _assertClosed(_alice, 100e18);
        _assertClosed(_bob, -100e18);
        _assertFree(_alice, 1_000e18);
        _assertFree(_bob, 900e18);
        _assertSameOnceWritten();

        house.settle(_list2(_bob, _alice));
        _assertHealth(_alice, 1_100e18, 0, 0);
        _assertHealth(_bob, 900e18, 0, 0);
        assertEq(lens.positionsOf(_alice).length + lens.positionsOf(_bob).length, 0, "both have left");
        assertEq(uint256(lens.marketOf(_market).payout), WHOLE, "payout");
    }

    function test_longAfterTheWindingUp_isTheSame() public {
        _winAndEnd();
        _wait(PERIOD);
        bytes32 atOnce = keccak256(abi.encode(lens.healths(_list2(_alice, _bob)), lens.positionsOf(_alice)));
        _wait(1000 days);
        bytes32 late = keccak256(abi.encode(lens.healths(_list2(_alice, _bob)), lens.positionsOf(_alice)));
        assertEq(late, atOnce, "unwritten");
        _assertSameOnceWritten();
    }

    // ------------------------------------------------------------------ what may be done

    function test_standing_throughTheEnd() public {
        AccountId weak = _trader("weak", 130);
        AccountId broken = _trader("broken", 110);
        _fill(weak, _bob, _market, 10e18, 100e18);
        _fill(broken, _bob, _market, 10e18, 100e18);
        _announce(_market, 88e18);
        governor.endMarket(_market);
        // 10 of equity is less than 44 of MM; 10 are missing.
        assertStanding(weak, IClearingHouseLens.Standing.Liquidatable, "weak");
        assertStanding(broken, IClearingHouseLens.Standing.InDefault, "broken");
        uint256 snapshot = vm.snapshotState();
        IClearingHouseLens.LiquidationPreview memory preview = lens.previewLiquidation(weak, _market, 4e18);
        assertEq(house.liquidate(weak, _market, 4e18, _alice), preview.size, "taken");
        assertEq(_collateral(_alice), 1_000e18 + preview.incentive, "incentive");
        vm.revertToState(snapshot);

        _wait(PERIOD);
        assertStanding(weak, IClearingHouseLens.Standing.Healthy, "weak: nothing is left to liquidate");
        _expectBoth(abi.encodeWithSelector(Errors.NotLiquidatable.selector, weak, int256(10e18), uint256(0)), weak);
        assertStanding(broken, IClearingHouseLens.Standing.InDefault, "broken, flat");
        _expectBoth(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, broken, uint256(10e18)), broken);
        _deleverage(broken);
        assertEq(lens.accountHealth(broken).equity, int256(0), "resolved");
        assertEq(lens.marketSummary(_market).shortfall, 10e18, "a shortfall as ever");
    }

    function _expectBoth(bytes memory refusal, AccountId account) private {
        vm.expectRevert(refusal);
        lens.previewLiquidation(account, _market, 1);
        vm.expectRevert(refusal);
        house.liquidate(account, _market, 1, _alice);
    }

    // ------------------------------------------------------------------ cut by a payout

    function test_aShortfall_cutsGainsAtTheWindingUp() public {
        (AccountId first, AccountId second) = _shortfall();
        governor.endMarket(_market);
        uint256 settlesAt = lens.marketSummary(_market).settlesAt;
        vm.warp(settlesAt - 1);
        _assertHealth(first, 10_000e18, 280e18, 0);
        _assertHealth(second, 10_000e18, 120e18, 0);
        assertEq(lens.marketSummary(_market).shortfall, 240e18, "shortfall");
        _settle(first);
        assertEq(_collateral(first), 10_000e18, "nothing yet");

        vm.warp(settlesAt);
        assertEq(_cut(280e18, TWO_FIFTHS), 111_999_999_999_898_136_593, "two fifths of 280, down");
        _assertHealth(first, 10_000e18, 111_999_999_999_898_136_593, 0);
        _assertHealth(second, 10_000e18, 47_999_999_999_956_344_254, 0);
        _assertClosed(first, 111_999_999_999_898_136_593);
        assertEq(lens.marketSummary(_market).shortfall, 0, "nobody is owed it any more");
        assertEq(lens.marketSummary(_market).pool, 160e18, "pool");
        _assertSameOnceWritten();

        // Whoever comes first does not change what the other sees.
        _settle(second);
        assertEq(_collateral(second), 10_047_999_999_999_956_344_254, "paid");
        _assertHealth(first, 10_000e18, 111_999_999_999_898_136_593, 0);
        assertEq(uint256(lens.marketOf(_market).payout), TWO_FIFTHS, "payout");
        _settle(first);
        assertEq(_collateral(first), 10_111_999_999_999_898_136_593, "paid");
        assertEq(lens.positionsOf(first).length + lens.positionsOf(second).length, 0, "both have left");
        assertEq(lens.marketSummary(_market).pool, 145_519_153, "the fractions");
    }

    /// @dev What the pool cannot pay at once is written as cut, and not cut again.
    function test_aCutGainThatWaits_isCutOnce() public {
        (AccountId first, AccountId second) = _shortfall();
        _reopen();
        _fill(_alice, _bob, _market, 10e18, 80e18);
        _announce(_market, 84e18);
        governor.endMarket(_market);
        _wait(PERIOD);
        // Bob's 40 have not come in: 176 are due and 160 are there.
        uint256 due = 15_999_999_999_985_448_084;
        _assertHealth(_alice, 1_000e18, int256(due), 0);
        house.settle(_list2(first, second));
        uint256 left = lens.marketSummary(_market).pool;
        assertEq(left, 145_519_153, "what is left");
        _settle(_alice);
        assertEq(_collateral(_alice), 1_000e18 + left, "that");
        assertEq(uint256(lens.positionOf(_alice, _market).generation), 1, "written in the last generation");
        _assertHealth(_alice, 1_000e18 + left, int256(due - left), 0);
        _assertClosed(_alice, int256(due - left));
        _settle(_alice);
        _assertHealth(_alice, 1_000e18 + left, int256(due - left), 0);

        // A loss is not cut, and comes late: the rest of it stays.
        _assertHealth(_bob, 1_000e18, -40e18, 0);
        house.settle(_list2(_bob, _alice));
        _assertHealth(_alice, 1_000e18 + due, 0, 0);
        _assertHealth(_bob, 960e18, 0, 0);
        assertEq(lens.marketSummary(_market).pool, 40e18 + left - due, "pool");
    }

    /// @dev A gain from before, an open position, and another market: the same before and after it is written, and what is
    /// settled is what was shown.
    function test_aShortfall_throughEverythingThatAnAccountMayHave() public {
        (AccountId first, AccountId second) = _shortfall();
        uint8 other = _listFine(50e18, _plain());
        _reopen();
        _fill(_alice, _bob, _market, 10e18, 80e18);
        // That pays first what is in the pool: 160 of 280.
        _fill(first, _bob, _market, 5e18, 80e18);
        _fill(first, _alice, other, 7e18, 50e18);
        _announce(_market, 77e18);
        _quote(other, 51e18);
        governor.endMarket(_market);
        // 120 − 15 in the one, 7 in the other.
        _assertHealth(first, 10_160e18, 112e18, 38.5e18 + 35.7e18);
        _settle(_alice);
        _assertHealth(_alice, 963e18, 0, 77e18 + 35.7e18);

        _wait(PERIOD);
        _quote(other, 51e18);
        // 30 are there for 105, 45 and 120.
        uint256 ninth = WHOLE / 9;
        int256 cut = int256(_cut(105e18, ninth));
        _assertHealth(first, 10_160e18, cut + 7e18, 35.7e18);
        _assertHealth(second, 10_000e18, int256(_cut(120e18, ninth)), 0);
        _assertHealth(_alice, 963e18, 0, 35.7e18);
        _assertHealth(_bob, 1_000e18, int256(_cut(45e18, ninth)), 0);
        _assertFree(first, 10_160e18 - 35.7e18);
        _assertSameOnceWritten();
        house.settle(_list2(second, first));
        _assertHealth(first, uint256(10_167e18 + cut), 0, 35.7e18);
        _assertHealth(_bob, 1_000e18, int256(_cut(45e18, ninth)), 0);
    }

    /// @dev Nothing is paid, and nothing keeps the market among those of its accounts.
    function test_aShortfallWithoutAPool() public {
        (AccountId first, AccountId second) = _shortfall();
        _emptyPool();
        governor.endMarket(_market);
        _wait(PERIOD);
        _assertHealth(first, 10_000e18, 0, 0);
        _assertHealth(second, 10_000e18, 0, 0);
        _assertSameOnceWritten();
        house.settle(_list2(first, second));
        assertEq(uint256(lens.marketOf(_market).payout), 1, "payout");
        _assertHealth(first, 10_000e18, 0, 0);
        (, MarketSet markets) = house.accountOf(first);
        assertTrue(markets.isEmpty(), "the first has left");
        _assertFree(first, 10_000e18);
    }

    // ------------------------------------------------------------------ situations

    /// @dev Alice is long 10 from 100 against bob, and the market ends at 110.
    function _winAndEnd() private {
        _fill(_alice, _bob, _market, 10e18, 100e18);
        _announce(_market, 110e18);
        governor.endMarket(_market);
    }

    /// @dev A bull and a bear default in turn and nobody opposes either: of the 400 that they owe, 240 stay unpaid.
    function _shortfall() private returns (AccountId first, AccountId second) {
        fund.setLimit(_market, IInsuranceFund.Limit({capacity: 0, refillPerSecond: 0, gap: 0}));
        (AccountId bull, AccountId bear) = (_trader("bull", 100), _trader("bear", 60));
        (first, second) = (_trader("first", 10_000), _trader("second", 10_000));
        _fill(bull, first, _market, 7e18, 100e18);
        _fill(bull, second, _market, 3e18, 100e18);
        _to(60e18);
        _fill(first, bear, _market, 7e18, 60e18);
        _fill(second, bear, _market, 3e18, 60e18);
        _to(80e18);
        _deleverage(bull, bear);
        MarketState memory state = lens.marketOf(_market);
        assertEq(uint256(state.pool), 160e18, "pool");
        assertEq(uint256(state.shortfall), 240e18, "shortfall");
    }

    /// @dev Lets positions be opened beside the shortfall.
    function _reopen() private {
        RiskParameters memory risk = _plain();
        risk.shortfallLimit = 1_000_000;
        _decree(_market, risk);
    }

    /// @dev As if what the defaulters paid had been nothing.
    function _emptyPool() private {
        bytes32 slot = keccak256(abi.encode(uint256(_market), uint256(3)));
        vm.store(address(house), slot, (vm.load(address(house), slot) >> 112) << 112);
        assertEq(uint256(lens.marketOf(_market).pool), 0, "pool");
    }

    /// @dev Fills wait a block after a jump.
    function _to(uint256 price) private {
        _announce(_market, price);
        house.accrueFunding(_market);
        _wait(1);
    }

    function _cut(uint256 gain, uint256 payout) private pure returns (uint256) {
        return (gain * payout) / WHOLE;
    }

    // ------------------------------------------------------------------ assertions

    function _assertHealth(AccountId id, uint256 collateral, int256 unsettled, uint256 margin) private view {
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(id);
        assertEq(health.collateral, collateral, "collateral");
        assertEq(health.unsettled, unsettled, "unsettled");
        assertEq(health.equity, int256(collateral) + unsettled, "equity");
        assertEq(health.secured, int256(collateral) + (unsettled < 0 ? unsettled : int256(0)), "secured");
        assertEq(health.initialMargin, margin, "IM");
    }

    function _assertClosed(AccountId id, int256 owed) private view {
        IClearingHouseLens.PositionHealth memory position = _position(id, 0);
        assertEq(position.size, int256(0), "size");
        assertEq(position.notional, 0, "notional");
        assertEq(position.owed, owed, "owed");
        assertEq(position.unsettled, owed, "unsettled");
        assertEq(position.liquidationPrice | position.bankruptcyPrice, 0, "prices");
    }

    /// @dev So much can be withdrawn, and a wei more cannot.
    function _assertFree(AccountId id, uint256 free) private {
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(id);
        assertEq(health.freeCollateral, free, "free");
        uint256 snapshot = vm.snapshotState();
        int256 left = health.secured - int256(free) - 1;
        bytes memory refusal = abi.encodeWithSelector(
            Errors.InsufficientMargin.selector,
            id,
            left,
            health.initialMargin
        );
        if (left < 0) refusal = abi.encodeWithSelector(Errors.UnpaidLoss.selector, id, uint256(-left));
        if (free == health.collateral) {
            refusal = abi.encodeWithSelector(Errors.InsufficientCollateral.selector, free, free + 1);
        }
        vm.expectRevert(refusal);
        vm.prank(id.owner());
        house.withdraw(id, free + 1, address(this));
        vm.prank(id.owner());
        house.withdraw(id, free, address(this));
        vm.revertToState(snapshot);
    }

    /// @dev A call now would find what is written.
    function _assertAsWritten() private {
        uint256 snapshot = vm.snapshotState();
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        house.accrueFunding(_market);
        assertEq(uint256(lens.marketOf(_market).payout), 0, "not wound up");
        assertEq(uint256(lens.marketOf(_market).generation), summary.generation, "generation");
        assertEq(keccak256(abi.encode(lens.marketSummary(_market))), keccak256(abi.encode(summary)), "summary");
        vm.revertToState(snapshot);
    }

    /// @dev Winding up changes nothing of what was shown before, and settling moves it as it was shown.
    function _assertSameOnceWritten() private {
        uint256 snapshot = vm.snapshotState();
        AccountId[] memory list = new AccountId[](4);
        (list[0], list[1], list[2], list[3]) = (_alice, _bob, _account("first"), _account("second"));
        bytes32 before = _pictureOf(list);
        IClearingHouseLens.AccountHealth[] memory healths = lens.healths(list);
        house.accrueFunding(_market);
        assertGt(uint256(lens.marketOf(_market).payout), 0, "wound up");
        assertEq(_pictureOf(list), before, "the same after it is written");
        house.settle(list);
        for (uint256 i; i < list.length; ++i) {
            IClearingHouseLens.AccountHealth memory settled = lens.accountHealth(list[i]);
            assertEq(settled.equity, healths[i].equity, "equity settled");
            assertEq(settled.initialMargin, healths[i].initialMargin, "IM settled");
        }
        vm.revertToState(snapshot);
    }

    function _pictureOf(AccountId[] memory list) private view returns (bytes32 picture) {
        picture = keccak256(abi.encode(lens.healths(list), lens.marketSummaries()));
        for (uint256 i; i < list.length; ++i) {
            picture = keccak256(abi.encode(picture, lens.positionsOf(list[i])));
        }
    }
}

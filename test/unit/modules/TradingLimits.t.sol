// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {PPM, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice What a market as a whole must allow: dust, open interest, reduce-only, the range of numbers, and the premium.
contract TradingLimitsTest is HouseTest {
    AccountId private _alice;
    AccountId private _bob;

    function setUp() public override {
        super.setUp();
        _alice = _join("alice", 1_000);
        _bob = _join("bob", 10_000);
    }

    // ------------------------------------------------------------------ dust

    function test_fill_refusesToOpenDust() public {
        uint8 m = _marketOfMinimum();
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 100e18 - 100, 100e18));
        _fill(_alice, _bob, m, 1e18 - 1, 100e18);
        _fill(_alice, _bob, m, 1e18, 100e18);
        // The other side is looked at as well.
        AccountId carol = _join("carol", 100);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 50e18, 100e18));
        _fill(_alice, carol, m, 0.5e18, 100e18);
    }

    function test_fill_refusesToLeaveDust() public {
        uint8 m = _marketOfMinimum();
        _fill(_alice, _bob, m, 2e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 50e18, 100e18));
        _fill(_bob, _alice, m, 1.5e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 50e18, 100e18));
        _fill(_bob, _alice, m, 2.5e18, 100e18);
        _fill(_bob, _alice, m, 2e18, 100e18);
        assertEq(house.sizeOf(_alice, m), int256(0), "all of it may go");
    }

    /// @dev What is worth exactly the minimum is no dust, and may not become it.
    function test_fill_refusesToTurnTheMinimumIntoDust() public {
        uint8 m = _marketOfMinimum();
        _fill(_alice, _bob, m, 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 50e18, 100e18));
        _fill(_bob, _alice, m, 0.5e18, 100e18);
    }

    /// @dev At ½ a size-wei is worth half a wei: half a wei less than the minimum is dust.
    function test_fill_refusesDustByAFraction() public {
        RiskParameters memory p = _plain();
        p.minNotional = 100e18;
        uint8 m = _list(0.5e18, p);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 100e18 - 1, 100e18));
        _fill(_alice, _bob, m, 200e18 - 1, 0.5e18);
        _fill(_alice, _bob, m, 200e18, 0.5e18);
    }

    function test_fill_letsDustShrinkAndNotGrow() public {
        uint8 m = _marketOfMinimum();
        _fill(_alice, _bob, m, 1e18, 100e18);
        _setPrice(m, 90e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 94.5e18, 100e18));
        _fill(_alice, _bob, m, 0.05e18, 90e18);
        _fill(_bob, _alice, m, 0.5e18, 90e18);
        assertEq(house.sizeOf(_alice, m), int256(0.5e18), "less dust");
        _fill(_bob, _alice, m, 0.5e18, 90e18);
        assertFalse(_isIn(_alice, m), "none");
    }

    function _marketOfMinimum() private returns (uint8) {
        RiskParameters memory p = _plain();
        p.minNotional = 100e18;
        return _list(100e18, p);
    }

    // ------------------------------------------------------------------ open interest

    /// @dev At ½ a size-wei is worth half a wei: half a wei above the cap is above it.
    function test_fill_stopsAFractionAboveTheCapOfOpenInterest() public {
        RiskParameters memory p = _plain();
        p.openInterestCap = 1_000e18;
        uint8 m = _list(0.5e18, p);
        vm.expectRevert(abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, m, 1_000e18 + 1, 1_000e18));
        _fill(_alice, _bob, m, 2_000e18 + 1, 0.5e18);
        _fill(_alice, _bob, m, 2_000e18, 0.5e18);
    }

    function test_fill_stopsAtTheCapOfOpenInterest() public {
        RiskParameters memory p = _plain();
        p.openInterestCap = 1_000e18;
        uint8 m = _list(100e18, p);
        _fill(_alice, _bob, m, 10e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, m, 1_000e18 + 100, 1_000e18));
        _fill(_alice, _bob, m, 1, 100e18);
        // A holder may still be replaced, and a rise of the mark closes nobody out.
        AccountId carol = _join("carol", 1_000);
        _setPrice(m, 110e18);
        _fill(carol, _alice, m, 4e18, 110e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, m, 1_100e18 + 110, 1_000e18));
        _fill(carol, _bob, m, 1, 110e18);
        _fill(_bob, carol, m, 4e18, 110e18);
    }

    function test_fill_letsNoOpenInterestGrow_whenReduceOnly() public {
        uint8 m = _list(100e18, _plain());
        _fill(_alice, _bob, m, 5e18, 100e18);
        governor.restrictMarket(m);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketIsReduceOnly.selector, m, 5e18 + 1, 5e18));
        _fill(_alice, _bob, m, 1, 100e18);
        AccountId carol = _join("carol", 1_000);
        _fill(carol, _alice, m, 2e18, 100e18);
        _fill(_bob, _alice, m, 3e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketIsReduceOnly.selector, m, 3e18, 2e18));
        _fill(_alice, _bob, m, 1e18, 100e18);
    }

    function test_fill_countsAFlipAsOpenInterestOnlyWhereItGrows() public {
        uint8 m = _list(100e18, _plain());
        _fill(_alice, _bob, m, 5e18, 100e18);
        governor.restrictMarket(m);
        // Both change sides: open interest is what it was.
        _fill(_bob, _alice, m, 10e18, 100e18);
        assertEq(house.sizeOf(_bob, m), int256(5e18));
    }

    function test_fill_takesAShortfallAboveTheThresholdForReduceOnly() public {
        RiskParameters memory p = _plain();
        // 240 ppm of a million is exactly the shortfall to come.
        (p.openInterestCap, p.shortfallLimit) = (1e6 * 1e18, 240);
        uint8 m = _list(100e18, p);
        _makeShortfallOf240(m);
        _fill(_alice, _bob, m, 1e18, 80e18);
        p.shortfallLimit = 239;
        governor.setRiskParameters(m, p);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketIsReduceOnly.selector, m, 2e18, 1e18));
        _fill(_alice, _bob, m, 1e18, 80e18);
        _fill(_bob, _alice, m, 1e18, 80e18);
    }

    // ------------------------------------------------------------------ the market's own fees

    function test_fill_leavesFeesInThePool() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 700;
        uint8 m = _list(100e18, p);
        vm.expectEmit(address(house));
        emit Events.Filled(m, _alice, _bob, 10e18, 100e18, 100e18, 10e18, -10e18, 999.3e18, 9_999.3e18, 1.4e18);
        _fill(_alice, _bob, m, 10e18, 100e18);
        _assertMarket(m, 1.4e18, 0);
        assertEq(_market(m).fees, 1.4e18, "fees");
        assertEq(_collateral(fundAccount), 0, "not the fund's yet");

        // Whoever accrues funding sweeps them; one token stays against rounding.
        house.accrueFunding(m);
        _assertMarket(m, 1e18, 0);
        assertEq(_market(m).fees, 1e18, "reserve");
        assertEq(_collateral(fundAccount), 0.4e18, "fund");
        house.accrueFunding(m);
        assertEq(_collateral(fundAccount), 0.4e18, "once");
        _assertSolvent();
    }

    function test_fill_roundsFeesUp() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 1;
        uint8 m = _list(100e18, p);
        // 100 wei of notional and a millionth of it
        _fill(_alice, _bob, m, 1, 100e18);
        assertEq(_collateral(_alice), 1_000e18 - 1, "alice");
        assertEq(_collateral(_bob), 10_000e18 - 1, "bob");
        _assertMarket(m, 2, 0);
    }

    function test_fill_sweepsManyFeesItself() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        uint8 m = _list(100e18, p);
        AccountId rich = _join("rich", 100_000);
        AccountId richer = _join("richer", 100_000);
        // 500 and 500: at the threshold
        _fill(rich, richer, m, 500e18, 100e18);
        assertEq(_market(m).fees, 1_000e18, "threshold");
        assertEq(_collateral(fundAccount), 0, "fund");
        _fill(rich, richer, m, 1e18, 100e18);
        _assertMarket(m, 1e18, 0);
        assertEq(_collateral(fundAccount), 1_001e18, "fund");
        _assertSolvent();
    }

    function test_fees_repayAShortfallBeforeTheFundEarns() public {
        RiskParameters memory p = _plain();
        (p.tradeFee, p.shortfallLimit) = (10_000, uint24(PPM));
        uint8 m = _list(100e18, p);
        _makeShortfallOf240(m);
        uint256 earned = _collateral(fundAccount);
        // 1 % of 800 from both
        _fill(_alice, _bob, m, 10e18, 80e18);
        (uint256 pool, uint256 due) = (_market(m).pool, _market(m).fees - 1e18);
        assertGe(due, 16e18, "due");
        house.accrueFunding(m);
        _assertMarket(m, pool, 240e18 - due);
        assertEq(_collateral(fundAccount), earned, "fund");
        // What exceeds it goes to the fund.
        _fill(_join("rich", 100_000), _join("richer", 1_000_000), m, 1_000e18, 80e18);
        _assertMarket(m, pool + 240e18 - due, 0);
        assertEq(_collateral(fundAccount), earned + 1_600e18 - (240e18 - due), "fund");
        _assertSolvent();
    }

    /// @dev Winners have taken what was in the pool, fees included, and 5 came in since. Fees that repay a shortfall stay in the
    /// pool, so the same 5 let more of them do it the next time.
    function test_fees_repayAShortfall_asFarAsThePoolGoesEachTime() public {
        RiskParameters memory p = _plain();
        (p.tradeFee, p.shortfallLimit) = (10_000, uint24(PPM));
        uint8 m = _list(100e18, p);
        _makeShortfallOf240(m);
        _fill(_alice, _bob, m, 10e18, 80e18);
        _settle(_account("winner"));
        assertEq(_market(m).pool, 0, "taken");
        _setPrice(m, 79.5e18);
        _settle(_alice);
        (uint256 fees, uint256 earned) = (_market(m).fees, _collateral(fundAccount));
        assertGt(fees, 11e18, "more than the pool holds");
        for (uint256 i = 1; i < 3; ++i) {
            house.accrueFunding(m);
            _assertMarket(m, 5e18, 240e18 - 5e18 * i);
            assertEq(_market(m).fees, fees - 5e18 * i, "fees");
        }
        assertEq(_collateral(fundAccount), earned, "the fund earns what is left then");
        _assertSolvent();
    }

    /// @dev A long and a short default in turn, and nobody opposes either: with fees the collateral is higher by them.
    function _makeShortfallOf240(uint8 m) private {
        uint256 fee = _feeRate(m);
        // The fund may not help.
        _cap(m, 0);
        AccountId bull = _join("bull", 0);
        AccountId bear = _join("bear", 0);
        AccountId winner = _join("winner", 10_000);
        _deposit(bull, 100e18 + (1_000e18 * fee) / PPM);
        _deposit(bear, 60e18 + (600e18 * fee) / PPM);
        _fill(bull, winner, m, 10e18, 100e18);
        _setPrice(m, 60e18);
        _fill(winner, bear, m, 10e18, 60e18);
        _setPrice(m, 80e18);
        _deleverage(bull, bear);
        assertEq(_market(m).shortfall, 240e18, "shortfall");
    }

    function _feeRate(uint8 m) private view returns (uint256) {
        return governor.riskParametersOf(m).tradeFee;
    }

    // ------------------------------------------------------------------ range

    function test_fill_stopsWhereTheNumbersWouldRunOut() public {
        uint8 m = _list(1e18, _plain());
        // What 2^111 of money is at the highest price that the market can take.
        uint256 limit = (uint256(1e18) << 24) << 7;
        AccountId a = _join("a", 1e11);
        AccountId b = _join("b", 1e11);
        _fill(a, b, m, limit, 1e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.SizeOutOfRange.selector, limit + 1, limit));
        _fill(a, b, m, 1, 1e18);
        _fill(b, a, m, limit, 1e18);
        _assertSolvent();
    }

    // ------------------------------------------------------------------ the premium

    function test_fill_pullsThePremiumByItsWeight() public {
        RiskParameters memory p = _plain();
        p.maxFundingRate = 10_000;
        uint8 m = _list(100e18, p);
        _fill(_alice, _bob, m, 2e18, 100.4e18);
        assertEq(_market(m).premium, int256(400_000), "the first fill is all there is");
        _fill(_alice, _bob, m, 2e18, 100e18);
        assertEq(_market(m).premium, int256(200_000), "half of the way to zero");
        // Clamped to 1 %, with a weight of a half.
        _fill(_bob, _alice, m, 4e18, 95e18);
        assertEq(_market(m).premium, int256(-400_000), "half of the way to the clamp");
    }
}

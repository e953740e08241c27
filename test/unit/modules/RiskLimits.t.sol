// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {Call} from "../../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {TRADE} from "../../../contracts/types/Rights.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Limits on new risk as the house keeps them: a margin that follows open interest and volatility, open interest that
/// follows the insurance fund, isolated-only markets, and the block to wait after a jump. None of them may stop a reduction.
contract RiskLimitsTest is HouseTest {
    AccountId private _alice;
    AccountId private _bob;

    function setUp() public override {
        super.setUp();
        _alice = _join("alice", 1_000);
        _bob = _join("bob", 10_000);
    }

    // ------------------------------------------------------------------ IM and open interest

    /// @dev 10 % where nothing is open, 30 % at 10,000: the fill is judged by the rate that it leads to.
    function test_fill_asksForTheMarginOfTheOpenInterestThatItMakes() public {
        uint8 m = _growing();
        // 50 units are 5,000, half of the cap: 20 %.
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, _alice, 1_000e18, 1_007_5125e14));
        _fill(_alice, _bob, m, 50.25e18, 100e18);
        _fill(_alice, _bob, m, 50e18, 100e18);
        _assertSolvent();
    }

    /// @dev What others open raises what one needs in order to withdraw, and nobody's maintenance margin.
    function test_withdraw_needsTheMarginOfTodaysOpenInterest() public {
        uint8 m = _growing();
        _fill(_alice, _bob, m, 10e18, 100e18);
        // 1,000 of 10,000: 12 %.
        _withdraws(_alice, 880e18);
        AccountId carol = _join("carol", 10_000);
        _fill(carol, _bob, m, 40e18, 100e18);
        vm.prank(_alice.owner());
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, _alice, 120e18 - 1, 200e18));
        house.withdraw(_alice, 1, _alice.owner());
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, _alice, 120e18, 50e18));
        house.liquidate(_alice, m, ALL, _bob);
        _fill(_bob, _alice, m, 10e18, 100e18);
        _withdraws(_alice, 120e18);
    }

    /// @dev At the cap and, as the mark rises, above it the rate stays what it is there.
    function test_margin_growsNoFurtherThanAtTheCap() public {
        uint8 m = _growing();
        _deposit(_alice, 2_000e18);
        _fill(_alice, _bob, m, 100e18, 100e18);
        _setPrice(m, 104e18);
        AccountId carol = _join("carol", 312);
        _fill(carol, _alice, m, 10e18, 104e18);
        assertEq(house.sizeOf(carol, m), int256(10e18), "30 % of 1,040");
    }

    function _growing() private returns (uint8) {
        RiskParameters memory p = _plain();
        (p.initialMarginAtCap, p.openInterestCap) = (300_000, 10_000e18);
        return _list(100e18, p);
    }

    // ------------------------------------------------------------------ IM and volatility

    /// @dev Half of the range of marks. 100 → 97 → 121.25 is 25 %, five steps: 12.5 %.
    function test_fill_asksForThePartOfTheRangeOfMarks() public {
        RiskParameters memory p = _plain();
        p.volatilityMargin = 500_000;
        uint8 m = _list(100e18, p);
        _to(m, 97e18);
        _to(m, 121.25e18);
        assertEq(_volatility(m), 5, "steps");
        _pass(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, _alice, 1_000e18, 1_000e18 + 13));
        _fill(_alice, _bob, m, 65_979_381_443_298_969_073, 121.25e18);
        _fill(_alice, _bob, m, 65_979_381_443_298_969_072, 121.25e18);
    }

    /// @dev It rises at once, and of what it was half is left each later day: hysteresis.
    function test_volatility_comesBackByHalvesOfDays() public {
        uint8 m = _list(100e18, _plain());
        // Noon, so that seconds do not end the day.
        vm.warp((vm.getBlockTimestamp() / 1 days + 1) * 1 days + 12 hours);
        _to(m, 100e18);
        _to(m, 55e18);
        assertEq(_volatility(m), 15, "more than three quarters of the lowest");
        _to(m, 56e18);
        assertEq(_volatility(m), 15, "the same day");
        uint256[5] memory expected = [uint256(7), 3, 1, 1, 1];
        for (uint256 i; i < 5; ++i) {
            _pass(1 days);
            _to(m, i % 2 == 0 ? 56.5e18 : 56e18);
            // A day with any movement counts for one step itself.
            assertEq(_volatility(m), expected[i], "a later day");
        }
        _pass(1 days);
        _quotePrice(m, 56.5e18);
        house.accrueFunding(m);
        assertEq(_volatility(m), 0, "a day whose only mark is the last one of the day before");
    }

    /// @dev Asked a hundred times on the way or once: what counts is how far it went.
    function test_volatility_dependsOnNoFrequency() public {
        uint8 often = _list(100e18, _plain());
        uint8 once = _list(100e18, _plain());
        for (uint256 i = 1; i <= 50; ++i) _to(often, (100 - i) * 1e18 + 20e18);
        _to(often, 70e18);
        _to(once, 70e18);
        assertEq(_volatility(once), 9, "43 %");
        _to(once, 119e18);
        assertEq(_volatility(often), _volatility(once), "steps");
        assertEq(_volatility(often), 14, "70 %");
    }

    function _volatility(uint8 m) private view returns (uint256) {
        return _market(m).flags >> 4;
    }

    // ------------------------------------------------------------------ open interest and the fund

    /// @dev The fund may pay 300 and is to bear a gap of 10 %: 3,000 may be open.
    function test_fill_stopsAtWhatTheFundBears() public {
        uint8 m = _backed(1_000, 300e18, 100_000);
        _fill(_alice, _bob, m, 30e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, m, 3_000e18 + 100, 3_000e18));
        _fill(_alice, _bob, m, 1, 100e18);
    }

    /// @dev The bucket allows more than there is.
    function test_fill_stopsAtWhatTheFundHas() public {
        uint8 m = _backed(50, 300e18, 100_000);
        vm.expectRevert(abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, m, 501e18, 500e18));
        _fill(_alice, _bob, m, 5.01e18, 100e18);
        _fill(_alice, _bob, m, 5e18, 100e18);
    }

    /// @dev What the fund pays in one market closes the room in every other, and nobody is kept in.
    function test_room_closesAsTheFundPays_andReducingGoesOn() public {
        uint8 m = _backed(100, 1e33, 50_000);
        uint8 other = _list(100e18, _plain());
        fund.setLimit(other, IInsuranceFund.Limit(1e33, 0, 50_000));
        _fill(_alice, _bob, m, 10e18, 100e18);
        AccountId bull = _join("bull", 10);
        _fill(bull, _bob, other, 1e18, 100e18);
        assertEq(_limit(m), 2_000e18, "room before");
        _to(other, 20e18);
        _deleverage(bull);
        assertEq(_collateral(fundAccount), 30e18, "the fund has paid 70");
        assertEq(_limit(m), 600e18, "room after");
        _pass(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, m, 1_000e18 + 100, 600e18));
        _fill(_alice, _bob, m, 1, 100e18);
        AccountId carol = _join("carol", 1_000);
        _fill(carol, _alice, m, 4e18, 100e18);
        _fill(_bob, _alice, m, 6e18, 100e18);
        _insure("another backer", 1_000);
        _fill(_alice, _bob, m, 6e18, 100e18);
    }

    /// @dev The market's own bucket empties, and its room comes back as it refills.
    function test_room_opensAsTheBucketRefills() public {
        uint8 m = _backed(10_000, 100e18, 100_000);
        fund.setLimit(m, IInsuranceFund.Limit(100e18, 1e18, 100_000));
        AccountId bull = _join("bull", 10);
        _fill(bull, _bob, m, 1e18, 100e18);
        _to(m, 20e18);
        _deleverage(bull);
        assertEq(_limit(m), 300e18, "70 of 100 are drawn");
        _pass(20);
        assertEq(_limit(m), 500e18, "20 are back");
        _pass(1 hours);
        assertEq(_limit(m), 1_000e18, "full");
    }

    function _backed(uint256 assets, uint128 capacity, uint24 gap) private returns (uint8 m) {
        m = _list(100e18, _plain());
        _insure("backer", assets);
        fund.setLimit(m, IInsuranceFund.Limit(capacity, 0, gap));
    }

    function _limit(uint8 m) private view returns (uint256) {
        return fund.openInterestLimit(m, _collateral(fundAccount));
    }

    // ------------------------------------------------------------------ isolated-only markets

    function test_isolated_isAnAccountsOnlyMarket() public {
        (uint8 plain, uint8 weak) = (_list(100e18, _plain()), _isolated());
        _fill(_alice, _bob, plain, 1e18, 100e18);
        AccountId carol = _join("carol", 1_000);
        AccountId dave = _join("dave", 1_000);
        _fill(carol, dave, weak, 1e18, 100e18);
        // Neither in …
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 2, 1));
        _fill(_alice, carol, weak, 1e18, 100e18);
        // … nor out, on either side.
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 2, 1));
        _fill(carol, _bob, plain, 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 2, 1));
        _fill(_bob, dave, plain, 1e18, 100e18);
        // Growing, and the same owner's other account, are as ever.
        _fill(carol, dave, weak, 1e18, 100e18);
        AccountId second = accountId(_alice.owner(), 1);
        everyone.push(second);
        _deposit(second, 100e18);
        vm.prank(_alice.owner());
        house.setOperator(1, address(this), TRADE);
        _fill(second, dave, weak, 1e18, 100e18);
        _assertSolvent();
    }

    function test_isolated_isEnteredAfterLeavingTheOther() public {
        (uint8 plain, uint8 weak) = (_list(100e18, _plain()), _isolated());
        _fill(_alice, _bob, plain, 1e18, 100e18);
        _fill(_bob, _alice, plain, 1e18, 100e18);
        _fill(_alice, _bob, weak, 1e18, 100e18);
        assertTrue(_isIn(_alice, weak), "in");
    }

    /// @dev Set on a market in which cross-margined accounts are: it closes nothing, they may do all but enter others.
    function test_isolated_setLaterKeepsWhoIsThere() public {
        (uint8 a, uint8 b) = (_list(100e18, _plain()), _list(100e18, _plain()));
        _fill(_alice, _bob, a, 1e18, 100e18);
        _fill(_alice, _bob, b, 1e18, 100e18);
        RiskParameters memory p = _plain();
        p.isolatedOnly = true;
        governor.setRiskParameters(b, p);
        _fill(_alice, _bob, a, 1e18, 100e18);
        _fill(_alice, _bob, b, 1e18, 100e18);
        _fill(_bob, _alice, b, 2e18, 100e18);
        _fill(_bob, _alice, a, 2e18, 100e18);
        assertFalse(_isIn(_alice, a) || _isIn(_alice, b), "out");
    }

    function test_isolated_bindsWhoTakesOver() public {
        (uint8 plain, uint8 weak) = (_list(100e18, _plain()), _isolated());
        AccountId debtor = _join("debtor", 100);
        AccountId other = _join("other", 1_000);
        _fill(debtor, other, weak, 10e18, 100e18);
        _fill(_alice, _bob, plain, 1e18, 100e18);
        _to(weak, 94e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 2, 1));
        house.liquidate(debtor, weak, ALL, _alice);
        AccountId keeper = _join("keeper", 1_000);
        house.liquidate(debtor, weak, ALL, keeper);
        assertTrue(_isIn(keeper, weak), "took over");
    }

    /// @dev A named taker who may not enter is as if none had been named: no revert.
    function test_isolated_bindsTakersOfDeleveraging() public {
        (uint8 plain, uint8 weak) = (_list(100e18, _plain()), _isolated());
        _insure("backer", 10_000);
        AccountId debtor = _join("debtor", 100);
        AccountId other = _join("other", 1_000);
        _fill(debtor, other, weak, 10e18, 100e18);
        _fill(_bob, _alice, plain, 1e18, 100e18);
        _to(weak, 80e18);
        house.deleverage(_list1(debtor), _bob);
        assertFalse(_isIn(_bob, weak), "not taken over");
        assertEq(house.sizeOf(other, weak), int256(0), "closed");
        _assertSolvent();
    }

    function _isolated() private returns (uint8) {
        RiskParameters memory p = _plain();
        p.isolatedOnly = true;
        return _list(100e18, p);
    }

    // ------------------------------------------------------------------ the block after a jump

    /// @dev Exactly the maintenance margin is no jump; a tick of the feed more is.
    function test_jump_isMoreThanTheMaintenanceMargin() public {
        uint8 m = _list(100e18, _plain());
        _fill(_alice, _bob, m, 1e18, 100e18);
        _quotePrice(m, 95e18);
        _fill(_alice, _bob, m, 1e18, 95e18);
        _quotePrice(m, 99.75000001e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarkJumped.selector, m, 99.75000001e18));
        _fill(_alice, _bob, m, 1e18, 99.75000001e18);
    }

    function test_jump_stopsFillsForABlock_reducingToo() public {
        uint8 m = _list(100e18, _plain());
        _fill(_alice, _bob, m, 5e18, 100e18);
        _to(m, 94e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarkJumped.selector, m, 94e18));
        _fill(_alice, _bob, m, 1e18, 94e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarkJumped.selector, m, 94e18));
        _fill(_bob, _alice, m, 1e18, 94e18);
        _pass(1);
        _fill(_bob, _alice, m, 1e18, 94e18);
        _fill(_alice, _bob, m, 2e18, 94e18);
    }

    /// @dev Also in a batch of the transaction that brings the price.
    function test_jump_stopsWhoBringsThePrice() public {
        uint8 m = _list(100e18, _plain());
        _fill(_alice, _bob, m, 5e18, 100e18);
        _quotePrice(m, 106e18);
        Call[] memory calls = new Call[](2);
        calls[0] = Call(address(house), abi.encodeCall(house.accrueFunding, (m)));
        calls[1] = Call(
            address(house),
            abi.encodeCall(house.fill, (IClearingHouse.Fill(_alice, _bob, m, 1e18, 106e18, NO_ACCOUNT, 0, 0)))
        );
        vm.expectRevert(abi.encodeWithSelector(Errors.MarkJumped.selector, m, 106e18));
        house.batch(calls);
    }

    function test_jump_stopsWithdrawalsOfWhoIsThere() public {
        (uint8 m, uint8 other) = (_list(100e18, _plain()), _list(100e18, _plain()));
        AccountId carol = _join("carol", 1_000);
        AccountId dave = _join("dave", 1_000);
        _fill(_alice, _bob, m, 1e18, 100e18);
        _fill(carol, dave, other, 1e18, 100e18);
        _to(m, 94e18);
        vm.prank(_bob.owner());
        vm.expectRevert(abi.encodeWithSelector(Errors.MarkJumped.selector, m, 94e18));
        house.withdraw(_bob, 1, _bob.owner());
        _withdraws(carol, 1e18);
        _pass(1);
        _withdraws(_bob, 1e18);
    }

    /// @dev Whoever left the market does not wait, whatever is still owed there.
    function test_jump_doesNotHoldWhoHasLeft() public {
        uint8 m = _list(100e18, _plain());
        _fill(_alice, _bob, m, 1e18, 100e18);
        _fill(_bob, _alice, m, 1e18, 100e18);
        _fill(_bob, _join("carol", 100), m, 1e18, 100e18);
        _to(m, 94e18);
        _withdraws(_alice, 1_000e18);
    }

    function test_jump_stopsNeitherDepositNorSettleNorLiquidateNorDeleverage() public {
        uint8 m = _list(100e18, _plain());
        _insure("backer", 1_000);
        AccountId weak = _join("weak", 100);
        AccountId broken = _join("broken", 100);
        _fill(weak, _bob, m, 10e18, 100e18);
        _fill(broken, _bob, m, 10e18, 100e18);
        _to(m, 94e18);
        assertTrue(_market(m).flags & 8 != 0, "jumped");
        _deposit(_alice, 1e18);
        house.settle(_list2(weak, _bob));
        house.liquidate(weak, m, ALL, _alice);
        _to(m, 84e18);
        _deleverage(broken);
        assertEq(house.sizeOf(broken, m), int256(0), "resolved");
        _assertSolvent();
    }

    /// @dev The first mark of a market is no move, nor is one that comes back within the margin of the last one.
    function test_jump_isMeasuredFromTheLastMark() public {
        uint8 m = _list(100e18, _plain());
        assertEq(_market(m).flags, 0, "the first");
        _to(m, 94e18);
        _to(m, 98e18);
        assertEq(_market(m).flags & 8, 0, "calm again");
        _fill(_alice, _bob, m, 1e18, 98e18);
    }

    // ------------------------------------------------------------------ makings

    function _to(uint8 m, uint256 price) private {
        _quotePrice(m, price);
        house.accrueFunding(m);
    }

    function _withdraws(AccountId id, uint256 amount) private {
        vm.prank(id.owner());
        house.withdraw(id, amount, id.owner());
    }
}

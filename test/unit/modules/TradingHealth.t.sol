// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice What a fill asks of its parties: margin where risk grows, a promise where it shrinks, no new unpaid loss ever; and
/// the fees that these rules leave.
contract TradingHealthTest is HouseTest {
    AccountId private _maker;

    function setUp() public override {
        super.setUp();
        _maker = _join("maker", 1_000_000);
    }

    // ------------------------------------------------------------------ risk that grows

    function test_fill_needsExactlyTheInitialMargin() public {
        uint8 m = _list(100e18, _plain());
        AccountId alice = _join("alice", 0);
        _deposit(alice, 100e18 - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, int256(100e18 - 1), 100e18));
        _fill(alice, _maker, m, 10e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, int256(100e18 - 1), 100e18));
        _fill(_maker, alice, m, 10e18, 100e18);
        _deposit(alice, 1);
        _fill(alice, _maker, m, 10e18, 100e18);
    }

    function test_fill_countsTheDistanceFromMarkInTheMargin() public {
        uint8 m = _list(100e18, _plain());
        AccountId alice = _join("alice", 110);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, int256(100e18 - 10), 100e18));
        _fill(alice, _maker, m, 10e18, 101e18 + 1);
        _fill(alice, _maker, m, 10e18, 101e18);
        assertEq(_collateral(alice), 100e18);
    }

    function test_fill_countsNoWaitingGainInTheMargin() public {
        uint8 m = _list(100e18, _plain());
        uint8 other = _list(100e18, _plain());
        AccountId alice = _join("alice", 100);
        _fill(alice, _maker, other, 5e18, 100e18);
        _setPrice(other, 200e18);
        _setPrice(m, 100e18);
        // A gain of 500 waits; the margin of it all is 100 and another 50.
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, int256(100e18), 150e18));
        _fill(alice, _maker, m, 5e18, 100e18);
        house.settle(_list2(_maker, alice));
        _fill(alice, _maker, m, 5e18, 100e18);
        assertEq(_collateral(alice), 600e18);
    }

    function test_fill_takesAFlipForNewRisk() public {
        uint8 m = _list(100e18, _plain());
        AccountId alice = _join("alice", 100);
        _fill(alice, _maker, m, 10e18, 100e18);
        _setPrice(m, 99.9e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, int256(99e18), 99.9e18));
        _fill(_maker, alice, m, 20e18, 99.9e18);
        // A smaller one leaves enough.
        _fill(_maker, alice, m, 11e18, 99.9e18);
        assertEq(house.sizeOf(alice, m), -1e18);
        _assertSolvent();
    }

    // ------------------------------------------------------------------ risk that shrinks

    function test_fill_letsWhoIsBelowMaintenanceReduceAtMark() public {
        (uint8 m, AccountId alice) = _below(50);
        _fill(_maker, alice, m, 10e18, 100e18);
        _assertAccount(alice, m, 50e18, 90e18, "alice");
        _fill(_maker, alice, m, 90e18, 100e18);
        _assertAccount(alice, m, 50e18, 0, "alice");
        _assertSolvent();
    }

    function test_fill_keepsEquityToMarginFromFalling() public {
        (uint8 m, AccountId alice) = _below(50);
        // A tenth is closed; it may cost a tenth of the equity of 50 and not a wei a unit more.
        vm.expectRevert(abi.encodeWithSelector(Errors.HealthWouldFall.selector, alice, int256(45e18 - 10), 450e18));
        _fill(_maker, alice, m, 10e18, 99.5e18 - 1);
        _fill(_maker, alice, m, 10e18, 99.5e18);
        _assertAccount(alice, m, 45e18, 90e18, "alice");
    }

    function test_fill_letsTheHealthyReduceOffMark() public {
        uint8 m = _list(100e18, _plain());
        AccountId alice = _join("alice", 550);
        _fill(alice, _maker, m, 50e18, 100e18);
        _fill(_maker, alice, m, 40e18, 95e18);
        _assertAccount(alice, m, 350e18, 10e18, "alice");
    }

    function test_fill_refusesToEndBelowZero() public {
        (uint8 m, AccountId alice) = _below(50);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, alice, 50e18));
        _fill(_maker, alice, m, 100e18, 99e18);
    }

    function test_fill_closesAnEquityOfZero() public {
        (uint8 m, AccountId alice) = _below(0);
        _fill(_maker, alice, m, 100e18, 100e18);
        _assertAccount(alice, m, 0, 0, "alice");
        assertFalse(_isIn(alice, m), "alice has left");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ unpaid losses

    function test_fill_createsNoUnpaidLoss() public {
        (, uint8 loss, AccountId x) = _gainThatWaits(200e18, 88.2e18, 600);
        // Secured 10, equity 1,010: a loss of 10 is paid, of 20 it would not be.
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, x, 10e18));
        _fill(_maker, x, loss, 10e18, 86.2e18);
        _fill(_maker, x, loss, 10e18, 87.2e18);
        assertEq(_collateral(x), 0, "collateral");
        assertFalse(_position(x, loss).hasOwed, "nothing unpaid");
        _assertSolvent();
    }

    function test_fill_enlargesNoUnpaidLoss() public {
        (, uint8 loss, AccountId x) = _gainThatWaits(200e18, 78e18, 1_000);
        // Secured −100, equity 900.
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, x, 100e18 + 50));
        _fill(_maker, x, loss, 50e18, 78e18 - 1);
        _fill(_maker, x, loss, 50e18, 78e18);
        assertEq(_position(x, loss).owed, -100e18, "as before");
        _assertAccount(x, loss, 0, 0, "x");
        _assertSolvent();
    }

    function test_fill_measuresTheUnpaidLossAfterSettling() public {
        (uint8 gain, uint8 loss, AccountId x) = _gainThatWaits(200e18, 78e18, 1_000);
        // 150 of the gain can be paid, and with it the unpaid 100: what is new is not excused by what was.
        _settle(_account("payer"));
        assertEq(_market(gain).pool, 150e18, "pool");
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, x, 100e18));
        _fill(_maker, x, loss, 50e18, 75e18);
        _fill(_maker, x, loss, 50e18, 77e18);
        assertEq(_collateral(x), 0, "x");
        assertFalse(_position(x, loss).hasOwed, "paid");
        _assertSolvent();
    }

    function test_fill_paysUnpaidLossesWithWhatItPaysOut() public {
        (uint8 gain, uint8 loss, AccountId x) = _gainThatWaits(200e18, 78e18, 1_000);
        // The maker buys back what it is short of: 850 come in, 100 of them pay the loss.
        _fill(_maker, x, gain, 8.5e18, 200e18);
        _assertAccount(x, gain, 750e18, 1.5e18, "x");
        assertFalse(_position(x, loss).hasOwed, "paid");
        assertEq(_market(loss).pool, 1_100e18, "pool");
        _assertSolvent();
    }

    /// @dev x with whole tokens, long 10 of one market (1.5 from payer, the rest from the maker) and 50 of another, both from
    /// 100, at the given marks.
    function _gainThatWaits(
        uint256 high,
        uint256 low,
        uint256 collateral
    ) private returns (uint8 gain, uint8 loss, AccountId x) {
        (gain, loss) = (_list(100e18, _plain()), _list(100e18, _plain()));
        x = _join("x", collateral);
        AccountId payer = _join("payer", 1_000);
        _fill(x, payer, gain, 1.5e18, 100e18);
        _fill(x, _maker, gain, 8.5e18, 100e18);
        _fill(x, _join("winner", 10_000), loss, 50e18, 100e18);
        _setPrice(gain, high);
        _setPrice(loss, low);
    }

    // ------------------------------------------------------------------ fees

    function test_fill_chargesTheProtocolAndTheVenue() public {
        (uint8 m, AccountId alice, AccountId venue) = _feeMarket();
        vm.expectEmit(address(house));
        emit Events.Filled(
            m,
            alice,
            _maker,
            10e18,
            105e18,
            100e18,
            10e18,
            -10e18,
            1_000e18 - 50e18 - 10.5e18 - 10.5e18,
            1_000_000e18 + 50e18 - 10.5e18,
            31.5e18
        );
        _fillWithFees(alice, _maker, m, 10e18, 105e18, venue, 10_000, 0);
        // 1,050 · 1 % each, and 5 a unit to the maker
        assertEq(_collateral(alice), 1_000e18 - 50e18 - 10.5e18 - 10.5e18, "alice");
        assertEq(_collateral(_maker), 1_000_000e18 + 50e18 - 10.5e18, "maker");
        assertEq(_collateral(venue), 10.5e18, "venue");
        assertEq(_market(m).fees, 21e18, "protocol");
        _assertSolvent();
    }

    /// @dev A size-wei at ½ is half a wei, counted as one, and a part of that is a wei too.
    function test_fill_roundsNotionalAndTheVenuesFeeUp() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        uint8 m = _list(0.5e18, p);
        AccountId alice = _join("alice", 1_000);
        AccountId venue = _account("venue");
        everyone.push(venue);
        _fillWithFees(alice, _maker, m, 1, 0.5e18, venue, 10_000, 0);
        assertEq(_collateral(alice), 1_000e18 - 2, "alice");
        assertEq(_collateral(venue), 1, "venue");
        assertEq(_market(m).fees, 2, "protocol");
        _assertSolvent();
    }

    function test_fill_refusesAVenueFeeAboveTheMaximum() public {
        (uint8 m, AccountId alice, AccountId venue) = _feeMarket();
        vm.expectRevert(abi.encodeWithSelector(Errors.FeeAboveMaximum.selector, 10_001, 10_000));
        this.fillWithFees(alice, _maker, m, 1e18, 100e18, venue, 10_001, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.FeeAboveMaximum.selector, 10_001, 10_000));
        this.fillWithFees(alice, _maker, m, 1e18, 100e18, venue, 0, 10_001);
    }

    function test_fill_refusesAVenueFeeForNobody() public {
        (uint8 m, AccountId alice, ) = _feeMarket();
        vm.expectRevert(abi.encodeWithSelector(Errors.ZeroAddress.selector));
        this.fillWithFees(alice, _maker, m, 1e18, 100e18, NO_ACCOUNT, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.ZeroAddress.selector));
        this.fillWithFees(alice, _maker, m, 1e18, 100e18, accountId(address(0), 5), 0, 1);
    }

    function test_fill_letsAPartyEarnTheVenueFee() public {
        (uint8 m, AccountId alice, ) = _feeMarket();
        _fillWithFees(alice, _maker, m, 10e18, 100e18, alice, 10_000, 5_000);
        // 10 to the protocol, 10 to itself, and 5 of the maker's
        assertEq(_collateral(alice), 1_000e18 - 10e18 + 5e18);
        _assertSolvent();
    }

    function test_fill_needsTheMarginAfterFees() public {
        (uint8 m, , ) = _feeMarket();
        AccountId poor = _join("poor", 0);
        _deposit(poor, 110e18 - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, poor, int256(100e18 - 1), 100e18));
        _fill(poor, _maker, m, 10e18, 100e18);
        _deposit(poor, 1);
        _fill(poor, _maker, m, 10e18, 100e18);
        assertEq(_collateral(poor), 100e18);
    }

    function test_fill_cutsAReducersFeesToWhatTheRulesLeave() public {
        (uint8 m, , AccountId venue) = _feeMarket();
        // Opening at 110 costs 110; at 100 the equity is 150 against an MM of 500.
        AccountId alice = _join("alice, in trouble", 1_260);
        _setPrice(m, 110e18);
        _fill(alice, _maker, m, 100e18, 110e18);
        _setPrice(m, 100e18);
        uint256 before = _market(m).fees;
        // A tenth may cost 15: the protocol's 10 in full, 5 of the venue's 10.
        _fillWithFees(_maker, alice, m, 10e18, 100e18, venue, 0, 10_000);
        _assertAccount(alice, m, 135e18, 90e18, "alice");
        assertEq(_collateral(venue), 5e18, "venue");
        assertEq(_market(m).fees - before, 20e18, "protocol");
        _assertSolvent();

        // The next ten may cost 15 as well, and 9 of that are lost to the price.
        _fillWithFees(_maker, alice, m, 10e18, 99.1e18, venue, 0, 10_000);
        assertEq(_collateral(alice), 120e18, "alice");
        assertEq(_collateral(venue), 5e18, "venue");
    }

    function test_fill_chargesAReducerNoMoreThanItHas() public {
        (uint8 m, , AccountId venue) = _feeMarket();
        AccountId alice = _join("alice, nearly broke", 1_317);
        _setPrice(m, 112e18);
        _fill(alice, _maker, m, 100e18, 112e18);
        _setPrice(m, 100e18);
        uint256 before = _market(m).fees;
        // Equity 5; closing all of it would cost 100 and 100.
        _fillWithFees(_maker, alice, m, 100e18, 100e18, venue, 0, 10_000);
        _assertAccount(alice, m, 0, 0, "alice");
        assertEq(_market(m).fees - before, 105e18, "the maker's 100 and alice's 5");
        assertEq(_collateral(venue), 0, "venue");
        _assertSolvent();
    }

    function test_fill_chargesAHealthyReducerInFull() public {
        (uint8 m, , AccountId venue) = _feeMarket();
        AccountId alice = _join("alice, healthy", 1_710);
        _setPrice(m, 110e18);
        _fill(alice, _maker, m, 100e18, 110e18);
        _setPrice(m, 100e18);
        // Equity is 600. A tenth at 95 costs 50 and twice 9.5: more than a tenth of 600, but above the MM of 450.
        _fillWithFees(_maker, alice, m, 10e18, 95e18, venue, 0, 10_000);
        _assertAccount(alice, m, 531e18, 90e18, "alice");
        assertEq(_collateral(venue), 9.5e18, "venue");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ situations

    /// @dev Alice has `equity` whole tokens behind a long of 100 at 100: MM is 500.
    function _below(uint256 equity) private returns (uint8 m, AccountId alice) {
        m = _list(112e18, _plain());
        alice = _join("alice", 1_200 + equity);
        _fill(alice, _maker, m, 100e18, 112e18);
        _setPrice(m, 100e18);
    }

    function _feeMarket() private returns (uint8 m, AccountId alice, AccountId venue) {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        m = _list(100e18, p);
        alice = _join("alice", 1_000);
        venue = _account("venue");
        everyone.push(venue);
    }

    function fillWithFees(
        AccountId buyer,
        AccountId seller,
        uint8 m,
        uint256 size,
        uint256 price,
        AccountId to,
        uint24 buyerFee,
        uint24 sellerFee
    ) external {
        _fillWithFees(buyer, seller, m, size, price, to, buyerFee, sellerFee);
    }

    function _fillWithFees(
        AccountId buyer,
        AccountId seller,
        uint8 m,
        uint256 size,
        uint256 price,
        AccountId to,
        uint24 buyerFee,
        uint24 sellerFee
    ) private {
        house.fill(IClearingHouse.Fill(buyer, seller, m, size, price, to, buyerFee, sellerFee));
    }
}

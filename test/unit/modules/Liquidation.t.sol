// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId, accountId} from "../../../contracts/types/AccountId.sol";
import {TRADE, WITHDRAW} from "../../../contracts/types/Rights.sol";
import {PPM, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Taking a position over from an account below its maintenance margin: terms, boundaries, where the penalty comes
/// from and where it goes. The numbers are those of the worked example: a long of 100 at 100 with an equity of 400.
contract LiquidationTest is HouseTest {
    uint256 private constant TAKEN = 43_478260869565217391;
    uint256 private constant LEFT = 56_521739130434782609;
    uint256 private constant INCENTIVE = 39_130434782608695652;
    uint256 private constant FUND_FEE = 21_739130434782608695;
    /// @dev IM of what is taken.
    uint256 private constant MARGIN = 434_782608695652173910;

    // ------------------------------------------------------------------ how much, and at what price

    function test_liquidate_takesWhatRestoresTheBuffer() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        vm.expectEmit(address(house));
        emit Events.Liquidated(
            debtor,
            m,
            keeper,
            TAKEN,
            100e18,
            INCENTIVE,
            FUND_FEE,
            int256(LEFT),
            400e18 - INCENTIVE - FUND_FEE
        );
        uint256 taken = house.liquidate(debtor, m, ALL, keeper);

        assertEq(taken, TAKEN, "taken");
        _assertAccount(debtor, m, 400e18 - INCENTIVE - FUND_FEE, int256(LEFT), "debtor");
        _assertAccount(keeper, m, 10_000e18 + INCENTIVE, int256(TAKEN), "keeper");
        assertEq(_collateral(fundAccount), FUND_FEE, "fund");
        _assertMarket(m, 1_000e18, 0);
        _assertSolvent();

        // Equity is 1.2 × MM now: nothing more can be taken.
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.NotLiquidatable.selector,
                debtor,
                int256(339_130434782608695653),
                282_608695652173913045
            )
        );
        house.liquidate(debtor, m, ALL, keeper);
    }

    function test_liquidate_takesShortsLikeLongs() public {
        uint8 m = _list(100e18, _plain());
        AccountId debtor = _join("debtor", 1_400);
        AccountId other = _join("other", 100_000);
        AccountId keeper = _join("keeper", 10_000);
        _setPrice(m, 90e18);
        _fill(other, debtor, m, 100e18, 90e18);
        _setPrice(m, 100e18);
        vm.expectEmit(address(house));
        emit Events.Liquidated(
            debtor,
            m,
            keeper,
            TAKEN,
            100e18,
            INCENTIVE,
            FUND_FEE,
            -int256(LEFT),
            400e18 - INCENTIVE - FUND_FEE
        );
        house.liquidate(debtor, m, ALL, keeper);
        assertEq(house.sizeOf(keeper, m), -int256(TAKEN), "keeper");
        _assertSolvent();
    }

    function test_liquidate_takesNoMoreThanAsked() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        uint256 taken = house.liquidate(debtor, m, 10e18, keeper);
        assertEq(taken, 10e18, "taken");
        // 1,000 · 0.9 % and 0.5 %
        _assertAccount(debtor, m, 386e18, 90e18, "debtor");
        _assertAccount(keeper, m, 10_009e18, 10e18, "keeper");
        assertEq(_collateral(fundAccount), 5e18, "fund");
        _assertSolvent();
    }

    function test_liquidate_takesAllAndNoMoreThanTheEquity() public {
        // Equity 100 against MM 500: the buffer would need 125 units, and penalties of 2 % would be 200.
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_100, 110e18, 100e18, _plain());
        vm.expectEmit(address(house));
        emit Events.Liquidated(debtor, m, keeper, 100e18, 100e18, 75e18, 25e18, 0, 0);
        house.liquidate(debtor, m, ALL, keeper);
        _assertAccount(debtor, m, 0, 0, "debtor");
        assertFalse(_isIn(debtor, m), "has left");
        _assertAccount(keeper, m, 10_075e18, 100e18, "keeper");
        assertEq(_collateral(fundAccount), 25e18, "fund");
        _assertSolvent();
    }

    function test_liquidate_takesAllForNothing_whenEquityIsZero() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_300, 110e18, 97e18, _plain());
        vm.expectEmit(address(house));
        emit Events.Liquidated(debtor, m, keeper, 100e18, 97e18, 0, 0, 0, 0);
        house.liquidate(debtor, m, ALL, keeper);
        _assertAccount(keeper, m, 10_000e18, 100e18, "keeper");
        _assertSolvent();
    }

    function test_liquidate_leavesADefaultToTheWaterfall() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_300, 110e18, 97e18 - 1e10, _plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, debtor, 1e12));
        house.liquidate(debtor, m, ALL, keeper);
    }

    function test_liquidate_needsEquityBelowTheMaintenanceMargin() public {
        // 1,500 − 1,000 = 5 % of 10,000
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_500, 110e18, 100e18, _plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, debtor, int256(500e18), 500e18));
        house.liquidate(debtor, m, ALL, keeper);
        _setPrice(m, 100e18 - 1e10);
        assertGt(house.liquidate(debtor, m, ALL, keeper), 0);
    }

    function test_liquidate_takesTheWholeRatherThanLeaveDust() public {
        RiskParameters memory p = _plain();
        uint256 id = vm.snapshotState();
        // What is left is worth 5,652.173913043…
        p.minNotional = 5652.173e18;
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, p);
        assertEq(house.liquidate(debtor, m, ALL, keeper), TAKEN, "the minimum may stay");

        vm.revertToState(id);
        p.minNotional = 5652.174e18;
        (m, debtor, keeper) = _long100(1_400, 110e18, 100e18, p);
        assertEq(house.liquidate(debtor, m, ALL, keeper), 100e18, "below it nothing may");
        // 1.4 % of 10,000
        assertEq(_collateral(debtor), 260e18, "debtor");
    }

    /// @dev Asking for a little less than the whole must not leave what nobody is paid to liquidate.
    function test_liquidate_refusesToLeaveDust() public {
        RiskParameters memory p = _plain();
        p.minNotional = 6_000e18;
        // All of it may be taken: what the buffer leaves is below the minimum.
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, p);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 100, 6_000e18));
        house.liquidate(debtor, m, 100e18 - 1, keeper);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 6_000e18 - 100, 6_000e18));
        house.liquidate(debtor, m, 40e18 + 1, keeper);
        assertEq(house.liquidate(debtor, m, 40e18, keeper), 40e18, "the minimum may stay");
    }

    /// @dev At ½ a size-wei is worth half a wei: what would stay is worth half a wei less than the minimum.
    function test_liquidate_refusesToLeaveAFractionLessThanTheMinimum() public {
        RiskParameters memory p = _plain();
        p.minNotional = 6_000e18;
        uint8 m = _list(0.55e18, p);
        AccountId debtor = _join("debtor", 1_400);
        AccountId keeper = _join("keeper", 10_000);
        _fill(debtor, _join("other", 100_000), m, 20_000e18, 0.55e18);
        _setPrice(m, 0.5e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.PositionTooSmall.selector, 6_000e18 - 1, 6_000e18));
        house.liquidate(debtor, m, 8_000e18 + 1, keeper);
        assertEq(house.liquidate(debtor, m, 8_000e18, keeper), 8_000e18, "the minimum may stay");
    }

    function test_liquidate_goesOnInAReduceOnlyMarket() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        governor.restrictMarket(m);
        assertEq(house.liquidate(debtor, m, ALL, keeper), TAKEN);
    }

    function test_liquidate_worksWithoutPenalties() public {
        RiskParameters memory p = _plain();
        (p.incentiveMin, p.incentiveMax, p.fundFee) = (0, 0, 0);
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, p);
        // 200 / (100 · 0.06)
        assertEq(house.liquidate(debtor, m, ALL, keeper), 33_333333333333333333, "taken");
        assertEq(_collateral(debtor), 400e18, "debtor");
        assertEq(_collateral(keeper), 10_000e18, "keeper");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ who takes it

    function test_liquidate_needsTheInitialMarginOfTheTaker() public {
        (uint8 m, AccountId debtor, ) = _long100(1_400, 110e18, 100e18, _plain());
        AccountId poor = _join("poor", 0);
        _deposit(poor, MARGIN - INCENTIVE - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, poor, int256(MARGIN - 1), MARGIN));
        house.liquidate(debtor, m, ALL, poor);
        _deposit(poor, 1);
        house.liquidate(debtor, m, ALL, poor);
        _assertAccount(poor, m, MARGIN, int256(TAKEN), "poor");
        _assertSolvent();
    }

    function test_liquidate_reducesATakerOnTheOtherSide() public {
        (uint8 m, AccountId debtor, ) = _long100(1_400, 110e18, 100e18, _plain());
        AccountId other = _account("other");
        // The one who is short 100 takes the long over and is short less.
        uint256 interest = _market(m).longShares;
        house.liquidate(debtor, m, ALL, other);
        _assertAccount(other, m, 100_000e18 + 1_000e18 + INCENTIVE, -int256(LEFT), "other");
        assertEq(_market(m).longShares, interest - TAKEN, "open interest shrinks");
        _assertSolvent();
    }

    function test_liquidate_isForWhoMayTradeForTheTaker() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        address stranger = makeAddr("stranger");
        _expectNotPermitted(debtor, m, keeper, stranger);
        vm.prank(keeper.owner());
        house.setOperator(0, stranger, WITHDRAW);
        _expectNotPermitted(debtor, m, keeper, stranger);
        vm.prank(keeper.owner());
        house.setOperator(0, stranger, TRADE);
        vm.prank(stranger);
        assertEq(house.liquidate(debtor, m, 1e18, keeper), 1e18, "operator");
        vm.prank(keeper.owner());
        assertEq(house.liquidate(debtor, m, 1e18, keeper), 1e18, "owner");
    }

    function test_liquidate_letsAnOwnerLiquidateThemselves() public {
        (uint8 m, AccountId debtor, ) = _long100(1_400, 110e18, 100e18, _plain());
        AccountId own = accountId(debtor.owner(), 1);
        everyone.push(own);
        _deposit(own, 1_000e18);
        vm.prank(debtor.owner());
        assertEq(house.liquidate(debtor, m, ALL, own), TAKEN);
        _assertSolvent();
    }

    function test_liquidate_refusesBadTakers() public {
        (uint8 m, AccountId debtor, ) = _long100(1_400, 110e18, 100e18, _plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.FundAccountRefused.selector));
        house.liquidate(debtor, m, ALL, fundAccount);
        vm.expectRevert(abi.encodeWithSelector(Errors.SameAccount.selector, debtor));
        house.liquidate(debtor, m, ALL, debtor);
    }

    function test_liquidate_refusesATakerInSixteenMarkets() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        AccountId maker = _join("maker", 10_000);
        for (uint256 i; i < 16; ++i) _fill(keeper, maker, _list(100e18, _plain()), 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 17, 16));
        house.liquidate(debtor, m, ALL, keeper);
    }

    // ------------------------------------------------------------------ bad input

    function test_liquidate_refusesNothingAndUnknownMarkets() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        house.liquidate(debtor, m, 0, keeper);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, m + 1));
        house.liquidate(debtor, m + 1, ALL, keeper);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 128));
        house.liquidate(debtor, 128, ALL, keeper);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 255));
        house.liquidate(debtor, 255, ALL, keeper);
    }

    function test_liquidate_refusesAMarketWithoutAPosition() public {
        (, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        uint8 empty = _list(100e18, _plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.NoPosition.selector, debtor, empty));
        house.liquidate(debtor, empty, ALL, keeper);
    }

    function test_liquidate_refusesWhoHasNothing() public {
        (uint8 m, , AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        AccountId nobody = _account("nobody");
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, nobody, int256(0), 0));
        house.liquidate(nobody, m, ALL, keeper);
        _insure("backer", 10);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, fundAccount, int256(10e18), 0));
        house.liquidate(fundAccount, m, ALL, keeper);
    }

    // ------------------------------------------------------------------ prices that are refused

    function test_liquidate_needsAPriceOfItsMarket() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        house.accrueFunding(m);
        _refuse(m);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        house.liquidate(debtor, m, ALL, keeper);
    }

    function test_liquidate_valuesOtherMarketsOfTheDebtorAtTheirLastMark() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_450, 110e18, 110e18, _plain());
        uint8 other = _list(100e18, _plain());
        _fill(debtor, _account("other"), other, 1e18, 100e18);
        _refuse(other);
        _setPrice(m, 100e18);
        // Equity 450 against 505: MM of the other market counts at its last mark.
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        house.liquidate(debtor, other, ALL, keeper);
        assertGt(house.liquidate(debtor, m, ALL, keeper), 0);
        _assertSolvent();
    }

    function test_liquidate_refusesATakerWithAPositionWithoutPrice() public {
        (uint8 m, AccountId debtor, AccountId keeper) = _long100(1_400, 110e18, 100e18, _plain());
        uint8 other = _list(100e18, _plain());
        _fill(keeper, _account("other"), other, 1e18, 100e18);
        _refuse(other);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        house.liquidate(debtor, m, ALL, keeper);
    }

    // ------------------------------------------------------------------ where the penalty comes from, and goes

    function test_liquidate_paysTheIncentiveFromAWaitingGain() public {
        (uint8 gain, , AccountId x) = _gainAndUnpaidLoss();
        AccountId keeper = _join("keeper", 10_000);
        uint256 incentive = 7_888349514563106230;
        vm.expectEmit(address(house));
        emit Events.Liquidated(x, gain, keeper, 7_572815533980582465, 175e18, incentive, 0, 2_427184466019417535, 0);
        house.liquidate(x, gain, ALL, keeper);
        // The gain still waits, and so does what the keeper has of it.
        assertEq(_position(x, gain).owed, int256(750e18 - incentive), "x");
        assertEq(_position(keeper, gain).owed, int256(incentive), "keeper");
        assertEq(_collateral(keeper), 10_000e18, "keeper's collateral");
        assertEq(_collateral(fundAccount), 0, "the fund holds no claims");
        _assertSolvent();

        house.settle(_list3(_account("payer"), keeper, x));
        assertEq(_collateral(keeper), 10_000e18 + incentive, "keeper is paid");
        assertEq(_collateral(x), 250e18 - incentive, "x: gain less loss less incentive");
        _assertSolvent();
    }

    function test_liquidate_costsNothing_whenThereIsNothingToTakeItFrom() public {
        (, uint8 loss, AccountId x) = _gainAndUnpaidLoss();
        AccountId keeper = _join("keeper", 10_000);
        // In this market there is no gain that waits, and collateral there is none.
        house.liquidate(x, loss, 10e18, keeper);
        _assertAccount(keeper, loss, 10_000e18, 10e18, "keeper");
        assertEq(_position(x, loss).owed, -500e18, "unpaid as before");
        _assertSolvent();
    }

    function test_liquidate_repaysTheMarketsOwnShortfallFirst() public {
        RiskParameters memory p = _plain();
        p.shortfallLimit = uint24(PPM);
        uint8 m = _list(100e18, p);
        // Long against short, both in default in turn: 240 missing.
        AccountId bull = _join("bull", 100);
        AccountId bear = _join("bear", 60);
        AccountId winner = _join("winner", 1_000);
        _fill(bull, winner, m, 10e18, 100e18);
        _setPrice(m, 60e18);
        _fill(winner, bear, m, 10e18, 60e18);
        _setPrice(m, 80e18);
        _deleverage(bull, bear);
        _assertMarket(m, 160e18, 240e18);

        AccountId debtor = _join("debtor", 1_400);
        AccountId other = _join("other", 100_000);
        AccountId keeper = _join("keeper", 10_000);
        _setPrice(m, 110e18);
        _fill(debtor, other, m, 100e18, 110e18);
        _setPrice(m, 100e18);
        house.liquidate(debtor, m, ALL, keeper);
        assertEq(_collateral(fundAccount), 0, "fund");
        _assertMarket(m, 160e18 + 1_000e18 + FUND_FEE, 240e18 - FUND_FEE);
        _assertSolvent();
    }

    function test_liquidate_paysTheTakersUnpaidLossesFirst() public {
        (uint8 gain, uint8 loss, AccountId x) = _gainAndUnpaidLoss();
        _setPrice(gain, 300e18);
        // Since the payer has paid, x can be paid 2,000: but nobody has settled it yet.
        _settle(_account("payer"));
        uint8 m = _list(110e18, _plain());
        AccountId debtor = _join("debtor", 1_400);
        _fill(debtor, _join("other", 100_000), m, 100e18, 110e18);
        _setPrice(m, 100e18);
        house.liquidate(debtor, m, ALL, x);
        assertEq(_position(x, loss).owed, 0, "paid");
        _assertAccount(x, m, 1_500e18 + INCENTIVE, int256(TAKEN), "x");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ situations

    /// @dev The debtor, with whole tokens of collateral, is long 100 from `entry`; the mark goes to `mark`.
    function _long100(
        uint256 collateral,
        uint256 entry,
        uint256 mark,
        RiskParameters memory p
    ) private returns (uint8 m, AccountId debtor, AccountId keeper) {
        m = _list(entry, p);
        debtor = _join("debtor", collateral);
        keeper = _join("keeper", 10_000);
        AccountId other = _join("other", 100_000);
        _fill(debtor, other, m, 100e18, entry);
        if (mark != entry) _setPrice(m, mark);
    }

    /// @dev x has no collateral, 750 of gain that waits in one market (10 at 175), an unpaid loss of 500 in the other
    /// (50 at 70), and 250 of equity against an MM of 262.5.
    function _gainAndUnpaidLoss() private returns (uint8 gain, uint8 loss, AccountId x) {
        (gain, loss) = (_list(100e18, _plain()), _list(100e18, _plain()));
        x = _join("x", 1_000);
        AccountId payer = _join("payer", 5_000);
        AccountId winner = _join("winner", 5_000);
        _fill(x, payer, gain, 10e18, 100e18);
        _fill(x, winner, loss, 50e18, 100e18);
        _setPrice(gain, 175e18);
        _setPrice(loss, 70e18);
        _settle(x);
        assertEq(_position(x, loss).owed, -500e18, "unpaid");
        assertEq(_collateral(x), 0, "collateral");
    }

    function _expectNotPermitted(AccountId debtor, uint8 m, AccountId to, address actor) private {
        vm.prank(actor);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, to, actor, TRADE));
        house.liquidate(debtor, m, 1e18, to);
    }
}

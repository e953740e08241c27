// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId, accountId} from "../../../contracts/types/AccountId.sol";
import {Rights, TRADE, WITHDRAW} from "../../../contracts/types/Rights.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Money in and out, and who may act for an account.
contract CollateralTest is HouseTest {
    Rights private constant NONE = Rights.wrap(0);

    // ------------------------------------------------------------------ deposit

    function test_deposit_addsToTheCallersAccount() public {
        address alice = makeAddr("alice");
        token.mint(alice, 1_000e18);
        vm.startPrank(alice);
        token.approve(address(vault), 1_000e18);
        vm.expectEmit(address(house));
        emit Events.Deposited(accountId(alice, 7), alice, 600e18, 600e18);
        house.deposit(7, 600e18);
        vm.expectEmit(address(house));
        emit Events.Deposited(accountId(alice, 7), alice, 400e18, 1_000e18);
        house.deposit(7, 400e18);
        vm.stopPrank();

        assertEq(_collateral(accountId(alice, 7)), 1_000e18, "sub-account 7");
        assertEq(_collateral(accountId(alice, 0)), 0, "sub-account 0");
        assertEq(vault.ledgerBalance(), 1_000e18, "vault");
        assertEq(token.balanceOf(alice), 0, "tokens left");
    }

    function test_depositFor_letsTheCallerPayForAnyone() public {
        AccountId alice = _account("alice");
        token.mint(address(this), 5e18);
        token.approve(address(vault), 5e18);
        vm.expectEmit(address(house));
        emit Events.Deposited(alice, address(this), 5e18, 5e18);
        house.depositFor(alice, 5e18);
        assertEq(_collateral(alice), 5e18);
    }

    function test_deposit_countsTokenUnitsIn18Decimals() public {
        _redeploy(6);
        AccountId alice = _account("alice");
        token.mint(address(this), 1);
        token.approve(address(vault), 1);
        vm.expectEmit(address(house));
        emit Events.Deposited(alice, address(this), 1e12, 1e12);
        house.depositFor(alice, 1);
        assertEq(vault.ledgerBalance(), 1, "token units");
    }

    function test_deposit_refusesNothing() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        house.deposit(0, 0);
        AccountId alice = _account("alice");
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        house.depositFor(alice, 0);
    }

    function test_depositFor_refusesTheAccountsOfNobody() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.ZeroAddress.selector));
        house.depositFor(accountId(address(0), 3), 1);
    }

    function test_deposit_refusesWithoutAllowance() public {
        token.mint(address(this), 5);
        token.approve(address(vault), 4);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(vault), 4, 5));
        house.deposit(0, 5);
    }

    function test_deposit_refusesWithoutTokens() public {
        token.approve(address(vault), 5);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(this), 0, 5));
        house.deposit(0, 5);
    }

    function test_deposit_refusesWhatTheVaultHasNoRoomFor() public {
        uint256 limit = vault.ledgerLimit();
        assertEq(limit, 2 ** 112 - 1, "limit");
        token.mint(address(this), limit + 1);
        token.approve(address(vault), limit + 1);
        house.deposit(0, limit - 10);
        vm.expectRevert(abi.encodeWithSelector(Errors.VaultFull.selector, limit - 10, limit));
        house.deposit(1, 11);
        house.deposit(1, 10);
        assertEq(vault.ledgerBalance(), limit, "full");
    }

    function test_deposit_refusesAmountsBeyondAnyVault() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountOutOfRange.selector, 2 ** 112, 2 ** 112));
        house.deposit(0, 2 ** 112);
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountOutOfRange.selector, ALL, 2 ** 112));
        house.deposit(0, ALL);
        _redeploy(6);
        uint256 limit = uint256(2 ** 112) / 1e12;
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountOutOfRange.selector, limit, limit));
        house.deposit(0, limit);
    }

    function test_withdraw_refusesAmountsBeyondAnyVault() public {
        AccountId alice = _join("alice", 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountOutOfRange.selector, ALL, 2 ** 112));
        this.withdraw(alice, ALL);
    }

    function test_deposit_paysUnpaidLossesFirst() public {
        (AccountId x, , uint8 loss) = _unpaidLossOf500();
        // Neither market has a price any more: deposits need none.
        _refuse(0);
        _refuse(1);

        token.mint(address(this), 750e18);
        token.approve(address(vault), 750e18);
        vm.expectEmit(address(house));
        emit Events.Deposited(x, address(this), 300e18, 0);
        house.depositFor(x, 300e18);
        assertEq(_position(x, loss).owed, -200e18, "still unpaid");
        assertEq(_market(loss).pool, 1_300e18, "pool");

        vm.expectEmit(address(house));
        emit Events.Deposited(x, address(this), 200e18, 0);
        house.depositFor(x, 200e18);
        assertEq(_position(x, loss).owed, 0, "paid");
        assertFalse(_position(x, loss).hasOwed, "nothing owed");

        vm.expectEmit(address(house));
        emit Events.Deposited(x, address(this), 250e18, 250e18);
        house.depositFor(x, 250e18);
        _assertMarket(loss, 1_500e18, 0);
        _assertSolvent();
    }

    function test_deposit_paysAWaitingGainOfAnAccountWithoutCollateral() public {
        (AccountId x, uint8 gain, uint8 loss) = _unpaidLossOf500();
        // The one who lost to x brings the gain's money into the pool.
        _settle(_account("payer"));
        assertEq(_market(gain).pool, 1_000e18, "pool");
        _deposit(x, 1e18);
        // 1,000 of gain and 1 of deposit, less the loss of 500.
        assertEq(_collateral(x), 501e18, "collateral");
        _assertMarket(gain, 0, 0);
        _assertMarket(loss, 1_500e18, 0);
        _assertSolvent();
    }

    /// @dev x: 1,000 gained in one market and waiting, 1,500 lost in the other, 1,000 of it paid. Equity 500.
    function _unpaidLossOf500() private returns (AccountId x, uint8 gain, uint8 loss) {
        gain = _list(100e18, _plain());
        loss = _list(100e18, _plain());
        x = _join("x", 1_000);
        AccountId payer = _join("payer", 2_000);
        AccountId winner = _join("winner", 2_000);
        _fill(x, payer, gain, 10e18, 100e18);
        _fill(x, winner, loss, 50e18, 100e18);
        _setPrice(gain, 200e18);
        _setPrice(loss, 70e18);
        _settle(x);
        assertEq(_position(x, loss).owed, -500e18, "unpaid loss");
        _assertAccount(x, gain, 0, 10e18, "x");
    }

    // ------------------------------------------------------------------ withdraw

    function test_withdraw_paysTheFlatInFull() public {
        AccountId alice = _join("alice", 1_000);
        address to = makeAddr("elsewhere");
        vm.expectEmit(address(house));
        emit Events.Withdrawn(alice, to, 400e18, 600e18);
        _withdraw(alice, 400e18, to);
        _withdraw(alice, 600e18, to);
        assertEq(token.balanceOf(to), 1_000e18, "tokens");
        assertEq(vault.ledgerBalance(), 0, "vault");
        assertEq(_collateral(alice), 0, "collateral");
    }

    function test_withdraw_countsTokenUnits() public {
        _redeploy(6);
        AccountId alice = _trader("alice", 1);
        _withdraw(alice, 999_999, alice.owner());
        assertEq(_collateral(alice), 1e12, "one unit left");
        assertEq(token.balanceOf(alice.owner()), 999_999, "tokens");
    }

    function test_withdraw_leavesExactlyTheInitialMargin() public {
        (AccountId alice, , ) = _openTen();
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, 100e18 - 1, 100e18));
        this.withdraw(alice, 900e18 + 1);
        this.withdraw(alice, 900e18);
        assertEq(_collateral(alice), 100e18);
    }

    function test_withdraw_countsALossAndWritesNoSettlement() public {
        (AccountId alice, , uint8 market) = _openTen();
        _setPrice(market, 95e18);
        // 1,000 less 50 lost less a margin of 95.
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, 95e18 - 1, 95e18));
        this.withdraw(alice, 855e18 + 1);
        this.withdraw(alice, 855e18);
        assertEq(_collateral(alice), 145e18, "collateral");
        assertEq(_market(market).pool, 0, "nothing settled");
        assertEq(_market(market).mark, 95e18, "but the mark is kept");
        _assertSolvent();
    }

    function test_withdraw_doesNotCountAWaitingGain() public {
        (AccountId alice, AccountId bob, uint8 market) = _openTen();
        _setPrice(market, 110e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, 110e18 - 1, 110e18));
        this.withdraw(alice, 890e18 + 1);

        // Settling the loser, then the winner, makes it money.
        house.settle(_list2(bob, alice));
        assertEq(_collateral(alice), 1_100e18, "paid");
        this.withdraw(alice, 990e18);
        assertEq(_collateral(alice), 110e18, "left");
        _assertSolvent();
    }

    function test_withdraw_refusesWhatALossHasTaken() public {
        (AccountId alice, , uint8 market) = _openTen();
        _setPrice(market, 95e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, alice, 10e18));
        this.withdraw(alice, 960e18);
    }

    function test_withdraw_findsNothingBesideAnUnpaidLoss() public {
        (AccountId x, , uint8 loss) = _unpaidLossOf500();
        _fill(_account("winner"), x, loss, 50e18, 70e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientCollateral.selector, 0, 1));
        this.withdraw(x, 1);
    }

    function test_withdraw_refusesMoreThanTheCollateral() public {
        (AccountId alice, , uint8 market) = _openTen();
        _setPrice(market, 200e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientCollateral.selector, 1_000e18, 1_000e18 + 1));
        this.withdraw(alice, 1_000e18 + 1);
    }

    function test_withdraw_refusesNothingAndNowhere() public {
        AccountId alice = _join("alice", 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        this.withdraw(alice, 0);
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(Errors.ZeroAddress.selector));
        house.withdraw(alice, 1, address(0));
    }

    function test_withdraw_refusesTheVaultAsReceiver() public {
        AccountId alice = _join("alice", 1);
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(Errors.TokenNotExact.selector, 5, 0));
        house.withdraw(alice, 5, address(vault));
    }

    function test_withdraw_needsAPriceForAPosition() public {
        (AccountId alice, , uint8 market) = _openTen();
        uint256 publishedAt = _publishedAt(market);
        _pass(MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceTooOld.selector, market, publishedAt, MAX_AGE));
        this.withdraw(alice, 1);
    }

    function test_withdraw_needsAPriceOfEveryMarketWithAPosition() public {
        (AccountId alice, AccountId bob, ) = _openTen();
        uint8 other = _list(100e18, _plain());
        _fill(alice, bob, other, 1e18, 100e18);
        _refuse(other);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        this.withdraw(alice, 1);
    }

    function test_withdraw_needsNoPriceWithoutAPosition() public {
        (AccountId alice, AccountId bob, uint8 market) = _openTen();
        _setPrice(market, 110e18);
        // Alice leaves with a gain of 100, of which bob's fill brought everything but what he does not have.
        _fill(bob, alice, market, 10e18, 110e18);
        _refuse(market);
        assertEq(_collateral(alice), 1_100e18, "alice");
        this.withdraw(alice, 1_100e18);
        this.withdraw(bob, 900e18);
        _assertSolvent();
    }

    function test_withdraw_needsNoPriceForAWaitingGain() public {
        uint8 market = _list(100e18, _plain());
        AccountId alice = _join("alice", 1_000);
        AccountId bob = _join("bob", 10_000);
        AccountId carol = _join("carol", 1_000);
        _fill(alice, bob, market, 10e18, 100e18);
        _setPrice(market, 110e18);
        // Alice sells to carol: bob has not paid yet, so the gain waits.
        _fill(carol, alice, market, 10e18, 110e18);
        assertEq(_position(alice, market).owed, 100e18, "waits");
        _refuse(market);
        this.withdraw(alice, 1_000e18);
        assertEq(_collateral(alice), 0, "collateral");
        assertEq(_position(alice, market).owed, 100e18, "still waits");
        _assertSolvent();
    }

    /// @dev Nor does it take one: what is only owed is the same at any mark.
    function test_withdraw_takesNoPriceForAWaitingGain() public {
        uint8 market = _list(100e18, _plain());
        AccountId alice = _join("alice", 1_000);
        AccountId bob = _join("bob", 10_000);
        _fill(alice, bob, market, 10e18, 100e18);
        _setPrice(market, 110e18);
        _fill(_join("carol", 1_000), alice, market, 10e18, 110e18);
        _quotePrice(market, 115e18);
        this.withdraw(alice, 1_000e18);
        assertEq(_market(market).mark, 110e18, "mark");
        this.withdraw(bob, 1e18);
        assertEq(_market(market).mark, 115e18, "a position takes it");
        _assertSolvent();
    }

    function test_withdraw_needsNoPriceForAPositionThatDeleveragingClosed() public {
        uint8 market = _list(2000e18, _plain());
        AccountId alice = _join("alice", 2_000);
        AccountId bob = _join("bob", 20_000);
        _fill(alice, bob, market, 10e18, 2000e18);
        _setPrice(market, 1700e18);
        _deleverage(alice);
        _refuse(market);
        assertLt(int256(_position(bob, market).shares), 0, "untouched");
        this.withdraw(bob, 20_000e18);
        _settle(bob);
        this.withdraw(bob, 2_000e18);
        _assertSolvent();
    }

    // ------------------------------------------------------------------ rights

    function test_setOperator_replacesRights() public {
        AccountId alice = _account("alice");
        address operator = makeAddr("operator");
        Rights both = Rights.wrap(3);
        vm.startPrank(alice.owner());
        vm.expectEmit(address(house));
        emit Events.OperatorSet(alice, operator, both);
        house.setOperator(0, operator, both);
        assertTrue(house.mayAct(alice, operator, TRADE), "trade");
        assertTrue(house.mayAct(alice, operator, WITHDRAW), "withdraw");
        assertTrue(house.mayAct(alice, operator, both), "both");

        house.setOperator(0, operator, WITHDRAW);
        vm.stopPrank();
        assertFalse(house.mayAct(alice, operator, TRADE), "trade is gone");
        assertFalse(house.mayAct(alice, operator, both), "both are gone");
        assertTrue(house.mayAct(alice, operator, WITHDRAW), "withdraw stays");
        assertEq(Rights.unwrap(house.rightsOf(alice, operator)), 2, "raw");
        assertFalse(house.mayAct(accountId(alice.owner(), 1), operator, WITHDRAW), "another account");
        assertTrue(house.mayAct(accountId(alice.owner(), 9), alice.owner(), both), "the owner always may");
    }

    function test_setOperator_refusesUnknownRights() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownRights.selector, Rights.wrap(4)));
        house.setOperator(0, address(1), Rights.wrap(4));
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownRights.selector, Rights.wrap(255)));
        house.setOperator(0, address(1), Rights.wrap(255));
    }

    function test_withdraw_isForTheOwnerAndTheWithdrawRight() public {
        AccountId alice = _join("alice", 10);
        address operator = makeAddr("operator");
        _expectRefusal(alice, operator);

        _setOperator(alice, operator, TRADE);
        _expectRefusal(alice, operator);

        _setOperator(alice, operator, WITHDRAW);
        vm.prank(operator);
        house.withdraw(alice, 4e18, operator);
        assertEq(token.balanceOf(operator), 4e18, "paid");

        _setOperator(alice, operator, NONE);
        _expectRefusal(alice, operator);
    }

    function test_withdraw_refusesStrangersOfTheFund() public {
        _insure("backer", 10);
        _expectRefusal(fundAccount, address(this));
    }

    // ------------------------------------------------------------------ helpers

    /// @dev By the owner, to the owner. External, so that `expectRevert` has one call to look at.
    function withdraw(AccountId id, uint256 amount) external {
        address owner = id.owner();
        vm.prank(owner);
        house.withdraw(id, amount, owner);
    }

    function _withdraw(AccountId id, uint256 amount, address to) private {
        vm.prank(id.owner());
        house.withdraw(id, amount, to);
    }

    function _setOperator(AccountId id, address operator, Rights rights) private {
        vm.prank(id.owner());
        house.setOperator(id.subAccount(), operator, rights);
    }

    function _expectRefusal(AccountId id, address actor) private {
        vm.prank(actor);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, id, actor, WITHDRAW));
        house.withdraw(id, 1, actor);
    }

    function _openTen() private returns (AccountId alice, AccountId bob, uint8 market) {
        market = _list(100e18, _plain());
        alice = _join("alice", 1_000);
        bob = _join("bob", 1_000);
        _fill(alice, bob, market, 10e18, 100e18);
    }
}

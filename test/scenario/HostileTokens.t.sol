// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {Call} from "../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {WITHDRAW} from "../../contracts/types/Rights.sol";
import {FalseReturningToken} from "../mocks/tokens/FalseReturningToken.sol";
import {FeeOnTransferToken} from "../mocks/tokens/FeeOnTransferToken.sol";
import {HookedToken} from "../mocks/tokens/HookedToken.sol";
import {LyingToken} from "../mocks/tokens/LyingToken.sol";
import {NoReturnToken} from "../mocks/tokens/NoReturnToken.sol";
import {RebasingToken} from "../mocks/tokens/RebasingToken.sol";
import {TestToken} from "../mocks/tokens/TestToken.sol";
import {IFund} from "../utils/IFund.sol";
import {World} from "../utils/World.sol";

/// @notice The whole house on tokens that do not behave: what is refused, what is not, and that no claim is ever booked that
/// no token stands behind.
contract HostileTokensTest is World {
    // ------------------------------------------------------------------ decimals

    function test_decimals_from0To18RunTheWaterfallToTheUnit() public {
        uint8[3] memory decimals = [0, 6, 18];
        for (uint256 i; i < 3; ++i) {
            delete feeds;
            _deploy(decimals[i]);
            uint8 m = _list(2000e18, _plain());
            AccountId alice = _trader("alice", 2_000);
            AccountId bob = _trader("bob", 20_000);
            _insure("backer", 400);
            _fill(alice, bob, m, 10e18, 2000e18);
            _setPrice(m, 1700e18);
            _deleverage(alice);
            _settle(bob);
            assertEq(_collateral(bob), 22_400e18, "in money");

            address to = makeAddr("to");
            vm.prank(bob.owner());
            house.withdraw(bob, 22_400 * one, to);
            assertEq(token.balanceOf(to), 22_400 * one, "in token units");
            assertEq(vault.ledgerBalance(), 0, "ledger");
            assertEq(token.balanceOf(address(vault)), 0, "vault");
        }
    }

    function test_decimals_above18AreRefused() public {
        TestToken fine = TestToken(_create("TestToken.sol:TestToken", abi.encode("Fine", "FINE", 19)));
        vm.expectRevert(abi.encodeWithSelector(Errors.TokenDecimals.selector, 19));
        _deployHouse(address(fine));
    }

    function test_noToken_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.ZeroAddress.selector));
        _deployHouse(address(0));
    }

    // ------------------------------------------------------------------ no return value

    function test_noReturnValue_works() public {
        NoReturnToken hostile = NoReturnToken(_create("NoReturnToken.sol:NoReturnToken", abi.encode(6)));
        _use(address(hostile));
        AccountId own = accountId(address(this), 0);
        hostile.mint(address(this), 100e6);
        hostile.approve(address(vault), 100e6);
        house.deposit(0, 100e6);
        assertEq(_collateral(own), 100e18, "deposited");
        house.withdraw(own, 40e6, address(this));
        assertEq(hostile.balanceOf(address(this)), 40e6, "withdrawn");
        assertEq(vault.ledgerBalance(), 60e6, "ledger");
        assertEq(hostile.balanceOf(address(vault)), 60e6, "vault");
    }

    // ------------------------------------------------------------------ false

    function test_falseReturning_isRefusedBothWays() public {
        FalseReturningToken hostile = FalseReturningToken(
            _create("FalseReturningToken.sol:FalseReturningToken", abi.encode(18))
        );
        AccountId own = _useWith(address(hostile), 100e18);
        house.deposit(0, 60e18);
        hostile.setBroken(true);
        bytes memory refusal = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(hostile));
        vm.expectRevert(refusal);
        house.deposit(0, 1);
        vm.expectRevert(refusal);
        house.withdraw(own, 1, address(this));
        _assertUnchanged(own, 60e18);
    }

    // ------------------------------------------------------------------ fees on transfer

    function test_feeOnTransfer_isRefusedWhenItComesIn() public {
        FeeOnTransferToken hostile = FeeOnTransferToken(
            _create("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(18))
        );
        AccountId own = _useWith(address(hostile), 100e18);
        hostile.setFee(10_000, false);
        vm.expectRevert(abi.encodeWithSelector(Errors.TokenNotExact.selector, 50e18, 49.5e18));
        house.deposit(0, 50e18);
        _assertUnchanged(own, 0);
    }

    function test_feeOnTransfer_lateAndOnTheReceiver_letsEveryoneLeave() public {
        FeeOnTransferToken hostile = FeeOnTransferToken(
            _create("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(18))
        );
        AccountId own = _useWith(address(hostile), 100e18);
        house.deposit(0, 100e18);
        hostile.setFee(10_000, false);
        house.withdraw(own, 100e18, address(this));
        assertEq(hostile.balanceOf(address(this)), 99e18, "the receiver bears it");
        _assertUnchanged(own, 0);
    }

    function test_feeOnTransfer_lateAndOnTheSender_isRefused() public {
        FeeOnTransferToken hostile = FeeOnTransferToken(
            _create("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(18))
        );
        AccountId own = _useWith(address(hostile), 100e18);
        house.deposit(0, 100e18);
        hostile.setFee(10_000, true);
        // The vault would lose more than it counts: others would pay for it.
        vm.expectRevert(abi.encodeWithSelector(Errors.TokenNotExact.selector, 50e18, 50.5e18));
        house.withdraw(own, 50e18, address(this));
        _assertUnchanged(own, 100e18);
    }

    // ------------------------------------------------------------------ rebasing

    function test_rebasing_isRefusedWhereItMovesLessThanItSays() public {
        RebasingToken hostile = RebasingToken(_create("RebasingToken.sol:RebasingToken", abi.encode(18)));
        AccountId own = _useWith(address(hostile), 100e18);
        hostile.rebase(3e18);
        // A part is three units: of a hundred, ninety-nine move.
        vm.expectRevert(abi.encodeWithSelector(Errors.TokenNotExact.selector, 100, 99));
        house.deposit(0, 100);
        _assertUnchanged(own, 0);
    }

    function test_rebasing_downLeavesClaimsAsTheyAreAndPaysWhoComesFirst() public {
        RebasingToken hostile = RebasingToken(_create("RebasingToken.sol:RebasingToken", abi.encode(18)));
        AccountId own = _useWith(address(hostile), 100e18);
        house.deposit(0, 100e18);
        hostile.rebase(0.5e18);
        assertEq(_collateral(own), 100e18, "the ledger knows nothing of it");
        house.withdraw(own, 50e18, address(this));
        assertEq(hostile.balanceOf(address(vault)), 0, "all there was");
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        house.withdraw(own, 1e18, address(this));
        assertEq(_collateral(own), 50e18, "still claimed");
    }

    // ------------------------------------------------------------------ lies

    function test_lying_isRefusedWhateverTheLie() public {
        LyingToken hostile = LyingToken(_create("LyingToken.sol:LyingToken", abi.encode(18)));
        AccountId own = _useWith(address(hostile), 1_000e18);
        house.deposit(0, 500e18);
        (uint256 in_, uint256 out) = (100e18, 50e18);
        _expectLie(hostile, LyingToken.Lie.MoveNothing, own, in_, 0, out, 0);
        _expectLie(hostile, LyingToken.Lie.MoveBackwards, own, in_, 0, out, 0);
        _expectLie(hostile, LyingToken.Lie.MoveTwice, own, in_, 200e18, out, 100e18);
        _expectLie(hostile, LyingToken.Lie.SameBalance, own, in_, 0, out, 0);
        hostile.setLie(LyingToken.Lie.None);
        _assertUnchanged(own, 500e18);
    }

    function _expectLie(
        LyingToken hostile,
        LyingToken.Lie lie,
        AccountId own,
        uint256 in_,
        uint256 movedIn,
        uint256 out,
        uint256 movedOut
    ) private {
        hostile.setLie(lie);
        vm.expectRevert(abi.encodeWithSelector(Errors.TokenNotExact.selector, in_, movedIn));
        house.deposit(0, in_);
        vm.expectRevert(abi.encodeWithSelector(Errors.TokenNotExact.selector, out, movedOut));
        house.withdraw(own, out, address(this));
    }

    // ------------------------------------------------------------------ hooks

    function test_hooks_cannotReenterWhereMoneyMoves() public {
        HookedToken hostile = HookedToken(_create("HookedToken.sol:HookedToken", abi.encode(18)));
        AccountId own = _useWith(address(hostile), 1_000e18);
        uint8 m = _list(100e18, _plain());
        house.deposit(0, 100e18);
        bytes[] memory attempts = new bytes[](8);
        attempts[0] = abi.encodeCall(house.deposit, (0, 1));
        attempts[1] = abi.encodeCall(house.depositFor, (own, 1));
        attempts[2] = abi.encodeCall(house.withdraw, (own, 1, address(this)));
        attempts[3] = abi.encodeCall(
            house.fill,
            (IClearingHouse.Fill(own, accountId(address(this), 1), m, 1, 100e18, NO_ACCOUNT, 0, 0))
        );
        attempts[4] = abi.encodeCall(house.liquidate, (own, m, 1, accountId(address(this), 1)));
        attempts[5] = abi.encodeCall(house.deleverage, (_list1(own), NO_ACCOUNT));
        attempts[6] = abi.encodeCall(house.settle, (_list1(own)));
        attempts[7] = abi.encodeCall(house.accrueFunding, (m));
        for (uint256 i; i < attempts.length; ++i) {
            _expectReentryRefused(hostile, own, attempts[i]);
            // A batch brings nothing in through the back door.
            Call[] memory calls = new Call[](1);
            calls[0] = Call(address(house), attempts[i]);
            _expectReentryRefused(hostile, own, abi.encodeCall(house.batch, (calls)));
        }
        _expectReentryRefused(hostile, own, abi.encodeCall(house.batch, (new Call[](0))));
        _assertUnchanged(own, 100e18);
    }

    /// @dev While tokens come in and while they go out.
    function _expectReentryRefused(HookedToken hostile, AccountId own, bytes memory attempt) private {
        bytes32 refusal = keccak256(
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        hostile.setHook(address(this), address(house), attempt);
        uint256 calls = hostile.calls();
        house.deposit(0, 1e18);
        assertFalse(hostile.succeeded(), "in");
        assertEq(keccak256(hostile.returned()), refusal, "in: the reason");
        house.withdraw(own, 1e18, address(this));
        assertFalse(hostile.succeeded(), "out");
        assertEq(keccak256(hostile.returned()), refusal, "out: the reason");
        assertEq(hostile.calls(), calls + 2, "both were tried");
        hostile.setHook(address(this), address(0), "");
    }

    function test_hooks_mayGiveRightsOfTheirOwn() public {
        HookedToken hostile = HookedToken(_create("HookedToken.sol:HookedToken", abi.encode(18)));
        _useWith(address(hostile), 100e18);
        // Whoever is called is the caller, and can give away only what is its own.
        hostile.setHook(address(this), address(house), abi.encodeCall(house.setOperator, (0, address(7), WITHDRAW)));
        house.deposit(0, 1e18);
        assertTrue(hostile.succeeded(), "no money moves in it");
        assertTrue(house.mayAct(accountId(address(hostile), 0), address(7), WITHDRAW), "the token's own");
        assertFalse(house.mayAct(accountId(address(this), 0), address(7), WITHDRAW), "not the depositor's");
    }

    // ------------------------------------------------------------------ deployments

    function _deployHouse(address token_) private returns (address) {
        return _create("ClearingHouse.sol:ClearingHouse", abi.encode(token_, oracle, address(manager), 7 days, 1 days));
    }

    /// @dev A house on `token_`, beside the manager and the oracle that are there.
    function _use(address token_) private {
        delete feeds;
        token = TestToken(token_);
        house = IClearingHouse(_deployHouse(token_));
        fund = IFund(address(house.insuranceFund()));
        governor = house.governor();
        vault = house.vault();
        fundAccount = house.fundAccount();
    }

    /// @dev The same, with tokens for the test and a full allowance for the vault.
    function _useWith(address token_, uint256 amount) private returns (AccountId own) {
        _use(token_);
        token.mint(address(this), amount);
        token.approve(address(vault), type(uint256).max);
        return accountId(address(this), 0);
    }

    function _assertUnchanged(AccountId own, uint256 collateral) private view {
        assertEq(_collateral(own), collateral, "collateral");
        assertEq(vault.ledgerBalance(), collateral, "ledger");
        assertEq(token.balanceOf(address(vault)), collateral, "tokens");
    }
}

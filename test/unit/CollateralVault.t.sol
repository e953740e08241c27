// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {ICollateralVault} from "../../contracts/interfaces/ICollateralVault.sol";
import {MAX_LEDGER} from "../../contracts/types/Ranges.sol";
import {FalseReturningToken} from "../mocks/tokens/FalseReturningToken.sol";
import {FeeOnTransferToken} from "../mocks/tokens/FeeOnTransferToken.sol";
import {HookedToken} from "../mocks/tokens/HookedToken.sol";
import {LyingToken} from "../mocks/tokens/LyingToken.sol";
import {NoReturnToken} from "../mocks/tokens/NoReturnToken.sol";
import {RebasingToken} from "../mocks/tokens/RebasingToken.sol";
import {TestToken} from "../mocks/tokens/TestToken.sol";
import {Test} from "../utils/Test.sol";

/// @dev This contract deploys the vaults, so it is their clearing house.
contract CollateralVaultTest is Test {
    TestToken private token;
    ICollateralVault private vault;
    address private alice;

    function setUp() public {
        alice = makeAddr("alice");
        token = new TestToken("Test", "TEST", 6);
        vault = _vaultOf(address(token), 1_000_000);
    }

    /// @dev A vault of a token of which alice has `amount` and lets the vault take any.
    function _vaultOf(address token_, uint256 amount) private returns (ICollateralVault made) {
        made = _deployVault(token_);
        TestToken(token_).mint(alice, amount);
        vm.prank(alice);
        // No return value is expected here: one of the tokens has none.
        NoReturnToken(token_).approve(address(made), type(uint256).max);
    }

    function _deployVault(address token_) private returns (ICollateralVault) {
        return ICollateralVault(_create("CollateralVault.sol:CollateralVault", abi.encode(token_)));
    }

    function _refusesWith(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    function _notExact(uint256 expected, uint256 moved) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Errors.TokenNotExact.selector, expected, moved);
    }

    // ------------------------------------------------------------------ construction

    function test_constructor_readsUnitAndLimitFromDecimals() public {
        assertEq(vault.clearingHouse(), address(this), "house");
        assertEq(vault.token(), address(token), "token");
        assertEq(vault.unit(), 1e12, "unit of 6 decimals");
        assertEq(vault.ledgerLimit(), (MAX_LEDGER - 1) / 1e12, "limit of 6 decimals");

        ICollateralVault wei_ = _deployVault(address(new TestToken("", "", 18)));
        assertEq(wei_.unit(), 1, "unit of 18 decimals");
        assertEq(wei_.ledgerLimit(), MAX_LEDGER - 1, "limit of 18 decimals");

        ICollateralVault whole = _deployVault(address(new TestToken("", "", 0)));
        assertEq(whole.unit(), 1e18, "unit of 0 decimals");
        assertEq(whole.ledgerLimit(), (MAX_LEDGER - 1) / 1e18, "limit of 0 decimals");
    }

    function test_constructor_refusesMoreThan18Decimals() public {
        TestToken fine = new TestToken("", "", 19);
        _refusesWith(abi.encodeWithSelector(Errors.TokenDecimals.selector, 19));
        _deployVault(address(fine));
    }

    function test_constructor_refusesNoToken() public {
        _refusesWith(abi.encodeWithSelector(Errors.ZeroAddress.selector));
        _deployVault(address(0));
    }

    // ------------------------------------------------------------------ moving

    function test_pull_countsAndTakes() public {
        vault.pull(alice, 400);

        assertEq(vault.ledgerBalance(), 400, "counted");
        assertEq(token.balanceOf(address(vault)), 400, "held");
        assertEq(token.balanceOf(alice), 999_600, "alice");
    }

    function test_push_countsAndGives() public {
        vault.pull(alice, 400);
        address bob = makeAddr("bob");
        vault.push(bob, 150);

        assertEq(vault.ledgerBalance(), 250, "counted");
        assertEq(token.balanceOf(address(vault)), 250, "held");
        assertEq(token.balanceOf(bob), 150, "bob");
    }

    function test_pullAndPush_onlyByClearingHouse() public {
        vault.pull(alice, 400);
        bytes memory reason = abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, alice);
        vm.startPrank(alice);
        _refusesWith(reason);
        vault.pull(alice, 1);
        _refusesWith(reason);
        vault.push(alice, 1);
        vm.stopPrank();
    }

    function test_pull_needsTheAllowance() public {
        address bob = makeAddr("bob");
        token.mint(bob, 10);
        _refusesWith(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(vault), 0, 10));
        vault.pull(bob, 10);
        assertEq(vault.ledgerBalance(), 0, "nothing counted");
    }

    function test_push_neverMoreThanCounted() public {
        vault.pull(alice, 400);
        token.mint(address(vault), 1000); // a gift is not in the count
        assertEq(vault.ledgerBalance(), 400, "counted");
        _refusesWith(abi.encodeWithSelector(Errors.InsufficientCollateral.selector, 400, 401));
        vault.push(alice, 401);
        vault.push(alice, 400);
        assertEq(token.balanceOf(address(vault)), 1000, "the gift stays");
    }

    function test_push_toTheVaultItselfMovesNothing() public {
        vault.pull(alice, 400);
        _refusesWith(_notExact(400, 0));
        vault.push(address(vault), 400);
    }

    function test_pull_fromTheVaultItselfMovesNothing() public {
        token.mint(address(vault), 400);
        vm.prank(address(vault));
        token.approve(address(vault), 400);
        _refusesWith(_notExact(400, 0));
        vault.pull(address(vault), 400);
    }

    function test_pull_upToTheLimit() public {
        uint8[3] memory decimals = [0, 6, 18];
        for (uint256 i = 0; i < decimals.length; ++i) {
            TestToken made = new TestToken("", "", decimals[i]);
            ICollateralVault full = _vaultOf(address(made), type(uint256).max);
            uint256 limit = full.ledgerLimit();
            full.pull(alice, limit);
            assertLt(full.ledgerBalance() * full.unit(), MAX_LEDGER, "below the bound");
            assertGe((full.ledgerBalance() + 1) * full.unit(), MAX_LEDGER, "one unit more would not be");
            _refusesWith(abi.encodeWithSelector(Errors.VaultFull.selector, limit, limit));
            full.pull(alice, 1);
            _refusesWith(abi.encodeWithSelector(Errors.VaultFull.selector, limit, limit));
            full.pull(alice, type(uint256).max - limit);
        }
    }

    function testFuzz_pullAndPush_countIsWhatIsHeld(uint256[8] calldata amounts, uint256 pushes) public {
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 counted = vault.ledgerBalance();
            if ((pushes >> i) & 1 == 0) {
                vault.pull(alice, bound(amounts[i], 0, token.balanceOf(alice)));
            } else {
                vault.push(alice, bound(amounts[i], 0, counted));
            }
            assertEq(vault.ledgerBalance(), token.balanceOf(address(vault)), "count and balance");
        }
    }

    // ------------------------------------------------------------------ hostile tokens

    function test_feeOnTransfer_isRefused() public {
        FeeOnTransferToken fee = new FeeOnTransferToken(6);
        ICollateralVault made = _vaultOf(address(fee), 1_000_000);
        fee.setFee(10_000, false);
        _refusesWith(_notExact(1000, 990));
        made.pull(alice, 1000);
        assertEq(made.ledgerBalance(), 0, "nothing counted");
    }

    function test_feeTurnedOnLater_stopsDepositsAndLetsPeopleLeave() public {
        FeeOnTransferToken fee = new FeeOnTransferToken(6);
        ICollateralVault made = _vaultOf(address(fee), 1_000_000);
        made.pull(alice, 1000);
        fee.setFee(10_000, false);
        _refusesWith(_notExact(1000, 990));
        made.pull(alice, 1000);

        address bob = makeAddr("bob");
        made.push(bob, 1000);
        assertEq(fee.balanceOf(bob), 990, "bob bears the token's fee");
        assertEq(fee.balanceOf(address(made)), 0, "held");
    }

    function test_feeOnTopFromTheVault_isRefused() public {
        FeeOnTransferToken fee = new FeeOnTransferToken(6);
        ICollateralVault made = _vaultOf(address(fee), 1_000_000);
        made.pull(alice, 2000);
        fee.setFee(10_000, true);
        _refusesWith(_notExact(1000, 1010));
        made.push(alice, 1000);
    }

    function test_falseReturning_isRefused() public {
        FalseReturningToken bad = new FalseReturningToken(18);
        ICollateralVault made = _vaultOf(address(bad), 1000);
        made.pull(alice, 500);
        bad.setBroken(true);
        bytes memory reason = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(bad));
        _refusesWith(reason);
        made.pull(alice, 500);
        _refusesWith(reason);
        made.push(alice, 500);
        assertEq(made.ledgerBalance(), 500, "count unchanged");
    }

    function test_noReturn_works() public {
        NoReturnToken quiet = new NoReturnToken(6);
        ICollateralVault made = _vaultOf(address(quiet), 1000);
        made.pull(alice, 700);
        made.push(alice, 300);
        assertEq(made.ledgerBalance(), 400, "counted");
        assertEq(quiet.balanceOf(address(made)), 400, "held");
    }

    function test_rebasing_doesNotChangeTheCount() public {
        RebasingToken reb = new RebasingToken(18);
        ICollateralVault made = _vaultOf(address(reb), 1e18);
        made.pull(alice, 1000);
        reb.rebase(0.5e18);
        assertEq(reb.balanceOf(address(made)), 500, "half is gone");
        assertEq(made.ledgerBalance(), 1000, "the count says what it should be");
        _refusesWith(abi.encodeWithSelector(0x4e487b71, 0x11)); // the token's own underflow
        made.push(alice, 1000);
        made.push(alice, 500);
    }

    function test_rebasing_roundedTransferIsRefused() public {
        RebasingToken reb = new RebasingToken(18);
        ICollateralVault made = _vaultOf(address(reb), 1e18);
        reb.rebase(1.5e18);
        _refusesWith(_notExact(1000, 999));
        made.pull(alice, 1000);
    }

    function test_lying_isRefused() public {
        LyingToken liar = new LyingToken(18);
        ICollateralVault made = _vaultOf(address(liar), 10_000);
        made.pull(alice, 4000);

        uint256[5] memory moved = [uint256(1000), 0, 0, 2000, 0]; // by lie; into the vault or out of it alike
        for (uint256 lie = 1; lie <= uint256(type(LyingToken.Lie).max); ++lie) {
            liar.setLie(LyingToken.Lie(lie));
            _refusesWith(_notExact(1000, moved[lie]));
            made.pull(alice, 1000);
            _refusesWith(_notExact(1000, moved[lie]));
            made.push(alice, 1000);
        }
        assertEq(made.ledgerBalance(), 4000, "count unchanged");
    }

    function test_reentrant_findsTheCountWrittenAndTheDoorClosed() public {
        HookedToken hooked = new HookedToken(18);
        ICollateralVault made = _vaultOf(address(hooked), 1000);
        hooked.setHook(alice, address(made), abi.encodeCall(made.pull, (alice, 1)));
        made.pull(alice, 600);
        assertFalse(hooked.succeeded(), "may not pull");
        assertEq(
            keccak256(hooked.returned()),
            keccak256(abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, address(hooked))),
            "because it is not the house"
        );

        hooked.setHook(alice, address(made), abi.encodeCall(made.ledgerBalance, ()));
        made.push(alice, 200);
        assertEq(abi.decode(hooked.returned(), (uint256)), 400, "the count was written first");
    }
}

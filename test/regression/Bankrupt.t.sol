// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {Situations} from "./Situations.sol";

/// @notice A position with a deficit behind it leaves the book only through the waterfall. A winner who could take it over,
/// or trade it away, would leave the deficit behind with nobody opposing it.
contract BankruptTest is Situations {
    uint8 private market;
    AccountId private bankrupt;
    AccountId private winner;

    function setUp() public override {
        super.setUp();
        Bankruptcy memory s = _bankruptcy();
        (market, bankrupt, winner) = (s.market, s.bankrupt, s.winner);
    }

    function test_liquidate_refusesABankrupt() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, bankrupt, 50e18));
        house.liquidate(bankrupt, market, type(uint256).max, winner);
    }

    function test_fill_refusesABankruptOnEitherSide() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, bankrupt, 50e18));
        _fill(winner, bankrupt, market, 10e18, 85e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, bankrupt, 50e18));
        _fill(bankrupt, winner, market, 1e18, 85e18);
    }

    /// @dev Who lifts a bankrupt above zero in order to liquidate it for the incentive pays the whole deficit for that.
    function test_liquidate_costsWhoLiftsABankruptMoreThanItBrings() public {
        AccountId donor = _trader("donor", 1_000);
        _deposit(bankrupt, 60e18);
        house.liquidate(bankrupt, market, type(uint256).max, donor);
        // 10 above zero, of 42.5 of MM: the incentive is d_max of what is taken, at most what was given on top.
        int256 gained = _equity(donor) - 1_000e18;
        assertGt(gained, int256(0), "an incentive");
        assertLe(gained, int256(10e18), "no more than what the bankrupt then had");
        assertEq(_shortfall(market), 0, "shortfall");
    }

    /// @dev A gift between the gap and the deleveraging goes to the opposing side, to the last wei.
    function test_deleverage_chargesExactlyLessByWhatWasDonated() public {
        _deposit(bankrupt, 20e18);
        _deleverage(bankrupt);
        assertEq(_equity(winner), int256(1_000e18 + 150e18 - 30e18), "winner");
        assertEq(_equity(bankrupt), int256(0), "bankrupt");
    }

    /// @dev Money that reaches an account whose losses are unpaid is collected, whatever way it comes.
    function test_deposit_paysUnpaidLossesFirst() public {
        _settle(bankrupt);
        assertEq(_pool(market), 100e18, "all it had");
        _deposit(bankrupt, 20e18);
        assertEq(_collateral(bankrupt), 0, "nothing stays");
        assertEq(_pool(market), 120e18, "collected");
    }

    /// @dev A venue's fee is such a way, for an account in debt to one market that earns in another.
    function test_fill_paysAVenueThatOwesIntoThePoolItOwesTo() public {
        _settle(bankrupt);
        uint8 other = _list(100e18, _plain());
        AccountId buyer = _trader("buyer", 1_000);
        AccountId seller = _trader("seller", 1_000);
        house.fill(IClearingHouse.Fill(buyer, seller, other, 10e18, 100e18, bankrupt, 10_000, 10_000));
        assertEq(_collateral(bankrupt), 0, "nothing stays");
        assertEq(_pool(market), 120e18, "collected");
    }
}

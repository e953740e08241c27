// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../contracts/interfaces/Errors.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {Situations} from "./Situations.sol";

/// @notice A gain that nobody has paid is no margin: it would carry one market's gap into another.
contract UnpaidProfitTest is Situations {
    uint8 private market;
    uint8 private other;
    AccountId private winner;
    AccountId private maker;

    function setUp() public override {
        super.setUp();
        UnpaidGain memory s = _unpaidGain();
        (market, other, winner, maker) = (s.market, s.other, s.winner, s.maker);
    }

    function test_fill_takesNoUnpaidGainForMargin() public {
        // 150 for what it has, 60 for what it wants, and 200 secured.
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, winner, int256(200e18), 210e18));
        _fill(winner, maker, other, 6e18, 100e18);
    }

    function test_withdraw_paysNoUnpaidGainOut() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, winner, int256(149e18), 150e18));
        vm.prank(winner.owner());
        house.withdraw(winner, 51e18, winner.owner());
    }

    /// @dev What its own money allows is all that a gap in the other market can cost there.
    function test_deleverage_leavesTheOtherMarketWhatTheWinnersOwnMoneyDoesNotCover() public {
        _fill(winner, maker, other, 5e18, 100e18);
        _setPrice(other, 50e18);
        // 250 lost there, 200 collateral, 500 still waiting here: nobody is in default, and all that it has is collected.
        _settle(winner);
        assertEq(_pool(other), 200e18, "collected");
        assertEq(_equity(winner), int256(450e18), "winner");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../contracts/interfaces/Errors.sol";
import {AccountId, NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {Situations} from "./Situations.sol";

/// @notice A market that refuses its price is valued at its last mark, and must give nobody an option on that.
contract StaleMarketTest is Situations {
    uint8 private dead;
    uint8 private alive;
    AccountId private trader;
    AccountId private maker;
    uint256 private publishedAt;

    function setUp() public override {
        super.setUp();
        Stale memory s = _staleMarket();
        (dead, alive, trader, maker, publishedAt) = (s.dead, s.alive, s.trader, s.maker, s.publishedAt);
    }

    function test_fill_refusesAStaleMarket() public {
        vm.expectRevert(_tooOld());
        _fill(maker, trader, dead, 10e18, 100e18);
    }

    /// @dev Collateral cannot be taken from behind a position whose loss nobody knows yet.
    function test_withdraw_waitsForThePriceOfAPosition() public {
        vm.expectRevert(_tooOld());
        vm.prank(trader.owner());
        house.withdraw(trader, 1e18, trader.owner());
    }

    /// @dev Nor can new risk be taken upon it elsewhere.
    function test_fill_opensNothingElseUponAStalePosition() public {
        AccountId other = _trader("other", 1_000);
        vm.expectRevert(_tooOld());
        _fill(trader, other, alive, 1e18, 100e18);
    }

    function test_liquidate_refusesATakerWithAStalePosition() public {
        AccountId weak = _trader("weak", 100);
        AccountId other = _trader("other", 1_000);
        _fill(weak, other, alive, 10e18, 100e18);
        _setPrice(alive, 93e18);
        vm.expectRevert(_tooOld());
        house.liquidate(weak, alive, type(uint256).max, maker);
        vm.expectRevert(_tooOld());
        house.liquidate(trader, dead, type(uint256).max, other);
    }

    /// @dev A taker with a position there takes nothing over; the call goes on without it.
    function test_deleverage_passesATakerWithAStalePositionBy() public {
        AccountId weak = _trader("weak", 100);
        AccountId other = _trader("other", 1_000);
        _fill(weak, other, alive, 10e18, 100e18);
        _insure("backer", 1_000);
        _setPrice(alive, 85e18);
        house.deleverage(_list1(weak), maker);
        assertEq(house.sizeOf(maker, alive), int256(0), "not taken over");
        assertEq(house.sizeOf(other, alive), int256(0), "torn up");
    }

    /// @dev A defaulter with a position there keeps that and its part of the deficit. However often it is listed, in one call
    /// or several, a market with a price pays its own part once, and none of the pending one's.
    function test_deleverage_drainsNoPendingDeficitIntoAnotherMarket() public {
        AccountId both = _trader("both", 200);
        _refresh(100e18);
        _fill(both, maker, dead, 10e18, 100e18);
        _fill(both, maker, alive, 10e18, 100e18);
        // Its loss in the market that then dies is 150, in the other one 150: a deficit of 100, half of it there.
        _refresh(85e18);
        house.accrueFunding(dead);
        vm.warp(vm.getBlockTimestamp() + MAX_AGE + 1);
        _setPrice(alive, 85e18);
        int256 before = _equity(maker);

        AccountId[] memory list = new AccountId[](4);
        for (uint256 i; i < 4; ++i) list[i] = both;
        house.deleverage(list, NO_ACCOUNT);
        assertEq(_equity(both), int256(-50e18), "pending");
        assertEq(_equity(maker), before - 50e18, "charged once");
        for (uint256 i; i < 3; ++i) house.deleverage(list, NO_ACCOUNT);
        assertEq(_equity(both), int256(-50e18), "still pending");
        assertEq(_equity(maker), before - 50e18, "still charged once");
        assertEq(house.sizeOf(both, dead), int256(10e18), "its position waits");
        assertEq(_shortfall(alive) + _shortfall(dead), 0, "shortfall");

        _refresh(85e18);
        _deleverage(both);
        assertEq(_equity(both), int256(0), "resolved");
        assertEq(_equity(maker), before - 100e18, "and the rest");
    }

    function _refresh(uint256 price) private {
        // A jump takes another second to be over.
        publishedAt = vm.getBlockTimestamp() + 1;
        _setPrice(dead, price);
    }

    function _tooOld() private view returns (bytes memory) {
        return abi.encodeWithSelector(Errors.PriceTooOld.selector, dead, publishedAt, MAX_AGE);
    }
}

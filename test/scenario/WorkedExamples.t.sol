// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Events} from "../../contracts/interfaces/Events.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {World} from "../utils/World.sol";

/// @notice The worked examples of docs/mechanism.md, to the last digit. Where a side is closed in part, a holder's size ends one
/// size-wei below the example's, because A is rounded down; where a haircut does not divide by the side's size, a holder bears
/// a wei more, because it is rounded up.
contract WorkedExamplesTest is World {
    function test_example1_theWaterfallFromTheTraderToTheOpposingSide() public {
        uint8 market = _list(2000e18, _plain());
        AccountId alice = _trader("alice", 2_000);
        AccountId bob = _trader("bob", 20_000);
        _insure("backer", 400);
        _fill(alice, bob, market, 10e18, 2000e18);
        assertEq(vault.ledgerBalance(), 22_400e18, "vault before");

        _setPrice(market, 1700e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(market, 1_000e18, 0, 400e18, 0, 600e18, 0, 1700e18);
        _deleverage(alice);
        assertEq(_collateral(alice), 0, "alice");
        assertEq(_collateral(fundAccount), 0, "fund");
        assertEq(house.sizeOf(alice, market), int256(0), "alice's size");
        assertEq(house.sizeOf(bob, market), int256(0), "bob's size");

        // What the pool holds is what is left when everybody's collateral is taken off the vault.
        assertEq(vault.ledgerBalance() - _collateral(bob), 2_400e18, "pool");
        _settle(bob);
        assertEq(_collateral(bob), 22_400e18, "bob");
        assertEq(vault.ledgerBalance(), 22_400e18, "vault");
    }

    function test_example2_aHaircutAndATearUpOverEveryShort() public {
        RiskParameters memory p = _plain();
        (p.initialMargin, p.maintenanceMargin, p.priceBand) = (50_000, 25_000, 25_000);
        (p.incentiveMin, p.incentiveMax) = (2_500, 7_500);
        uint8 market = _list(120e18, p);
        AccountId defaulter = _trader("defaulter", 150);
        AccountId longs = _trader("longs", 10_000);
        AccountId shorts = _trader("shorts", 10_000);
        AccountId seven = _trader("seven", 80);
        _insure("backer", 20);
        _fill(defaulter, shorts, market, 10e18, 120e18);
        _fill(longs, shorts, market, 90e18, 120e18);
        _setPrice(market, 100e18);
        _fill(shorts, seven, market, 7e18, 100e18);

        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(market, 50e18, 0, 20e18, 0, 30e18, 0, 100e18);
        _deleverage(defaulter);
        _settle(seven);
        assertEq(house.sizeOf(seven, market), -6.3e18 + 1, "6.3");
        assertEq(_collateral(seven), 77.9e18, "77.9");
        assertEq(_collateral(fundAccount), 0, "fund");
    }

    function test_example3_bothSidesTogether() public {
        (uint8 market, AccountId a, AccountId b, AccountId c, AccountId d) = _example3();
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(market, 80e18, 0, 0, 30e18, 50e18, 0, 100e18);
        _deleverage(a, b);
        _assertExample3(market, c, d);
    }

    function test_example3_inTheOtherOrder() public {
        (uint8 market, AccountId a, AccountId b, AccountId c, AccountId d) = _example3();
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(market, 80e18, 0, 0, 30e18, 50e18, 0, 100e18);
        _deleverage(b, a);
        _assertExample3(market, c, d);
    }

    /// @dev Mark 100; longs a 10 (equity -50) and d 10 (400), shorts b 6 (-30) and c 14 (400). a and d bought at 120, b sold
    /// at 80, c at 100; whom they traded with has left.
    function _example3() private returns (uint8 market, AccountId a, AccountId b, AccountId c, AccountId d) {
        market = _list(120e18, _plain());
        (a, b, c, d) = (_trader("a", 150), _trader("b", 90), _trader("c", 400), _trader("d", 600));
        AccountId gone = _trader("gone", 10_000);
        _fill(a, gone, market, 10e18, 120e18);
        _fill(d, gone, market, 10e18, 120e18);
        _setPrice(market, 80e18);
        _fill(gone, b, market, 6e18, 80e18);
        _setPrice(market, 100e18);
        _fill(gone, c, market, 14e18, 100e18);
        assertEq(house.sizeOf(gone, market), int256(0), "gone");
    }

    function _assertExample3(uint8 market, AccountId c, AccountId d) private {
        house.settle(_list2(c, d));
        assertEq(house.sizeOf(d, market), 4e18 - 1, "d: size");
        assertEq(_collateral(d), 370e18, "d: equity");
        assertEq(house.sizeOf(c, market), -4e18 + 1, "c: size");
        assertEq(_collateral(c), 350e18 - 1, "c: equity, fifty fourteenths a unit rounded up");
    }

    function test_example4_aLiquidationThatRestoresTheBuffer() public {
        uint8 market = _list(110e18, _plain());
        AccountId long = _trader("long", 1_400);
        AccountId other = _trader("other", 100_000);
        AccountId keeper = _trader("keeper", 10_000);
        _fill(long, other, market, 100e18, 110e18);
        _setPrice(market, 100e18);
        _settle(long);
        assertEq(_collateral(long), 400e18, "equity before");

        uint256 taken = house.liquidate(long, market, type(uint256).max, keeper);
        assertEq(taken, 43_478260869565217391, "43.478...");
        uint256 equity = _collateral(long);
        assertEq(400e18 - equity, 60_869565217391304347, "60.87: penalties");
        assertEq(_collateral(keeper) - 10_000e18, 39_130434782608695652, "0.9 %");
        assertEq(_collateral(fundAccount), 21_739130434782608695, "0.5 %");
        assertEq(equity, 339_130434782608695653, "339.13");

        assertEq(house.sizeOf(long, market), 56_521739130434782609, "56.52");
        uint256 margin = (uint256(house.sizeOf(long, market)) * 100 + 19) / 20;
        assertEq(margin, 282_608695652173913045, "282.61: MM of what is left");
        // Up to the wei that each of them is rounded by.
        assertApproxEqAbs(equity * 10, margin * 12, 12, "ratio 1.2");
    }
}

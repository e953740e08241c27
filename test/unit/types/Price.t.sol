// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ONE, Price} from "../../../contracts/types/Price.sol";
import {Size} from "../../../contracts/types/Size.sol";
import {Usd} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract PriceTest is Test {
    /// @dev The highest price of any market is below 2^96, the largest side 1e30.
    uint256 internal constant HIGHEST = type(uint96).max;
    int256 internal constant LARGEST = 1e30;

    function test_notional_ofLongAndShort() public pure {
        Price price = Price.wrap(2000e18);
        assertEq(price.notionalUp(Size.wrap(10e18)).raw(), 20_000e18, "long, up");
        assertEq(price.notionalUp(Size.wrap(-10e18)).raw(), 20_000e18, "short, up");
        assertEq(price.notionalDown(Size.wrap(-10e18)).raw(), 20_000e18, "short, down");
        assertEq(Price.wrap(1).notionalUp(Size.wrap(1)).raw(), 1, "next to nothing, up");
        assertEq(Price.wrap(1).notionalDown(Size.wrap(1e18 - 1)).raw(), 0, "next to a wei, down");
        assertEq(Price.wrap(1).notionalUp(Size.wrap(0)).raw(), 0, "no size");
    }

    function testFuzz_notional_bracketsTheExactProduct(uint256 price, int256 size) public pure {
        (price, size) = (bound(price, 0, HIGHEST), bound(size, -LARGEST, LARGEST));
        uint256 product = price * uint256(size < 0 ? -size : size);
        uint256 up = Price.wrap(price).notionalUp(Size.wrap(size)).raw();
        uint256 down = Price.wrap(price).notionalDown(Size.wrap(size)).raw();
        assertTrue(down * ONE <= product && product < (down + 1) * ONE, "down");
        assertTrue(up * ONE >= product && product + ONE > up * ONE, "up");
    }

    function test_cashFloor_isGainedByWhoeverTradesBetterThanMark() public pure {
        (Price mark, Price cheap, Price dear) = (Price.wrap(100e18), Price.wrap(99e18), Price.wrap(101e18));
        Size ten = Size.wrap(10e18);
        assertEq(Usd.unwrap(cheap.cashFloor(mark, ten)), int256(10e18), "buys below mark");
        assertEq(Usd.unwrap(cheap.cashFloor(mark, -ten)), int256(-10e18), "sells below mark");
        assertEq(Usd.unwrap(dear.cashFloor(mark, ten)), int256(-10e18), "buys above mark");
        assertEq(Usd.unwrap(dear.cashFloor(mark, -ten)), int256(10e18), "sells above mark");
        assertEq(Usd.unwrap(mark.cashFloor(mark, ten)), int256(0), "at mark");
    }

    function test_cashFloor_chargesThePayerTheFraction() public pure {
        (Price mark, Price price, Size wei_) = (Price.wrap(100e18), Price.wrap(100e18 + 1), Size.wrap(1));
        assertEq(Usd.unwrap(price.cashFloor(mark, wei_)), int256(-1), "the buyer pays");
        assertEq(Usd.unwrap(price.cashFloor(mark, -wei_)), int256(0), "the seller does without");
    }

    /// @dev What the buyer pays reaches the seller but for at most a wei, and never the other way round.
    function testFuzz_cashFloor_ofBothPartiesGivesNothingAway(uint256 price, uint256 mark, int256 size) public pure {
        (price, mark, size) = (bound(price, 0, HIGHEST), bound(mark, 0, HIGHEST), bound(size, 1, LARGEST));
        Usd buyer = Price.wrap(price).cashFloor(Price.wrap(mark), Size.wrap(size));
        Usd seller = Price.wrap(price).cashFloor(Price.wrap(mark), Size.wrap(-size));
        int256 sum = Usd.unwrap(buyer + seller);
        assertLe(sum, int256(0), "no money from nowhere");
        assertGe(sum, int256(-1), "at most a wei stays");
        int256 exact = (int256(mark) - int256(price)) * size;
        assertTrue(Usd.unwrap(buyer) * 1e18 <= exact && exact < (Usd.unwrap(buyer) + 1) * 1e18, "floor");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Size, ZERO_SIZE} from "../../../contracts/types/Size.sol";
import {Test} from "../../utils/Test.sol";

contract SizeTest is Test {
    int256 internal constant MOST = 1 << 120;

    function testFuzz_operators_areThoseOfTheNumbers(int256 a, int256 b) public pure {
        (a, b) = (bound(a, -MOST, MOST), bound(b, -MOST, MOST));
        (Size x, Size y) = (Size.wrap(a), Size.wrap(b));
        assertEq(Size.unwrap(x + y), a + b, "+");
        assertEq(Size.unwrap(x - y), a - b, "-");
        assertEq(Size.unwrap(-x), -a, "minus sign");
        assertEq(x == y, a == b, "==");
        assertEq(x != y, a != b, "!=");
        assertEq(x < y, a < b, "<");
        assertEq(x <= y, a <= b, "<=");
        assertEq(x > y, a > b, ">");
        assertEq(x >= y, a >= b, ">=");
        assertEq(Size.unwrap(x.min(y)), a < b ? a : b, "min");
        assertEq(Size.unwrap(x.max(y)), a < b ? b : a, "max");
    }

    function testFuzz_comparisons_ofEquals(int256 a) public pure {
        (Size x, Size y) = (Size.wrap(a), Size.wrap(a));
        assertTrue(x == y && x <= y && x >= y, "equal");
        assertFalse(x != y || x < y || x > y, "not different");
    }

    function testFuzz_magnitude_isThatOfLongAndShort(uint120 a) public pure {
        Size long = Size.wrap(int256(uint256(a)));
        assertEq(Size.unwrap(long.magnitude()), int256(uint256(a)), "long");
        assertEq(Size.unwrap((-long).magnitude()), int256(uint256(a)), "short");
        assertTrue((-long).magnitude() >= ZERO_SIZE, "never below zero");
    }
}

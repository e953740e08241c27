// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Narrow} from "../../../contracts/math/Narrow.sol";
import {Test} from "../../utils/Test.sol";

contract NarrowTest is Test {
    bytes internal constant ASSERT_PANIC = abi.encodeWithSignature("Panic(uint256)", 0x01);

    // ------------------------------------------------------------------ at the edges

    function test_toUint_takesZeroAndTheHighest() public {
        assertEq(Narrow.toUint(0), 0);
        assertEq(Narrow.toUint(type(int256).max), 2 ** 255 - 1);
        vm.expectRevert(ASSERT_PANIC);
        this.toUint(-1);
        vm.expectRevert(ASSERT_PANIC);
        this.toUint(type(int256).min);
    }

    function test_toUint112_takesTheHighestAndNoMore() public {
        assertEq(uint256(Narrow.toUint112(2 ** 112 - 1)), 2 ** 112 - 1);
        vm.expectRevert(ASSERT_PANIC);
        this.toUint112(2 ** 112);
        vm.expectRevert(ASSERT_PANIC);
        this.toUint112(type(uint256).max);
    }

    function test_toUint128_takesTheHighestAndNoMore() public {
        assertEq(uint256(Narrow.toUint128(2 ** 128 - 1)), 2 ** 128 - 1);
        vm.expectRevert(ASSERT_PANIC);
        this.toUint128(2 ** 128);
        vm.expectRevert(ASSERT_PANIC);
        this.toUint128(type(uint256).max);
    }

    function test_toInt112_takesBothEndsAndNoMore() public {
        assertEq(int256(Narrow.toInt112(2 ** 111 - 1)), int256(2 ** 111 - 1));
        assertEq(int256(Narrow.toInt112(-(2 ** 111))), -int256(2 ** 111));
        vm.expectRevert(ASSERT_PANIC);
        this.toInt112(2 ** 111);
        vm.expectRevert(ASSERT_PANIC);
        this.toInt112(-(2 ** 111) - 1);
    }

    function test_toInt128_takesBothEndsAndNoMore() public {
        assertEq(int256(Narrow.toInt128(2 ** 127 - 1)), int256(2 ** 127 - 1));
        assertEq(int256(Narrow.toInt128(-(2 ** 127))), -int256(2 ** 127));
        vm.expectRevert(ASSERT_PANIC);
        this.toInt128(2 ** 127);
        vm.expectRevert(ASSERT_PANIC);
        this.toInt128(-(2 ** 127) - 1);
    }

    // ------------------------------------------------------------------ anywhere

    function testFuzz_toUint_keepsOrRefuses(int256 x) public {
        if (x < 0) vm.expectRevert(ASSERT_PANIC);
        uint256 y = this.toUint(x);
        if (x >= 0) assertEq(int256(y), x);
    }

    function testFuzz_toUint112_keepsOrRefuses(uint256 x, uint8 drop) public {
        x >>= drop;
        if (x >= 2 ** 112) vm.expectRevert(ASSERT_PANIC);
        uint256 y = this.toUint112(x);
        if (x < 2 ** 112) assertEq(y, x);
    }

    function testFuzz_toUint128_keepsOrRefuses(uint256 x, uint8 drop) public {
        x >>= drop;
        if (x >= 2 ** 128) vm.expectRevert(ASSERT_PANIC);
        uint256 y = this.toUint128(x);
        if (x < 2 ** 128) assertEq(y, x);
    }

    function testFuzz_toInt112_keepsOrRefuses(int256 x, uint8 drop) public {
        x >>= drop;
        bool fits = x >= -(2 ** 111) && x < 2 ** 111;
        if (!fits) vm.expectRevert(ASSERT_PANIC);
        int256 y = this.toInt112(x);
        if (fits) assertEq(y, x);
    }

    function testFuzz_toInt128_keepsOrRefuses(int256 x, uint8 drop) public {
        x >>= drop;
        bool fits = x >= -(2 ** 127) && x < 2 ** 127;
        if (!fits) vm.expectRevert(ASSERT_PANIC);
        int256 y = this.toInt128(x);
        if (fits) assertEq(y, x);
    }

    /// @dev As the compiler packs an int112.
    function testFuzz_bits112_keepsOrRefuses(int256 x, uint8 drop) public {
        x >>= drop;
        bool fits = x >= -(2 ** 111) && x < 2 ** 111;
        if (!fits) vm.expectRevert(ASSERT_PANIC);
        uint256 bits = this.bits112(x);
        if (!fits) return;
        assertLt(bits, 2 ** 112, "nothing beside them");
        assertEq(int256(int112(uint112(bits))), x, "the same");
    }

    // ------------------------------------------------------------------ a call of its own, so that a panic can be expected

    function toUint(int256 x) external pure returns (uint256) {
        return Narrow.toUint(x);
    }

    function toUint112(uint256 x) external pure returns (uint256) {
        return Narrow.toUint112(x);
    }

    function toUint128(uint256 x) external pure returns (uint256) {
        return Narrow.toUint128(x);
    }

    function toInt112(int256 x) external pure returns (int256) {
        return Narrow.toInt112(x);
    }

    function bits112(int256 x) external pure returns (uint256) {
        return Narrow.bits112(x);
    }

    function toInt128(int256 x) external pure returns (int256) {
        return Narrow.toInt128(x);
    }
}

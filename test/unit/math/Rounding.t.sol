// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../../../contracts/math/Rounding.sol";
import {Test} from "../../utils/Test.sol";

/// @notice Every division against what its name says of the exact quotient, stated by multiplication alone: a floor is the
/// only integer q with q · d ≤ product < (q + 1) · d, a ceiling the only one with (q − 1) · d < product ≤ q · d.
contract RoundingTest is Test {
    /// @dev So that a product, and a divisor added to it, stay inside 255 bits.
    uint256 internal constant FACTOR = 1 << 127;
    uint256 internal constant DIVISOR = 1 << 254;
    int256 internal constant SIGNED_FACTOR = 1 << 127;

    // ------------------------------------------------------------------ unsigned

    function testFuzz_mulDivDown_isTheFloor(uint256 a, uint256 b, uint256 divisor) public pure {
        (a, b, divisor) = (bound(a, 0, FACTOR), bound(b, 0, FACTOR), bound(divisor, 1, DIVISOR));
        _assertFloor(Rounding.mulDivDown(a, b, divisor), a * b, divisor);
    }

    function testFuzz_mulDivUp_isTheCeiling(uint256 a, uint256 b, uint256 divisor) public pure {
        (a, b, divisor) = (bound(a, 0, FACTOR), bound(b, 0, FACTOR), bound(divisor, 1, DIVISOR));
        _assertCeiling(Rounding.mulDivUp(a, b, divisor), a * b, divisor);
    }

    /// @dev Divisors near the factors, where quotients are small and remainders common.
    function testFuzz_mulDivUp_exceedsDownByTheRemainderOnly(uint128 a, uint128 b, uint128 divisor) public pure {
        uint256 d = bound(divisor, 1, type(uint128).max);
        uint256 product = uint256(a) * b;
        uint256 difference = Rounding.mulDivUp(a, b, d) - Rounding.mulDivDown(a, b, d);
        assertEq(difference, product - (product / d) * d == 0 ? 0 : 1, "one where anything remains");
    }

    function testFuzz_mulShiftDown_isTheFloor(uint256 a, uint256 b, uint256 bits) public pure {
        (a, b, bits) = (bound(a, 0, FACTOR), bound(b, 0, FACTOR), bound(bits, 0, 254));
        _assertFloor(Rounding.mulShiftDown(a, b, bits), a * b, 1 << bits);
    }

    function testFuzz_shiftDivDown_isTheFloor(uint256 a, uint256 bits, uint256 divisor) public pure {
        (a, bits, divisor) = (bound(a, 0, FACTOR), bound(bits, 0, 126), bound(divisor, 1, DIVISOR));
        _assertFloor(Rounding.shiftDivDown(a, bits, divisor), a * 2 ** bits, divisor);
    }

    function testFuzz_shiftDivUp_isTheCeiling(uint256 a, uint256 bits, uint256 divisor) public pure {
        (a, bits, divisor) = (bound(a, 0, FACTOR), bound(bits, 0, 126), bound(divisor, 1, DIVISOR));
        _assertCeiling(Rounding.shiftDivUp(a, bits, divisor), a * 2 ** bits, divisor);
    }

    function test_unsigned_atTheEdges() public pure {
        uint256 top = type(uint256).max;
        assertEq(Rounding.mulDivDown(top, 1, 1), top, "all bits, down");
        assertEq(Rounding.mulDivUp(top, 1, 1), top, "all bits, up");
        assertEq(Rounding.mulDivDown(top - 1, 1, top), 0, "just under one, down");
        assertEq(Rounding.mulDivUp(1, 1, top), 1, "next to nothing, up");
        assertEq(Rounding.mulDivUp(0, top, top), 0, "nothing, up");
        assertEq(Rounding.mulDivUp(7, 1, 7), 1, "exact, up");
        assertEq(Rounding.mulShiftDown(top, 1, 255), 1, "highest bit");
        assertEq(Rounding.shiftDivDown(3, 254, top), 0, "just under one, shifted down");
        assertEq(Rounding.shiftDivUp(3, 254, top), 1, "just under one, shifted up");
        assertEq(Rounding.shiftDivUp(0, 126, 1), 0, "nothing, shifted up");
    }

    // ------------------------------------------------------------------ signed

    function testFuzz_mulDivFloor_isTheFloorBelowZeroToo(int256 a, int256 b, uint256 divisor) public pure {
        (a, b) = (bound(a, -SIGNED_FACTOR, SIGNED_FACTOR), bound(b, -SIGNED_FACTOR, SIGNED_FACTOR));
        divisor = bound(divisor, 1, DIVISOR);
        _assertSignedFloor(Rounding.mulDivFloor(a, b, divisor), a * b, int256(divisor));
    }

    function testFuzz_mulDivFloor_ofSmallNumbers(int64 a, int64 b, uint64 divisor) public pure {
        uint256 d = bound(divisor, 1, type(uint64).max);
        _assertSignedFloor(Rounding.mulDivFloor(a, b, d), int256(a) * b, int256(d));
    }

    function testFuzz_mulShiftFloor_isTheFloorBelowZeroToo(int256 a, int256 b, uint256 bits) public pure {
        (a, b) = (bound(a, -SIGNED_FACTOR, SIGNED_FACTOR), bound(b, -SIGNED_FACTOR, SIGNED_FACTOR));
        bits = bound(bits, 0, 253);
        _assertSignedFloor(Rounding.mulShiftFloor(a, b, bits), a * b, int256(1) << bits);
    }

    function test_signed_atTheEdges() public pure {
        int256 top = type(int256).max;
        assertEq(Rounding.mulDivFloor(7, 1, 2), int256(3), "7 / 2");
        assertEq(Rounding.mulDivFloor(-7, 1, 2), int256(-4), "-7 / 2");
        assertEq(Rounding.mulDivFloor(7, -1, 2), int256(-4), "7 / -2, the sign in the other factor");
        assertEq(Rounding.mulDivFloor(-7, -1, 2), int256(3), "both below zero");
        assertEq(Rounding.mulDivFloor(-8, 1, 2), int256(-4), "exact below zero");
        assertEq(Rounding.mulDivFloor(-1, 1, uint256(top)), int256(-1), "a hair below zero");
        assertEq(Rounding.mulDivFloor(top, 1, 1), top, "the highest");
        assertEq(Rounding.mulDivFloor(-top, 1, 1), -top, "the lowest");
        assertEq(Rounding.mulDivFloor(top, 0, 1), int256(0), "nothing");
        assertEq(Rounding.mulShiftFloor(-1, 1, 126), int256(-1), "a hair below zero, shifted");
        assertEq(Rounding.mulShiftFloor(-top, 1, 254), int256(-2), "the lowest, shifted");
        assertEq(Rounding.mulShiftFloor(top, 1, 254), int256(1), "the highest, shifted");
        assertEq(Rounding.mulShiftFloor(-12, 1, 2), int256(-3), "exact below zero, shifted");
    }

    // ------------------------------------------------------------------ what is outside of the ranges

    function test_mulDivDown_revertsWhereTheProductOverflows() public {
        vm.expectRevert(_panic(0x11));
        this.mulDivDown(1 << 128, 1 << 128, 1);
    }

    function test_mulDivUp_revertsWhereTheProductOverflows() public {
        vm.expectRevert(_panic(0x11));
        this.mulDivUp(1 << 128, 1 << 128, 1);
    }

    function test_mulDivDown_revertsWhereTheDivisorIsZero() public {
        vm.expectRevert(_panic(0x12));
        this.mulDivDown(1, 1, 0);
    }

    function test_mulDivUp_revertsWhereTheDivisorIsZero() public {
        vm.expectRevert(_panic(0x12));
        this.mulDivUp(1, 1, 0);
    }

    function test_mulDivFloor_revertsWhereTheDivisorIsZero() public {
        vm.expectRevert(_panic(0x12));
        this.mulDivFloor(1, 1, 0);
    }

    function test_shiftDiv_revertsWhereTheDivisorIsZero() public {
        vm.expectRevert(_panic(0x12));
        this.shiftDivDown(1, 1, 0);
        vm.expectRevert(_panic(0x12));
        this.shiftDivUp(1, 1, 0);
    }

    function mulDivDown(uint256 a, uint256 b, uint256 divisor) external pure returns (uint256) {
        return Rounding.mulDivDown(a, b, divisor);
    }

    function mulDivUp(uint256 a, uint256 b, uint256 divisor) external pure returns (uint256) {
        return Rounding.mulDivUp(a, b, divisor);
    }

    function mulDivFloor(int256 a, int256 b, uint256 divisor) external pure returns (int256) {
        return Rounding.mulDivFloor(a, b, divisor);
    }

    function shiftDivDown(uint256 a, uint256 bits, uint256 divisor) external pure returns (uint256) {
        return Rounding.shiftDivDown(a, bits, divisor);
    }

    function shiftDivUp(uint256 a, uint256 bits, uint256 divisor) external pure returns (uint256) {
        return Rounding.shiftDivUp(a, bits, divisor);
    }

    // ------------------------------------------------------------------ what the names mean

    function _assertFloor(uint256 quotient, uint256 product, uint256 divisor) private pure {
        assertLe(quotient * divisor, product, "not above the exact quotient");
        assertLt(product - quotient * divisor, divisor, "less than one below it");
    }

    function _assertCeiling(uint256 quotient, uint256 product, uint256 divisor) private pure {
        assertGe(quotient * divisor, product, "not below the exact quotient");
        assertLt(quotient * divisor - product, divisor, "less than one above it");
    }

    function _assertSignedFloor(int256 quotient, int256 product, int256 divisor) private pure {
        assertLe(quotient * divisor, product, "not above the exact quotient");
        assertLt(product - quotient * divisor, divisor, "less than one below it");
    }

    function _panic(uint256 code) private pure returns (bytes memory) {
        return abi.encodeWithSignature("Panic(uint256)", code);
    }
}

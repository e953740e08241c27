// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Assertions that revert with both numbers. Every form takes an optional label that says which one failed.
/// @dev They revert at once, so within an invariant or a handler the first failure is the one reported.
abstract contract Assertions {
    error AssertionFailed(string label);
    error UnsignedAssertionFailed(string label, uint256 left, string relation, uint256 right);
    error SignedAssertionFailed(string label, int256 left, string relation, int256 right);
    error AddressAssertionFailed(string label, address left, string relation, address right);
    error Bytes32AssertionFailed(string label, bytes32 left, string relation, bytes32 right);
    error BoolAssertionFailed(string label, bool left, string relation, bool right);
    error TextAssertionFailed(string label, string left, string relation, string right);
    error NotClose(string label, uint256 left, uint256 right, uint256 difference, uint256 tolerance);
    error SignedNotClose(string label, int256 left, int256 right, uint256 difference, uint256 tolerance);

    function fail(string memory label) internal pure {
        revert AssertionFailed(label);
    }

    function assertTrue(bool condition) internal pure {
        assertTrue(condition, "");
    }

    function assertTrue(bool condition, string memory label) internal pure {
        require(condition, AssertionFailed(label));
    }

    function assertFalse(bool condition) internal pure {
        assertTrue(!condition, "");
    }

    function assertFalse(bool condition, string memory label) internal pure {
        assertTrue(!condition, label);
    }

    function assertEq(uint256 left, uint256 right) internal pure {
        assertEq(left, right, "");
    }

    function assertEq(uint256 left, uint256 right, string memory label) internal pure {
        require(left == right, UnsignedAssertionFailed(label, left, "should equal", right));
    }

    function assertEq(int256 left, int256 right) internal pure {
        assertEq(left, right, "");
    }

    function assertEq(int256 left, int256 right, string memory label) internal pure {
        require(left == right, SignedAssertionFailed(label, left, "should equal", right));
    }

    function assertEq(address left, address right) internal pure {
        assertEq(left, right, "");
    }

    function assertEq(address left, address right, string memory label) internal pure {
        require(left == right, AddressAssertionFailed(label, left, "should equal", right));
    }

    function assertEq(bytes32 left, bytes32 right) internal pure {
        assertEq(left, right, "");
    }

    function assertEq(bytes32 left, bytes32 right, string memory label) internal pure {
        require(left == right, Bytes32AssertionFailed(label, left, "should equal", right));
    }

    function assertEq(bool left, bool right) internal pure {
        assertEq(left, right, "");
    }

    function assertEq(bool left, bool right, string memory label) internal pure {
        require(left == right, BoolAssertionFailed(label, left, "should equal", right));
    }

    function assertEq(string memory left, string memory right) internal pure {
        require(
            keccak256(bytes(left)) == keccak256(bytes(right)),
            TextAssertionFailed("", left, "should equal", right)
        );
    }

    function assertNotEq(uint256 left, uint256 right) internal pure {
        assertNotEq(left, right, "");
    }

    function assertNotEq(uint256 left, uint256 right, string memory label) internal pure {
        require(left != right, UnsignedAssertionFailed(label, left, "should differ from", right));
    }

    function assertNotEq(int256 left, int256 right) internal pure {
        assertNotEq(left, right, "");
    }

    function assertNotEq(int256 left, int256 right, string memory label) internal pure {
        require(left != right, SignedAssertionFailed(label, left, "should differ from", right));
    }

    function assertNotEq(address left, address right) internal pure {
        assertNotEq(left, right, "");
    }

    function assertNotEq(address left, address right, string memory label) internal pure {
        require(left != right, AddressAssertionFailed(label, left, "should differ from", right));
    }

    function assertNotEq(bytes32 left, bytes32 right) internal pure {
        assertNotEq(left, right, "");
    }

    function assertNotEq(bytes32 left, bytes32 right, string memory label) internal pure {
        require(left != right, Bytes32AssertionFailed(label, left, "should differ from", right));
    }

    function assertLt(uint256 left, uint256 right) internal pure {
        assertLt(left, right, "");
    }

    function assertLt(uint256 left, uint256 right, string memory label) internal pure {
        require(left < right, UnsignedAssertionFailed(label, left, "should be below", right));
    }

    function assertLt(int256 left, int256 right) internal pure {
        assertLt(left, right, "");
    }

    function assertLt(int256 left, int256 right, string memory label) internal pure {
        require(left < right, SignedAssertionFailed(label, left, "should be below", right));
    }

    function assertLe(uint256 left, uint256 right) internal pure {
        assertLe(left, right, "");
    }

    function assertLe(uint256 left, uint256 right, string memory label) internal pure {
        require(left <= right, UnsignedAssertionFailed(label, left, "should be at most", right));
    }

    function assertLe(int256 left, int256 right) internal pure {
        assertLe(left, right, "");
    }

    function assertLe(int256 left, int256 right, string memory label) internal pure {
        require(left <= right, SignedAssertionFailed(label, left, "should be at most", right));
    }

    function assertGt(uint256 left, uint256 right) internal pure {
        assertGt(left, right, "");
    }

    function assertGt(uint256 left, uint256 right, string memory label) internal pure {
        require(left > right, UnsignedAssertionFailed(label, left, "should be above", right));
    }

    function assertGt(int256 left, int256 right) internal pure {
        assertGt(left, right, "");
    }

    function assertGt(int256 left, int256 right, string memory label) internal pure {
        require(left > right, SignedAssertionFailed(label, left, "should be above", right));
    }

    function assertGe(uint256 left, uint256 right) internal pure {
        assertGe(left, right, "");
    }

    function assertGe(uint256 left, uint256 right, string memory label) internal pure {
        require(left >= right, UnsignedAssertionFailed(label, left, "should be at least", right));
    }

    function assertGe(int256 left, int256 right) internal pure {
        assertGe(left, right, "");
    }

    function assertGe(int256 left, int256 right, string memory label) internal pure {
        require(left >= right, SignedAssertionFailed(label, left, "should be at least", right));
    }

    function assertApproxEqAbs(uint256 left, uint256 right, uint256 tolerance) internal pure {
        assertApproxEqAbs(left, right, tolerance, "");
    }

    function assertApproxEqAbs(uint256 left, uint256 right, uint256 tolerance, string memory label) internal pure {
        uint256 difference = left > right ? left - right : right - left;
        require(difference <= tolerance, NotClose(label, left, right, difference, tolerance));
    }

    function assertApproxEqAbs(int256 left, int256 right, uint256 tolerance) internal pure {
        assertApproxEqAbs(left, right, tolerance, "");
    }

    function assertApproxEqAbs(int256 left, int256 right, uint256 tolerance, string memory label) internal pure {
        uint256 difference;
        // The distance between two signed numbers always fits the unsigned type, though the subtraction may wrap.
        unchecked {
            difference = left > right ? uint256(left) - uint256(right) : uint256(right) - uint256(left);
        }
        require(difference <= tolerance, SignedNotClose(label, left, right, difference, tolerance));
    }
}

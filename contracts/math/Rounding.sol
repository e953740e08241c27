// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Every division that moves or judges money, sizes and shares in the clearing house. The name says where the remainder goes: `Down`/`Up` for unsigned numbers,
/// `Floor`/`Ceil` for signed ones, because "down" is ambiguous below zero.
/// @dev Assumes that products stay inside 256 bits, which the supported ranges ensure (docs/rounding.md); beyond it, it
/// reverts.
library Rounding {
    function mulDivDown(uint256 a, uint256 b, uint256 divisor) internal pure returns (uint256) {
        return (a * b) / divisor;
    }

    function mulDivUp(uint256 a, uint256 b, uint256 divisor) internal pure returns (uint256) {
        uint256 product = a * b;
        unchecked {
            return product / divisor + (product % divisor == 0 ? 0 : 1);
        }
    }

    /// @dev Towards minus infinity. Assumes |a · b| < 2^255 and a divisor below 2^255: its callers multiply shares or sizes
    /// by values or prices, which their types and the supported ranges keep under 2^240.
    function mulDivFloor(int256 a, int256 b, uint256 divisor) internal pure returns (int256) {
        unchecked {
            int256 product = a * b;
            int256 quotient = product / int256(divisor);
            return product % int256(divisor) < 0 ? quotient - 1 : quotient;
        }
    }

    /// @dev a · b / 2^bits towards minus infinity: an arithmetic shift. Assumes |a · b| < 2^255, as above.
    function mulShiftFloor(int256 a, int256 b, uint256 bits) internal pure returns (int256) {
        unchecked {
            return (a * b) >> bits;
        }
    }

    /// @dev Assumes a · b < 2^256, as above.
    function mulShiftDown(uint256 a, uint256 b, uint256 bits) internal pure returns (uint256) {
        unchecked {
            return (a * b) >> bits;
        }
    }

    /// @dev a · 2^bits / divisor. Assumes that a < 2^(256 − bits).
    function shiftDivDown(uint256 a, uint256 bits, uint256 divisor) internal pure returns (uint256) {
        return (a << bits) / divisor;
    }

    function shiftDivUp(uint256 a, uint256 bits, uint256 divisor) internal pure returns (uint256) {
        uint256 shifted = a << bits;
        unchecked {
            return shifted / divisor + (shifted % divisor == 0 ? 0 : 1);
        }
    }
}

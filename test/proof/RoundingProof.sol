// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What is required is assumed, and nobody ever reads why it was not.
// solhint-disable reason-string, gas-custom-errors

import {Rounding} from "../../contracts/math/Rounding.sol";

/// @notice The quotients of `Rounding` are what their names say, wherever the product fits.
contract RoundingProof {
    uint256 private constant FRACTION_BITS = 126;
    uint256 private constant FRACTION = 1 << 126;

    function lemma_mulDivDown_isTheFloor(uint256 a, uint256 b, uint256 divisor) external pure {
        require(a < 2 ** 128 && b < 2 ** 128 && divisor > 0);
        uint256 quotient = Rounding.mulDivDown(a, b, divisor);
        assert(quotient * divisor <= a * b);
        assert(a * b - quotient * divisor < divisor);
    }

    function lemma_mulDivUp_isTheCeiling(uint256 a, uint256 b, uint256 divisor) external pure {
        require(a < 2 ** 127 && b < 2 ** 128 && divisor > 0 && divisor < 2 ** 255);
        uint256 quotient = Rounding.mulDivUp(a, b, divisor);
        assert(quotient * divisor >= a * b);
        assert(quotient * divisor - a * b < divisor);
    }

    function lemma_mulDivFloor_isTheFloor(int256 a, int256 b, uint256 divisor) external pure {
        require(-2 ** 127 < a && a < 2 ** 127 && -2 ** 127 < b && b < 2 ** 127);
        require(divisor > 0 && divisor < 2 ** 255);
        int256 quotient = Rounding.mulDivFloor(a, b, divisor);
        unchecked {
            int256 remainder = a * b - quotient * int256(divisor);
            assert(remainder >= 0);
            assert(remainder < int256(divisor));
        }
    }

    function lemma_mulShiftFloor_isTheFloor(int256 a, int256 b) external pure {
        require(-2 ** 127 < a && a < 2 ** 127 && -2 ** 127 < b && b < 2 ** 127);
        int256 quotient = Rounding.mulShiftFloor(a, b, FRACTION_BITS);
        int256 remainder = a * b - quotient * int256(FRACTION);
        assert(remainder >= 0);
        assert(remainder < int256(FRACTION));
    }

    function lemma_mulShiftDown_isTheFloor(uint256 a, uint256 b) external pure {
        require(a < 2 ** 128 && b < 2 ** 128);
        uint256 quotient = Rounding.mulShiftDown(a, b, FRACTION_BITS);
        assert(quotient * FRACTION <= a * b);
        assert(a * b - quotient * FRACTION < FRACTION);
    }

    function lemma_shiftDivDown_isTheFloor(uint256 a, uint256 divisor) external pure {
        require(a < 2 ** 130 && divisor > 0);
        uint256 quotient = Rounding.shiftDivDown(a, FRACTION_BITS, divisor);
        assert(quotient * divisor <= a * FRACTION);
        assert(a * FRACTION - quotient * divisor < divisor);
    }

    function lemma_shiftDivUp_isTheCeiling(uint256 a, uint256 divisor) external pure {
        require(a < 2 ** 129 && divisor > 0 && divisor < 2 ** 255);
        uint256 quotient = Rounding.shiftDivUp(a, FRACTION_BITS, divisor);
        assert(quotient * divisor >= a * FRACTION);
        assert(quotient * divisor - a * FRACTION < divisor);
    }
}

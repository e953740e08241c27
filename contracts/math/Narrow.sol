// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Casts to the widths that values are stored in. The supported ranges keep every value inside; a panic here is a bug
/// of this protocol and never an answer to an input, so it carries no error of its own.
library Narrow {
    function toUint(int256 x) internal pure returns (uint256) {
        assert(x >= 0);
        return uint256(x);
    }

    function toUint112(uint256 x) internal pure returns (uint112) {
        assert(x >> 112 == 0);
        return uint112(x);
    }

    function toUint128(uint256 x) internal pure returns (uint128) {
        assert(x >> 128 == 0);
        return uint128(x);
    }

    function toInt112(int256 x) internal pure returns (int112) {
        assert(x == int112(x));
        return int112(x);
    }

    function toInt128(int256 x) internal pure returns (int128) {
        assert(x == int128(x));
        return int128(x);
    }

    /// @dev The lower bits of a word that holds nothing else.
    function bits112(int256 x) internal pure returns (uint256) {
        return uint112(toInt112(x));
    }
}

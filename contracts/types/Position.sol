// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Narrow} from "../math/Narrow.sol";

/// @notice One account's part of one market: shares of a side, and the value of a share up to which it has been paid.
struct Position {
    // slot 0: 112 + 112 + 24 + 8 = 256 bits
    /// @dev Above zero long, below zero short.
    int112 shares;
    /// @dev The value per share at which gains and losses were last moved into or out of collateral.
    int112 paidValue;
    /// @dev The generation of the market that `shares` and `paidValue` belong to.
    uint24 generation;
    /// @dev Whether slot 1 holds anything: it is read only then.
    bool hasOwed;
    // slot 1
    /// @dev Money that shares no longer explain: a waiting gain above zero, an unpaid loss below. Zero almost always.
    int256 owed;
}

using {write} for Position global;

/// @dev Writes slot 0 once. The compiler would write it once for each field.
function write(Position storage self, int256 shares, int256 paidValue, uint256 generation, bool hasOwed) {
    uint256 word =
        Narrow.bits112(shares) | (Narrow.bits112(paidValue) << 112) | (generation << 224) | (hasOwed ? 1 << 248 : 0);
    assembly ("memory-safe") {
        sstore(self.slot, word)
    }
}

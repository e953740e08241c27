// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Rounding} from "../math/Rounding.sol";
import {Book} from "../types/Book.sol";
import {PPM} from "../types/RiskParameters.sol";

/// @notice How far a market's marks reach, from the accepted ones alone, with the same work for each: what bounds a haircut,
/// raises the initial margin, and makes fills wait. How often a price is accepted in between changes nothing.
library MarkRange {
    /// @dev The range is counted in steps of a twentieth of the lowest mark, fifteen at most.
    uint256 internal constant STEPS_IN_WHOLE = 20;
    uint256 internal constant MOST_STEPS = 15;

    struct Extremes {
        /// @dev Highest mark in force on the day (UTC) of the last accepted price, and on the last day before it that had one.
        uint256 high;
        uint256 previousHigh;
        /// @dev The lowest on the first of these days, as `Book.lowBits` has it. Zero before the first mark.
        uint256 low;
    }

    /// @notice Takes a price that is about to become the mark into account.
    /// @dev A day begins with the mark that was in force. The margin rises at once by what a day has seen; at the beginning of
    /// each later day that has a new mark, half of that is left.
    function observe(Book memory book, Extremes memory seen, uint256 price, uint256 time) internal pure {
        uint256 mark = seen.low == 0 ? price : book.mark.raw();
        if (time / 1 days != book.acceptedAt / 1 days) {
            book.volatility /= 2;
            (seen.previousHigh, seen.high, seen.low) = (seen.high, mark, book.lowBits(mark));
        }
        seen.high = Math.max(seen.high, price);
        seen.low = Math.min(seen.low, book.lowBits(price));
        book.volatility = Math.max(book.volatility, stepsUp(book.lowBits(seen.high), seen.low));
        // Down: stricter.
        uint256 margin = Rounding.mulDivDown(mark, book.risk.maintenanceMargin(), PPM);
        book.jumped = (price > mark ? price - mark : mark - price) > margin;
    }

    /// @notice How far the highest of some marks lies above the lowest, in steps. Up: a step that has begun counts.
    /// @param low Above zero, at most `high`.
    function stepsUp(uint256 high, uint256 low) internal pure returns (uint256) {
        unchecked {
            return Math.min(Rounding.mulDivUp(high - low, STEPS_IN_WHOLE, low), MOST_STEPS);
        }
    }
}

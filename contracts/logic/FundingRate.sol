// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../math/Rounding.sol";
import {Book} from "../types/Book.sol";
import {Price} from "../types/Price.sol";
import {PPM} from "../types/RiskParameters.sol";
import {Size} from "../types/Size.sol";

/// @notice Funding from a premium: the weighted distance of fills from mark, clamped, and fading when nothing trades.
/// Premium and rate are parts per hundred million of mark; the rate is per day.
library FundingRate {
    uint256 internal constant UNIT = 1e8;
    /// @dev Within how many seconds a premium at the clamp fades to nothing when no fill renews it, and a smaller one in the
    /// same proportion: an untouched market never accrues longer than this, and at half the rate on average.
    uint256 internal constant FADE = 8 hours;

    /// @notice Brings a market's funding up to `time`, at the mark that was in force. Without a premium there is nothing to
    /// bring and the clock stands still.
    /// @return Whether anything moved.
    function accrue(Book memory book, uint256 time) internal pure returns (bool) {
        uint256 elapsed = time - book.accruedAt;
        if (elapsed == 0 || book.premium == 0) return false;
        int256 gained;
        (gained, book.premium) = accrued(book.premium, elapsed, book.markValue(), book.risk.maxFundingRate());
        book.fundingIndex += gained;
        book.accruedAt = time;
        return true;
    }

    /// @notice What the funding index gains in `elapsed` seconds, and the premium that is left.
    /// @dev A premium loses the same amount every second until nothing is left, so twice the area under it over k seconds is
    /// k · (2 · premium − k · fading), and what is left is exact: it comes to the same whether it is taken at once or in
    /// pieces. Floor, and both sides read the same index: what rounding gives one it takes from the other.
    /// @param unitValue The mark in value units.
    /// @param maxRate The clamp, parts per million of mark per day. A premium from before it was lowered counts up to it.
    function accrued(
        int256 premium,
        uint256 elapsed,
        uint256 unitValue,
        uint256 maxRate
    ) internal pure returns (int256 gained, int256 left) {
        unchecked {
            int256 limit = _limit(maxRate);
            premium = _clamp(premium, limit);
            uint256 magnitude = uint256(premium < 0 ? -premium : premium);
            uint256 fading = uint256(limit) / FADE + 1;
            uint256 faded = magnitude / fading;
            if (elapsed < faded) faded = elapsed;
            uint256 rest = magnitude - faded * fading;
            uint256 twiceArea = faded * (magnitude + rest);
            // The last second, in which less is left than a second takes.
            if (elapsed > faded) (twiceArea, rest) = (twiceArea + rest, 0);
            bool negative = premium < 0;
            gained = Rounding.mulDivFloor(
                int256(unitValue),
                negative ? -int256(twiceArea) : int256(twiceArea),
                2 * UNIT * 1 days
            );
            left = negative ? -int256(rest) : int256(rest);
        }
    }

    /// @notice The premium after a fill: pulled towards the fill's own distance from mark with the weight
    /// size / (size + open interest), so that a small trade in a large market moves it little, and clamped.
    /// @param premium What is left of the premium before the fill.
    /// @param openInterest Before the fill.
    /// @param maxRate The clamp, parts per million of mark per day.
    function afterFill(
        int256 premium,
        Price price,
        Price mark,
        Size size,
        Size openInterest,
        uint256 maxRate
    ) internal pure returns (int256) {
        unchecked {
            int256 limit = _limit(maxRate);
            int256 distance = Rounding.mulDivFloor(int256(price.raw()) - int256(mark.raw()), int256(UNIT), mark.raw());
            distance = _clamp(distance, limit);
            int256 step = Rounding.mulDivFloor(
                distance - premium,
                Size.unwrap(size),
                uint256(Size.unwrap(size + openInterest))
            );
            return _clamp(premium + step, limit);
        }
    }

    function _limit(uint256 maxRate) private pure returns (int256) {
        return int256(maxRate * (UNIT / PPM));
    }

    function _clamp(int256 x, int256 limit) private pure returns (int256) {
        return x > limit ? limit : (x < -limit ? -limit : x);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../math/Rounding.sol";
import {Book} from "../types/Book.sol";
import {Price} from "../types/Price.sol";
import {Size} from "../types/Size.sol";

/// @notice Funding from a premium: the weighted distance of fills from mark, clamped, and fading when nothing trades.
/// Premium and rate are parts per billion of mark; the rate is per day.
library FundingRate {
    uint256 internal constant PPB = 1e9;
    /// @dev Seconds after which a premium that no fill renews has faded to nothing: an untouched market never accrues
    /// longer than this, and at half the rate on average.
    uint256 internal constant FADE = 8 hours;

    /// @notice Brings a market's funding up to `time`, at the mark that was in force. Without a premium there is nothing to
    /// bring and the clock stands still.
    /// @return Whether anything moved.
    function accrue(Book memory book, uint256 time) internal pure returns (bool) {
        uint256 elapsed = time - book.accruedAt;
        if (elapsed == 0 || book.premium == 0) return false;
        book.fundingIndex += accrued(book.premium, book.premiumAge, elapsed, book.markValue());
        book.accruedAt = uint32(time);
        uint256 age = book.premiumAge + elapsed;
        (book.premium, book.premiumAge) = age < FADE ? (book.premium, age) : (int256(0), 0);
        return true;
    }

    /// @notice What the funding index gains in `elapsed` seconds.
    /// @dev The premium fades linearly from the fill that set it, so the integral of the rate from age T₁ to T₂, neither
    /// beyond FADE, is premium · (T₂ − T₁) · (2 · FADE − T₁ − T₂) / (2 · FADE): the same whether it is taken at once or in
    /// pieces. Floor, and both sides read the same index: what rounding gives one it takes from the other.
    /// @param premium Parts per billion, as the fill set it.
    /// @param age Seconds since that fill at the beginning of the interval.
    /// @param unitValue The mark in value units.
    function accrued(int256 premium, uint256 age, uint256 elapsed, uint256 unitValue) internal pure returns (int256) {
        uint256 from = age < FADE ? age : FADE;
        uint256 to = age + elapsed < FADE ? age + elapsed : FADE;
        uint256 twiceArea = (to - from) * (2 * FADE - from - to);
        return Rounding.mulDivFloor(int256(unitValue), premium * int256(twiceArea), 2 * FADE * PPB * 1 days);
    }

    /// @notice What is left of a premium at an age. Towards zero.
    function faded(int256 premium, uint256 age) internal pure returns (int256) {
        if (age >= FADE || premium == 0) return 0;
        int256 left = int256(Rounding.mulDivDown(_magnitude(premium), FADE - age, FADE));
        return premium < 0 ? -left : left;
    }

    /// @notice The premium after a fill: pulled towards the fill's own distance from mark with the weight
    /// size / (size + open interest), so that a small trade in a large market moves it little, and clamped.
    /// @param premium What is left of the premium before the fill.
    /// @param openInterest Before the fill.
    /// @param clamp Parts per million of mark per day.
    function afterFill(
        int256 premium,
        Price price,
        Price mark,
        Size size,
        Size openInterest,
        uint256 clamp
    ) internal pure returns (int256) {
        int256 limit = int256(clamp * (PPB / 1e6));
        int256 distance = Rounding.mulDivFloor(int256(price.raw()) - int256(mark.raw()), int256(PPB), mark.raw());
        distance = _clamp(distance, limit);
        int256 step = Rounding.mulDivFloor(
            distance - premium,
            Size.unwrap(size),
            uint256(Size.unwrap(size + openInterest))
        );
        return _clamp(premium + step, limit);
    }

    function _clamp(int256 x, int256 limit) private pure returns (int256) {
        return x > limit ? limit : (x < -limit ? -limit : x);
    }

    function _magnitude(int256 x) private pure returns (uint256) {
        return uint256(x < 0 ? -x : x);
    }
}

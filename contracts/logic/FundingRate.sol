// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../math/Rounding.sol";
import {Price} from "../types/Price.sol";
import {Size} from "../types/Size.sol";

/// @notice Funding from a premium: the weighted distance of fills from mark, clamped, and fading when nothing trades.
/// Premium and rate are parts per billion of mark; the rate is per day.
library FundingRate {
    uint256 internal constant PPB = 1e9;
    /// @dev Seconds after which a premium that no fill renews has faded to nothing: an untouched market never accrues
    /// longer than this, and at half the rate on average.
    uint256 internal constant FADE = 8 hours;

    /// @notice What the funding index of a market gains in `elapsed` seconds.
    /// @dev The premium fades linearly, so the integral of the rate over T = min(elapsed, FADE) is
    /// premium · (T − T² / (2 · FADE)). Floor, and both sides read the same index: what rounding gives one it takes from the
    /// other.
    /// @param premium Parts per billion, within the clamp when it was written.
    /// @param unitValue The mark in value units.
    function accrued(int256 premium, uint256 elapsed, uint256 unitValue) internal pure returns (int256) {
        uint256 active = elapsed < FADE ? elapsed : FADE;
        uint256 twiceArea = active * (2 * FADE - active);
        return Rounding.mulDivFloor(int256(unitValue), premium * int256(twiceArea), 2 * FADE * PPB * 1 days);
    }

    /// @notice What is left of a premium after `elapsed` seconds. Towards zero.
    function faded(int256 premium, uint256 elapsed) internal pure returns (int256) {
        if (elapsed >= FADE || premium == 0) return 0;
        int256 left = int256(Rounding.mulDivDown(_magnitude(premium), FADE - elapsed, FADE));
        return premium < 0 ? -left : left;
    }

    /// @notice The premium after a fill: pulled towards the fill's own distance from mark with the weight
    /// size / (size + open interest), so that a small trade in a large market moves it little, and clamped.
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

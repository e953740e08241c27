// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "../interfaces/Errors.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";

/// @notice The middle one of three sources' prices: one of them alone cannot move it beyond the other two. No owner, no
/// storage.
contract MedianSource is IPriceSource {
    /// @dev One of the three, and how old its price may be, in seconds.
    struct Part {
        IPriceSource source;
        uint256 maxAge;
    }

    IPriceSource private immutable _first;
    uint256 private immutable _firstMaxAge;
    IPriceSource private immutable _second;
    uint256 private immutable _secondMaxAge;
    IPriceSource private immutable _third;
    uint256 private immutable _thirdMaxAge;

    constructor(Part memory first, Part memory second, Part memory third) {
        (_first, _firstMaxAge) = (first.source, first.maxAge);
        (_second, _secondMaxAge) = (second.source, second.maxAge);
        (_third, _thirdMaxAge) = (third.source, third.maxAge);
    }

    /// @inheritdoc IPriceSource
    /// @dev Refuses where one of the three does, or is too old: two prices have no middle one. Published when the newest was,
    /// so that a newer answer of any of them counts as newer. The confidence is the middle one as well.
    function latest() external view returns (uint256 price, uint256 publishedAt, uint256 confidence) {
        (uint256 a, uint256 timeA, uint256 confidenceA) = _ask(_first, _firstMaxAge);
        (uint256 b, uint256 timeB, uint256 confidenceB) = _ask(_second, _secondMaxAge);
        (uint256 c, uint256 timeC, uint256 confidenceC) = _ask(_third, _thirdMaxAge);
        price = _middle(a, b, c);
        publishedAt = Math.max(timeA, Math.max(timeB, timeC));
        confidence = _middle(confidenceA, confidenceB, confidenceC);
    }

    /// @notice What it is the median of.
    function parts() external view returns (Part memory, Part memory, Part memory) {
        return (Part(_first, _firstMaxAge), Part(_second, _secondMaxAge), Part(_third, _thirdMaxAge));
    }

    function _ask(
        IPriceSource source,
        uint256 maxAge
    ) private view returns (uint256 price, uint256 publishedAt, uint256 confidence) {
        (price, publishedAt, confidence) = source.latest();
        require(publishedAt <= block.timestamp, Errors.PriceFromTheFuture(publishedAt, block.timestamp));
        require(block.timestamp - publishedAt <= maxAge, Errors.SourceTooOld(address(source), publishedAt, maxAge));
    }

    function _middle(uint256 a, uint256 b, uint256 c) private pure returns (uint256) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}

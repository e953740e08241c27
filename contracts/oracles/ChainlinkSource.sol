// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {AggregatorV3Interface} from "./AggregatorV3Interface.sol";

/// @notice A Chainlink feed as a price source. Owns the scaling to 18 decimals, nothing else: no owner, no storage.
/// @dev Assumes: the feed keeps its decimals when Chainlink moves its proxy to another aggregator. Asking again at every
/// read would cost two more cold storage reads.
contract ChainlinkSource is IPriceSource {
    /// @notice Chainlink's proxy, which stays at its address when the aggregator behind it is replaced.
    AggregatorV3Interface public immutable feed;
    /// @notice What an answer is multiplied by to have 18 decimals.
    uint256 public immutable scale;

    constructor(AggregatorV3Interface feed_) {
        uint256 decimals = feed_.decimals();
        // More decimals would have to be divided away, and the price would no longer be the one that was published.
        require(decimals <= 18, Errors.FeedDecimals(decimals));
        feed = feed_;
        scale = 10 ** (18 - decimals);
    }

    /// @inheritdoc IPriceSource
    /// @dev `answeredInRound` is not looked at: Chainlink has deprecated it, and today's aggregators repeat the round in it.
    /// Chainlink publishes no confidence. An answer too large to be scaled is refused by the checked product; no OCR aggregator can hold one (int192).
    function latest() external view returns (uint256 price, uint256 publishedAt, uint256 confidence) {
        uint80 round;
        int256 answer;
        (round, answer, , publishedAt, ) = feed.latestRoundData();

        require(publishedAt != 0, Errors.PriceRoundIncomplete(round));
        require(publishedAt <= block.timestamp, Errors.PriceFromTheFuture(publishedAt, block.timestamp));
        require(answer > 0, Errors.PriceNotPositive(answer));
        (price, confidence) = (uint256(answer) * scale, 0);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "./interfaces/Errors.sol";
import {IPriceOracle} from "./interfaces/IPriceOracle.sol";
import {IPriceSource} from "./interfaces/IPriceSource.sol";
import {Rounding} from "./math/Rounding.sol";
import {AggregatorV3Interface} from "./oracles/AggregatorV3Interface.sol";
import {PPM} from "./types/RiskParameters.sol";

/// @notice Owns which sources each market is read from and what is asked of them. Remembers no price, knows no position.
contract PriceOracle is IPriceOracle, AccessManaged {
    /// @notice The hard bound on every maximum age, in seconds.
    uint24 public constant MAX_AGE_LIMIT = 7 days;
    /// @notice The hard bound on the grace period, in seconds.
    uint256 public constant MAX_GRACE = 1 days;

    /// @inheritdoc IPriceOracle
    AggregatorV3Interface public immutable sequencerFeed;
    /// @inheritdoc IPriceOracle
    uint256 public immutable sequencerGrace;

    /// @dev Three slots per market: the primary's, the second's where there is one, and what the price may be.
    mapping(uint8 market => Feed) private _feeds;

    /// @param sequencerFeed_ Chainlink's uptime feed; zero on a chain that has none.
    /// @param sequencerGrace_ Seconds.
    constructor(
        address accessManager,
        AggregatorV3Interface sequencerFeed_,
        uint256 sequencerGrace_
    ) AccessManaged(accessManager) {
        require(
            sequencerGrace_ <= MAX_GRACE,
            Errors.ParameterOutOfBounds("sequencerGrace", sequencerGrace_, 0, MAX_GRACE)
        );
        (sequencerFeed, sequencerGrace) = (sequencerFeed_, sequencerGrace_);
    }

    /// @inheritdoc IPriceOracle
    function setFeed(uint8 market, Feed calldata feed) external restricted {
        _requireBounds(feed);

        _feeds[market] = feed;
        read(market, 0, 0);

        emit FeedSet(market, feed);
    }

    /// @dev The hard bounds. docs/prices.md gives the reason of each.
    function _requireBounds(Feed calldata feed) private pure {
        _requireWithin("maxAge", feed.maxAge, 1, MAX_AGE_LIMIT);
        _requireWithin("maxConfidence", feed.maxConfidence, 0, PPM / 10);
        _requireWithin("maxMove", feed.maxMove, PPM / 100, type(uint64).max);
        _requireWithin("highest", feed.highest, uint256(feed.lowest) + 1, type(uint96).max);
        if (address(feed.second) == address(0)) {
            // What has no meaning is not stored.
            _requireWithin("secondMaxAge", feed.secondMaxAge, 0, 0);
            _requireWithin("maxDeviation", feed.maxDeviation, 0, 0);
        } else {
            _requireWithin("secondMaxAge", feed.secondMaxAge, 1, MAX_AGE_LIMIT);
            _requireWithin("maxDeviation", feed.maxDeviation, 1, PPM / 2);
        }
    }

    function _requireWithin(string memory name, uint256 value, uint256 lowest, uint256 highest) private pure {
        require(value >= lowest && value <= highest, Errors.ParameterOutOfBounds(name, value, lowest, highest));
    }

    /// @inheritdoc IPriceOracle
    function read(
        uint8 market,
        uint256 mark,
        uint256 acceptedAt
    ) public view returns (uint256 price, uint256 publishedAt, uint256 confidence) {
        _requireSequencer();
        Feed storage feed = _feeds[market];
        (IPriceSource primary, uint256 maxAge) = (feed.primary, feed.maxAge);
        (uint256 maxConfidence, uint256 maxDeviation) = (feed.maxConfidence, feed.maxDeviation);
        require(address(primary) != address(0), Errors.PriceFeedMissing(market));

        (price, publishedAt, confidence) = _ask(market, primary, maxAge, maxConfidence);
        _requireWithinBounds(market, feed, price, mark, acceptedAt);
        // Only a second source deviates.
        if (maxDeviation == 0) return (price, publishedAt, confidence);
        (uint256 second, , ) = _ask(market, feed.second, feed.secondMaxAge, maxConfidence);
        uint256 limit = Rounding.mulDivDown(price, maxDeviation, PPM);
        require(_distance(price, second) <= limit, Errors.PricesDeviate(market, price, second, limit));
    }

    function _requireWithinBounds(
        uint8 market,
        Feed storage feed,
        uint256 price,
        uint256 mark,
        uint256 acceptedAt
    ) private view {
        (uint256 lowest, uint256 highest, uint256 maxMove) = (feed.lowest, feed.highest, feed.maxMove);
        require(price >= lowest && price <= highest, Errors.PriceOutOfBounds(market, price, lowest, highest));
        if (mark == 0) return;
        // Down, here as elsewhere in this file: stricter.
        uint256 limit = Rounding.mulDivDown(mark, maxMove * (1 + (block.timestamp - acceptedAt) / 1 minutes), PPM);
        require(_distance(mark, price) <= limit, Errors.PriceMoved(market, price, mark, limit));
    }

    /// @dev A feed that has never been answered says that it has been up since zero.
    function _requireSequencer() private view {
        if (address(sequencerFeed) == address(0)) return;
        (, int256 status, uint256 since, , ) = sequencerFeed.latestRoundData();
        require(status == 0, Errors.SequencerDown(since));
        bool settled = since != 0 && since <= block.timestamp && block.timestamp - since > sequencerGrace;
        require(settled, Errors.SequencerStarting(since, sequencerGrace));
    }

    /// @dev A source promises the first two as well. This is the only door, so it does not take a source's word for them.
    function _ask(
        uint8 market,
        IPriceSource source,
        uint256 maxAge,
        uint256 maxConfidence
    ) private view returns (uint256 price, uint256 publishedAt, uint256 confidence) {
        (price, publishedAt, confidence) = source.latest();
        require(price > 0, Errors.PriceNotPositive(0));
        require(publishedAt <= block.timestamp, Errors.PriceFromTheFuture(publishedAt, block.timestamp));
        require(block.timestamp - publishedAt <= maxAge, Errors.PriceTooOld(market, publishedAt, maxAge));
        if (confidence == 0) return (price, publishedAt, confidence);
        // OpenZeppelin's, because nothing bounds the price yet.
        uint256 limit = Math.mulDiv(price, maxConfidence, PPM);
        require(confidence <= limit, Errors.PriceUncertain(market, confidence, limit));
    }

    function _distance(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }

    /// @inheritdoc IPriceOracle
    function feedOf(uint8 market) external view returns (Feed memory) {
        return _feeds[market];
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Errors} from "./interfaces/Errors.sol";
import {IPriceOracle} from "./interfaces/IPriceOracle.sol";
import {IPriceSource} from "./interfaces/IPriceSource.sol";

/// @notice Owns which source each market is read from and how old its price may be. Remembers no price, knows no position.
contract PriceOracle is IPriceOracle, AccessManaged {
    /// @notice The hard bound on every feed's `maxAge`, in seconds.
    uint32 public constant MAX_AGE_LIMIT = 7 days;

    /// @dev One slot per market: source 160, maxAge 32 bits.
    mapping(uint8 market => Feed) private _feeds;

    constructor(address accessManager) AccessManaged(accessManager) {}

    /// @inheritdoc IPriceOracle
    function setFeed(uint8 market, IPriceSource source, uint32 maxAge) external restricted {
        require(maxAge > 0 && maxAge <= MAX_AGE_LIMIT, Errors.ParameterOutOfBounds("maxAge", maxAge, 1, MAX_AGE_LIMIT));

        _feeds[market] = Feed(source, maxAge);
        read(market);

        emit FeedSet(market, source, maxAge);
    }

    /// @inheritdoc IPriceOracle
    function read(uint8 market) public view returns (uint256 price, uint256 publishedAt) {
        Feed storage feed = _feeds[market];
        (IPriceSource source, uint256 maxAge) = (feed.source, feed.maxAge);
        require(address(source) != address(0), Errors.PriceFeedMissing(market));

        (price, publishedAt) = source.latest();

        // A source promises the first two as well. This is the only door, so it does not take a source's word for them.
        require(price > 0, Errors.PriceNotPositive(0));
        require(publishedAt <= block.timestamp, Errors.PriceFromTheFuture(publishedAt, block.timestamp));
        require(block.timestamp - publishedAt <= maxAge, Errors.PriceTooOld(market, publishedAt, maxAge));
    }

    /// @inheritdoc IPriceOracle
    function feedOf(uint8 market) external view returns (Feed memory) {
        return _feeds[market];
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceSource} from "./IPriceSource.sol";

/// @notice The only door through which a price enters the clearing house. It answers or refuses with the reason; it never
/// guesses.
interface IPriceOracle {
    /// @notice Where a market's price comes from.
    struct Feed {
        IPriceSource source;
        /// @dev Seconds. An older price is refused.
        uint32 maxAge;
    }

    event FeedSet(uint8 indexed market, IPriceSource source, uint32 maxAge);

    /// @notice The price of a market, or a revert that says why there is none.
    /// @dev Errors: `PriceFeedMissing`, `PriceTooOld`, and whatever the source refuses with.
    /// @return price 18-decimal fixed point, above zero.
    /// @return publishedAt Unix seconds, not in the future.
    function read(uint8 market) external view returns (uint256 price, uint256 publishedAt);

    /// @notice Sets where a market's price comes from. Only what the access manager lets; it has a delay.
    /// @dev Reads the new feed once and passes on its refusal, so that a market is never pointed at a dead feed.
    function setFeed(uint8 market, IPriceSource source, uint32 maxAge) external;

    /// @notice Where a market's price comes from now.
    function feedOf(uint8 market) external view returns (Feed memory);
}

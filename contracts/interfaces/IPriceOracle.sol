// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../oracles/AggregatorV3Interface.sol";
import {IPriceSource} from "./IPriceSource.sol";

/// @notice The only door through which a price enters the clearing house. It answers or refuses with the reason; it never
/// guesses.
interface IPriceOracle {
    /// @notice Where a market's price comes from, and what is asked of it. Rates are in parts per million.
    struct Feed {
        /// @dev Whose price is answered.
        IPriceSource primary;
        /// @dev Seconds. An older price is refused.
        uint24 maxAge;
        /// @dev Of the price. A price that its publisher is less sure of is refused.
        uint24 maxConfidence;
        /// @dev Of the primary's price. Where the second is further away, both are refused.
        uint24 maxDeviation;
        /// @dev Whose price must be near. Zero: none.
        IPriceSource second;
        uint24 secondMaxAge;
        /// @dev A price outside of these is refused, 18-decimal fixed point.
        uint96 lowest;
        uint96 highest;
        /// @dev Of the last accepted price, for every minute begun since then. A price further away is refused.
        uint64 maxMove;
    }

    event FeedSet(uint8 indexed market, Feed feed);

    /// @notice The price of a market, or a revert that says why there is none.
    /// @dev Errors: `SequencerDown`, `SequencerStarting`, `PriceFeedMissing`, `PriceNotPositive`, `PriceFromTheFuture`,
    /// `PriceTooOld`, `PriceUncertain`, `PricesDeviate`, `PriceOutOfBounds`, `PriceMoved`, and whatever a source refuses with.
    /// @param mark The price accepted last, from which the new one may not be too far away. Zero: none was.
    /// @param acceptedAt When that was, unix seconds.
    /// @return price 18-decimal fixed point, above zero.
    /// @return publishedAt Unix seconds, not in the future.
    /// @return confidence How far off the price may be, 18-decimal fixed point; zero where its publisher does not say.
    function read(
        uint8 market,
        uint256 mark,
        uint256 acceptedAt
    ) external view returns (uint256 price, uint256 publishedAt, uint256 confidence);

    /// @notice Sets where a market's price comes from. Only what the access manager lets; it has a delay.
    /// @dev Reads the new feed once and passes on its refusal, so that a market is never pointed at a dead feed.
    /// Errors: `ParameterOutOfBounds`, and those of `read`.
    function setFeed(uint8 market, Feed calldata feed) external;

    /// @notice Where a market's price comes from now.
    function feedOf(uint8 market) external view returns (Feed memory);

    /// @notice Chainlink's feed that says whether this chain's sequencer is up. Zero where a chain has none.
    function sequencerFeed() external view returns (AggregatorV3Interface);

    /// @notice How long the sequencer must have been up before prices count, in seconds: time for users to act first.
    function sequencerGrace() external view returns (uint256);
}

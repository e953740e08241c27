// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One place a price comes from, brought to one shape.
interface IPriceSource {
    /// @notice The newest price this source can vouch for.
    /// @dev Reverts with an error that names the reason where it has none. Knows no maximum age: that is a market's matter.
    /// @return price Settlement tokens per whole unit of base, 18-decimal fixed point, above zero.
    /// @return publishedAt When it was published, unix seconds, not in the future.
    /// @return confidence How far off the price may be, as its publisher sees it, 18-decimal fixed point. Zero where the
    /// publisher says nothing of the kind.
    function latest() external view returns (uint256 price, uint256 publishedAt, uint256 confidence);
}

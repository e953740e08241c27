// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Usd, ZERO_USD} from "../types/Usd.sol";

/// @notice Negative balance protection, in the order in which a loss is borne: the trader, up to their collateral; the
/// insurance fund, up to what it may pay; the opposing side, through auto-deleveraging, up to what it may be charged; and
/// the market's own winners, who wait for the shortfall, for the rest.
library LossWaterfall {
    /// @notice What settling could not collect from a market's defaulters. No part is negative.
    struct Loss {
        /// @dev From defaulters who were long: shorts oppose them.
        Usd ofLongs;
        Usd ofShorts;
        /// @dev With those whose size was closed before, so that no side opposes them.
        Usd deficit;
        /// @dev What the caller earns, on top of the deficit.
        Usd bounty;
    }

    struct Split {
        /// @dev The haircut of each side.
        Usd byShorts;
        Usd byLongs;
        Usd shortfall;
    }

    /// @dev Splits what the fund did not grant, so that `insured`, both haircuts and the shortfall add up to deficit and
    /// bounty exactly.
    /// @dev Assumes a deficit above zero where anything is left to split.
    /// @param insured What the fund granted, at most deficit and bounty.
    /// @param shortLimit The most that shorts may be charged; likewise `longLimit`.
    function allocate(
        Loss memory loss,
        Usd insured,
        Usd shortLimit,
        Usd longLimit
    ) internal pure returns (Split memory split) {
        Usd rest = loss.deficit + loss.bounty - insured;
        if (rest == ZERO_USD) return split;
        // Up: a side bears the fraction of what it opposes.
        Usd fromLongs = rest.shareUp(loss.ofLongs, loss.deficit);
        Usd fromShorts = rest.shareUp(loss.ofShorts, loss.deficit).min(rest - fromLongs);
        split.byShorts = fromLongs.min(shortLimit);
        split.byLongs = fromShorts.min(longLimit);
        split.shortfall = rest - split.byShorts - split.byLongs;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Usd} from "../types/Usd.sol";

/// @notice Negative balance protection, in the order in which a loss is borne: the trader, up to their collateral; the
/// insurance fund, up to what it may pay; the opposing side, through auto-deleveraging, up to what it may be charged; and
/// the market's own winners, who wait for the shortfall, for the rest.
library LossWaterfall {
    struct Split {
        Usd byInsurance;
        /// @dev The haircut.
        Usd byCounterparties;
        Usd shortfall;
    }

    /// @dev Splits `deficit`, which is what settling could not collect from the trader, so that the parts add up to it
    /// exactly and the account ends at zero.
    /// @dev Assumes that no argument is negative.
    function allocate(Usd deficit, Usd insurance, Usd haircutLimit) internal pure returns (Split memory split) {
        split.byInsurance = deficit.min(insurance);
        split.byCounterparties = (deficit - split.byInsurance).min(haircutLimit);
        split.shortfall = deficit - split.byInsurance - split.byCounterparties;
    }
}

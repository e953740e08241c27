// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Rounding} from "../math/Rounding.sol";
import {Book} from "../types/Book.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {PackedRisk} from "../types/RiskParameters.sol";
import {Usd} from "../types/Usd.sol";
import {MarkRange} from "./MarkRange.sol";

/// @notice What new risk in a market must be secured with: more, the more is open there already and the further its marks
/// have reached. It depends on the market alone and on nothing that an account could split.
library InitialMargin {
    /// @notice IM = Σ notional · initial margin rate: what an account must have in `secured` to take new risk.
    /// @dev Up: requirements round against the account.
    function requiredUp(Portfolio memory account, Book[] memory books) internal pure returns (Usd required) {
        for (uint256 i; i < books.length; ++i) {
            (Book memory book, Holding memory held) = (books[i], account.holdings[i]);
            if (held.shares == 0) continue;
            required = required + book.mark.notionalUp(held.size(book)).partUp(rateUp(book));
        }
    }

    /// @notice The initial margin rate of a market, ppm of notional: from `initialMargin` where nothing is open to
    /// `initialMarginAtCap` where open interest is at its cap or above, in proportion, and never below `volatilityMargin` of
    /// the range of marks.
    /// @dev Up: requirements round against the account.
    function rateUp(Book memory book) internal pure returns (uint256 rate) {
        PackedRisk memory risk = book.risk;
        uint256 cap = risk.openInterestCap();
        uint256 interest = book.mark.notionalUp(book.openInterest()).raw();
        rate = risk.initialMarginAtCap();
        unchecked {
            if (interest < cap) {
                uint256 low = risk.initialMargin();
                rate = low + Rounding.mulDivUp(rate - low, interest, cap);
            }
        }
        uint256 ofRange = Rounding.mulDivUp(book.volatility, risk.volatilityMargin(), MarkRange.STEPS_IN_WHOLE);
        return Math.max(rate, ofRange);
    }
}

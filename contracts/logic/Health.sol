// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book} from "../types/Book.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Usd, ZERO_USD} from "../types/Usd.sol";

/// @notice What an account is worth and what it must stay worth, and the decisions that follow from it.
struct Health {
    /// @dev collateral + Σ unsettled
    Usd equity;
    /// @dev collateral + Σ min(0, unsettled): waiting gains count for nothing.
    Usd secured;
    /// @dev MM = Σ notional · maintenance margin rate
    Usd maintenanceMargin;
}

using {measure, isDefault, isLiquidatable, keepsPromise, feeAllowance, minus} for Health global;

/// @notice Equity, secured and the maintenance margin of an account, at the books' marks.
function healthOf(Portfolio memory account, Book[] memory books) pure returns (Health memory h) {
    h.measure(account, books);
}

/// @dev The same into a place that may have been used before.
function measure(Health memory self, Portfolio memory account, Book[] memory books) pure {
    (Usd equity, Usd secured) = (account.collateral, account.collateral);
    Usd maintenanceMargin;
    for (uint256 i; i < books.length; ++i) {
        (Book memory book, Holding memory held) = (books[i], account.holdings[i]);
        Usd due = held.unsettled(book);
        equity = equity + due;
        secured = secured + due.negativePart();
        if (held.shares == 0) continue;
        // Up: the requirement rounds against the account.
        Usd notional = book.mark.notionalUp(held.size(book));
        maintenanceMargin = maintenanceMargin + notional.partUp(book.risk.maintenanceMargin());
    }
    (self.equity, self.secured, self.maintenanceMargin) = (equity, secured, maintenanceMargin);
}

function isDefault(Health memory self) pure returns (bool) {
    return self.equity < ZERO_USD;
}

/// @dev 0 ≤ equity < MM
function isLiquidatable(Health memory self) pure returns (bool) {
    return self.equity >= ZERO_USD && self.equity < self.maintenanceMargin;
}

/// @dev Whether a reduction that led from `before` to `self` is allowed: equity ≥ MM, or equity ≥ 0 and equity/MM not lower,
/// asked locally: Δequity · MM + equity · (MM of the closed part) ≥ 0, equity and MM from before.
/// @param closedMargin MM of what was closed, rounded down (stricter).
function keepsPromise(Health memory self, Health memory before, Usd closedMargin) pure returns (bool) {
    if (self.equity >= self.maintenanceMargin) return true;
    if (self.equity < ZERO_USD) return false;
    return
        Usd.unwrap(self.equity - before.equity) * Usd.unwrap(before.maintenanceMargin) +
            Usd.unwrap(before.equity) * Usd.unwrap(closedMargin) >=
        0;
}

/// @dev Assumes that equity was not negative before.
/// @dev The most that a reduction may be charged so that `keepsPromise` still holds and no loss goes unpaid. Down: the
/// earner of the fee does without the fraction.
function feeAllowance(Health memory self, Health memory before, Usd closedMargin) pure returns (Usd) {
    Usd aboveMargin = self.equity - self.maintenanceMargin;
    Usd local = self.equity.min(
        self.equity -
            before.equity +
            (
                before.maintenanceMargin == ZERO_USD
                    ? ZERO_USD
                    : before.equity.positivePart().shareDown(closedMargin, before.maintenanceMargin)
            )
    );
    return aboveMargin.max(local).min(self.secured).positivePart();
}

/// @dev After `paid` has left the collateral.
function minus(Health memory self, Usd paid) pure {
    self.equity = self.equity - paid;
    self.secured = self.secured - paid;
}

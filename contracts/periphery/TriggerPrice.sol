// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Rounding} from "../math/Rounding.sol";
import {Book} from "../types/Book.sol";
import {Holding} from "../types/Portfolio.sol";
import {Price} from "../types/Price.sol";
import {BASE_BITS, Side} from "../types/Side.sol";
import {Usd, ZERO_USD} from "../types/Usd.sol";

/// @notice The mark of one market, every other one standing still, at which an account falls below its maintenance margin or
/// below zero: to the last wei, with all of the clearing house's rounding. Reads nothing and writes nothing.
///
/// With E₀ and M₀ the account's equity and MM without this position, and p the mark:
/// E(p) = E₀ + owed + ⌊shares · (V(p) − V_paid) / unit⌋, V(p) = B + ⌊±A · (p · 2^scale − F)⌋, M(p) = M₀ + ⌈m · ⌈size · p⌉⌉.
/// E rises with p for a long and falls for a short, in steps; M rises in steps.
library TriggerPrice {
    /// @notice What is returned for a short that no price can bring there. For a long it is zero, so that `mark <= price` for
    /// a long and `mark >= price` for a short mean what they say in every case.
    uint256 internal constant NEVER = type(uint256).max;

    /// @dev A position and the rest of its account.
    struct Line {
        /// @dev Its mark is written to: a copy, or restored by the caller.
        Book book;
        Holding held;
        /// @dev Equity without what is unsettled in this market.
        Usd equity;
        /// @dev MM without this market's.
        Usd margin;
        /// @dev The market accepts prices from 1 to below this.
        uint256 limit;
    }

    /// @notice The first price on the way against the position at which equity < 0: for a long the highest, for a short the
    /// lowest.
    function ofBankruptcy(Line memory self) internal pure returns (uint256) {
        return _firstBelow(self, ZERO_USD);
    }

    /// @notice The first price on the way against the position at which equity < MM: coming from the present mark where the
    /// account is above its margin there, otherwise from the market's best price.
    function ofLiquidation(Line memory self) internal pure returns (uint256 price) {
        uint256 mark = self.book.mark.raw();
        price = self.held.isLong ? _ofLong(self, mark) : _ofShort(self, mark);
        _setMark(self.book, mark);
    }

    /// @dev Where M(p) = k, every price at which E ≥ k and below p is safe, because M can only be smaller there: so step down
    /// to the highest price with E < k, and on until that price is not safe itself. Each step is at most m times the one
    /// before, m ≤ ½. E and M both rise, and their steps may cross several times within a few wei; bisecting could miss the
    /// first.
    function _ofLong(Line memory self, uint256 mark) private pure returns (uint256 price) {
        price = _isBelow(self, mark) ? self.limit - 1 : mark;
        while (price != 0 && !_isBelow(self, price)) price = _firstBelow(self, _marginAt(self, price));
    }

    /// @dev E falls and M rises with the price: what is below stays below, so bisecting finds the first. E < M(low) settles
    /// the question above.
    function _ofShort(Line memory self, uint256 mark) private pure returns (uint256 price) {
        uint256 low = _isBelow(self, mark) ? 0 : mark;
        uint256 high = Math.min(_firstBelow(self, _marginAt(self, low)), self.limit);
        // low is safe (or zero, which is no price), high is not, or is no price.
        while (high - low > 1) {
            uint256 middle = Math.average(low, high);
            if (_isBelow(self, middle)) high = middle;
            else low = middle;
        }
        return high < self.limit ? high : NEVER;
    }

    function _isBelow(Line memory self, uint256 price) private pure returns (bool) {
        Usd margin = _marginAt(self, price);
        return self.equity + self.held.unsettled(self.book) < margin;
    }

    /// @dev M(p). Leaves the book at this mark.
    function _marginAt(Line memory self, uint256 price) private pure returns (Usd) {
        _setMark(self.book, price);
        Usd notional = self.book.mark.notionalUp(self.held.size(self.book));
        return self.margin + notional.partUp(self.book.risk.maintenanceMargin());
    }

    function _setMark(Book memory book, uint256 price) private pure {
        book.mark = Price.wrap(price);
        book.revalue();
    }

    /// @dev The first price with E(p) < `level`, E's own roundings undone one by one:
    /// E < level ⟺ V < V_paid + ⌈(level − E₀ − owed) · unit / shares⌉ ⟺ ±(p · 2^scale − F) < ⌈(that − B) / A⌉.
    function _firstBelow(Line memory self, Usd level) private pure returns (uint256) {
        Book memory book = self.book;
        bool isLong = self.held.isLong;
        Side memory side = isLong ? book.long : book.short;
        int256 missing = Usd.unwrap(level - self.equity - self.held.owed);
        int256 rise = _ceil(missing, book.valueUnit(), self.held.shares);
        // V stays inside 2^111 at every price that a market accepts: beyond that, no price matters.
        if (rise > 1 << 114) return isLong ? self.limit - 1 : 1;
        if (rise < -(1 << 114)) return isLong ? 0 : NEVER;
        int256 exposure = _ceil(self.held.paidValue + rise - side.cash, 1 << BASE_BITS, side.base) - 1;
        if (isLong) {
            int256 highest = (book.fundingIndex + exposure) >> book.scale;
            return highest < 1 ? 0 : Math.min(uint256(highest), self.limit - 1);
        }
        int256 lowest = -((exposure - book.fundingIndex) >> book.scale);
        if (lowest < 1) return 1;
        return uint256(lowest) < self.limit ? uint256(lowest) : NEVER;
    }

    function _ceil(int256 a, uint256 b, uint256 divisor) private pure returns (int256) {
        return -Rounding.mulDivFloor(-a, int256(b), divisor);
    }
}

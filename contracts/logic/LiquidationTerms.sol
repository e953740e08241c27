// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {Rounding} from "../math/Rounding.sol";
import {Book} from "../types/Book.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {ONE, Price} from "../types/Price.sol";
import {PPM, PackedRisk} from "../types/RiskParameters.sol";
import {Size, ZERO_SIZE} from "../types/Size.sol";
import {Usd, ZERO_USD} from "../types/Usd.sol";
import {Health, healthOf} from "./Health.sol";

/// @notice How much of a position a liquidator takes over and what that costs the account: a Dutch auction in health
/// instead of time, and the smallest size that restores a buffer.
library LiquidationTerms {
    struct Terms {
        /// @dev What changes hands, not negative.
        Size size;
        /// @dev What the liquidator earns.
        Usd incentive;
        /// @dev What the insurance fund earns.
        Usd fundFee;
    }

    /// @notice Settles the debtor, proves that it may be liquidated, and finds the terms.
    /// @param i Which of `books` is the market's.
    /// @param asked The most that the liquidator wants. A part that would leave dust is refused, so that what is left is worth
    /// somebody's gas.
    function settleAndAgree(
        Portfolio memory debtor,
        Book[] memory books,
        uint256 i,
        uint256 asked
    ) internal pure returns (Terms memory terms) {
        (Book memory book, Holding memory held) = (books[i], debtor.holdings[i]);
        debtor.settle(books);
        Health memory health = healthOf(debtor, books);
        require(!health.isDefault(), Errors.DeficitMustBeDeleveraged(debtor.id, (-health.equity).raw()));
        require(
            health.isLiquidatable(),
            Errors.NotLiquidatable(debtor.id, Usd.unwrap(health.equity), health.maintenanceMargin.raw())
        );
        Size position = held.size(book).magnitude();
        require(position != ZERO_SIZE, Errors.NoPosition(debtor.id, book.id));
        Usd payable_ = debtor.collateral + held.unsettled(book).positivePart();
        Size wanted = asked > uint256(Size.unwrap(position)) ? position : Size.wrap(int256(asked));
        terms = agree(health, position, book.mark, book.risk, wanted, payable_);

        (Size rest, Usd minimum) = (position - terms.size, Usd.wrap(int256(book.risk.minNotional())));
        Usd notional = book.mark.notionalDown(rest);
        require(rest == ZERO_SIZE || notional >= minimum, Errors.PositionTooSmall(notional.raw(), minimum.raw()));
    }

    /// @param health Of the account. Assumes 0 ≤ equity < MM.
    /// @param position The account's size in the market, not negative, above zero.
    /// @param asked The most that the liquidator wants, not negative.
    /// @param payable_ What the account can pay a penalty from: its collateral and its waiting gain in this market.
    function agree(
        Health memory health,
        Size position,
        Price mark,
        PackedRisk memory risk,
        Size asked,
        Usd payable_
    ) internal pure returns (Terms memory terms) {
        uint256 incentive = incentiveRate(health, risk);
        terms.size = asked.min(_allowed(health, position, mark, risk, incentive));

        Usd notional = mark.notionalDown(terms.size);
        uint256 fee = risk.fundFee() * (ONE / PPM);
        // Down: the earners of the penalty do without the fraction.
        Usd penalty = notional.shareDown(_rate(incentive + fee), _rate(ONE));
        // The penalty takes at most the equity that belongs to the part taken, so that equity/MM cannot fall.
        Usd partMargin = notional.partDown(risk.maintenanceMargin());
        penalty = penalty.min(health.equity.shareDown(partMargin, health.maintenanceMargin)).min(payable_);

        if (penalty == ZERO_USD) return terms;
        terms.fundFee = penalty.shareDown(_rate(fee), _rate(incentive + fee));
        terms.incentive = penalty - terms.fundFee;
    }

    /// @notice d: grows linearly from d_min where equity = MM to d_max where equity = ½ · MM and below.
    /// @return Part of notional, 18 decimals. Down: the liquidator does without the fraction.
    function incentiveRate(Health memory health, PackedRisk memory risk) internal pure returns (uint256) {
        unchecked {
            uint256 margin = health.maintenanceMargin.raw();
            uint256 missing = (health.maintenanceMargin - health.equity).raw() * 2;
            uint256 span = (risk.incentiveMax() - risk.incentiveMin()) * (ONE / PPM);
            uint256 low = risk.incentiveMin() * (ONE / PPM);
            return missing >= margin ? low + span : low + Rounding.mulDivDown(span, missing, margin);
        }
    }

    /// @dev The size after which equity = t · MM, or the whole position where that exceeds it or would leave dust:
    /// (t · MM − equity) / (mark · (t · m − d − φ)). Its denominator is positive because d_max + φ ≤ m/2 and t ≥ 1.
    function _allowed(
        Health memory health,
        Size position,
        Price mark,
        PackedRisk memory risk,
        uint256 incentive
    ) private pure returns (Size) {
        unchecked {
            uint256 target = Rounding.mulDivUp(health.maintenanceMargin.raw(), risk.buffer(), PPM);
            uint256 restored =
                (risk.buffer() * risk.maintenanceMargin() * (ONE / PPM)) / PPM -
                    incentive -
                    risk.fundFee() * (ONE / PPM);
            // Down: a wei less than the buffer rather than a wei more taken.
            uint256 size = Rounding.mulDivDown(target - health.equity.raw(), ONE * ONE, mark.raw() * restored);
            Size allowed = Size.wrap(int256(size));
            if (allowed >= position) return position;
            bool leavesDust = mark.notionalDown(position - allowed) < Usd.wrap(int256(risk.minNotional()));
            return leavesDust ? position : allowed;
        }
    }

    /// @dev A rate as an amount, for `shareDown`.
    function _rate(uint256 rate) private pure returns (Usd) {
        return Usd.wrap(int256(rate));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {Health} from "../logic/Health.sol";
import {LiquidationTerms} from "../logic/LiquidationTerms.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Size, ZERO_SIZE} from "../types/Size.sol";
import {Usd, ZERO_USD} from "../types/Usd.sol";
import {Ledger} from "./Ledger.sol";

/// @notice Taking (part of) a position over from an account below its maintenance margin and not below zero.
abstract contract Liquidation is Ledger {
    /// @dev See {IClearingHouse-liquidate}.
    function liquidate(
        AccountId account,
        uint8 market,
        uint256 size,
        AccountId to
    ) external nonReentrant returns (uint256 taken) {
        _requireTrader(to);
        require(account != to, Errors.SameAccount(to));
        require(!_isPending(account), Errors.CheckPending(account));

        (Book[] memory books, uint256 i) = _openFor(_accounts[account].markets | _accounts[to].markets, market);
        Portfolio memory debtor = _load(account, books);
        Portfolio memory taker = _load(to, books);
        Usd takerSecured = taker.health(books).secured;

        LiquidationTerms.Terms memory terms = _agree(debtor, books, i, size);
        _handOver(debtor, taker, books, i, terms);

        Health memory health = taker.health(books);
        _requireNoUnpaidLoss(to, health.secured, takerSecured);
        _requireMargin(taker, books, health);
        Size left = debtor.holdings[i].size(books[i]);
        _save(debtor, books);
        _save(taker, books);
        _store(books);

        taken = uint256(Size.unwrap(terms.size));
        emit Liquidated(
            account,
            market,
            to,
            taken,
            books[i].mark.raw(),
            terms.incentive.toUint(),
            terms.fundFee.toUint(),
            Size.unwrap(left),
            debtor.collateral.toUint()
        );
    }

    /// @dev Settles the debtor, proves that it may be liquidated, and finds the terms.
    function _agree(
        Portfolio memory debtor,
        Book[] memory books,
        uint256 i,
        uint256 asked
    ) private pure returns (LiquidationTerms.Terms memory) {
        debtor.settle(books);
        Health memory health = debtor.health(books);
        require(!health.isDefault(), Errors.DeficitMustBeDeleveraged(debtor.id, (-health.equity).positivePart().toUint()));
        require(
            health.isLiquidatable(),
            Errors.NotLiquidatable(debtor.id, Usd.unwrap(health.equity), health.maintenanceMargin.toUint())
        );
        Size position = debtor.holdings[i].size(books[i]).magnitude();
        require(position != ZERO_SIZE, Errors.NoPosition(debtor.id, books[i].id));
        require(asked != 0, Errors.AmountIsZero());
        Usd payable_ = debtor.collateral + debtor.holdings[i].unsettled(books[i]).positivePart();
        Size wanted = asked > uint256(Size.unwrap(position)) ? position : Size.wrap(int256(asked));
        return LiquidationTerms.agree(health, position, books[i].mark, books[i].risk, wanted, payable_);
    }

    /// @dev The position at mark, the penalty from collateral, and what that does not hold from the waiting gain.
    function _handOver(
        Portfolio memory debtor,
        Portfolio memory taker,
        Book[] memory books,
        uint256 i,
        LiquidationTerms.Terms memory terms
    ) private {
        Book memory book = books[i];
        (Holding memory from, Holding memory into) = (debtor.holdings[i], taker.holdings[i]);
        Size delta = from.isLong ? terms.size : -terms.size;
        from.move(book, -delta);
        into.move(book, delta);
        _requireMarketRoom(taker, book.id);

        // The fund's account holds no claims on markets: it earns what there is in collateral.
        terms.fundFee = terms.fundFee.min(debtor.collateral);
        Usd inCollateral = terms.incentive.min(debtor.collateral - terms.fundFee);
        Usd inClaims = terms.incentive - inCollateral;
        debtor.collateral = debtor.collateral - terms.fundFee - inCollateral;
        from.owed = from.owed - inClaims;
        taker.collateral = taker.collateral + inCollateral;
        into.owed = into.owed + inClaims;
        _earn(book, terms.fundFee);

        // A credit pays unpaid losses first; whoever can pay all of them settles this market alone.
        if (taker.health(books).secured < ZERO_USD) taker.settle(books);
        else taker.settleMarket(book, into);
    }
}

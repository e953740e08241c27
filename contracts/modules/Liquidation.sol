// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {LiquidationTerms} from "../logic/LiquidationTerms.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Size} from "../types/Size.sol";
import {Usd, ZERO_USD} from "../types/Usd.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice Taking (part of) a position over from an account below its maintenance margin and not below zero.
abstract contract Liquidation is Ledger {
    /// @dev Who hands over to whom, and on which terms.
    struct Deal {
        Portfolio debtor;
        Portfolio taker;
        /// @dev Their positions in the market of the liquidation.
        Holding from;
        Holding into;
        LiquidationTerms.Terms terms;
    }

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
        require(size != 0, Errors.AmountIsZero());

        (Book[] memory books, uint256 i) = _openFor(_accounts[account].markets | _accounts[to].markets, market);
        Book memory book = books[i];
        _loadClosing(book);
        (Portfolio memory debtor, Portfolio memory taker) = (_load(account, books), _load(to, books));
        Usd takerSecured = taker.secured(books);
        Deal memory deal = Deal({
            debtor: debtor,
            taker: taker,
            from: debtor.holdings[i],
            into: taker.holdings[i],
            terms: LiquidationTerms.settleAndAgree(debtor, books, i, size)
        });
        _handOver(deal, books, book);
        _settleTaker(deal, books, book, takerSecured);

        Size left = deal.from.size(book);
        _save(deal.debtor, books);
        _save(deal.taker, books);
        _store(books);

        taken = uint256(Size.unwrap(deal.terms.size));
        emit Liquidated(
            account,
            market,
            to,
            taken,
            book.mark.raw(),
            deal.terms.incentive.raw(),
            deal.terms.fundFee.raw(),
            Size.unwrap(left),
            deal.debtor.collateral.raw()
        );
    }

    /// @dev The position at mark, then the penalty: from collateral, and what that does not hold of the incentive from the
    /// gain that waits in this market.
    function _handOver(Deal memory deal, Book[] memory books, Book memory book) private {
        (Portfolio memory debtor, Portfolio memory taker) = (deal.debtor, deal.taker);
        (Holding memory from, Holding memory into) = (deal.from, deal.into);
        Size delta = from.isLong ? deal.terms.size : -deal.terms.size;
        from.move(book, -delta);
        into.move(book, delta);
        _requireMarketRoom(taker, books, book.id);

        // The fund's account holds no claims on markets: it earns what there is in collateral.
        Usd fundFee = deal.terms.fundFee.min(debtor.collateral);
        Usd incentive = deal.terms.incentive;
        Usd inCollateral = incentive.min(debtor.collateral - fundFee);
        debtor.collateral = debtor.collateral - fundFee - inCollateral;
        taker.collateral = taker.collateral + inCollateral;
        from.owed = from.owed - (incentive - inCollateral);
        into.owed = into.owed + (incentive - inCollateral);
        deal.terms.fundFee = fundFee;
        _earn(book, fundFee);
    }

    /// @dev A credit pays unpaid losses first; whoever can pay all of them settles this market alone.
    function _settleTaker(Deal memory deal, Book[] memory books, Book memory book, Usd securedBefore) private {
        Portfolio memory taker = deal.taker;
        if (securedBefore.min(taker.secured(books)) < ZERO_USD) taker.settle(books);
        else taker.settleMarket(book, deal.into);
        Usd secured = taker.secured(books);
        _requireNoUnpaidLoss(taker.id, secured, securedBefore);
        _requireMargin(taker, books, secured);
    }
}

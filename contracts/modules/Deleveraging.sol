// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Health, healthOf} from "../logic/Health.sol";
import {InitialMargin} from "../logic/InitialMargin.sol";
import {LossWaterfall} from "../logic/LossWaterfall.sol";
import {Rounding} from "../math/Rounding.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {HaircutLimit, MarketState} from "../types/MarketState.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Size, ZERO_SIZE} from "../types/Size.sol";
import {BASE_BITS, Side} from "../types/Side.sol";
import {Usd, ZERO_USD} from "../types/Usd.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice The default waterfall: negative balance protection for whoever is in default, borne by the trader, the insurance
/// fund and the opposing side, in this order. It cannot revert for want of money, bidders, order or gas.
abstract contract Deleveraging is Ledger {
    /// @dev What the defaulters of one pass leave behind in one market, and who bears it.
    struct Tally {
        LossWaterfall.Loss loss;
        /// @dev What the defaulters who were long, short left on the other side.
        Size longSize;
        Size shortSize;
        Usd insured;
        LossWaterfall.Split split;
    }

    /// @dev See {IClearingHouse-deleverage}.
    function deleverage(AccountId[] calldata accounts, AccountId taker) external nonReentrant {
        MarketSet markets = _marketsOf(accounts);
        if (taker != NO_ACCOUNT) {
            _requireTrader(taker);
            markets = markets | _accounts[taker].markets;
        }
        Book[] memory books = _open(markets);
        for (uint256 i; i < books.length; ++i) {
            _loadClosing(books[i]);
            // What the fund has earned here counts when it is asked.
            _earn(books[i], ZERO_USD);
        }
        AccountId hunter = _hunter();
        bool[] memory resolved = new bool[](accounts.length);
        Usd bounty;
        // First whoever has no waiting gain; then the rest, as often as what was charged may have put another one of the
        // list into default. Each pass but the first and the last takes at least one out.
        uint256 left = accounts.length;
        for (uint256 pass; left != 0; ++pass) {
            Tally[] memory tallies = new Tally[](books.length);
            uint256 taken = _takeOut(accounts, resolved, books, tallies, pass == 0, hunter != NO_ACCOUNT);
            left -= taken;
            if (taken == 0) {
                if (pass == 0) continue;
                break;
            }
            _askFund(books, tallies);
            bounty = bounty + _bear(books, tallies);
            _closeOut(books, tallies, taker);
        }
        _store(books);
        if (bounty > ZERO_USD) emit BountyPaid(hunter, bounty.raw(), _credit(hunter, bounty).raw());
    }

    /// @dev The account that earns the bounty: the caller's first one, unless a check of it is pending.
    function _hunter() private view returns (AccountId) {
        AccountId hunter = accountId(_caller(), 0);
        return _isPending(hunter) ? NO_ACCOUNT : hunter;
    }

    // ------------------------------------------------------------------ the trader

    /// @dev Takes every listed account in default out of the book, after collecting what it has. What it is short of is
    /// written down as received; who bears it is decided when all have been taken out, so that the order of the list does
    /// not matter.
    function _takeOut(
        AccountId[] calldata accounts,
        bool[] memory resolved,
        Book[] memory books,
        Tally[] memory tallies,
        bool onlyWithoutGains,
        bool bounties
    ) private returns (uint256 taken) {
        Portfolio memory account = _newPortfolio(books.length);
        for (uint256 n; n < accounts.length; ++n) {
            if (resolved[n] || _isPending(accounts[n])) continue;
            _load(account, accounts[n], books);
            if (account.markets.isEmpty() || (onlyWithoutGains && account.hasGain(books))) continue;
            Health memory health = healthOf(account, books);
            if (!health.isDefault() || !_isResolvable(account, books)) continue;

            // Gains only as far as they pay the same account's losses, which then take all of its collateral.
            account.payGains(books, (-health.secured).positivePart());
            account.payLosses(books);
            Usd covered = _leave(account, books, tallies, -health.equity, bounties);
            _save(account, books);
            emit Deleveraged(account.id, (-health.equity).raw(), covered.raw());
            resolved[n] = true;
            ++taken;
        }
    }

    /// @dev An account with a position in a market that refuses its price is resolved only where it has a position in one
    /// that does not: once that is closed, a further call must not push the pending market's deficit into it.
    function _isResolvable(Portfolio memory account, Book[] memory books) private pure returns (bool) {
        bool waits;
        for (uint256 i; i < books.length; ++i) {
            if (account.holdings[i].size(books[i]) == ZERO_SIZE) continue;
            if (books[i].fresh) return true;
            waits = true;
        }
        return !waits;
    }

    /// @dev Attributes a deficit to markets in proportion to the unpaid losses there, and takes the account out of each that
    /// has a price. Losses left over are matched by gains of its own that still wait.
    function _leave(
        Portfolio memory account,
        Book[] memory books,
        Tally[] memory tallies,
        Usd deficit,
        bool bounties
    ) private pure returns (Usd covered) {
        Usd losses = account.unpaidLosses(books);
        Usd seen;
        Usd spent;
        for (uint256 i; i < books.length; ++i) {
            seen = seen - account.holdings[i].unsettled(books[i]).negativePart();
            // Cumulative, so that the parts add up to the deficit exactly.
            Usd part = deficit.shareDown(seen, losses) - spent;
            spent = spent + part;
            // What has shrunk to no size needs no price: it is burnt at any.
            if (!books[i].fresh && account.holdings[i].size(books[i]) != ZERO_SIZE) continue;
            covered = covered + part;
            _leaveMarket(account.holdings[i], books[i], tallies[i], part, bounties);
        }
    }

    function _leaveMarket(
        Holding memory held,
        Book memory book,
        Tally memory tally,
        Usd part,
        bool bounties
    ) private pure {
        // Nothing to close and nothing to cover: what may wait there goes on waiting.
        if (held.shares == 0 && part == ZERO_USD) return;
        LossWaterfall.Loss memory loss = tally.loss;
        Size size = held.size(book);
        if (size > ZERO_SIZE) {
            tally.longSize = tally.longSize + size;
            loss.ofLongs = loss.ofLongs + part;
        } else if (size < ZERO_SIZE) {
            tally.shortSize = tally.shortSize - size;
            loss.ofShorts = loss.ofShorts + part;
        }
        held.close(book);
        held.owed = held.owed + part;
        loss.deficit = loss.deficit + part;
        if (part == ZERO_USD || !bounties) return;
        Usd cap = Usd.wrap(int256(book.risk.bountyCap()));
        loss.bounty = loss.bounty + book.mark.notionalDown(size).partDown(book.risk.bountyRate()).min(cap);
    }

    // ------------------------------------------------------------------ the insurance fund

    /// @dev Asks the fund once, with the sums of all markets, and moves what it grants into the pools.
    function _askFund(Book[] memory books, Tally[] memory tallies) private {
        uint8[] memory markets = new uint8[](books.length);
        uint256[] memory amounts = new uint256[](books.length);
        for (uint256 i; i < books.length; ++i) {
            (markets[i], amounts[i]) = (books[i].id, (tallies[i].loss.deficit + tallies[i].loss.bounty).raw());
        }
        Account storage fund = _accounts[fundAccount];
        // Assumes that the fund grants at most what is asked, and at most its assets in all.
        amounts = insuranceFund.cover(markets, amounts, fund.collateral);
        for (uint256 i; i < books.length; ++i) {
            fund.collateral -= uint128(amounts[i]);
            tallies[i].insured = Usd.wrap(int256(amounts[i]));
            books[i].pool = books[i].pool + tallies[i].insured;
        }
    }

    // ------------------------------------------------------------------ the opposing side

    /// @dev Pays the bounties and charges what the fund did not grant to the opposing sides.
    function _bear(Book[] memory books, Tally[] memory tallies) private returns (Usd bounty) {
        for (uint256 i; i < books.length; ++i) {
            LossWaterfall.Loss memory loss = tallies[i].loss;
            if (loss.deficit == ZERO_USD) continue;
            loss.bounty = loss.bounty.min(books[i].pool);
            books[i].pool = books[i].pool - loss.bounty;
            bounty = bounty + loss.bounty;
            LossWaterfall.Split memory split = _allocate(books[i], loss, tallies[i].insured);
            tallies[i].split = split;
            emit DeficitAllocated(
                books[i].id,
                loss.deficit.raw(),
                loss.bounty.raw(),
                tallies[i].insured.raw(),
                split.byLongs.raw(),
                split.byShorts.raw(),
                split.shortfall.raw(),
                books[i].mark.raw()
            );
        }
    }

    function _allocate(
        Book memory book,
        LossWaterfall.Loss memory loss,
        Usd insured
    ) private returns (LossWaterfall.Split memory split) {
        if (loss.deficit + loss.bounty == insured) return split;
        (uint256 longLeft, uint256 shortLeft) = _haircutLeft(book);
        // Down: what cannot be charged in full is shortfall.
        Usd longLimit = book.moneyFloor(book.long.shares, int256(longLeft));
        Usd shortLimit = book.moneyFloor(book.short.shares, int256(shortLeft));
        split = LossWaterfall.allocate(loss, insured, shortLimit, longLimit);
        book.shortfall = book.shortfall + split.shortfall;
        if (split.byLongs > ZERO_USD) longLeft -= book.long.charge(split.byLongs.raw(), book.valueUnit());
        if (split.byShorts > ZERO_USD) shortLeft -= book.short.charge(split.byShorts.raw(), book.valueUnit());
        book.revalue();
        HaircutLimit storage limit = _haircutLimits[book.id];
        // Both fit MAX_PRICE_BITS: a mark is below its market's price limit, and a base is at most one.
        (limit.longLeft, limit.shortLeft, limit.markAcceptedAt) = (
            uint104(longLeft),
            uint104(shortLeft),
            uint32(book.acceptedAt)
        );
    }

    /// @dev Value per share that a side may still be charged under the present mark: the highest mark of this day and the one
    /// before it times what a share stood for at the first haircut under this mark.
    function _haircutLeft(Book memory book) private view returns (uint256 longLeft, uint256 shortLeft) {
        HaircutLimit storage limit = _haircutLimits[book.id];
        if (limit.markAcceptedAt == book.acceptedAt) return (limit.longLeft, limit.shortLeft);
        MarketState storage state = _markets[book.id];
        uint256 high = uint256(Math.max(state.high, state.previousHigh)) << book.scale;
        longLeft = Rounding.mulShiftDown(high, book.long.base, BASE_BITS);
        shortLeft = Rounding.mulShiftDown(high, book.short.base, BASE_BITS);
    }

    // ------------------------------------------------------------------ the size

    /// @dev Brings the sides back to one size: a taker takes the net over where nobody has to pay, else the size that
    /// defaulted is closed against the other side at mark.
    function _closeOut(Book[] memory books, Tally[] memory tallies, AccountId taker) private {
        // Before anything is closed: closing may end a generation, and the taker is opened in the present one.
        if (taker != NO_ACCOUNT && !_isPending(taker)) _offer(books, tallies, taker);
        for (uint256 i; i < books.length; ++i) {
            Tally memory tally = tallies[i];
            if (tally.longSize == ZERO_SIZE && tally.shortSize == ZERO_SIZE) continue;
            _closeSide(books[i], books[i].long, tally.shortSize, tally.split.byLongs);
            _closeSide(books[i], books[i].short, tally.longSize, tally.split.byShorts);
            _endIfGone(books[i]);
        }
    }

    /// @dev Offers every market in which nobody has to pay to the taker.
    function _offer(Book[] memory books, Tally[] memory tallies, AccountId id) private {
        Portfolio memory taker = _load(id, books);
        for (uint256 i; i < books.length; ++i) {
            Tally memory tally = tallies[i];
            Size net = tally.longSize - tally.shortSize;
            bool unpaid = tally.split.byLongs + tally.split.byShorts > ZERO_USD;
            if (unpaid || (net != ZERO_SIZE && !_takeOver(taker, books, i, net))) continue;
            (tally.longSize, tally.shortSize) = (ZERO_SIZE, ZERO_SIZE);
            if (net != ZERO_SIZE) emit TakenOver(books[i].id, id, Size.unwrap(net), books[i].mark.raw());
        }
        _save(taker, books);
    }

    /// @return Whether the taker can bear it; otherwise nothing has changed.
    function _takeOver(Portfolio memory taker, Book[] memory books, uint256 i, Size net) private pure returns (bool) {
        Holding memory held = taker.holdings[i];
        Holding memory before = Holding(held.isLong, held.shares, held.paidValue, held.owed, held.changed);
        (uint256 longShares, uint256 shortShares) = (books[i].long.shares, books[i].short.shares);
        held.move(books[i], net);
        MarketSet markets = taker.markets;
        taker.markets = markets.add(books[i].id);
        if (_bears(taker, books)) return true;
        taker.markets = markets;
        taker.holdings[i] = before;
        (books[i].long.shares, books[i].short.shares) = (longShares, shortShares);
        return false;
    }

    function _bears(Portfolio memory taker, Book[] memory books) private pure returns (bool) {
        for (uint256 i; i < books.length; ++i) {
            if (taker.holdings[i].shares != 0 && !books[i].fresh) return false;
        }
        if (taker.markets.count() > _marketLimit(taker.markets, books)) return false;
        return taker.secured(books) >= InitialMargin.requiredUp(taker, books);
    }

    /// @dev Closes what was left behind on the other side, as far as this side goes.
    function _closeSide(Book memory book, Side memory side, Size left, Usd haircut) private {
        Size closed = left.min(side.size());
        if (closed > ZERO_SIZE) side.close(closed, book.distance());
        if (closed == ZERO_SIZE && haircut == ZERO_USD) return;
        emit SideScaled(book.id, side.isLong, side.base, side.cash, haircut.raw(), uint256(Size.unwrap(closed)));
    }

    /// @dev Where nothing is left of one side, nothing of the other can stay: both are closed at mark. A market that nobody
    /// is left in has no side to end.
    function _endIfGone(Book memory book) private {
        if (book.long.shares | book.short.shares == 0) return;
        if (book.long.size() == ZERO_SIZE) book.long.close(ZERO_SIZE, book.distance());
        if (book.short.size() == ZERO_SIZE) book.short.close(ZERO_SIZE, book.distance());
        _renew(book);
    }
}

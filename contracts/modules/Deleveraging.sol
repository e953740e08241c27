// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../logic/Health.sol";
import {LossWaterfall} from "../logic/LossWaterfall.sol";
import {Rounding} from "../math/Rounding.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../types/AccountId.sol";
import {BASE_BITS, Book, LONG, SHORT} from "../types/Book.sol";
import {HaircutLimit} from "../types/MarketState.sol";
import {MAX_MARKETS_PER_ACCOUNT, MarketSet} from "../types/MarketSet.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Size, ZERO_SIZE} from "../types/Size.sol";
import {Usd, ZERO_USD, usd} from "../types/Usd.sol";
import {Ledger} from "./Ledger.sol";

/// @notice The default waterfall: negative balance protection for whoever is in default, borne by the trader, the insurance
/// fund and the opposing side, in this order. It cannot revert for want of money, bidders, order or gas.
abstract contract Deleveraging is Ledger {
    /// @dev A third bucket beside the sides: deficits of defaulters whose size was closed before, so that no side opposes
    /// them.
    uint256 private constant FLAT = 2;

    /// @dev What the defaulters of one pass leave behind in one market, and who bears it.
    struct Tally {
        /// @dev By the side that the defaulters were on, and flat.
        Usd[3] deficits;
        Usd deficit;
        Usd bounty;
        /// @dev By the side that the defaulters were on.
        Size[2] size;
        Usd insured;
        /// @dev By the side that bears it.
        Usd[2] haircut;
        Usd shortfall;
    }

    /// @dev See {IClearingHouse-deleverage}.
    function deleverage(AccountId[] calldata accounts, AccountId taker) external nonReentrant {
        if (taker != NO_ACCOUNT) _requireTrader(taker);
        Book[] memory books = _open(_marketsOf(accounts) | _accounts[taker].markets);
        AccountId hunter = _hunter();
        bool[] memory resolved = new bool[](accounts.length);
        Usd bounty;
        // First whoever has no waiting gain; then, because that may have cut their gains, the rest.
        for (uint256 pass; pass < 2; ++pass) {
            Tally[] memory tallies = new Tally[](books.length);
            if (!_takeOut(accounts, resolved, books, tallies, pass == 0, hunter != NO_ACCOUNT)) continue;
            _askFund(books, tallies);
            bounty = bounty + _bear(books, tallies);
            _closeOut(books, tallies, taker);
        }
        _store(books);
        if (bounty > ZERO_USD) emit BountyPaid(hunter, bounty.toUint(), _credit(hunter, bounty).toUint());
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
    ) private returns (bool any) {
        Portfolio memory account = _newPortfolio(books.length);
        for (uint256 n; n < accounts.length; ++n) {
            if (resolved[n] || _isPending(accounts[n])) continue;
            _load(account, accounts[n], books);
            if (account.markets.isEmpty() || (onlyWithoutGains && account.hasGain(books))) continue;
            Health memory health = account.health(books);
            if (!health.isDefault() || !_isResolvable(account, books)) continue;

            // Gains only as far as they pay the same account's losses, which then take all of its collateral.
            account.payGains(books, (-health.secured).positivePart());
            account.payLosses(books);
            Usd covered = _leave(account, books, tallies, -health.equity, bounties);
            _save(account, books);
            emit Deleveraged(account.id, (-health.equity).toUint(), covered.toUint());
            (resolved[n], any) = (true, true);
        }
    }

    /// @dev An account with a position in a market that refuses its price is resolved only where it has a position in one
    /// that does not: once that is closed, a further call must not push the pending market's deficit into it.
    function _isResolvable(Portfolio memory account, Book[] memory books) private pure returns (bool) {
        bool waits;
        for (uint256 i; i < books.length; ++i) {
            if (!account.hasPosition(i)) continue;
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
        Usd losses = account.collateral - account.health(books).secured;
        Usd seen;
        Usd spent;
        for (uint256 i; i < books.length; ++i) {
            if (!account.markets.contains(books[i].id)) continue;
            seen = seen - account.unsettled(books[i], i).negativePart();
            // Cumulative, so that the parts add up to the deficit exactly.
            Usd part = deficit.shareDown(seen, losses) - spent;
            spent = spent + part;
            if (account.hasPosition(i) && !books[i].fresh) continue;
            covered = covered + part;
            _leaveMarket(account, books[i], tallies[i], i, part, bounties);
        }
    }

    function _leaveMarket(
        Portfolio memory account,
        Book memory book,
        Tally memory tally,
        uint256 i,
        Usd part,
        bool bounties
    ) private pure {
        (uint256 side, uint256 shares) = account.sharesIn(i);
        tally.deficit = tally.deficit + part;
        if (shares == 0) {
            tally.deficits[FLAT] = tally.deficits[FLAT] + part;
        } else {
            Size size = book.sizeOf(side, shares);
            tally.size[side] = tally.size[side] + size;
            tally.deficits[side] = tally.deficits[side] + part;
            if (bounties && part > ZERO_USD) {
                Usd cap = Usd.wrap(int256(uint256(book.risk.bountyCap)));
                tally.bounty = tally.bounty + book.mark.notionalDown(size).partDown(book.risk.bountyRate).min(cap);
            }
        }
        account.leave(book, i);
        account.holdings[i].owed = account.holdings[i].owed + part;
    }

    // ------------------------------------------------------------------ the insurance fund

    /// @dev Asks the fund once, with the sums of all markets, and moves what it grants into the pools.
    function _askFund(Book[] memory books, Tally[] memory tallies) private {
        uint256 n;
        uint8[] memory markets = new uint8[](books.length);
        uint256[] memory amounts = new uint256[](books.length);
        for (uint256 i; i < books.length; ++i) {
            if (tallies[i].deficit == ZERO_USD) continue;
            (markets[n], amounts[n]) = (books[i].id, (tallies[i].deficit + tallies[i].bounty).toUint());
            ++n;
        }
        if (n == 0) return;
        assembly ("memory-safe") {
            mstore(markets, n)
            mstore(amounts, n)
        }
        Account storage fund = _accounts[fundAccount];
        // Assumes that the fund grants at most what is asked, and at most its assets in all.
        uint256[] memory granted = insuranceFund.cover(markets, amounts, fund.collateral);
        n = 0;
        for (uint256 i; i < books.length; ++i) {
            if (tallies[i].deficit == ZERO_USD) continue;
            fund.collateral -= uint128(granted[n]);
            tallies[i].insured = usd(granted[n]);
            books[i].pool = books[i].pool + tallies[i].insured;
            ++n;
        }
    }

    // ------------------------------------------------------------------ the opposing side

    /// @dev Pays the bounties and charges what the fund did not grant to the opposing sides.
    function _bear(Book[] memory books, Tally[] memory tallies) private returns (Usd bounty) {
        for (uint256 i; i < books.length; ++i) {
            Tally memory tally = tallies[i];
            if (tally.deficit == ZERO_USD) continue;
            tally.bounty = tally.bounty.min(books[i].pool);
            books[i].pool = books[i].pool - tally.bounty;
            bounty = bounty + tally.bounty;
            _allocate(books[i], tally);
            emit DeficitAllocated(
                books[i].id,
                tally.deficit.toUint(),
                tally.bounty.toUint(),
                tally.insured.toUint(),
                tally.haircut[LONG].toUint(),
                tally.haircut[SHORT].toUint(),
                tally.shortfall.toUint(),
                books[i].mark.raw()
            );
        }
    }

    /// @dev Splits a market's deficit over the buckets it came from, with the bounty and the fund's part pro rata.
    function _allocate(Book memory book, Tally memory tally) private {
        Usd seen;
        Usd lossesUpTo;
        Usd insuredUpTo;
        Usd total = tally.deficit + tally.bounty;
        Usd insured = tally.insured.min(total);
        uint256[2] memory limit = tally.insured < total ? _haircutLeft(book) : [uint256(0), uint256(0)];
        uint256[2] memory perShare;
        for (uint256 bucket; bucket <= FLAT; ++bucket) {
            seen = seen + tally.deficits[bucket];
            Usd loss = total.shareDown(seen, tally.deficit) - lossesUpTo;
            Usd byFund = insured.shareDown(seen, tally.deficit) - insuredUpTo;
            (lossesUpTo, insuredUpTo) = (lossesUpTo + loss, insuredUpTo + byFund);

            uint256 bearer = SHORT - bucket % 2;
            Usd room = bucket == FLAT ? ZERO_USD : book.chargeable(bearer, limit[bearer]);
            LossWaterfall.Split memory split = LossWaterfall.allocate(loss, byFund, room);
            tally.shortfall = tally.shortfall + split.shortfall;
            if (split.byCounterparties == ZERO_USD) continue;
            tally.haircut[bearer] = split.byCounterparties;
            perShare[bearer] = book.chargeSide(bearer, split.byCounterparties);
        }
        book.shortfall = book.shortfall + tally.shortfall;
        if (perShare[LONG] | perShare[SHORT] != 0) _writeHaircutLeft(book, limit, perShare);
    }

    /// @dev Value per share that a side may still be charged under the present mark: the highest mark of this and the
    /// previous period times what a share stood for at the first haircut under this mark.
    function _haircutLeft(Book memory book) private view returns (uint256[2] memory left) {
        HaircutLimit storage limit = _haircutLimits[book.id];
        if (limit.markAcceptedAt == book.acceptedAt) return [uint256(limit.longLeft), uint256(limit.shortLeft)];
        uint256 high = uint256(limit.high > limit.previousHigh ? limit.high : limit.previousHigh) << book.scale;
        for (uint256 side = LONG; side <= SHORT; ++side) {
            left[side] = Rounding.mulShiftDown(high, book.base[side], BASE_BITS);
        }
    }

    function _writeHaircutLeft(Book memory book, uint256[2] memory left, uint256[2] memory perShare) private {
        HaircutLimit storage limit = _haircutLimits[book.id];
        limit.longLeft = uint104(left[LONG] - perShare[LONG]);
        limit.shortLeft = uint104(left[SHORT] - perShare[SHORT]);
        limit.markAcceptedAt = book.acceptedAt;
    }

    // ------------------------------------------------------------------ the size

    /// @dev Brings the sides back to one size: a taker takes the net over where nobody has to pay, else the size that
    /// defaulted is closed against the other side at mark.
    function _closeOut(Book[] memory books, Tally[] memory tallies, AccountId takerId) private {
        Portfolio memory taker;
        bool mayTake = takerId != NO_ACCOUNT && !_isPending(takerId);
        if (mayTake) taker = _load(takerId, books);
        for (uint256 i; i < books.length; ++i) {
            Tally memory tally = tallies[i];
            if (tally.size[LONG] == ZERO_SIZE && tally.size[SHORT] == ZERO_SIZE) continue;
            Size net = tally.size[LONG] - tally.size[SHORT];
            bool free = tally.haircut[LONG] == ZERO_USD && tally.haircut[SHORT] == ZERO_USD;
            if (free && mayTake && _takeOver(taker, books, i, net)) {
                emit TakenOver(books[i].id, takerId, Size.unwrap(net), books[i].mark.raw());
            } else {
                _closeSides(books[i], tally);
            }
        }
        if (mayTake) _save(taker, books);
    }

    /// @return taken Whether the taker could bear it; otherwise nothing has changed.
    function _takeOver(
        Portfolio memory taker,
        Book[] memory books,
        uint256 i,
        Size net
    ) private pure returns (bool taken) {
        Book memory book = books[i];
        Holding memory held = taker.holdings[i];
        (int256 shares, int256 paidValue, Usd owed, bool changed) = (
            held.shares,
            held.paidValue,
            held.owed,
            held.changed
        );
        (uint256 longShares, uint256 shortShares) = (book.shares[LONG], book.shares[SHORT]);
        MarketSet markets = taker.markets;

        taker.move(book, i, net);
        if (_bears(taker, books)) return true;
        (held.shares, held.paidValue, held.owed, held.changed) = (shares, paidValue, owed, changed);
        (book.shares[LONG], book.shares[SHORT]) = (longShares, shortShares);
        taker.markets = markets;
    }

    function _bears(Portfolio memory taker, Book[] memory books) private pure returns (bool) {
        for (uint256 i; i < books.length; ++i) {
            if (taker.hasPosition(i) && !books[i].fresh) return false;
        }
        return taker.markets.count() <= MAX_MARKETS_PER_ACCOUNT && taker.health(books).covers();
    }

    function _closeSides(Book memory book, Tally memory tally) private {
        for (uint256 side = LONG; side <= SHORT; ++side) {
            // What was left behind on the other side, as far as this side goes.
            Size closed = tally.size[1 - side].min(book.sideSize(side));
            if (closed > ZERO_SIZE) book.closeSide(side, closed);
            if (closed > ZERO_SIZE || tally.haircut[side] > ZERO_USD) {
                emit SideScaled(
                    book.id,
                    side == LONG,
                    book.base[side],
                    book.cash[side],
                    tally.haircut[side].toUint(),
                    uint256(Size.unwrap(closed))
                );
            }
        }
        bool sideIsGone = book.sideSize(LONG) == ZERO_SIZE || book.sideSize(SHORT) == ZERO_SIZE;
        // A side that was empty all along has nothing to end; A stays what it was.
        if (book.shares[LONG] | book.shares[SHORT] != 0) _renew(book, sideIsGone);
    }
}

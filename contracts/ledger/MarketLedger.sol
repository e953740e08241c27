// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Errors} from "../interfaces/Errors.sol";
import {Events} from "../interfaces/Events.sol";
import {FundingRate} from "../logic/FundingRate.sol";
import {Narrow} from "../math/Narrow.sol";
import {Book} from "../types/Book.sol";
import {ALL_CLOSED, EndedGeneration, HaircutLimit, MarketState} from "../types/MarketState.sol";
import {MAX_MARKETS, MarketSet} from "../types/MarketSet.sol";
import {Price} from "../types/Price.sol";
import {Side} from "../types/Side.sol";
import {usd} from "../types/Usd.sol";
import {Storage} from "./Storage.sol";

/// @notice Opens markets into memory for a call, at the newest mark that the oracle vouches for, and writes them back.
abstract contract MarketLedger is Storage, Events {
    using SlotDerivation for bytes32;
    using TransientSlot for *;
    using Narrow for *;

    /// @dev Transient: what the oracle said of a market in this transaction. It is asked once.
    bytes32 private constant ORACLE_ANSWERS = keccak256("zerofloor.oracle.answers");
    uint256 private constant NOT_ASKED = 0;
    uint256 private constant VOUCHED = 1;
    uint256 private constant REFUSED = 2;

    // ------------------------------------------------------------------ markets

    /// @dev Opens every market of `set` at the newest mark: asks the oracle, accepts what is newer, accrues funding. A market
    /// whose price is refused comes back at its last accepted mark, and not fresh.
    function _open(MarketSet set) internal returns (Book[] memory books) {
        books = _loadBooks(set);
        for (uint256 i; i < books.length; ++i) {
            Book memory book = books[i];
            if (FundingRate.accrue(book, block.timestamp)) {
                emit FundingAccrued(book.id, book.fundingIndex, FundingRate.faded(book.premium, book.premiumAge));
                _renew(book);
            }
            book.fresh = _refresh(book);
            book.revalue();
        }
    }

    /// @dev The same with the market that a call is about, and where that one stands among them.
    function _openFor(MarketSet set, uint8 market) internal returns (Book[] memory books, uint256 i) {
        require(market < MAX_MARKETS, Errors.UnknownMarket(market));
        books = _open(set.add(market));
        while (books[i].id != market) ++i;
        _requireFresh(books[i]);
    }

    /// @dev Opens every market of `set` as last written: for paths that must not need a price.
    function _openAsWritten(MarketSet set) internal view returns (Book[] memory books) {
        books = _loadBooks(set);
        for (uint256 i; i < books.length; ++i) books[i].revalue();
    }

    function _loadBooks(MarketSet set) private view returns (Book[] memory books) {
        books = new Book[](set.count());
        for (uint256 i; i < books.length; ++i) {
            uint8 market = set.first();
            set = set.remove(market);
            _loadBook(books[i], market);
        }
    }

    function _loadBook(Book memory book, uint8 market) private view {
        MarketState storage s = _markets[market];
        book.id = market;
        book.risk.trading = _risk[market].trading;
        (book.pool, book.shortfall, book.publishedAt) = (usd(s.pool), usd(s.shortfall), s.publishedAt);
        (Side memory long, Side memory short) = (book.long, book.short);
        (long.isLong, long.shares, long.base, long.cash) = (true, s.longShares, s.longBase, s.longCash);
        (short.shares, short.base, short.cash) = (s.shortShares, s.shortBase, s.shortCash);
        (book.generation, book.scale) = (s.generation, s.scale);
        (book.fundingIndex, book.mark) = (s.fundingIndex, Price.wrap(s.mark));
        (book.acceptedAt, book.day) = (s.acceptedAt, s.day);
        (book.high, book.fees) = (s.high, usd(s.fees));
        (book.premium, book.premiumAge, book.accruedAt) = (s.premium, s.premiumAge, s.accruedAt);
    }

    /// @dev What liquidating and deleveraging need besides.
    function _loadClosing(Book memory book) internal view {
        book.risk.closing = _risk[book.id].closing;
    }

    /// @dev Where nothing changed the store costs 100 gas a slot.
    function _store(Book memory book) internal {
        MarketState storage s = _markets[book.id];
        // Nobody can owe more than there is: a shortfall beyond the ledger's bound counts as that.
        uint256 shortfall = Math.min(book.shortfall.toUint(), type(uint112).max);
        (s.pool, s.shortfall, s.publishedAt) = (book.pool.toUint().toUint112(), uint112(shortfall), book.publishedAt);
        (s.longShares, s.shortShares, s.generation) = (
            book.long.shares.toUint112(),
            book.short.shares.toUint112(),
            book.generation
        );
        // A is at most one, marks are below their limit, the premium is clamped, its age at
        // most FADE. Fees that could not be swept for so long
        // that their bits run out stay in the pool as reserve.
        (s.longBase, s.longCash) = (uint128(book.long.base), book.long.cash.toInt128());
        (s.shortBase, s.shortCash) = (uint128(book.short.base), book.short.cash.toInt128());
        (s.fundingIndex, s.mark, s.acceptedAt, s.day) = (
            book.fundingIndex.toInt112(),
            uint96(book.mark.raw()),
            book.acceptedAt,
            book.day
        );
        (s.high, s.fees, s.premium, s.premiumAge, s.accruedAt) = (
            uint96(book.high),
            uint80(Math.min(book.fees.raw(), type(uint80).max)),
            int32(book.premium),
            uint16(book.premiumAge),
            book.accruedAt
        );
    }

    function _store(Book[] memory books) internal {
        for (uint256 i; i < books.length; ++i) _store(books[i]);
    }

    /// @dev The market that a call trades in: listed, and with a price that the oracle vouches for. Asks again only in order
    /// to pass the refusal on.
    function _requireFresh(Book memory book) internal view {
        if (book.fresh) return;
        require(book.risk.trading != 0, Errors.UnknownMarket(book.id));
        (uint256 price, uint256 publishedAt) = oracle.read(book.id);
        revert Errors.PriceRefused(book.id, price, publishedAt);
    }

    // ------------------------------------------------------------------ marks and funding

    /// @return Whether the oracle vouches for `book.mark`, after taking a newer one from it where there is one.
    function _refresh(Book memory book) private returns (bool) {
        TransientSlot.Uint256Slot answer = ORACLE_ANSWERS.offset(book.id).asUint256();
        uint256 known = answer.tload();
        if (known == NOT_ASKED) {
            known = book.acceptedAt == block.timestamp || _ask(book) ? VOUCHED : REFUSED;
            answer.tstore(known);
        }
        return known == VOUCHED;
    }

    /// @dev An oracle that runs out of the caller's gas counts as refusing; what is left then is 1/64, too little for any
    /// call to go on with.
    function _ask(Book memory book) private returns (bool) {
        if (book.risk.trading == 0) return false;
        try oracle.read(book.id) returns (uint256 price, uint256 publishedAt) {
            if (price >= book.priceLimit() || publishedAt < book.publishedAt) return false;
            if (publishedAt > book.publishedAt) {
                _raiseHigh(book, price);
                book.mark = Price.wrap(price);
                book.publishedAt = uint32(publishedAt);
                book.acceptedAt = uint32(block.timestamp);
                emit MarkAccepted(book.id, price, publishedAt);
            }
            return true;
        } catch {
            return false;
        }
    }

    /// @dev The highest marks in force on this day and on the last one before it that had a new one.
    function _raiseHigh(Book memory book, uint256 price) private {
        uint16 today = uint16(block.timestamp / 1 days);
        if (today != book.day) {
            _haircutLimits[book.id].previousHigh = uint96(book.high);
            // The day begins with the mark that was in force.
            (book.day, book.high) = (today, book.mark.raw());
        }
        book.high = Math.max(book.high, price);
    }

    /// @dev Writes down how a generation ended, where it did.
    function _renew(Book memory book) internal {
        (bool ended, EndedGeneration memory end) = book.renew();
        if (!ended) return;
        HaircutLimit storage limit = _haircutLimits[book.id];
        if (end.longShift == ALL_CLOSED) {
            // Nobody is left who has been charged under this mark.
            limit.markAcceptedAt = 0;
        } else {
            // A share stands for more by the shift, and may be charged more by the shift.
            limit.longLeft = _shifted(limit.longLeft, end.longShift);
            limit.shortLeft = _shifted(limit.shortLeft, end.shortShift);
        }
        _ended[book.id][book.generation - 1] = end;
        emit GenerationEnded(
            book.id,
            book.generation - 1,
            end.longValue,
            end.shortValue,
            end.longShift,
            end.shortShift
        );
    }

    /// @dev At most what a share of A = 1 may be charged under any mark, which is enough for any.
    function _shifted(uint256 left, uint8 shift) private pure returns (uint104) {
        return uint104(Math.min(left << shift, type(uint104).max));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Errors} from "../interfaces/Errors.sol";
import {Events} from "../interfaces/Events.sol";
import {FundingRate} from "../logic/FundingRate.sol";
import {MarkRange} from "../logic/MarkRange.sol";
import {Narrow} from "../math/Narrow.sol";
import {Book, RESOLUTION_PERIOD} from "../types/Book.sol";
import {
    ALL_CLOSED,
    EndedGeneration,
    HaircutLimit,
    JUMPED,
    LONG_COUNTS,
    MarketState,
    SHORTFALL_COUNTS,
    SHORT_COUNTS,
    VOLATILITY_SHIFT
} from "../types/MarketState.sol";
import {MAX_MARKETS, MarketSet} from "../types/MarketSet.sol";
import {Price} from "../types/Price.sol";
import {MarketStatus} from "../types/RiskParameters.sol";
import {ONE_BASE, Side} from "../types/Side.sol";
import {usd} from "../types/Usd.sol";
import {Storage} from "./Storage.sol";

/// @notice Opens markets into memory for a call, at the newest mark that the oracle vouches for, and writes them back.
abstract contract MarketLedger is Storage, Events {
    using SlotDerivation for bytes32;
    using TransientSlot for *;
    using Narrow for *;

    /// @dev Of the oracle's answers.
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
                emit FundingAccrued(book.id, book.fundingIndex, book.premium);
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
        (book.pool, book.fees, book.scale) = (usd(s.pool), usd(s.fees), s.scale);
        (book.acceptedAt, book.publishedAt) = (s.acceptedAt, uint256(s.acceptedAt) - s.publishLag);
        (book.fundingIndex, book.mark) = (s.fundingIndex, Price.wrap(s.mark));
        (book.premium, book.accruedAt, book.generation) = (s.premium, s.accruedAt, s.generation);
        (Side memory long, Side memory short) = (book.long, book.short);
        (long.isLong, long.shares, short.shares) = (true, s.longShares, s.shortShares);
        (long.base, short.base) = (ONE_BASE, ONE_BASE);
        uint256 flags = s.flags;
        (book.jumped, book.volatility) = (flags & JUMPED != 0, flags >> VOLATILITY_SHIFT);
        if (flags & LONG_COUNTS != 0) (long.base, long.cash) = (s.longBase, s.longCash);
        if (flags & SHORT_COUNTS != 0) (short.base, short.cash) = (s.shortBase, s.shortCash);
        if (flags & SHORTFALL_COUNTS != 0) (book.shortfall, book.payout) = (usd(s.shortfall), s.payout);
    }

    /// @dev What liquidating and deleveraging need besides.
    function _loadClosing(Book memory book) internal view {
        book.risk.closing = _risk[book.id].closing;
    }

    /// @dev Marks are below their limit and the premium is clamped. Fees that could not be swept for so long that their bits
    /// run out stay in the pool as reserve.
    function _store(Book memory book) internal {
        MarketState storage s = _markets[book.id];
        (Side memory long, Side memory short) = (book.long, book.short);
        uint256 flags =
            (long.isWhole() ? 0 : LONG_COUNTS) |
                (short.isWhole() ? 0 : SHORT_COUNTS) |
                (book.shortfall.raw() | book.payout == 0 ? 0 : SHORTFALL_COUNTS) |
                (book.jumped ? JUMPED : 0) |
                (book.volatility << VOLATILITY_SHIFT);
        s.write(
            0,
            book.pool.toUint().toUint112() |
                (Math.min(book.fees.raw(), type(uint72).max) << 112) |
                (book.acceptedAt << 184) |
                ((book.acceptedAt - book.publishedAt) << 216) |
                (book.scale << 240) |
                (flags << 248)
        );
        s.write(1, long.shares.toUint112() | (uint256(short.shares.toUint112()) << 112) | (book.accruedAt << 224));
        s.write(
            2,
            Narrow.bits112(book.fundingIndex) |
                (book.mark.raw() << 112) |
                (uint256(uint24(int24(book.premium))) << 208) |
                (uint256(book.generation) << 232)
        );
        if (flags & LONG_COUNTS != 0) s.write(3, _sideWord(long));
        if (flags & SHORT_COUNTS != 0) s.write(4, _sideWord(short));
        // Nobody can owe more than there is: a shortfall beyond the ledger's bound counts as that.
        if (flags & SHORTFALL_COUNTS != 0) {
            s.write(6, Math.min(book.shortfall.toUint(), type(uint112).max) | (book.payout << 112));
        }
    }

    /// @dev A is at most one.
    function _sideWord(Side memory side) private pure returns (uint256) {
        return side.base | (uint256(uint128(side.cash.toInt128())) << 128);
    }

    function _store(Book[] memory books) internal {
        for (uint256 i; i < books.length; ++i) _store(books[i]);
    }

    /// @dev The market that a call trades in: listed, and with a price that the oracle vouches for. Asks again only in order
    /// to pass the refusal on.
    function _requireFresh(Book memory book) internal view {
        if (book.fresh) return;
        require(book.risk.trading != 0, Errors.UnknownMarket(book.id));
        (bool answers, uint256 price, uint256 publishedAt) = _read(book);
        if (!answers) LowLevelCall.bubbleRevert();
        revert Errors.PriceRefused(book.id, price, publishedAt);
    }

    // ------------------------------------------------------------------ marks and funding

    /// @return Whether the oracle vouches for `book.mark`, after taking a newer one from it where there is one.
    function _refresh(Book memory book) private returns (bool) {
        if (book.risk.status() == MarketStatus.Settled) return _isOver(book);
        TransientSlot.Uint256Slot answer = ORACLE_ANSWERS.offset(book.id).asUint256();
        uint256 known = answer.tload();
        if (known == NOT_ASKED) {
            known = book.acceptedAt == block.timestamp || _ask(book) ? VOUCHED : REFUSED;
            answer.tstore(known);
        }
        return known == VOUCHED;
    }

    /// @dev An ended market needs no oracle. Once its losses have had their time to be collected, it is wound up.
    function _isOver(Book memory book) private returns (bool) {
        if (book.waits() && block.timestamp >= book.acceptedAt + RESOLUTION_PERIOD) {
            book.windUp();
            _renew(book);
            emit MarketWoundUp(book.id, book.payout);
        }
        return true;
    }

    /// @dev An oracle that runs out of the caller's gas counts as refusing; what is left then is 1/64, too little for any
    /// call to go on with.
    function _ask(Book memory book) private returns (bool) {
        if (book.risk.trading == 0) return false;
        (bool answers, uint256 price, uint256 publishedAt) = _read(book);
        // Where it refuses, the numbers are whatever it refused with.
        if (!answers || price >= book.priceLimit() || publishedAt < book.publishedAt) return false;
        // The lag has 24 bits: more than any age that an oracle lets pass.
        if (publishedAt + type(uint24).max < block.timestamp) return false;
        if (publishedAt > book.publishedAt) {
            _observe(book, price);
            (book.mark, book.publishedAt, book.acceptedAt) = (Price.wrap(price), publishedAt, block.timestamp);
            emit MarkAccepted(book.id, price, publishedAt);
        }
        return true;
    }

    /// @dev Where the oracle refuses, its reason is what the call has returned.
    function _read(Book memory book) private view returns (bool answers, uint256 price, uint256 publishedAt) {
        bytes32 first;
        bytes32 second;
        (answers, first, second) = LowLevelCall.staticcallReturn64Bytes(
            address(oracle),
            abi.encodeCall(oracle.read, (book.id, book.mark.raw(), book.acceptedAt))
        );
        (price, publishedAt) = (uint256(first), uint256(second));
    }

    function _observe(Book memory book, uint256 price) private {
        MarketState storage s = _markets[book.id];
        MarkRange.Extremes memory seen = MarkRange.Extremes(s.high, s.previousHigh, s.low);
        MarkRange.observe(book, seen, price, block.timestamp);
        s.write(5, seen.high | (seen.previousHigh << 96) | (seen.low << 192));
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

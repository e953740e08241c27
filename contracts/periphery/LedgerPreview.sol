// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../interfaces/Errors.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {FundingRate} from "../logic/FundingRate.sol";
import {MarkRange} from "../logic/MarkRange.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book, RESOLUTION_PERIOD} from "../types/Book.sol";
import {EndedGeneration, JUMPED, MarketState, VOLATILITY_SHIFT} from "../types/MarketState.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Position} from "../types/Position.sol";
import {Price} from "../types/Price.sol";
import {MarketStatus, PackedRisk} from "../types/RiskParameters.sol";
import {Side} from "../types/Side.sol";
import {Usd, ZERO_USD, usd} from "../types/Usd.sol";
import {HouseStorage} from "./HouseStorage.sol";

/// @notice Opens markets and accounts into memory exactly as a call of the clearing house would in this block, and writes
/// nothing: the reading half of `ledger/`, from outside.
abstract contract LedgerPreview {
    IClearingHouse internal immutable _house;
    IPriceOracle internal immutable _oracle;

    /// @dev Markets opened together, in the order of their numbers.
    struct Opened {
        Book[] books;
        /// @dev How the written generation ends, where accruing funding has just ended it: nothing of it is stored yet.
        EndedGeneration[] ends;
        /// @dev The generations as written.
        uint24[] written;
    }

    constructor(IClearingHouse house_) {
        _house = house_;
        _oracle = house_.oracle();
    }

    // ------------------------------------------------------------------ markets

    /// @dev Every market of `set` at the newest mark.
    function _open(MarketSet set) internal view returns (Opened memory opened) {
        uint256 count = set.count();
        opened.books = new Book[](count);
        opened.ends = new EndedGeneration[](count);
        opened.written = new uint24[](count);
        for (uint256 i; i < count; ++i) {
            uint8 market = set.first();
            set = set.remove(market);
            Book memory book = opened.books[i];
            _loadBook(book, market);
            opened.written[i] = book.generation;
            // An ended market has no funding: at most one of the two ends a generation.
            if (FundingRate.accrue(book, block.timestamp)) (, opened.ends[i]) = book.renew();
            if (book.waits() && block.timestamp >= book.acceptedAt + RESOLUTION_PERIOD) {
                book.windUp();
                (, opened.ends[i]) = book.renew();
            }
            book.fresh = _refresh(book);
            book.revalue();
        }
    }

    function _loadBook(Book memory book, uint8 market) private view {
        (MarketState memory s, PackedRisk memory risk) = HouseStorage.loadMarket(_house, market);
        (book.jumped, book.volatility) = (s.flags & JUMPED != 0, s.flags >> VOLATILITY_SHIFT);
        book.payout = s.payout;
        (book.id, book.risk) = (market, risk);
        (book.pool, book.shortfall, book.fees) = (usd(s.pool), usd(s.shortfall), usd(s.fees));
        book.long = Side({isLong: true, shares: s.longShares, base: s.longBase, cash: s.longCash, worth: 0});
        book.short = Side({isLong: false, shares: s.shortShares, base: s.shortBase, cash: s.shortCash, worth: 0});
        (book.generation, book.scale, book.mark) = (s.generation, s.scale, Price.wrap(s.mark));
        (book.acceptedAt, book.publishedAt) = (s.acceptedAt, uint256(s.acceptedAt) - s.publishLag);
        (book.fundingIndex, book.premium, book.accruedAt) = (s.fundingIndex, s.premium, s.accruedAt);
    }

    /// @return Whether the oracle vouches for `book.mark`, after taking a newer one from it where there is one.
    function _refresh(Book memory book) private view returns (bool) {
        if (book.acceptedAt == block.timestamp || book.risk.status() == MarketStatus.Settled) return true;
        if (book.risk.trading == 0) return false;
        try _oracle.read(book.id, book.mark.raw(), book.acceptedAt) returns (
            uint256 price,
            uint256 publishedAt,
            uint256
        ) {
            bool tooOld = publishedAt < book.publishedAt || publishedAt + type(uint24).max < block.timestamp;
            if (tooOld || price >= book.priceLimit()) return false;
            if (publishedAt > book.publishedAt) _accept(book, price, publishedAt);
            return true;
        } catch {
            return false;
        }
    }

    function _accept(Book memory book, uint256 price, uint256 publishedAt) private view {
        (MarketState memory s, ) = HouseStorage.loadMarket(_house, book.id);
        MarkRange.Extremes memory seen = MarkRange.Extremes(s.high, s.previousHigh, s.low);
        MarkRange.observe(book, seen, price, block.timestamp);
        (book.mark, book.publishedAt, book.acceptedAt) = (Price.wrap(price), publishedAt, block.timestamp);
    }

    /// @dev The refusal that the clearing house would answer with where a market has no price.
    function _requireFresh(Book memory book) internal view {
        if (book.fresh) return;
        require(book.risk.trading != 0, Errors.UnknownMarket(book.id));
        (uint256 price, uint256 publishedAt, ) = _oracle.read(book.id, book.mark.raw(), book.acceptedAt);
        revert Errors.PriceRefused(book.id, price, publishedAt);
    }

    // ------------------------------------------------------------------ accounts

    function _newPortfolio(uint256 markets) internal pure returns (Portfolio memory account) {
        account.holdings = new Holding[](markets);
    }

    /// @dev Opens an account beside markets that include every one it is in, into a portfolio that may have been used before.
    function _load(Portfolio memory account, AccountId id, Opened memory opened) internal view {
        account.id = id;
        uint256 collateral;
        (collateral, account.markets) = _house.accountOf(id);
        account.collateral = Usd.wrap(int256(collateral));
        for (uint256 i; i < opened.books.length; ++i) {
            Holding memory held = account.holdings[i];
            if (account.markets.contains(opened.books[i].id)) _loadHolding(held, id, opened, i);
            else (held.shares, held.owed, held.changed) = (0, ZERO_USD, false);
        }
    }

    function _loadHolding(Holding memory held, AccountId id, Opened memory opened, uint256 i) private view {
        Book memory book = opened.books[i];
        Position memory stored = HouseStorage.loadPosition(_house, id, book.id);
        held.open(stored.shares, stored.paidValue, stored.hasOwed ? stored.owed : int256(0));
        for (uint256 g = stored.generation; g < book.generation && held.shares != 0; ++g) {
            EndedGeneration memory end =
                g < opened.written[i] ? HouseStorage.loadEndedGeneration(_house, book.id, g) : opened.ends[i];
            if (held.isLong) held.walk(book, end.longValue, end.longShift);
            else held.walk(book, end.shortValue, end.shortShift);
        }
        if (book.payout != 0 && stored.generation < book.generation) held.cut(book.payout);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "../interfaces/Errors.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FundingRate} from "../logic/FundingRate.sol";
import {Health, healthOf} from "../logic/Health.sol";
import {Rounding} from "../math/Rounding.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book, ROUNDING_RESERVE} from "../types/Book.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Price, cashFloor} from "../types/Price.sol";
import {MAX_PRICE_BITS, MAX_SIDE_MONEY_BITS, MAX_SIDE_SHARES, MAX_SIDE_SIZE} from "../types/Ranges.sol";
import {MarketStatus, PPM} from "../types/RiskParameters.sol";
import {Size, ZERO_SIZE} from "../types/Size.sol";
import {Usd, ZERO_USD} from "../types/Usd.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice Fills: two accounts trade with each other at a price that a venue found.
abstract contract Trading is Ledger {
    /// @dev The most that a venue may add for itself, ppm: it bounds what a lying venue takes from whoever trusted it.
    uint256 internal constant MAX_VENUE_FEE = 10_000;
    /// @dev A fill sweeps fees beyond this itself.
    Usd internal constant SWEEP_ABOVE = Usd.wrap(1_000e18);

    /// @dev One party of a fill.
    struct Party {
        Portfolio account;
        /// @dev Its position in the market of the fill.
        Holding held;
        Size delta;
        Health before;
        Size sizeBefore;
        Size sizeAfter;
        bool increases;
        /// @dev Whether it came with losses that its collateral does not cover: then all of it is settled, never a market
        /// alone, because any credit pays unpaid losses first.
        bool indebted;
        Usd protocolFee;
        Usd venueFee;
    }

    /// @dev See {IClearingHouse-fill}.
    function fill(IClearingHouse.Fill calldata trade) external nonReentrant {
        _requireTrader(trade.buyer);
        _requireTrader(trade.seller);
        require(trade.buyer != trade.seller, Errors.SameAccount(trade.buyer));
        require(trade.size != 0, Errors.AmountIsZero());
        require(trade.size <= MAX_SIDE_SIZE, Errors.SizeOutOfRange(trade.size, MAX_SIDE_SIZE));

        (Book[] memory books, uint256 i) = _openFor(
            _accounts[trade.buyer].markets | _accounts[trade.seller].markets,
            trade.market
        );
        Book memory book = books[i];
        _requireCalm(book);
        _requireInBand(book, trade.price);

        Size size = Size.wrap(int256(trade.size));
        Party memory buyer;
        Party memory seller;
        _enter(buyer, trade.buyer, books, i, size);
        _enter(seller, trade.seller, books, i, -size);
        Size interest = book.openInterest();

        _trade(buyer, books, book, Price.wrap(trade.price));
        _trade(seller, books, book, Price.wrap(trade.price));
        _requireRoom(book, interest, size, Price.wrap(trade.price));

        // Losses first: what the one pays the other is paid out of the pool.
        _collectThenPay(buyer, seller, books, book);
        _chargeAndProve(buyer, books, book, trade.price, trade.buyerFee);
        _chargeAndProve(seller, books, book, trade.price, trade.sellerFee);

        Usd protocolFees = buyer.protocolFee + seller.protocolFee;
        Usd venueFees = buyer.venueFee + seller.venueFee;
        _takeFees(book, protocolFees);
        _save(buyer.account, books);
        _save(seller.account, books);
        _store(books);
        if (venueFees > ZERO_USD) _payVenue(trade.feeTo, venueFees);

        emit Filled(
            trade.market,
            trade.buyer,
            trade.seller,
            trade.size,
            trade.price,
            book.mark.raw(),
            Size.unwrap(buyer.sizeAfter),
            Size.unwrap(seller.sizeAfter),
            _accounts[trade.buyer].collateral,
            _accounts[trade.seller].collateral,
            (protocolFees + venueFees).raw()
        );
    }

    function _requireInBand(Book memory book, uint256 price) private pure {
        uint256 mark = book.mark.raw();
        uint256 distance = price > mark ? price - mark : mark - price;
        // Down: the band is never wider than its parameter.
        uint256 band = Rounding.mulDivDown(mark, book.risk.priceBand(), PPM);
        require(distance <= band, Errors.PriceOutOfBand(price, mark, band));
    }

    /// @dev Opens a party and makes it ready: no deficit behind it, and where it has unpaid losses, all of it settled.
    function _enter(Party memory party, AccountId id, Book[] memory books, uint256 i, Size delta) private view {
        (Portfolio memory account, Health memory before) = (party.account, party.before);
        account.holdings = new Holding[](books.length);
        _load(account, id, books);
        party.delta = delta;
        before.measure(account, books);
        require(!before.isDefault(), Errors.DeficitMustBeDeleveraged(id, (-before.equity).raw()));
        if (before.secured < ZERO_USD) {
            party.indebted = true;
            account.settle(books);
            before.measure(account, books);
        }
        party.held = account.holdings[i];
        party.sizeBefore = party.held.size(books[i]);
    }

    /// @dev Moves the size at mark and books the difference to the price as owed.
    function _trade(Party memory party, Book[] memory books, Book memory book, Price price) private pure {
        Holding memory held = party.held;
        held.move(book, party.delta);
        held.owed = held.owed + cashFloor(price, book.mark, party.delta);
        _requireMarketRoom(party.account, books, book.id);
        party.sizeAfter = held.size(book);
        // A flip through zero takes new risk, whatever it leaves.
        party.increases =
            party.sizeAfter.magnitude() > party.sizeBefore.magnitude() ||
            (party.sizeAfter != ZERO_SIZE && (party.sizeAfter > ZERO_SIZE) != (party.sizeBefore > ZERO_SIZE));
        _requireNoDust(party, book);
    }

    /// @dev Dust may always be closed, never opened: not by opening it and not by leaving it.
    function _requireNoDust(Party memory party, Book memory book) private pure {
        Usd minimum = Usd.wrap(int256(book.risk.minNotional()));
        Usd notional = book.mark.notionalDown(party.sizeAfter);
        if (party.sizeAfter == ZERO_SIZE || notional >= minimum) return;
        bool shrinksDust = !party.increases && book.mark.notionalDown(party.sizeBefore) < minimum;
        require(shrinksDust, Errors.PositionTooSmall(notional.raw(), minimum.raw()));
    }

    /// @dev What the market as a whole must allow: open interest that grows, the range of numbers, and the premium.
    function _requireRoom(Book memory book, Size before, Size size, Price price) private view {
        Size interest = book.openInterest();
        book.premium = FundingRate.afterFill(book.premium, price, book.mark, size, before, book.risk.maxFundingRate());
        // Without a premium the clock stood still.
        if (book.premium != 0) book.accruedAt = block.timestamp;
        if (interest <= before) return;
        bool open = book.risk.status() == MarketStatus.Active && !_isShort(book);
        require(open, Errors.MarketIsReduceOnly(book.id, uint256(Size.unwrap(interest)), uint256(Size.unwrap(before))));
        uint256 notional = book.mark.notionalUp(interest).raw();
        uint256 cap = Math.min(
            book.risk.openInterestCap(),
            insuranceFund.openInterestLimit(book.id, _accounts[fundAccount].collateral)
        );
        require(notional <= cap, Errors.OpenInterestAboveCap(book.id, notional, cap));
        // The maximum price is at most 2^MAX_PRICE_BITS in value units, so this is what 2^MAX_SIDE_MONEY_BITS of money is.
        uint256 limit = _sideLimit(book);
        bool inRange =
            uint256(Size.unwrap(interest)) <= limit && Math.max(book.long.shares, book.short.shares) < MAX_SIDE_SHARES;
        require(inRange, Errors.SizeOutOfRange(uint256(Size.unwrap(interest)), limit));
    }

    function _sideLimit(Book memory book) private pure returns (uint256) {
        return Math.min((book.valueUnit() << MAX_SIDE_MONEY_BITS) >> MAX_PRICE_BITS, MAX_SIDE_SIZE);
    }

    /// @dev A market with a shortfall above its threshold, and above what rounding alone may leave, is reduce-only until
    /// that is repaid.
    function _isShort(Book memory book) private pure returns (bool) {
        Usd limit = Usd.wrap(int256(book.risk.openInterestCap())).partDown(book.risk.shortfallLimit());
        return book.shortfall > limit.max(ROUNDING_RESERVE);
    }

    function _collectThenPay(Party memory a, Party memory b, Book[] memory books, Book memory book) private pure {
        if (a.held.unsettled(book) < ZERO_USD) _settle(a, books, book);
        _settle(b, books, book);
        _settle(a, books, book);
    }

    function _settle(Party memory party, Book[] memory books, Book memory book) private pure {
        if (party.indebted) party.account.settle(books);
        else party.account.settleMarket(book, party.held);
    }

    /// @dev Charges the fees and proves the party healthy.
    function _chargeAndProve(
        Party memory party,
        Book[] memory books,
        Book memory book,
        uint256 price,
        uint256 venueRate
    ) private {
        require(venueRate <= MAX_VENUE_FEE, Errors.FeeAboveMaximum(venueRate, MAX_VENUE_FEE));
        Portfolio memory account = party.account;
        Health memory health = healthOf(account, books);
        Usd notional = Price.wrap(price).notionalUp(party.delta);
        // Up: the party bears the fraction.
        party.protocolFee = notional.partUp(book.risk.tradeFee());
        party.venueFee = notional.partUp(venueRate);

        bool pending = _isPending(account.id);
        Usd closedMargin;
        // A pending account is asked for more at the end of its batch, and pays its fees in full.
        bool reduces = !party.increases && !pending;
        if (reduces) {
            closedMargin = book.mark.notionalDown(party.delta).partDown(book.risk.maintenanceMargin());
            Usd allowance = health.feeAllowance(party.before, closedMargin);
            party.protocolFee = party.protocolFee.min(allowance);
            party.venueFee = party.venueFee.min(allowance - party.protocolFee);
        }
        Usd fees = party.protocolFee + party.venueFee;
        require(fees <= account.collateral, Errors.InsufficientCollateral(account.collateral.raw(), fees.raw()));
        account.collateral = account.collateral - fees;
        health.minus(fees);

        _requireNoUnpaidLoss(account.id, health.secured, party.before.secured);
        if (party.increases) return _requireMargin(account, books, health.secured);
        require(
            !reduces || health.keepsPromise(party.before, closedMargin),
            Errors.HealthWouldFall(account.id, Usd.unwrap(health.equity), health.maintenanceMargin.raw())
        );
    }

    /// @dev Fees stay in the pool until somebody sweeps them: a fill writes no account but the parties'.
    function _takeFees(Book memory book, Usd fees) private {
        book.fees = book.fees + fees;
        book.pool = book.pool + fees;
        if (book.fees > SWEEP_ABOVE) _earn(book, ZERO_USD);
    }

    function _payVenue(AccountId to, Usd fees) private {
        require(to.owner() != address(0), Errors.ZeroAddress());
        _credit(to, fees);
    }
}

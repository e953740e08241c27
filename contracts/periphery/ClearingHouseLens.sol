// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "../interfaces/Errors.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IClearingHouseLens} from "../interfaces/IClearingHouseLens.sol";
import {ICollateralVault} from "../interfaces/ICollateralVault.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {Health, healthOf} from "../logic/Health.sol";
import {InitialMargin} from "../logic/InitialMargin.sol";
import {LiquidationTerms} from "../logic/LiquidationTerms.sol";
import {MarkRange} from "../logic/MarkRange.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book, RESOLUTION_PERIOD, ROUNDING_RESERVE} from "../types/Book.sol";
import {EndedGeneration, HaircutLimit, MarketState} from "../types/MarketState.sol";
import {MAX_MARKETS, MarketSet} from "../types/MarketSet.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Position} from "../types/Position.sol";
import {MAX_SIDE_SIZE} from "../types/Ranges.sol";
import {MarketStatus, PPM, RiskParameters} from "../types/RiskParameters.sol";
import {Size, ZERO_SIZE} from "../types/Size.sol";
import {Usd} from "../types/Usd.sol";
import {HouseStorage} from "./HouseStorage.sol";
import {LedgerPreview} from "./LedgerPreview.sol";
import {TriggerPrice} from "./TriggerPrice.sol";

/// @title What the clearing house's numbers mean
/// @notice Puts opened books and accounts into words. Owns no state; where things are stored is `HouseStorage`'s matter, how
/// they come up to date `LedgerPreview`'s, what follows from them that of `logic/`.
contract ClearingHouseLens is LedgerPreview, IClearingHouseLens {
    ICollateralVault private immutable _vault;
    IInsuranceFund private immutable _fund;
    AccountId private immutable _fundAccount;
    /// @dev One token unit in 18-decimal money.
    uint256 private immutable _tokenUnit;

    constructor(IClearingHouse house_) LedgerPreview(house_) {
        _vault = house_.vault();
        (_fund, _fundAccount) = (house_.insuranceFund(), house_.fundAccount());
        _tokenUnit = house_.vault().unit();
    }

    // ------------------------------------------------------------------ accounts

    /// @inheritdoc IClearingHouseLens
    function accountHealth(AccountId account) external view returns (AccountHealth memory) {
        (, MarketSet markets) = _house.accountOf(account);
        Opened memory opened = _open(markets);
        Portfolio memory portfolio = _newPortfolio(opened.books.length);
        _load(portfolio, account, opened);
        return _describe(portfolio, opened.books);
    }

    /// @inheritdoc IClearingHouseLens
    function healths(AccountId[] calldata accounts) external view returns (AccountHealth[] memory found) {
        Opened memory opened = _open(_marketsOf(accounts));
        Portfolio memory portfolio = _newPortfolio(opened.books.length);
        found = new AccountHealth[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            _load(portfolio, accounts[i], opened);
            found[i] = _describe(portfolio, opened.books);
        }
    }

    /// @inheritdoc IClearingHouseLens
    function standings(AccountId[] calldata accounts) external view returns (Standing[] memory found) {
        Opened memory opened = _open(_marketsOf(accounts));
        Portfolio memory portfolio = _newPortfolio(opened.books.length);
        found = new Standing[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            _load(portfolio, accounts[i], opened);
            found[i] = _standing(portfolio, opened.books, healthOf(portfolio, opened.books));
        }
    }

    function _marketsOf(AccountId[] calldata accounts) private view returns (MarketSet all) {
        for (uint256 i; i < accounts.length; ++i) {
            (, MarketSet markets) = _house.accountOf(accounts[i]);
            all = all | markets;
        }
    }

    function _describe(
        Portfolio memory portfolio,
        Book[] memory books
    ) private view returns (AccountHealth memory found) {
        Health memory health = healthOf(portfolio, books);
        found.account = portfolio.id;
        found.standing = _standing(portfolio, books, health);
        found.fresh = _isFresh(portfolio, books);
        found.collateral = portfolio.collateral.toUint();
        found.unsettled = Usd.unwrap(health.equity - portfolio.collateral);
        (found.equity, found.secured) = (Usd.unwrap(health.equity), Usd.unwrap(health.secured));
        Usd required = InitialMargin.requiredUp(portfolio, books);
        found.initialMargin = required.toUint();
        found.maintenanceMargin = health.maintenanceMargin.toUint();
        if (!found.fresh || !_isCalm(portfolio, books)) return found;
        uint256 free = (health.secured - required).min(portfolio.collateral).positivePart().toUint();
        // Down: a fraction of a token unit cannot leave.
        found.freeCollateral = free - (free % _tokenUnit);
    }

    function _isFresh(Portfolio memory portfolio, Book[] memory books) private pure returns (bool) {
        for (uint256 i; i < books.length; ++i) {
            if (portfolio.holdings[i].shares != 0 && !books[i].fresh) return false;
        }
        return true;
    }

    function _isCalm(Portfolio memory portfolio, Book[] memory books) private view returns (bool) {
        for (uint256 i; i < books.length; ++i) {
            if (portfolio.holdings[i].shares != 0 && !_isCalm(books[i])) return false;
        }
        return true;
    }

    function _isCalm(Book memory book) private view returns (bool) {
        return !book.jumped || book.acceptedAt != block.timestamp;
    }

    function _standing(
        Portfolio memory portfolio,
        Book[] memory books,
        Health memory health
    ) private pure returns (Standing) {
        if (health.isDefault()) return _isResolvable(portfolio, books) ? Standing.InDefault : Standing.Waiting;
        if (!health.isLiquidatable()) return Standing.Healthy;
        for (uint256 i; i < books.length; ++i) {
            if (books[i].fresh && portfolio.holdings[i].size(books[i]) != ZERO_SIZE) return Standing.Liquidatable;
        }
        return Standing.Waiting;
    }

    /// @dev As `deleverage` decides it: a position in a market with a price, or none at all.
    function _isResolvable(Portfolio memory portfolio, Book[] memory books) private pure returns (bool) {
        bool waits;
        for (uint256 i; i < books.length; ++i) {
            if (portfolio.holdings[i].size(books[i]) == ZERO_SIZE) continue;
            if (books[i].fresh) return true;
            waits = true;
        }
        return !waits;
    }

    // ------------------------------------------------------------------ positions

    /// @inheritdoc IClearingHouseLens
    function positionsOf(AccountId account) external view returns (PositionHealth[] memory found) {
        (, MarketSet markets) = _house.accountOf(account);
        Opened memory opened = _open(markets);
        Portfolio memory portfolio = _newPortfolio(opened.books.length);
        _load(portfolio, account, opened);
        Health memory health = healthOf(portfolio, opened.books);
        found = new PositionHealth[](opened.books.length);
        for (uint256 i; i < found.length; ++i) {
            _describePosition(found[i], portfolio.holdings[i], opened.books[i], health);
        }
    }

    function _describePosition(
        PositionHealth memory found,
        Holding memory held,
        Book memory book,
        Health memory health
    ) private pure {
        Size size = held.size(book);
        Usd notional = book.mark.notionalUp(size);
        Usd unsettled = held.unsettled(book);
        (found.market, found.fresh, found.mark) = (book.id, book.fresh, book.mark.raw());
        (found.size, found.notional) = (Size.unwrap(size), notional.toUint());
        (found.unsettled, found.owed) = (Usd.unwrap(unsettled), Usd.unwrap(held.owed));
        if (size == ZERO_SIZE) return;
        TriggerPrice.Line memory line = TriggerPrice.Line({
            book: book,
            held: held,
            equity: health.equity - unsettled,
            margin: health.maintenanceMargin - notional.partUp(book.risk.maintenanceMargin()),
            limit: book.priceLimit()
        });
        found.liquidationPrice = TriggerPrice.ofLiquidation(line);
        found.bankruptcyPrice = TriggerPrice.ofBankruptcy(line);
    }

    // ------------------------------------------------------------------ liquidation

    /// @inheritdoc IClearingHouseLens
    function previewLiquidation(
        AccountId account,
        uint8 market,
        uint256 size
    ) external view returns (LiquidationPreview memory found) {
        require(size != 0, Errors.AmountIsZero());
        require(market < MAX_MARKETS, Errors.UnknownMarket(market));
        (, MarketSet markets) = _house.accountOf(account);
        Opened memory opened = _open(markets.add(market));
        uint256 i;
        while (opened.books[i].id != market) ++i;
        _requireFresh(opened.books[i]);
        Portfolio memory debtor = _newPortfolio(opened.books.length);
        _load(debtor, account, opened);

        LiquidationTerms.Terms memory terms = LiquidationTerms.settleAndAgree(debtor, opened.books, i, size);
        Usd fundFee = terms.fundFee.min(debtor.collateral);
        Usd inCollateral = terms.incentive.min(debtor.collateral - fundFee);
        found.size = uint256(Size.unwrap(terms.size));
        found.mark = opened.books[i].mark.raw();
        found.incentive = terms.incentive.toUint();
        found.claim = (terms.incentive - inCollateral).toUint();
        found.fundFee = fundFee.toUint();
    }

    // ------------------------------------------------------------------ markets

    /// @inheritdoc IClearingHouseLens
    function marketSummary(uint8 market) external view returns (MarketSummary memory) {
        require(market < _house.marketCount(), Errors.UnknownMarket(market));
        return _summarise(_open(MarketSet.wrap(0).add(market)).books[0]);
    }

    /// @inheritdoc IClearingHouseLens
    function marketSummaries() external view returns (MarketSummary[] memory found) {
        Book[] memory books = _open(_allMarkets()).books;
        found = new MarketSummary[](books.length);
        for (uint256 i; i < found.length; ++i) found[i] = _summarise(books[i]);
    }

    function _allMarkets() private view returns (MarketSet) {
        return MarketSet.wrap(uint128((uint256(1) << _house.marketCount()) - 1));
    }

    function _summarise(Book memory book) private view returns (MarketSummary memory found) {
        found.market = book.id;
        found.status = book.risk.status();
        Usd shortfallLimit = Usd.wrap(int256(book.risk.openInterestCap())).partDown(book.risk.shortfallLimit());
        found.reduceOnly = found.status != MarketStatus.Active || book.shortfall > shortfallLimit.max(ROUNDING_RESERVE);
        (found.fresh, found.mark, found.publishedAt) = (book.fresh, book.mark.raw(), book.publishedAt);
        found.generation = book.generation;
        found.longSize = uint256(Size.unwrap(book.long.size()));
        found.shortSize = uint256(Size.unwrap(book.short.size()));
        found.openInterest = book.mark.notionalUp(book.openInterest()).toUint();
        found.openInterestLimit = _openInterestLimit(book);
        found.initialMargin = InitialMargin.rateUp(book);
        found.volatility = (book.volatility * PPM) / MarkRange.STEPS_IN_WHOLE;
        found.calm = _isCalm(book);
        if (book.waits()) found.settlesAt = book.acceptedAt + RESOLUTION_PERIOD;
        (found.pool, found.shortfall) = (book.pool.toUint(), book.shortfall.toUint());
        found.fees = book.fees.toUint();
        (found.fundingIndex, found.scale) = (book.fundingIndex, book.scale);
        found.premium = book.premium;
    }

    /// @dev The lower of the parameter and what the insurance fund bears.
    function _openInterestLimit(Book memory book) private view returns (uint256) {
        (uint256 assets, ) = _house.accountOf(_fundAccount);
        return Math.min(book.risk.openInterestCap(), _fund.openInterestLimit(book.id, assets));
    }

    /// @inheritdoc IClearingHouseLens
    function initialMarginAfter(uint8 market, uint256 size) external view returns (uint256) {
        require(market < _house.marketCount(), Errors.UnknownMarket(market));
        require(size <= MAX_SIDE_SIZE, Errors.SizeOutOfRange(size, MAX_SIDE_SIZE));
        Book memory book = _open(MarketSet.wrap(0).add(market)).books[0];
        book.long.shares = book.long.sharesUp(book.openInterest() + Size.wrap(int256(size)));
        return InitialMargin.rateUp(book);
    }

    // ------------------------------------------------------------------ the balance sheet

    /// @inheritdoc IClearingHouseLens
    function balanceSheet() external view returns (BalanceSheet memory sheet) {
        sheet.markets = new MarketSheet[](_house.marketCount());
        for (uint256 i; i < sheet.markets.length; ++i) {
            (MarketState memory state, ) = HouseStorage.loadMarket(_house, uint8(i));
            sheet.markets[i] = MarketSheet({pool: state.pool, shortfall: state.shortfall, fees: state.fees});
            sheet.pools += state.pool;
            sheet.shortfalls += state.shortfall;
            sheet.fees += state.fees;
        }
        sheet.ledgerBalance = _vault.ledgerBalance();
        sheet.tokenBalance = IERC20(_vault.token()).balanceOf(address(_vault));
        sheet.ledger = sheet.ledgerBalance * _tokenUnit;
        sheet.collateral = sheet.ledger - sheet.pools;
        (sheet.fundAssets, ) = _house.accountOf(_fundAccount);
    }

    // ------------------------------------------------------------------ as written

    /// @inheritdoc IClearingHouseLens
    function positionOf(AccountId account, uint8 market) external view returns (Position memory) {
        return HouseStorage.loadPosition(_house, account, market);
    }

    /// @inheritdoc IClearingHouseLens
    function marketOf(uint8 market) external view returns (MarketState memory state) {
        (state, ) = HouseStorage.loadMarket(_house, market);
    }

    /// @inheritdoc IClearingHouseLens
    function haircutLimitOf(uint8 market) external view returns (HaircutLimit memory) {
        return HouseStorage.loadHaircutLimit(_house, market);
    }

    /// @inheritdoc IClearingHouseLens
    function endedGenerationOf(uint8 market, uint24 generation) external view returns (EndedGeneration memory) {
        return HouseStorage.loadEndedGeneration(_house, market, generation);
    }

    /// @inheritdoc IClearingHouseLens
    function riskParametersOf(uint8 market) external view returns (RiskParameters memory) {
        return _house.riskOf(market).unpack();
    }

    /// @inheritdoc IClearingHouseLens
    function house() external view returns (IClearingHouse) {
        return _house;
    }
}

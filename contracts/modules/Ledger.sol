// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CollateralVault} from "../CollateralVault.sol";
import {InsuranceFund} from "../InsuranceFund.sol";
import {MarketGovernor} from "../MarketGovernor.sol";
import {Errors} from "../interfaces/Errors.sol";
import {Events} from "../interfaces/Events.sol";
import {ICollateralVault} from "../interfaces/ICollateralVault.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {IMarketGovernor} from "../interfaces/IMarketGovernor.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {FundingRate} from "../logic/FundingRate.sol";
import {Health} from "../logic/Health.sol";
import {Courier} from "../periphery/Courier.sol";
import {AccountId, accountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {ALL_CLOSED, EndedGeneration, HaircutLimit, MarketState} from "../types/MarketState.sol";
import {MAX_MARKETS, MAX_MARKETS_PER_ACCOUNT, MarketSet} from "../types/MarketSet.sol";
import {Holding, Portfolio} from "../types/Portfolio.sol";
import {Position} from "../types/Position.sol";
import {Price} from "../types/Price.sol";
import {MAX_DRIFT, MAX_PRICE_BITS, MIN_SHIFT} from "../types/Ranges.sol";
import {Rights, TRADE} from "../types/Rights.sol";
import {PackedRisk} from "../types/RiskParameters.sol";
import {Side} from "../types/Side.sol";
import {Usd, ZERO_USD, usd} from "../types/Usd.sol";

/// @notice All storage of the clearing house, and the only code that reads or writes it. Opens markets and accounts into
/// memory for a call and writes them back; what happens to them in between is the modules' matter.
abstract contract Ledger is Events, ReentrancyGuardTransient {
    using SlotDerivation for bytes32;
    using TransientSlot for *;
    using SafeCast for *;

    /// @dev One slot: 128 + 128 bits.
    struct Account {
        uint128 collateral;
        MarketSet markets;
    }

    ICollateralVault public immutable vault;
    IInsuranceFund public immutable insuranceFund;
    IPriceOracle public immutable oracle;
    IMarketGovernor public immutable governor;
    /// @notice The ledger account that holds the insurance fund's assets.
    AccountId public immutable fundAccount;
    /// @dev Makes the calls of a batch.
    Courier internal immutable _courier = new Courier();
    /// @dev One token unit in 18-decimal money.
    uint256 internal immutable _tokenUnit;

    mapping(AccountId => Account) internal _accounts;
    mapping(AccountId => mapping(uint256 market => Position)) internal _positions;
    mapping(AccountId => mapping(address operator => Rights)) internal _rights;
    mapping(uint256 market => MarketState) internal _markets;
    mapping(uint256 market => PackedRisk) internal _risk;
    mapping(uint256 market => HaircutLimit) internal _haircutLimits;
    mapping(uint256 market => mapping(uint256 generation => EndedGeneration)) internal _ended;
    uint256 public marketCount;

    // ------------------------------------------------------------------ transient: gone with the transaction

    /// @dev Who runs the batch, zero outside of one.
    address internal transient _batcher;
    uint256 internal transient _pendingCount;
    /// @dev What the oracle said of a market in this transaction: it is asked once.
    bytes32 private constant ORACLE_ANSWERS = keccak256("zerofloor.oracle.answers");
    uint256 private constant NOT_ASKED = 0;
    uint256 private constant VOUCHED = 1;
    uint256 private constant REFUSED = 2;
    bytes32 internal constant PENDING_FLAGS = keccak256("zerofloor.pending.flags");
    bytes32 internal constant PENDING_LIST = keccak256("zerofloor.pending.list");

    /// @dev Vault, fund and governor are deployed with the house: there is no moment in which they are not wired.
    constructor(IERC20 token, IPriceOracle oracle_, address authority, uint256 fundCooldown, uint256 fundWindow) {
        CollateralVault vault_ = new CollateralVault(address(token));
        InsuranceFund fund = new InsuranceFund(vault_, authority, fundCooldown, fundWindow);
        vault = vault_;
        insuranceFund = fund;
        oracle = oracle_;
        governor = new MarketGovernor(authority);
        fundAccount = accountId(address(fund), 0);
        _tokenUnit = vault_.unit();
    }

    // ------------------------------------------------------------------ who

    /// @dev What the courier carries is the batcher's.
    function _caller() internal view returns (address) {
        return msg.sender == address(_courier) ? _batcher : msg.sender;
    }

    /// @notice Whether `actor` is the owner of an account or holds `rights` on it.
    function mayAct(AccountId account, address actor, Rights rights) public view returns (bool) {
        return account.owner() == actor || _rights[account][actor].includes(rights);
    }

    function _requireRight(AccountId account, Rights rights) internal view {
        address actor = _caller();
        require(mayAct(account, actor, rights), Errors.NotPermitted(account, actor, rights));
    }

    /// @dev An account that takes on a position: the caller may trade for it, and it is not the insurance fund's.
    function _requireTrader(AccountId account) internal view {
        require(account != fundAccount, Errors.FundAccountRefused());
        _requireRight(account, TRADE);
    }

    // ------------------------------------------------------------------ checks that a batch defers

    /// @dev New risk needs secured ≥ IM at accepted, fresh marks: now, or at the end of the batch of whoever trades for it.
    function _requireMargin(Portfolio memory account, Book[] memory books, Health memory health) internal {
        if (_batcher != address(0) && mayAct(account.id, _batcher, TRADE)) return _defer(account.id);
        _proveMargin(account, books, health);
    }

    function _proveMargin(Portfolio memory account, Book[] memory books, Health memory health) internal view {
        _requireFreshPositions(account, books);
        require(
            health.covers(),
            Errors.InsufficientMargin(account.id, Usd.unwrap(health.secured), health.initialMargin.raw())
        );
    }

    /// @dev Nothing may create or enlarge an unpaid loss. Not deferred: a batch could otherwise pay out what it never collects.
    function _requireNoUnpaidLoss(AccountId account, Usd secured, Usd securedBefore) internal pure {
        require(secured >= securedBefore.negativePart(), Errors.UnpaidLoss(account, (-secured).raw()));
    }

    function _defer(AccountId account) private {
        if (_isPending(account)) return;
        _pendingFlag(account).tstore(true);
        PENDING_LIST.offset(_pendingCount++).asBytes32().tstore(AccountId.unwrap(account));
    }

    function _isPending(AccountId account) internal view returns (bool) {
        return _pendingFlag(account).tload();
    }

    function _pendingFlag(AccountId account) internal pure returns (TransientSlot.BooleanSlot) {
        return PENDING_FLAGS.deriveMapping(AccountId.unwrap(account)).asBoolean();
    }

    // ------------------------------------------------------------------ markets

    /// @dev Opens every market of `set` at the newest mark: asks the oracle, accepts what is newer, accrues funding. A market
    /// whose price is refused comes back at its last accepted mark, and not fresh.
    function _open(MarketSet set) internal returns (Book[] memory books) {
        books = _loadBooks(set);
        for (uint256 i; i < books.length; ++i) {
            Book memory book = books[i];
            _accrue(book);
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
        (book.high, book.fees, book.premium, book.accruedAt) = (s.high, usd(s.fees), s.premium, s.accruedAt);
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
        // A is at most one, marks are below their limit, the premium is clamped. Fees that could not be swept for so long
        // that their bits run out stay in the pool as reserve.
        (s.longBase, s.longCash) = (uint128(book.long.base), book.long.cash.toInt128());
        (s.shortBase, s.shortCash) = (uint128(book.short.base), book.short.cash.toInt128());
        (s.fundingIndex, s.mark, s.acceptedAt, s.day) = (
            book.fundingIndex.toInt112(),
            uint96(book.mark.raw()),
            book.acceptedAt,
            book.day
        );
        (s.high, s.fees, s.premium, s.accruedAt) = (
            uint96(book.high),
            uint80(Math.min(book.fees.raw(), type(uint80).max)),
            int32(book.premium),
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
        revert Errors.PriceRefused(book.id, price, _priceLimit(book), publishedAt, book.publishedAt);
    }

    /// @dev Whether an account that may just have entered `market` is in no more than it may be.
    function _requireMarketRoom(Portfolio memory account, uint8 market) internal pure {
        if (account.markets.contains(market)) return;
        uint256 markets = account.markets.count() + 1;
        require(markets <= MAX_MARKETS_PER_ACCOUNT, Errors.TooManyMarkets(markets, MAX_MARKETS_PER_ACCOUNT));
    }

    function _requireFreshPositions(Portfolio memory account, Book[] memory books) internal view {
        for (uint256 i; i < books.length; ++i) {
            if (!books[i].fresh && account.holdings[i].shares != 0) _requireFresh(books[i]);
        }
    }

    // ------------------------------------------------------------------ marks and funding

    /// @dev Funding for the time since the last touch, at the mark that was in force. Without a premium there is none, and
    /// nothing to write.
    function _accrue(Book memory book) private {
        uint256 elapsed = block.timestamp - book.accruedAt;
        if (elapsed == 0) return;
        if (book.premium == 0) return;
        book.accruedAt = uint32(block.timestamp);
        book.fundingIndex += FundingRate.accrued(book.premium, elapsed, book.markValue());
        book.premium = FundingRate.faded(book.premium, elapsed);
        emit FundingAccrued(book.id, book.fundingIndex, book.premium);
        _renew(book);
    }

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
            if (price >= _priceLimit(book) || publishedAt < book.publishedAt) return false;
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

    /// @dev A price below this keeps a market's values in range.
    function _priceLimit(Book memory book) private pure returns (uint256) {
        return Math.min((1 << MAX_PRICE_BITS) >> book.scale, type(uint96).max);
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

    /// @dev Ends a market's generation where its numbers run short of range, or where nothing is left of a side: then both
    /// are closed, at mark.
    function _renew(Book memory book) internal {
        (uint8 longShift, uint8 shortShift) = (book.long.shift(), book.short.shift());
        HaircutLimit storage limit = _haircutLimits[book.id];
        if (longShift == ALL_CLOSED || shortShift == ALL_CLOSED) {
            (longShift, shortShift) = (ALL_CLOSED, ALL_CLOSED);
            // Nobody is left who has been charged under this mark.
            limit.markAcceptedAt = 0;
        } else {
            bool inRange = longShift < MIN_SHIFT && shortShift < MIN_SHIFT;
            if (inRange && !_drifted(book.fundingIndex) && !_drifted(book.long.cash) && !_drifted(book.short.cash))
                return;
            // A share stands for more by the shift, and may be charged more by the shift.
            limit.longLeft = _shifted(limit.longLeft, longShift);
            limit.shortLeft = _shifted(limit.shortLeft, shortShift);
        }
        book.revalue();
        (int256 longValue, int256 shortValue) = (book.long.worth, book.short.worth);
        _ended[book.id][book.generation] = EndedGeneration({
            longValue: longValue.toInt112(),
            shortValue: shortValue.toInt112(),
            longShift: longShift,
            shortShift: shortShift
        });
        emit GenerationEnded(book.id, book.generation, longValue, shortValue, longShift, shortShift);
        ++book.generation;
        book.fundingIndex = 0;
        book.long.rebase(longShift, book.distance());
        book.short.rebase(shortShift, book.distance());
        book.revalue();
    }

    /// @dev At most what a share of A = 1 may be charged under any mark, which is enough for any.
    function _shifted(uint256 left, uint8 shift) private pure returns (uint104) {
        return uint104(Math.min(left << shift, type(uint104).max));
    }

    function _drifted(int256 x) private pure returns (bool) {
        return x > MAX_DRIFT || x < -MAX_DRIFT;
    }

    // ------------------------------------------------------------------ accounts

    /// @dev Every market that any of `accounts` is in.
    function _marketsOf(AccountId[] calldata accounts) internal view returns (MarketSet set) {
        for (uint256 i; i < accounts.length; ++i) set = set | _accounts[accounts[i]].markets;
    }

    function _newPortfolio(uint256 markets) internal pure returns (Portfolio memory account) {
        account.holdings = new Holding[](markets);
    }

    /// @dev Opens an account beside `books`, which hold every market it is in, into a portfolio that may have been used
    /// before: memory is never freed, and a list may be long.
    function _load(Portfolio memory account, AccountId id, Book[] memory books) internal view {
        Account storage stored = _accounts[id];
        (account.id, account.collateral, account.markets) = (id, usd(stored.collateral), stored.markets);
        for (uint256 i; i < books.length; ++i) {
            (Book memory book, Holding memory held) = (books[i], account.holdings[i]);
            if (account.markets.contains(book.id)) {
                _loadHolding(held, _positions[id][book.id], book);
            } else {
                (held.shares, held.owed, held.changed) = (0, ZERO_USD, false);
            }
        }
    }

    function _load(AccountId id, Book[] memory books) internal view returns (Portfolio memory account) {
        account.holdings = new Holding[](books.length);
        _load(account, id, books);
    }

    function _loadHolding(Holding memory held, Position storage stored, Book memory book) private view {
        int256 shares = stored.shares;
        (held.isLong, held.shares) = shares < 0 ? (false, uint256(-shares)) : (true, uint256(shares));
        (held.paidValue, held.changed) = (stored.paidValue, false);
        held.owed = stored.hasOwed ? Usd.wrap(stored.owed) : ZERO_USD;
        for (uint256 g = stored.generation; g < book.generation && held.shares != 0; ++g) {
            _walk(held, _ended[book.id][g], book);
        }
    }

    /// @dev Takes a position through the end of a generation that it has slept through.
    function _walk(Holding memory held, EndedGeneration storage ended, Book memory book) private view {
        (int256 endValue, uint8 shift) = held.isLong
            ? (ended.longValue, ended.longShift)
            : (ended.shortValue, ended.shortShift);
        held.owed = held.owed + book.moneyFloor(held.shares, endValue - held.paidValue);
        held.paidValue = 0;
        held.shares = shift == ALL_CLOSED ? 0 : held.shares >> shift;
        held.changed = true;
    }

    /// @dev Writes an account. Must come before its books are stored: what has shrunk to no size leaves them here.
    function _save(Portfolio memory account, Book[] memory books) internal {
        for (uint256 i; i < books.length; ++i) {
            Holding memory held = account.holdings[i];
            if (!held.changed) continue;
            Book memory book = books[i];
            held.burnDust(book);
            // Less than one token unit either way is forgiven: the rounding reserve bears it.
            int256 owed = Usd.unwrap(held.owed);
            bool gone = held.shares == 0;
            if (gone && owed < int256(_tokenUnit) && owed > -int256(_tokenUnit)) {
                owed = 0;
                account.markets = account.markets.remove(book.id);
            } else {
                account.markets = account.markets.add(book.id);
            }
            Position storage stored = _positions[account.id][book.id];
            if (stored.hasOwed || owed != 0) stored.owed = owed;
            int112 shares = int256(held.shares).toInt112();
            (stored.shares, stored.paidValue, stored.generation, stored.hasOwed) = (
                held.isLong ? shares : -shares,
                gone ? int112(0) : held.paidValue.toInt112(),
                gone ? 0 : book.generation,
                owed != 0
            );
        }
        Account storage target = _accounts[account.id];
        (target.collateral, target.markets) = (account.collateral.toUint().toUint128(), account.markets);
    }

    /// @dev Adds to an account's collateral. Whoever has none may have unpaid losses, which are paid first; whoever has some
    /// has none, because settling ends with losses paid or a collateral of zero.
    function _credit(AccountId id, Usd amount) internal returns (Usd collateral) {
        Account storage stored = _accounts[id];
        if (stored.collateral != 0 || stored.markets.isEmpty()) {
            stored.collateral += amount.toUint().toUint128();
            return usd(stored.collateral);
        }
        Book[] memory books = _openAsWritten(stored.markets);
        Portfolio memory account = _load(id, books);
        account.collateral = account.collateral + amount;
        account.settle(books);
        _save(account, books);
        _store(books);
        return account.collateral;
    }

    /// @dev Money earned in a market, with the fees that its pool holds: its own shortfall first, then the insurance fund.
    function _earn(Book memory book, Usd amount) internal {
        Usd rest = book.repay(amount + book.sweep());
        if (rest > ZERO_USD) _accounts[fundAccount].collateral += rest.toUint().toUint128();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Errors} from "../interfaces/Errors.sol";
import {InitialMargin} from "../logic/InitialMargin.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {MAX_MARKETS_PER_ACCOUNT, MarketSet} from "../types/MarketSet.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {Rights, TRADE} from "../types/Rights.sol";
import {Usd} from "../types/Usd.sol";
import {AccountLedger} from "./AccountLedger.sol";

/// @notice What every module stands on: storage, markets and accounts opened for a call, and the checks that more than one
/// module makes.
abstract contract Ledger is AccountLedger, ReentrancyGuardTransient {
    using SlotDerivation for bytes32;
    using TransientSlot for *;

    function _reentrancyGuardStorageSlot() internal pure override returns (bytes32) {
        return GUARD;
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
    function _requireMargin(Portfolio memory account, Book[] memory books, Usd secured) internal {
        if (_batcher != address(0) && mayAct(account.id, _batcher, TRADE)) return _defer(account.id);
        _proveMargin(account, books, secured);
    }

    function _proveMargin(Portfolio memory account, Book[] memory books, Usd secured) internal view {
        _requireFreshPositions(account, books);
        Usd required = InitialMargin.requiredUp(account, books);
        require(secured >= required, Errors.InsufficientMargin(account.id, Usd.unwrap(secured), required.raw()));
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

    /// @dev Whether an account that may just have entered a market is in no more than it may be, and in no other one where
    /// one of them is for isolated positions only.
    function _requireMarketRoom(Portfolio memory account, Book[] memory books, uint8 market) internal pure {
        if (account.markets.contains(market)) return;
        MarketSet markets = account.markets.add(market);
        (uint256 count, uint256 limit) = (markets.count(), _marketLimit(markets, books));
        require(count <= limit, Errors.TooManyMarkets(count, limit));
    }

    function _marketLimit(MarketSet markets, Book[] memory books) internal pure returns (uint256) {
        for (uint256 i; i < books.length; ++i) {
            if (markets.contains(books[i].id) && books[i].risk.isolatedOnly()) return 1;
        }
        return MAX_MARKETS_PER_ACCOUNT;
    }

    /// @dev Who has read a price that moved further than the maintenance margin may not act on it before others can.
    function _requireCalm(Book memory book) internal view {
        require(!book.jumped || book.acceptedAt != block.timestamp, Errors.MarkJumped(book.id, book.mark.raw()));
    }

    function _requireFreshPositions(Portfolio memory account, Book[] memory books) internal view {
        for (uint256 i; i < books.length; ++i) {
            if (!books[i].fresh && account.holdings[i].shares != 0) _requireFresh(books[i]);
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Errors} from "../interfaces/Errors.sol";
import {Call, Courier} from "../periphery/Courier.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {Ledger} from "../ledger/Ledger.sol";

/// @notice Several calls in one transaction, with one margin check of the caller's own accounts at the end: so a keeper can
/// take a position over and sell it on in one breath, without inventory.
abstract contract Batching is Ledger {
    using SlotDerivation for bytes32;
    using TransientSlot for *;

    /// @dev See {IClearingHouse-batch}. No re-entrancy guard around the calls: each takes it for itself.
    function batch(Call[] calldata) external {
        require(_batcher == address(0), Errors.BatchInProgress());
        _batcher = msg.sender;
        // The arguments of `carry` are those of `batch`, to the byte: encoding them again would only cost.
        bytes memory arguments = bytes.concat(Courier.carry.selector, msg.data[4:]);
        if (!LowLevelCall.callNoReturn(address(_courier), arguments)) LowLevelCall.bubbleRevert();
        _batcher = address(0);
        _provePending();
    }

    /// @dev With nobody batching, the margin check that was deferred is the ordinary one. What is opened here needs no storing.
    /// Assumes that a check is deferred only by a call that has opened all markets of the account, and stored them as they
    /// are now: a price that was taken and not kept would leave the rest of the transaction with the old one.
    function _provePending() private nonReentrant {
        for (uint256 i; i < _pendingCount; ++i) {
            AccountId id = AccountId.wrap(PENDING_LIST.offset(i).asBytes32().tload());
            _pendingFlag(id).tstore(false);
            Book[] memory books = _open(_accounts[id].markets);
            Portfolio memory account = _load(id, books);
            _proveMargin(account, books, account.secured(books));
        }
        _pendingCount = 0;
    }
}

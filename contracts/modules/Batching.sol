// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Courier} from "../periphery/Courier.sol";
import {Errors} from "../interfaces/Errors.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId} from "../types/AccountId.sol";
import {Book} from "../types/Book.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {Ledger} from "./Ledger.sol";

/// @notice Several calls in one transaction, with one margin check of the caller's own accounts at the end: so a keeper can
/// take a position over and sell it on in one breath, without inventory.
/// @dev No re-entrancy guard here: each call inside takes it for itself. Batches do not nest.
abstract contract Batching is Ledger {
    using SlotDerivation for bytes32;
    using TransientSlot for *;

    Courier internal immutable _courier = new Courier();

    /// @dev See {IClearingHouse-batch}.
    function batch(IClearingHouse.Call[] calldata calls) external {
        require(_batcher == address(0), Errors.BatchInProgress());
        _batcher = msg.sender;
        for (uint256 i; i < calls.length; ++i) {
            // The clearing house calls itself and the courier, nothing else: it is trusted by the vault and the fund.
            if (calls[i].target == address(this)) Address.functionCall(address(this), calls[i].data);
            else _courier.carry(calls[i].target, calls[i].data);
        }
        _batcher = address(0);
        _provePending();
    }

    /// @dev With nobody batching, the margin check that was deferred is the ordinary one.
    function _provePending() private nonReentrant {
        for (uint256 i; i < _pendingCount; ++i) {
            AccountId id = AccountId.wrap(PENDING_LIST.offset(i).asBytes32().tload());
            _pendingFlag(id).tstore(false);
            Book[] memory books = _open(_accounts[id].markets);
            Portfolio memory account = _load(id, books);
            _proveMargin(account, books, account.health(books));
            _store(books);
        }
        _pendingCount = 0;
    }
}

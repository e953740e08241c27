// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Errors} from "../interfaces/Errors.sol";

/// @notice One step of a batch.
struct Call {
    address target;
    bytes data;
}

/// @notice Makes the calls of a batch. To the clearing house it is the batcher; to everybody else it is nobody: the vault and
/// the fund trust the clearing house, and nothing trusts the courier.
/// @dev Warning: never give this address a right, a role or an allowance; anyone may send it anywhere.
contract Courier {
    address private immutable _clearingHouse = msg.sender;

    /// @dev Only the clearing house. A call that fails reverts all, with its reason.
    function carry(Call[] calldata calls) external {
        require(msg.sender == _clearingHouse, Errors.OnlyClearingHouse(msg.sender));
        for (uint256 i; i < calls.length; ++i) Address.functionCall(calls[i].target, calls[i].data);
    }
}

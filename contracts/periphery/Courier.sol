// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Errors} from "../interfaces/Errors.sol";

/// @notice Calls what a batch names, on the clearing house's word and without any of its power: vault and fund trust the
/// clearing house, nobody trusts the courier.
/// @dev Warning: never give this address a right, a role or an allowance; anyone may send it anywhere.
contract Courier {
    address private immutable _clearingHouse = msg.sender;

    function carry(address target, bytes calldata data) external returns (bytes memory) {
        require(msg.sender == _clearingHouse, Errors.OnlyClearingHouse(msg.sender));
        return Address.functionCall(target, data);
    }
}

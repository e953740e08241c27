// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @notice What a call costs inside a transaction, without what the transaction itself costs.
contract GasMeter {
    function gasOf(address target, bytes calldata data) external returns (uint256 gas) {
        gas = gasleft();
        Address.functionCall(target, data);
        gas -= gasleft();
    }
}

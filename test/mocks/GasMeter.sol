// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @notice What a call costs inside a transaction, the first time and again.
contract GasMeter {
    function twice(address target, bytes calldata data) external returns (uint256 first, uint256 again) {
        bytes memory call = data;
        uint256 before = gasleft();
        Address.functionCall(target, call);
        first = before - gasleft();
        before = gasleft();
        Address.functionCall(target, call);
        again = before - gasleft();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Assertions} from "./Assertions.sol";
import {VM} from "./Vm.sol";

/// @notice What calls may cost.
abstract contract GasBounds is Assertions {
    /// @dev Not asked where coverage is measured: instrumented code takes several times as much.
    function assertGasLe(uint256 gas, uint256 most, string memory label) internal view {
        if (Strings.equal(VM.envOr("HARDHAT_COVERAGE", string("")), "true")) return;
        assertLe(gas, most, label);
    }
}

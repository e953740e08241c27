// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm, VM} from "./Vm.sol";
import {Assertions} from "./Assertions.sol";
import {InvariantTargets} from "./InvariantTargets.sol";

/// @notice What every test contract inherits: cheatcodes, assertions, bounded fuzz inputs, named accounts, and the
/// choice of what an invariant run calls.
abstract contract Test is Assertions, InvariantTargets {
    Vm internal constant vm = VM;

    error EmptyRange(uint256 min, uint256 max);
    error EmptySignedRange(int256 min, int256 max);

    struct Key {
        address addr;
        uint256 secret;
    }

    /// @dev Folds `x` into `[min, max]`. An `x` already inside stays as it is, and the 64 values at either end of its
    /// type land on the same end of the range, so that the values a fuzzer likes best hit the edges.
    function bound(uint256 x, uint256 min, uint256 max) internal pure returns (uint256) {
        require(min <= max, EmptyRange(min, max));
        if (x >= min && x <= max) return x;
        uint256 span = max - min; // one less than the number of values, because that number may not fit
        if (span == type(uint256).max) return x;
        if (x < 64 && x <= span) return min + x;
        if (x > type(uint256).max - 64 && type(uint256).max - x <= span) return max - (type(uint256).max - x);
        return min + (x % (span + 1));
    }

    function bound(int256 x, int256 min, int256 max) internal pure returns (int256) {
        require(min <= max, EmptySignedRange(min, max));
        return _fromOrdered(bound(_toOrdered(x), _toOrdered(min), _toOrdered(max)));
    }

    function makeAddr(string memory name) internal returns (address account) {
        return makeAddrAndKey(name).addr;
    }

    function makeAddrAndKey(string memory name) internal returns (Key memory key) {
        key.secret = uint256(keccak256(bytes(name)));
        key.addr = vm.addr(key.secret);
        vm.label(key.addr, name);
    }

    /// @dev Deploys from the artifact: what is tested is what is shipped, byte for byte, whatever a test is compiled with,
    /// and a test is compiled without the code of what it deploys. Passes on why a constructor refuses.
    function _create(string memory artifact, bytes memory arguments) internal returns (address created) {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
            if iszero(created) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }

    /// @dev Moves the clock and the block number together, as a chain with 12-second blocks would.
    function skip(uint256 durationSeconds) internal {
        vm.warp(vm.getBlockTimestamp() + durationSeconds);
        vm.roll(block.number + (durationSeconds + 11) / 12);
    }

    /// @dev Maps int256 onto uint256 keeping the order: the sign bit flips.
    function _toOrdered(int256 x) private pure returns (uint256) {
        return uint256(x) ^ (1 << 255);
    }

    function _fromOrdered(uint256 x) private pure returns (int256) {
        return int256(x ^ (1 << 255));
    }
}

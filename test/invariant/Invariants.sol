// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../utils/Test.sol";
import {Tally} from "./handlers/Tally.sol";

/// @notice What every suite of random sequences shares: which handler the engine calls, that most of its calls succeed, and
/// the table of what was called.
abstract contract Invariants is Test {
    /// @dev Where runs write what they called, one line an action, for `scripts/verification.ts` to add up.
    string private constant CALLS = "cache/invariant-calls.tsv";

    Tally private target;

    function _target(Tally handler, bytes4[] memory actions) internal {
        target = handler;
        targetContract(address(handler));
        targetSelector(address(handler), actions);
    }

    /// @dev A handler that rarely succeeds is a bug of the test. Asked once a run.
    function afterInvariant() public {
        (uint256 calls, uint256 done) = target.total();
        for (uint256 i; i < target.actionCount(); ++i) {
            bytes32 action = target.actions(i);
            (uint256 tried, uint256 succeeded) = target.outcomes(action);
            _write("action", action, tried, succeeded);
        }
        for (uint256 i; i < target.sightCount(); ++i) {
            uint256 times = target.seen(target.sights(i));
            _write("seen", target.sights(i), times, times);
        }
        _write("calls", "", target.handlerCalls(), target.handlerCalls());
        assertGe(done * 100, calls * 60, "most actions succeed");
    }

    function _write(string memory kind, bytes32 name, uint256 calls, uint256 done) private {
        // The zeros behind a short name are left to the reader.
        string memory line = string.concat(kind, "\t", string(abi.encodePacked(name)));
        vm.writeLine(CALLS, string.concat(line, "\t", vm.toString(calls), "\t", vm.toString(done)));
    }
}

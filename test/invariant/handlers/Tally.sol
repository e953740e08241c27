// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a handler was called for and what came of it.
abstract contract Tally {
    struct Outcome {
        uint256 calls;
        uint256 done;
    }

    /// @notice What was tried, in the order of first times.
    bytes32[] public actions;
    mapping(bytes32 action => Outcome) public outcomes;
    Outcome public total;
    /// @notice How often the engine has called: an action may try several things.
    uint256 public handlerCalls;
    /// @notice What happened on the way, so that a walk can prove that it has been there.
    bytes32[] public sights;
    mapping(bytes32 what => uint256) public seen;

    function actionCount() external view returns (uint256) {
        return actions.length;
    }

    function sightCount() external view returns (uint256) {
        return sights.length;
    }

    function _record(bytes32 action, bool done) internal {
        if (outcomes[action].calls == 0) actions.push(action);
        ++outcomes[action].calls;
        ++total.calls;
        if (!done) return;
        ++outcomes[action].done;
        ++total.done;
    }

    function _count(bytes32 what, uint256 amount) internal {
        if (amount == 0) return;
        if (seen[what] == 0) sights.push(what);
        ++seen[what];
    }
}

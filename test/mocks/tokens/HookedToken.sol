// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @notice Lets an address act in the middle of its own transfers, as ERC-777 does: before its tokens leave, after tokens
/// have come.
contract HookedToken is TestToken {
    struct Hook {
        address target;
        bytes data;
    }

    mapping(address account => Hook) private _hooks;
    bool private _inHook;

    /// @dev What the last hook's call gave back.
    bool public succeeded;
    bytes public returned;
    uint256 public calls;

    constructor(uint8 decimals_) TestToken("Hooked", "HOOK", decimals_) {}

    /// @notice From now on every transfer that `account` takes part in calls `target` with `data`. A failure is noted and
    /// does not stop the transfer. Hooks do not nest.
    function setHook(address account, address target, bytes calldata data) external {
        _hooks[account] = Hook(target, data);
    }

    function _update(address from, address to, uint256 value) internal override {
        _run(from);
        super._update(from, to, value);
        _run(to);
    }

    function _run(address account) private {
        Hook memory hook = _hooks[account];
        if (_inHook || hook.target == address(0)) return;
        _inHook = true;
        (succeeded, returned) = hook.target.call(hook.data);
        ++calls;
        _inHook = false;
    }
}

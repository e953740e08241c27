// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Invariants} from "./Invariants.sol";
import {IsolatedMarket} from "./handlers/IsolatedMarket.sol";

/// @notice P8 in the regime that it promises, P1 and P9 after every call.
contract IsolatedMarketTest is Invariants {
    IsolatedMarket private handler;

    function setUp() public {
        handler = new IsolatedMarket();
        handler.start();
        bytes4[] memory actions = new bytes4[](10);
        for (uint256 i; i < 3; ++i) actions[i] = IsolatedMarket.trade.selector;
        for (uint256 i = 3; i < 6; ++i) actions[i] = IsolatedMarket.move.selector;
        (actions[6], actions[7]) = (IsolatedMarket.resolve.selector, IsolatedMarket.withdraw.selector);
        (actions[8], actions[9]) = (IsolatedMarket.insure.selector, IsolatedMarket.passDay.selector);
        _target(handler, actions);
    }

    function invariant_theLedgerAddsUpAndClaimsAreCovered() public view {
        handler.proveP1();
        handler.proveP9();
    }
}

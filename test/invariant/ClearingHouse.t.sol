// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../utils/Test.sol";
import {Handler} from "./Handler.sol";

/// @notice The properties of `Properties.sol` after every call of random sequences: those of `Handler` are proven in its
/// functions, around the calls they are about.
abstract contract ClearingHouseInvariants is Test {
    Handler internal handler;

    function _start(uint8 decimals) internal {
        handler = new Handler();
        handler.start(decimals);
        targetContract(address(handler));
        targetSelector(address(handler), _actions());
    }

    /// @dev What is listed twice is called twice as often.
    function _actions() internal pure returns (bytes4[] memory actions) {
        bytes4[27] memory once = [
            Handler.movePrice.selector,
            Handler.movePrice.selector,
            Handler.movePrice.selector,
            Handler.takeOverAndSell.selector,
            Handler.trade.selector,
            Handler.trade.selector,
            Handler.trade.selector,
            Handler.trade.selector,
            Handler.trade.selector,
            Handler.trade.selector,
            Handler.withdrawAll.selector,
            Handler.movePrice.selector,
            Handler.movePrice.selector,
            Handler.deleverage.selector,
            Handler.deleverage.selector,
            Handler.liquidate.selector,
            Handler.takeOverAndSell.selector,
            Handler.keepersAct.selector,
            Handler.settle.selector,
            Handler.withdraw.selector,
            Handler.withdrawWithoutPrices.selector,
            Handler.deposit.selector,
            Handler.donate.selector,
            Handler.breakFeed.selector,
            Handler.passTime.selector,
            Handler.leaveFund.selector,
            Handler.insure.selector
        ];
        actions = new bytes4[](once.length);
        for (uint256 i; i < once.length; ++i) actions[i] = once[i];
    }

    /// @dev P1 and P9 after every call; P2, P3, P4, P5 and P10 are proven by the handler.
    function invariant_theLedgerAddsUpAndClaimsAreCovered() public view {
        handler.proveP1();
        handler.proveP9();
    }

    /// @dev A handler that rarely succeeds is a bug of the test. Asked once a run.
    function afterInvariant() public view {
        (uint256 calls, uint256 done) = handler.total();
        assertGe(done * 100, calls * 60, "most actions succeed");
    }
}

contract ClearingHouseTest is ClearingHouseInvariants {
    function setUp() public {
        _start(18);
    }

    /// @dev One long walk, which proves that the actions reach what they are there for.
    function test_walk_reachesEveryOutcome() public {
        uint256 entropy = 1;
        bytes4[] memory actions = _actions();
        for (uint256 i; i < 600; ++i) {
            uint256[6] memory words;
            for (uint256 j; j < 6; ++j) {
                entropy = uint256(keccak256(abi.encode(entropy)));
                words[j] = entropy;
            }
            bytes4 action = actions[entropy % actions.length];
            if (action == Handler.donate.selector) words[2] = entropy & 1;
            (bool ok, bytes memory reason) = address(handler).call(abi.encodePacked(action, words));
            if (!ok) {
                assembly {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
            handler.proveP1();
            handler.proveP9();
        }
        (uint256 calls, uint256 done) = handler.total();
        assertGe(done * 100, calls * 60, "most actions succeed");
        _requireDone("trade", 50);
        _requireDone("withdraw", 50);
        _requireDone("liquidate", 2);
        _requireDone("takeOverAndSell", 2);
        _requireDone("leaveFund", 2);
        _requireDone("resolved", 10);
        _requireDone("insured", 5);
        _requireDone("haircut", 5);
        _requireDone("bounty", 5);
        _requireDone("shortfall", 1);
    }

    function _requireDone(string memory what, uint256 atLeast) private view {
        (, uint256 done) = handler.outcomes(bytes32(bytes(what)));
        assertGe(done, atLeast, what);
    }
}

/// @notice The same with a token of six decimals: less than a unit of it is forgiven where an account leaves a market.
contract ClearingHouseSixDecimalsTest is ClearingHouseInvariants {
    function setUp() public {
        _start(6);
    }
}

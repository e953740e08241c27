// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {World} from "../utils/World.sol";

/// @notice The worked examples of docs/mechanism.md, to the last digit.
contract WorkedExamplesTest is World {
    function test_example1_theWaterfallFromTheTraderToTheOpposingSide() public {
        uint8 market = _list(2000e18, _plain());
        AccountId alice = _trader("alice", 2_000);
        AccountId bob = _trader("bob", 20_000);
        _insure("backer", 400);
        _fill(alice, bob, market, 10e18, 2000e18);

        _setPrice(market, 1700e18);
        _deleverage(alice);
        assertEq(_collateral(alice), 0, "alice");
        assertEq(_collateral(fundAccount), 0, "fund");
        assertEq(house.sizeOf(alice, market), int256(0), "alice's size");
        assertEq(house.sizeOf(bob, market), int256(0), "bob's size");

        _settle(bob);
        assertEq(_collateral(bob), 22_400e18, "bob");
        assertEq(vault.ledgerBalance(), 22_400e18, "vault");
    }
}

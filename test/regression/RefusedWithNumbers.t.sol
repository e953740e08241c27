// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceOracle} from "../../contracts/interfaces/IPriceOracle.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {WaywardSource} from "../mocks/WaywardSource.sol";
import {Situations} from "./Situations.sol";

/// @notice A source chooses what it refuses with. Taken for a time and a price, that must not stop who is in its market from
/// being settled, liquidated elsewhere or deleveraged.
contract RefusedWithNumbersTest is Situations {
    function test_refusal_isARefusalWhateverItSays() public {
        uint8 dead = _list(100e18, _plain());
        uint8 alive = _list(100e18, _plain());
        AccountId loser = _trader("loser", 300);
        AccountId maker = _trader("maker", 10_000);
        _fill(loser, maker, dead, 10e18, 100e18);
        _fill(loser, maker, alive, 10e18, 100e18);

        WaywardSource source = new WaywardSource();
        source.answer(100e18, vm.getBlockTimestamp());
        IPriceOracle.Feed memory feed = oracle.feedOf(dead);
        feed.primary = source;
        oracle.setFeed(dead, feed);
        bytes[4] memory refusals = [
            abi.encode(type(uint256).max, type(uint256).max),
            abi.encode(uint256(1e18), type(uint256).max - type(uint24).max),
            abi.encode(uint256(0), uint256(0)),
            bytes("")
        ];
        for (uint256 i; i < refusals.length; ++i) {
            source.refuseRaw(refusals[i]);
            uint256 id = vm.snapshotState();
            _setPrice(alive, 60e18);
            _settle(maker);
            _deleverage(loser);
            assertEq(house.sizeOf(loser, alive), int256(0), "resolved where there is a price");
            assertEq(house.sizeOf(loser, dead), int256(10e18), "waits where there is none");
            assertEq(_markOf(dead), 100e18, "and nothing of a refusal is a mark");
            vm.revertToState(id);
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rights, TRADE, WITHDRAW} from "../../../contracts/types/Rights.sol";
import {Test} from "../../utils/Test.sol";

contract RightsTest is Test {
    Rights internal constant NONE = Rights.wrap(0);

    function test_includes_onlyWhatWasGiven() public pure {
        Rights both = Rights.wrap(Rights.unwrap(TRADE) | Rights.unwrap(WITHDRAW));
        assertTrue(TRADE.includes(TRADE) && WITHDRAW.includes(WITHDRAW), "itself");
        assertFalse(TRADE.includes(WITHDRAW) || WITHDRAW.includes(TRADE), "not the other");
        assertFalse(NONE.includes(TRADE) || NONE.includes(WITHDRAW), "nothing includes neither");
        assertTrue(both.includes(TRADE) && both.includes(WITHDRAW) && both.includes(both), "both include each");
        assertFalse(TRADE.includes(both) || WITHDRAW.includes(both), "one of two is not both");
    }

    function testFuzz_includes_needsEveryBit(uint8 held, uint8 needed) public pure {
        bool every = true;
        for (uint256 bit = 1; bit < 256; bit *= 2) {
            if ((needed / bit) % 2 == 1 && (held / bit) % 2 == 0) every = false;
        }
        assertEq(Rights.wrap(held).includes(Rights.wrap(needed)), every, "every bit");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MAX_MARKETS, MarketSet} from "../../../contracts/types/MarketSet.sol";
import {Test} from "../../utils/Test.sol";

contract MarketSetTest is Test {
    MarketSet internal constant NONE = MarketSet.wrap(0);
    MarketSet internal constant ALL = MarketSet.wrap(type(uint128).max);

    function test_add_everyMarketAlone() public pure {
        for (uint8 market; market < MAX_MARKETS; ++market) {
            MarketSet set = NONE.add(market);
            assertEq(uint256(MarketSet.unwrap(set)), 2 ** uint256(market), "its bit");
            assertEq(uint256(set.first()), market, "first");
            assertEq(set.count(), 1, "count");
            assertFalse(set.isEmpty(), "not empty");
            assertTrue(set.remove(market).isEmpty(), "and out again");
            for (uint8 other; other < MAX_MARKETS; ++other) {
                assertEq(set.contains(other), other == market, "contains");
            }
        }
    }

    function test_remove_everyMarketFromAll() public pure {
        assertEq(ALL.count(), MAX_MARKETS, "all");
        for (uint8 market; market < MAX_MARKETS; ++market) {
            MarketSet set = ALL.remove(market);
            assertFalse(set.contains(market), "gone");
            assertEq(set.count(), MAX_MARKETS - 1, "the others stay");
            assertEq(uint256(MarketSet.unwrap(set.add(market))), type(uint128).max, "and in again");
        }
    }

    /// @dev As the ledger walks a set: take the first, remove it, until none is left.
    function testFuzz_first_walksTheSetInAscendingOrder(uint128 bits) public pure {
        MarketSet set = MarketSet.wrap(bits);
        uint256 expected = set.count();
        uint256 seen;
        for (uint8 market; market < MAX_MARKETS; ++market) {
            if ((bits / 2 ** uint256(market)) % 2 == 0) continue;
            assertEq(uint256(set.first()), market, "the lowest that is left");
            set = set.remove(market);
            ++seen;
        }
        assertTrue(set.isEmpty(), "none is left");
        assertEq(seen, expected, "count");
    }

    function testFuzz_union_containsWhatEitherContains(uint128 a, uint128 b) public pure {
        MarketSet both = MarketSet.wrap(a) | MarketSet.wrap(b);
        for (uint8 market; market < MAX_MARKETS; ++market) {
            bool either = MarketSet.wrap(a).contains(market) || MarketSet.wrap(b).contains(market);
            assertEq(both.contains(market), either, "union");
        }
    }

    function testFuzz_addRemove_touchNoOtherMarket(uint128 bits, uint8 market) public pure {
        market = uint8(bound(market, 0, MAX_MARKETS - 1));
        MarketSet set = MarketSet.wrap(bits);
        (MarketSet with, MarketSet without) = (set.add(market), set.remove(market));
        assertTrue(with.contains(market) && !without.contains(market), "the market itself");
        assertEq(with.count() - without.count(), 1, "one apart");
        assertEq(uint256(MarketSet.unwrap(with.remove(market))), MarketSet.unwrap(without), "the others");
        assertTrue(
            MarketSet.unwrap(set) == MarketSet.unwrap(with) || MarketSet.unwrap(set) == MarketSet.unwrap(without),
            "one of them is what it was"
        );
    }

    function testFuzz_contains_noMarketBeyondTheLast(uint8 market) public pure {
        market = uint8(bound(market, MAX_MARKETS, type(uint8).max));
        assertFalse(ALL.contains(market), "beyond");
    }
}

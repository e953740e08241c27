// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice A set of markets, one bit each: which markets an account is in, or a call concerns. It shares a slot with the
/// collateral, which is why a clearing house lists at most 128 markets.
type MarketSet is uint128;

using {union as |, contains, add, remove, isEmpty, count, first} for MarketSet global;

/// @dev More would make the gas of settling an account, and so of liquidating it, unbounded in practice.
uint256 constant MAX_MARKETS_PER_ACCOUNT = 16;
uint256 constant MAX_MARKETS = 128;

function union(MarketSet a, MarketSet b) pure returns (MarketSet) {
    return MarketSet.wrap(MarketSet.unwrap(a) | MarketSet.unwrap(b));
}

function contains(MarketSet set, uint8 market) pure returns (bool) {
    return (MarketSet.unwrap(set) >> market) & 1 != 0;
}

function add(MarketSet set, uint8 market) pure returns (MarketSet) {
    return MarketSet.wrap(MarketSet.unwrap(set) | (uint128(1) << market));
}

function remove(MarketSet set, uint8 market) pure returns (MarketSet) {
    return MarketSet.wrap(MarketSet.unwrap(set) & ~(uint128(1) << market));
}

function isEmpty(MarketSet set) pure returns (bool) {
    return MarketSet.unwrap(set) == 0;
}

function count(MarketSet set) pure returns (uint256 n) {
    for (uint128 bits = MarketSet.unwrap(set); bits != 0; bits &= bits - 1) ++n;
}

/// @dev The lowest market of a set. Assumes that the set is not empty.
function first(MarketSet set) pure returns (uint8) {
    uint256 bits = MarketSet.unwrap(set);
    unchecked {
        return uint8(Math.log2(bits & (~bits + 1)));
    }
}

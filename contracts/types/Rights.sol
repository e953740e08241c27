// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What an owner lets an operator do with one account, as bits.
type Rights is uint8;

using {includes} for Rights global;

/// @dev Trade: fill, take over, be named as taker. It moves no money out by itself, but whoever has it can lose an account's
/// money to another account at the edge of the price band, fill after fill: give it to code that can be trusted.
Rights constant TRADE = Rights.wrap(1);
/// @dev Withdraw: move free collateral to any address.
Rights constant WITHDRAW = Rights.wrap(2);

function includes(Rights held, Rights needed) pure returns (bool) {
    return Rights.unwrap(held) & Rights.unwrap(needed) == Rights.unwrap(needed);
}

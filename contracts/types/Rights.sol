// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What an owner lets an operator do with one account, as bits.
type Rights is uint8;

using {includes} for Rights global;

/// @dev Trade: fill, take over, be named as taker. An operator with this right can lose an account's money at the edge of
/// the price band and in fees; it cannot take any out.
Rights constant TRADE = Rights.wrap(1);
/// @dev Withdraw: move free collateral to any address.
Rights constant WITHDRAW = Rights.wrap(2);

function includes(Rights held, Rights needed) pure returns (bool) {
    return Rights.unwrap(held) & Rights.unwrap(needed) == Rights.unwrap(needed);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounding} from "../math/Rounding.sol";
import {Size} from "./Size.sol";
import {Usd} from "./Usd.sol";

uint256 constant ONE = 1e18;

/// @notice Settlement tokens for one whole unit of a market's base, 18-decimal fixed point. Never negative.
type Price is uint256;

using {raw, notionalUp, notionalDown, cashFloor} for Price global;

function raw(Price a) pure returns (uint256) {
    return Price.unwrap(a);
}

/// @dev |size| · price. Up where it is a requirement or a fee: the account bears it.
function notionalUp(Price price, Size size) pure returns (Usd) {
    return Usd.wrap(int256(Rounding.mulDivUp(uint256(Size.unwrap(size.magnitude())), Price.unwrap(price), ONE)));
}

/// @dev |size| · price. Down where it is earned or where it must reach a minimum.
function notionalDown(Price price, Size size) pure returns (Usd) {
    return Usd.wrap(int256(Rounding.mulDivDown(uint256(Size.unwrap(size.magnitude())), Price.unwrap(price), ONE)));
}

/// @dev What gaining `delta` at `price` instead of at `mark` brings: −(price − mark) · delta. Floor: the payer pays the
/// fraction, the receiver does without, the pool keeps it.
function cashFloor(Price price, Price mark, Size delta) pure returns (Usd) {
    unchecked {
        int256 distance = int256(Price.unwrap(mark)) - int256(Price.unwrap(price));
        return Usd.wrap(Rounding.mulDivFloor(distance, Size.unwrap(delta), ONE));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Narrow} from "../math/Narrow.sol";
import {Rounding} from "../math/Rounding.sol";
import {PPM} from "./RiskParameters.sol";

/// @notice Money in the settlement token, signed, 18-decimal fixed point whatever the token's own decimals are.
/// @dev Below 2^123 in magnitude everywhere (docs/rounding.md), so that two amounts may be multiplied.
type Usd is int256;

using {
    addUsd as +,
    subUsd as -,
    negUsd as -,
    eqUsd as ==,
    neUsd as !=,
    ltUsd as <,
    leUsd as <=,
    gtUsd as >,
    geUsd as >=,
    min,
    max,
    positivePart,
    negativePart,
    partUp,
    partDown,
    shareDown,
    shareUp,
    raw,
    toUint
} for Usd global;

Usd constant ZERO_USD = Usd.wrap(0);

/// @dev As wide as an amount is stored, so that the sign bit stays clear.
function usd(uint128 amount) pure returns (Usd) {
    return Usd.wrap(int256(uint256(amount)));
}

function addUsd(Usd a, Usd b) pure returns (Usd) {
    unchecked {
        return Usd.wrap(Usd.unwrap(a) + Usd.unwrap(b));
    }
}

function subUsd(Usd a, Usd b) pure returns (Usd) {
    unchecked {
        return Usd.wrap(Usd.unwrap(a) - Usd.unwrap(b));
    }
}

function negUsd(Usd a) pure returns (Usd) {
    unchecked {
        return Usd.wrap(-Usd.unwrap(a));
    }
}

function eqUsd(Usd a, Usd b) pure returns (bool) {
    return Usd.unwrap(a) == Usd.unwrap(b);
}

function neUsd(Usd a, Usd b) pure returns (bool) {
    return Usd.unwrap(a) != Usd.unwrap(b);
}

function ltUsd(Usd a, Usd b) pure returns (bool) {
    return Usd.unwrap(a) < Usd.unwrap(b);
}

function leUsd(Usd a, Usd b) pure returns (bool) {
    return Usd.unwrap(a) <= Usd.unwrap(b);
}

function gtUsd(Usd a, Usd b) pure returns (bool) {
    return Usd.unwrap(a) > Usd.unwrap(b);
}

function geUsd(Usd a, Usd b) pure returns (bool) {
    return Usd.unwrap(a) >= Usd.unwrap(b);
}

function min(Usd a, Usd b) pure returns (Usd) {
    return a < b ? a : b;
}

function max(Usd a, Usd b) pure returns (Usd) {
    return a > b ? a : b;
}

/// @dev max(a, 0)
function positivePart(Usd a) pure returns (Usd) {
    return a > ZERO_USD ? a : ZERO_USD;
}

/// @dev min(a, 0)
function negativePart(Usd a) pure returns (Usd) {
    return a < ZERO_USD ? a : ZERO_USD;
}

/// @dev ppm of an amount that is not negative. Up: requirements and fees.
function partUp(Usd a, uint256 ppm) pure returns (Usd) {
    return Usd.wrap(int256(Rounding.mulDivUp(raw(a), ppm, PPM)));
}

/// @dev ppm of an amount that is not negative. Down: what is earned.
function partDown(Usd a, uint256 ppm) pure returns (Usd) {
    return Usd.wrap(int256(Rounding.mulDivDown(raw(a), ppm, PPM)));
}

/// @dev a · part / whole of amounts that are not negative. Down: whoever receives the share does without the fraction.
/// @dev Assumes that `whole` is above zero.
function shareDown(Usd a, Usd part, Usd whole) pure returns (Usd) {
    return Usd.wrap(int256(Rounding.mulDivDown(raw(a), raw(part), raw(whole))));
}

/// @dev The same, up: whoever bears the share bears the fraction.
function shareUp(Usd a, Usd part, Usd whole) pure returns (Usd) {
    return Usd.wrap(int256(Rounding.mulDivUp(raw(a), raw(part), raw(whole))));
}

/// @dev For arithmetic, events and errors. Assumes that the amount is not negative.
function raw(Usd a) pure returns (uint256) {
    return uint256(Usd.unwrap(a));
}

/// @dev Panics where the amount is negative: the place where an unsigned balance refuses a minus sign.
function toUint(Usd a) pure returns (uint256) {
    return Narrow.toUint(Usd.unwrap(a));
}

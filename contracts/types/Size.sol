// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An amount of a market's base, 18-decimal fixed point. Signed where it is a position (long above zero, short
/// below), never negative where it is a quantity to trade.
type Size is int256;

using {
    addSize as +,
    subSize as -,
    negSize as -,
    eqSize as ==,
    neSize as !=,
    ltSize as <,
    leSize as <=,
    gtSize as >,
    geSize as >=,
    magnitude,
    min,
    max
} for Size global;

Size constant ZERO_SIZE = Size.wrap(0);

function addSize(Size a, Size b) pure returns (Size) {
    unchecked {
        return Size.wrap(Size.unwrap(a) + Size.unwrap(b));
    }
}

function subSize(Size a, Size b) pure returns (Size) {
    unchecked {
        return Size.wrap(Size.unwrap(a) - Size.unwrap(b));
    }
}

function negSize(Size a) pure returns (Size) {
    unchecked {
        return Size.wrap(-Size.unwrap(a));
    }
}

function eqSize(Size a, Size b) pure returns (bool) {
    return Size.unwrap(a) == Size.unwrap(b);
}

function neSize(Size a, Size b) pure returns (bool) {
    return Size.unwrap(a) != Size.unwrap(b);
}

function ltSize(Size a, Size b) pure returns (bool) {
    return Size.unwrap(a) < Size.unwrap(b);
}

function leSize(Size a, Size b) pure returns (bool) {
    return Size.unwrap(a) <= Size.unwrap(b);
}

function gtSize(Size a, Size b) pure returns (bool) {
    return Size.unwrap(a) > Size.unwrap(b);
}

function geSize(Size a, Size b) pure returns (bool) {
    return Size.unwrap(a) >= Size.unwrap(b);
}

function magnitude(Size a) pure returns (Size) {
    return a < ZERO_SIZE ? -a : a;
}

function min(Size a, Size b) pure returns (Size) {
    return a < b ? a : b;
}

function max(Size a, Size b) pure returns (Size) {
    return a > b ? a : b;
}

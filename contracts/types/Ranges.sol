// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The supported ranges. They are enforced where value enters (deposits, fills, listing, accepted prices) and nowhere
/// else, so that settling and deleveraging need no check that could stop them. docs/rounding.md derives them.

/// @dev The highest mark of a market is below 2^104 as a value per share.
uint256 constant MAX_PRICE_BITS = 104;
/// @dev The binary scale is at most this, so that money · valueUnit fits 256 bits.
uint256 constant MAX_SCALE = 70;
/// @dev A market may be listed with a maximum price between 1e-9 and 1e9.
uint256 constant MIN_MAX_PRICE = 1e9;
uint256 constant MAX_MAX_PRICE = 1e27;
/// @dev One side of a market: 1e12 units, and what 2^111 of money (2.6e15 tokens) is at the maximum price.
uint256 constant MAX_SIDE_SIZE = 1e30;
uint256 constant MAX_SIDE_MONEY_BITS = 111;
/// @dev Shares of one side: the side's maximum at the lowest A.
uint256 constant MAX_SIDE_SHARES = 1 << 111;
/// @dev A below this starts a new generation, which shifts shares by at least this many bits: a position that nobody has
/// touched for as long as its shares last walks at most 112 / 10 generations of its own side's making.
uint256 constant MIN_SHIFT = 10;
/// @dev B or F beyond this starts a new generation, so that V stays inside 112 bits.
int256 constant MAX_DRIFT = 1 << 109;
/// @dev The vault's bound: all money is below 2^112 (5.2e15 tokens).
uint256 constant MAX_LEDGER = 1 << 112;

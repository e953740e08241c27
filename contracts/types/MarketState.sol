// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A market as it is stored. Six slots that one load and one store move together.
struct MarketState {
    // slot 0
    /// @dev Money collected from this market's losers and not yet paid to its winners.
    uint128 pool;
    /// @dev Money that this market's winners are owed and that nobody is left to pay.
    uint128 shortfall;
    // slot 1: 112 + 112 + 24 = 248 bits
    /// @dev Upper bounds of the shares that longs and shorts hold in this generation.
    uint112 longShares;
    uint112 shortShares;
    uint24 generation;
    // slots 2 and 3: A and B of design, per side
    uint128 longBase;
    int128 longCash;
    uint128 shortBase;
    int128 shortCash;
    // slot 4: 96 + 40 + 40 + 80 = 256 bits
    /// @dev The last accepted price.
    uint96 mark;
    uint40 publishedAt;
    uint40 acceptedAt;
    /// @dev What of the first fees stays in the pool to cover rounding.
    uint80 roundingReserve;
    // slot 5: 128 + 64 + 40 + 8 = 240 bits
    /// @dev F: what a long of one unit has paid shorts since the generation began, in value units.
    int128 fundingIndex;
    /// @dev The weighted distance of fills from mark, parts per billion of mark.
    int64 premium;
    uint40 accruedAt;
    /// @dev Value unit: a price is shifted left by this to become a value per share at A = 1.
    uint8 scale;
}

/// @dev The shift of a generation that closed its side.
uint8 constant ALL_CLOSED = type(uint8).max;

/// @notice How an ended generation settles whoever has not touched it since.
struct EndedGeneration {
    // slot 0: 112 + 112 + 8 + 8 = 240 bits
    /// @dev Value per share, at which its positions are paid out.
    int112 longValue;
    int112 shortValue;
    /// @dev Shares are divided by two to this power; `ALL_CLOSED` closes them.
    uint8 longShift;
    uint8 shortShift;
}

/// @notice What bounds the haircut per share: the highest marks of two periods, and what is left under the present mark.
struct HaircutLimit {
    // slot 0: 96 + 96 + 40 = 232 bits
    uint96 high;
    uint96 previousHigh;
    uint40 periodStart;
    // slot 1: 104 + 104 + 40 = 248 bits
    /// @dev Value per share that longs, shorts may still be charged under the mark accepted at `markAcceptedAt`.
    uint104 longLeft;
    uint104 shortLeft;
    uint40 markAcceptedAt;
}

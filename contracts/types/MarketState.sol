// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A market as it is stored. Six slots that one load and one store move together.
struct MarketState {
    // slot 0: 112 + 112 + 32 = 256 bits
    /// @dev Money collected from this market's losers and not yet paid to its winners, and the fees below.
    uint112 pool;
    /// @dev Money that this market's winners are owed and that nobody is left to pay.
    uint112 shortfall;
    /// @dev When the last accepted price was published.
    uint32 publishedAt;
    // slot 1: 112 + 112 + 24 + 8 = 256 bits
    /// @dev Upper bounds of the shares that longs and shorts hold in this generation.
    uint112 longShares;
    uint112 shortShares;
    uint24 generation;
    /// @dev Value unit: a price is shifted left by this to become a value per share at A = 1.
    uint8 scale;
    // slots 2 and 3: A and B of a side
    uint128 longBase;
    int128 longCash;
    uint128 shortBase;
    int128 shortCash;
    // slot 4: 112 + 96 + 32 + 16 = 256 bits
    /// @dev F: what a long of one unit has paid shorts since the generation began, in value units.
    int112 fundingIndex;
    /// @dev The last accepted price.
    uint96 mark;
    uint32 acceptedAt;
    /// @dev The day (since 1970) of the last accepted price.
    uint16 day;
    // slot 5: 96 + 80 + 32 + 16 + 32 = 256 bits
    /// @dev The highest price accepted on that day.
    uint96 high;
    /// @dev Fees that the pool holds: the first of them stay as a reserve against rounding, the rest is the insurance
    /// fund's when it is swept.
    uint80 fees;
    /// @dev The weighted distance of fills from mark, parts per billion of mark, as the last fill left it.
    int32 premium;
    /// @dev Seconds from that fill to `accruedAt`: the premium fades with it.
    uint16 premiumAge;
    uint32 accruedAt;
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

/// @notice What bounds the haircut per share, besides the day's highest price.
struct HaircutLimit {
    // slot 0: 104 + 104 + 32 = 240 bits
    /// @dev Value per share that longs, shorts may still be charged under the mark accepted at `markAcceptedAt`.
    uint104 longLeft;
    uint104 shortLeft;
    uint32 markAcceptedAt;
    // slot 1
    /// @dev The highest price of the last day with a price before this one.
    uint96 previousHigh;
}

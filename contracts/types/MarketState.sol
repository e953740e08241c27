// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A market as it is stored. The first three slots are what every fill reads and writes, and all that counts in a
/// market in which nobody has been deleveraged.
struct MarketState {
    // slot 0: 112 + 72 + 32 + 24 + 8 + 8 = 256 bits
    /// @dev Money collected from this market's losers and not yet paid to its winners, and the fees below.
    uint112 pool;
    /// @dev Fees that the pool holds: the first of them stay as a reserve against rounding, the rest is the insurance
    /// fund's when it is swept.
    uint72 fees;
    /// @dev When the last price was accepted.
    uint32 acceptedAt;
    /// @dev How many seconds before that it had been published.
    uint24 publishLag;
    /// @dev Value unit: a price is shifted left by this to become a value per share at A = 1.
    uint8 scale;
    /// @dev Bits 0 to 2: which of slots 3, 4 and 6 count (`LONG_COUNTS` and so on). Where one does not, the side has A = 1 and
    /// B = 0, or there is neither shortfall nor payout. Bit 3: `JUMPED`. Bits 4 to 7: the range of marks since yesterday, in steps.
    uint8 flags;
    // slot 1: 112 + 112 + 32 = 256 bits
    /// @dev Upper bounds of the shares that longs and shorts hold in this generation.
    uint112 longShares;
    uint112 shortShares;
    /// @dev Up to when the funding index has been brought.
    uint32 accruedAt;
    // slot 2: 112 + 96 + 24 + 24 = 256 bits
    /// @dev F: what a long of one unit has paid shorts since the generation began, in value units.
    int112 fundingIndex;
    /// @dev The last accepted price.
    uint96 mark;
    /// @dev What was left of the weighted distance of fills from mark at `accruedAt`, in parts per hundred million of mark.
    int24 premium;
    uint24 generation;
    // slots 3 and 4: A and B of a side
    uint128 longBase;
    int128 longCash;
    uint128 shortBase;
    int128 shortCash;
    // slot 5: 96 + 96 + 64 = 256 bits
    /// @dev The highest price in force on the day (UTC) of the last accepted price, and on the last day before it that had
    /// a new one.
    uint96 high;
    uint96 previousHigh;
    /// @dev The lowest on the first of these days, as a value per share without its last `LOW_BITS` bits.
    uint64 low;
    // slot 6: 112 + 48 = 160 bits
    /// @dev Money that this market's winners are owed and that nobody is left to pay.
    uint112 shortfall;
    /// @dev What is paid of every gain since the market was wound up, see `Book.payout`.
    uint48 payout;
}

using {write} for MarketState global;

uint256 constant LONG_COUNTS = 1;
uint256 constant SHORT_COUNTS = 2;
uint256 constant SHORTFALL_COUNTS = 4;
uint256 constant JUMPED = 8;
uint256 constant VOLATILITY_SHIFT = 4;
/// @dev Values are below 2^104, so that what is left has 64 bits.
uint256 constant LOW_BITS = 40;

/// @dev Writes one of a market's slots whole. The compiler would write a packed slot once for each of its fields.
function write(MarketState storage self, uint256 slot, uint256 word) {
    assembly ("memory-safe") {
        sstore(add(self.slot, slot), word)
    }
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

/// @notice What is left of the bound on haircuts.
struct HaircutLimit {
    // slot 0: 104 + 104 + 32 = 240 bits
    /// @dev Value per share that longs, shorts may still be charged under the mark accepted at `markAcceptedAt`.
    uint104 longLeft;
    uint104 shortLeft;
    uint32 markAcceptedAt;
}

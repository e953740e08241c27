/** The supported ranges (`contracts/types/Ranges.sol`). docs/rounding.md derives them. */

/** The highest mark of a market is below 2^104 as a value per share. */
export const MAX_PRICE_BITS = 104n;
/** The binary scale is at most this. */
export const MAX_SCALE = 70n;
/** One side of a market: 1e12 units, and what 2^111 of money is at the maximum price. */
export const MAX_SIDE_SIZE = 10n ** 30n;
export const MAX_SIDE_MONEY_BITS = 111n;
/** Shares of one side. */
export const MAX_SIDE_SHARES = 1n << 111n;
/** An A below this starts a new generation. */
export const MIN_SHIFT = 10n;
/** B or F beyond this starts a new generation. */
export const MAX_DRIFT = 1n << 109n;
/** All money is below this. */
export const MAX_LEDGER = 1n << 112n;
/** Claims are below this, either way (`contracts/types/Usd.sol`). */
export const MAX_CLAIM = 1n << 123n;

/** A market, and what belongs to it, as stored (`contracts/types/MarketState.sol`). */

/** What `ClearingHouseLens.marketOf` answers. Money has 18 decimals; values per share are prices shifted left by `scale`. */
export interface MarketState {
  /** Money collected from losers and not yet paid to winners, and the fees below. */
  readonly pool: bigint;
  /** Fees that the pool holds. */
  readonly fees: bigint;
  /** When the last price was accepted, seconds. */
  readonly acceptedAt: bigint;
  /** How many seconds before that it had been published. */
  readonly publishLag: bigint;
  readonly scale: bigint;
  /** Bits 0 to 2: which slots count. Bit 3: `JUMPED`. Bits 4 to 7: the range of marks, in steps. */
  readonly flags: bigint;
  /** Upper bounds of the shares that longs and shorts hold in this generation. */
  readonly longShares: bigint;
  readonly shortShares: bigint;
  /** Up to when the funding index has been brought, seconds. */
  readonly accruedAt: bigint;
  /** F, in value units. */
  readonly fundingIndex: bigint;
  /** The last accepted price. */
  readonly mark: bigint;
  /** Parts per hundred million of mark and day, as it was at `accruedAt`. */
  readonly premium: bigint;
  readonly generation: bigint;
  /** A and B of a side. */
  readonly longBase: bigint;
  readonly longCash: bigint;
  readonly shortBase: bigint;
  readonly shortCash: bigint;
  /** The highest price on the day of the last accepted one, and on the last day before it that had a new one. */
  readonly high: bigint;
  readonly previousHigh: bigint;
  /** The lowest on the first of these days, see `lowBits`. */
  readonly low: bigint;
  /** Money that winners are owed and that nobody is left to pay. */
  readonly shortfall: bigint;
  /** What is paid of every gain since the market was wound up, in parts of `WHOLE_PAYOUT`. */
  readonly payout: bigint;
}

export const JUMPED = 8n;
export const VOLATILITY_SHIFT = 4n;
/** What is not kept of a lowest mark, which is a value per share. */
export const LOW_BITS = 40n;

/** The shift of a generation that closed its side. */
export const ALL_CLOSED = 255n;

/** How an ended generation settles whoever has not touched it since: what `ClearingHouseLens.endedGenerationOf` answers. */
export interface EndedGeneration {
  /** Value per share. */
  readonly longValue: bigint;
  readonly shortValue: bigint;
  /** Shares are divided by two to this power; `ALL_CLOSED` closes them. */
  readonly longShift: bigint;
  readonly shortShift: bigint;
}

/** What is left of the bound on haircuts: what `ClearingHouseLens.haircutLimitOf` answers. */
export interface HaircutLimit {
  /** Value per share that longs, shorts may still be charged under the mark accepted at `markAcceptedAt`. */
  readonly longLeft: bigint;
  readonly shortLeft: bigint;
  readonly markAcceptedAt: bigint;
}

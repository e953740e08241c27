/**
 * A market opened for a look or a preview: unpacked, accrued, and either with a fresh mark or with the last accepted one
 * (`contracts/types/Book.sol`). Functions change the book that they are given, as they do there.
 */
import { max, min } from "../math/integer.ts";
import { toInt } from "../math/narrow.ts";
import { divFloor, mulDivDown } from "../math/rounding.ts";
import { ALL_CLOSED, type EndedGeneration, LOW_BITS } from "./marketState.ts";
import { ONE } from "./price.ts";
import { MAX_DRIFT, MAX_PRICE_BITS, MIN_SHIFT } from "./ranges.ts";
import { MarketStatus, type RiskParameters } from "./riskParameters.ts";
import { closeSide, rebase, shift, type Side, sizeOfSide, value } from "./side.ts";
import { positivePart } from "./usd.ts";

/** For how long the losses of an ended market are collected before its gains are paid, seconds. */
export const RESOLUTION_PERIOD = 7n * 86_400n;
/** All of a gain. */
export const WHOLE_PAYOUT = 1n << 40n;
/** Nothing of a gain: what an empty pool pays. Zero is that of a market that was not wound up. */
export const NO_PAYOUT = 1n;
/** What a market keeps in its pool of its fees against rounding: one token. */
export const ROUNDING_RESERVE = ONE;

const HIGHEST_PRICE = (1n << 96n) - 1n;

export interface Book {
  readonly id: number;
  readonly risk: RiskParameters;
  /** A price is shifted left by this to become a value per share at A = 1. */
  readonly scale: bigint;
  /** Whether the oracle vouches for `mark` now. Where it does not, the market is valued and not traded. */
  fresh: boolean;
  /** Whether `mark` lay further than the maintenance margin from the one before. */
  jumped: boolean;
  /** The range of marks since yesterday, in steps of a twentieth. */
  volatility: bigint;
  /** What is paid of each gain since the market was wound up, in parts of `WHOLE_PAYOUT`. Zero before that. */
  payout: bigint;
  /** Money, as the next three. */
  pool: bigint;
  shortfall: bigint;
  fees: bigint;
  long: Side;
  short: Side;
  generation: bigint;
  mark: bigint;
  publishedAt: bigint;
  acceptedAt: bigint;
  /** F, in value units. */
  fundingIndex: bigint;
  /** As it is at `accruedAt`, parts per hundred million of mark and day. */
  premium: bigint;
  accruedAt: bigint;
}

/** mark − F */
export function distance(book: Book): bigint {
  return markValue(book) - book.fundingIndex;
}

/** V: what one share of a side is worth, in value units. */
export function valueOf(book: Book, isLong: boolean): bigint {
  return isLong ? book.long.worth : book.short.worth;
}

/** After anything that moves V: a new mark, funding, a haircut, a new generation. */
export function revalue(book: Book): void {
  const apart = distance(book);
  book.long.worth = value(book.long, apart);
  book.short.worth = value(book.short, apart);
}

/** money · valueUnit = shares · value */
export function valueUnit(book: Book): bigint {
  return ONE << book.scale;
}

/** The mark as a value per share at A = 1. */
export function markValue(book: Book): bigint {
  return book.mark << book.scale;
}

/** shares · value in money. Floor: the holder bears the fraction. */
export function moneyFloor(book: Book, shares: bigint, perShare: bigint): bigint {
  // In two steps, which comes to the same and is faster: dividing by few bits is.
  return divFloor((shares * perShare) >> book.scale, ONE);
}

/** The larger side: they differ by rounding only. */
export function openInterest(book: Book): bigint {
  return max(sizeOfSide(book.long), sizeOfSide(book.short));
}

/** Whether gains wait: the market has ended and its losses are still being collected. */
export function waits(book: Book): boolean {
  return book.payout === 0n && book.risk.status === MarketStatus.Settled;
}

/** What gains can be paid from. */
export function payable_(book: Book): bigint {
  return waits(book) ? 0n : book.pool;
}

/** A price as a value per share, without the bits that are not kept of the lowest one. Never zero. */
export function lowBits(book: Book, price: bigint): bigint {
  return max((price << book.scale) >> LOW_BITS, 1n);
}

/**
 * Closes both sides of an ended market at its final price. Waiting fees repay its shortfall; what is left of that cuts every
 * gain, pro rata. Down: whoever is paid does without the fraction.
 */
export function windUp(book: Book): void {
  const fees = min(book.fees, book.shortfall);
  book.fees -= fees;
  const missing = book.shortfall - fees;
  book.payout =
    missing === 0n ? WHOLE_PAYOUT : max(mulDivDown(book.pool, WHOLE_PAYOUT, book.pool + missing), NO_PAYOUT);
  book.shortfall = 0n;
  closeSide(book.long, sizeOfSide(book.long), distance(book));
  closeSide(book.short, sizeOfSide(book.short), distance(book));
}

/**
 * Money earned in a market pays its own shortfall first.
 * @returns What is left of `amount` for the insurance fund.
 */
export function repay(book: Book, amount: bigint): bigint {
  const repaid = min(amount, book.shortfall);
  book.shortfall -= repaid;
  book.pool += repaid;
  return amount - repaid;
}

/** Takes the fees beyond the reserve out of the pool, as far as it goes. */
export function sweep(book: Book): bigint {
  const swept = min(positivePart(book.fees - ROUNDING_RESERVE), payable_(book));
  book.fees -= swept;
  book.pool -= swept;
  return swept;
}

/** A price below this keeps a market's values in range. */
export function priceLimit(book: Book): bigint {
  return min((1n << MAX_PRICE_BITS) >> book.scale, HIGHEST_PRICE);
}

/**
 * Ends the generation where its numbers run short of range, or where nothing is left of a side: then both are closed, at
 * mark. F begins again at zero.
 * @returns How it settles whoever has not touched it since; undefined where it goes on.
 */
export function renew(book: Book): EndedGeneration | undefined {
  const { long, short } = book;
  let [longShift, shortShift] = [shift(long), shift(short)];
  if (longShift === ALL_CLOSED || shortShift === ALL_CLOSED) {
    [longShift, shortShift] = [ALL_CLOSED, ALL_CLOSED];
  } else {
    const inRange = longShift < MIN_SHIFT && shortShift < MIN_SHIFT;
    if (inRange && !drifted(book.fundingIndex) && !drifted(long.cash) && !drifted(short.cash)) return undefined;
  }
  revalue(book);
  const end: EndedGeneration = {
    longValue: toInt(`value of a long share of market ${book.id}`, long.worth, 112),
    shortValue: toInt(`value of a short share of market ${book.id}`, short.worth, 112),
    longShift,
    shortShift,
  };
  ++book.generation;
  book.fundingIndex = 0n;
  rebase(long, longShift, distance(book));
  rebase(short, shortShift, distance(book));
  revalue(book);
  return end;
}

function drifted(x: bigint): boolean {
  return x > MAX_DRIFT || x < -MAX_DRIFT;
}

/** A copy that may be changed without changing this one. */
export function copyBook(book: Book): Book {
  return { ...book, long: { ...book.long }, short: { ...book.short } };
}

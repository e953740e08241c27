/**
 * How far a market's marks reach, from the accepted ones alone: what bounds a haircut, raises the initial margin, and makes
 * fills wait (`contracts/logic/MarkRange.sol`).
 */
import { max, min } from "../math/integer.ts";
import { mulDivDown, mulDivUp } from "../math/rounding.ts";
import { type Book, lowBits } from "../types/book.ts";
import { PPM } from "../types/riskParameters.ts";

/** The range is counted in steps of a twentieth of the lowest mark, fifteen at most. */
export const STEPS_IN_WHOLE = 20n;
export const MOST_STEPS = 15n;
const DAY = 86_400n;

export interface Extremes {
  /** Highest mark in force on the day (UTC) of the last accepted price, and on the last day before it that had one. */
  high: bigint;
  previousHigh: bigint;
  /** The lowest on the first of these days, as `lowBits` has it. Zero before the first mark. */
  low: bigint;
}

/** Takes a price that is about to become the mark into account. */
export function observe(book: Book, seen: Extremes, price: bigint, time: bigint): void {
  const mark = seen.low === 0n ? price : book.mark;
  if (time / DAY !== book.acceptedAt / DAY) {
    book.volatility /= 2n;
    [seen.previousHigh, seen.high, seen.low] = [seen.high, mark, lowBits(book, mark)];
  }
  seen.high = max(seen.high, price);
  seen.low = min(seen.low, lowBits(book, price));
  book.volatility = max(book.volatility, stepsUp(lowBits(book, seen.high), seen.low));
  // Down: stricter.
  const margin = mulDivDown(mark, book.risk.maintenanceMargin, PPM);
  book.jumped = (price > mark ? price - mark : mark - price) > margin;
}

/** How far the highest of some marks lies above the lowest, in steps. Up: a step that has begun counts. */
export function stepsUp(high: bigint, low: bigint): bigint {
  return min(mulDivUp(high - low, STEPS_IN_WHOLE, low), MOST_STEPS);
}

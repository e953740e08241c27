/** How far a market's marks reach, from the accepted ones alone. Knows no accounts and no open interest. */
import { divCeil, max, min } from "./math.ts";

export const DAY = 86_400n;
/** A range is counted in twentieths of the lowest mark, fifteen at most. */
const STEPS_IN_WHOLE = 20n;
const MOST_STEPS = 15n;
/** Of the lowest mark, as a value, this many bits are not kept. */
const LOW_BITS = 40n;

export interface MarkRange {
  /** The highest mark of the day of the last accepted one, and of the last day before it that had a new one. */
  high: bigint;
  previousHigh: bigint;
  /** The lowest on the first of these days, as `lowBits` has it. */
  low: bigint;
  /** In steps. */
  volatility: bigint;
}

export function newRange(price: bigint, scale: bigint): MarkRange {
  return { high: price, previousHigh: 0n, low: lowBits(price, scale), volatility: 0n };
}

/** A day begins with `mark`, which was in force when it began; half of the volatility is left then. */
export function beginDay(range: MarkRange, mark: bigint, scale: bigint): void {
  range.previousHigh = range.high;
  range.high = mark;
  range.low = lowBits(mark, scale);
  range.volatility /= 2n;
}

export function observe(range: MarkRange, price: bigint, scale: bigint): void {
  range.high = max(range.high, price);
  range.low = min(range.low, lowBits(price, scale));
  const steps = min(MOST_STEPS, divCeil((lowBits(range.high, scale) - range.low) * STEPS_IN_WHOLE, range.low));
  range.volatility = max(range.volatility, steps);
}

/** What part of the lowest mark the range is, as margins count it: parts per million of it times `rate`, up. */
export function partOfRangeUp({ volatility }: MarkRange, rate: bigint): bigint {
  return divCeil(volatility * rate, STEPS_IN_WHOLE);
}

/** Never zero. */
function lowBits(price: bigint, scale: bigint): bigint {
  return max(1n, (price << scale) >> LOW_BITS);
}

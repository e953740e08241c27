/**
 * Funding from a premium: the weighted distance of fills from mark, clamped, and fading when nothing trades
 * (`contracts/logic/FundingRate.sol`). Premium and rate are parts per hundred million of mark; the rate is per day.
 */
import { max, min } from "../math/integer.ts";
import { mulDivFloor } from "../math/rounding.ts";
import { type Book, markValue } from "../types/book.ts";
import { PPM } from "../types/riskParameters.ts";

export const UNIT = 10n ** 8n;
/** Within how many seconds a premium at the clamp fades to nothing when no fill renews it. */
export const FADE = 8n * 3_600n;
const DAY = 86_400n;

/**
 * Brings a market's funding up to `time`, at the mark that was in force.
 * @returns Whether anything moved.
 */
export function accrue(book: Book, time: bigint): boolean {
  const elapsed = time - book.accruedAt;
  if (elapsed === 0n || book.premium === 0n) return false;
  const { gained, left } = accrued(book.premium, elapsed, markValue(book), book.risk.maxFundingRate);
  book.premium = left;
  book.fundingIndex += gained;
  book.accruedAt = time;
  return true;
}

/**
 * What the funding index gains in `elapsed` seconds, and the premium that is left. Floor: what rounding gives one side it
 * takes from the other.
 * @param unitValue The mark in value units.
 * @param maxRate The clamp, parts per million of mark per day. A premium from before it was lowered counts up to it.
 */
export function accrued(
  premium: bigint,
  elapsed: bigint,
  unitValue: bigint,
  maxRate: bigint,
): { gained: bigint; left: bigint } {
  const limit = limitOf(maxRate);
  const from = clamp(premium, limit);
  const negative = from < 0n;
  const magnitude = negative ? -from : from;
  const fading = limit / FADE + 1n;
  const faded = min(magnitude / fading, elapsed);
  let rest = magnitude - faded * fading;
  let twiceArea = faded * (magnitude + rest);
  // The last second, in which less is left than a second takes.
  if (elapsed > faded) [twiceArea, rest] = [twiceArea + rest, 0n];
  return {
    gained: mulDivFloor(unitValue, negative ? -twiceArea : twiceArea, 2n * UNIT * DAY),
    left: negative ? -rest : rest,
  };
}

/**
 * The premium after a fill: pulled towards the fill's own distance from mark with the weight size / (size + open interest),
 * and clamped.
 * @param premium What is left of the premium before the fill.
 * @param openInterest Before the fill, a size.
 * @param maxRate The clamp, parts per million of mark per day.
 */
export function afterFill(
  premium: bigint,
  price: bigint,
  mark: bigint,
  size: bigint,
  openInterest: bigint,
  maxRate: bigint,
): bigint {
  const limit = limitOf(maxRate);
  const distance = clamp(mulDivFloor(price - mark, UNIT, mark), limit);
  const step = mulDivFloor(distance - premium, size, size + openInterest);
  return clamp(premium + step, limit);
}

function limitOf(maxRate: bigint): bigint {
  return maxRate * (UNIT / PPM);
}

function clamp(x: bigint, limit: bigint): bigint {
  return max(-limit, min(x, limit));
}

/**
 * The mark of one market, every other one standing still, at which an account falls below its maintenance margin or below
 * zero: to the last wei, with all of the clearing house's rounding (`contracts/periphery/TriggerPrice.sol`).
 *
 * With E₀ and M₀ the account's equity and MM without this position, and p the mark:
 * E(p) = E₀ + owed + ⌊shares · (V(p) − V_paid) / unit⌋, V(p) = B + ⌊±A · (p · 2^scale − F)⌋, M(p) = M₀ + ⌈m · ⌈size · p⌉⌉.
 * E rises with p for a long and falls for a short, in steps; M rises in steps.
 */
import { min } from "../math/integer.ts";
import { divFloor } from "../math/rounding.ts";
import { type Book, moneyFloor, valueUnit } from "../types/book.ts";
import { type Holding, sizeOfHolding } from "../types/portfolio.ts";
import { notionalUp } from "../types/price.ts";
import { BASE_BITS, type Side, value } from "../types/side.ts";
import { partUp } from "../types/usd.ts";

/**
 * What is answered for a short that no price can bring there. For a long it is zero, so that `mark <= price` for a long and
 * `mark >= price` for a short mean what they say in every case.
 */
export const NEVER = (1n << 256n) - 1n;

/** V stays inside 2^111 at every price that a market accepts: beyond this, no price matters. */
const FAR = 1n << 114n;

/** A position with a size, and the rest of its account. */
export interface Line {
  readonly book: Book;
  readonly held: Holding;
  /** Equity without what is unsettled in this market, money. */
  readonly equity: bigint;
  /** MM without this market's, money. */
  readonly margin: bigint;
  /** The market accepts prices from 1 to below this. */
  readonly limit: bigint;
}

/** The first price on the way against the position at which equity < 0: for a long the highest, for a short the lowest. */
export function ofBankruptcy(line: Line): bigint {
  return firstBelow(line, 0n);
}

/**
 * The first price on the way against the position at which equity < MM: coming from the present mark where the account is
 * above its margin there, otherwise from the market's best price.
 */
export function ofLiquidation(line: Line): bigint {
  return line.held.isLong ? ofLong(line) : ofShort(line);
}

/**
 * Where M(p) = k, every price at which E ≥ k and below p is safe, because M can only be smaller there: so step down to the
 * highest price with E < k, and on until that price is not safe itself.
 */
function ofLong(line: Line): bigint {
  const { mark } = line.book;
  let price = isBelow(line, mark) ? line.limit - 1n : mark;
  while (price !== 0n && !isBelow(line, price)) price = firstBelow(line, marginAt(line, price));
  return price;
}

/** E falls and M rises with the price: what is below stays below, so bisecting finds the first. */
function ofShort(line: Line): bigint {
  const { mark } = line.book;
  let low = isBelow(line, mark) ? 0n : mark;
  let high = min(firstBelow(line, marginAt(line, low)), line.limit);
  // low is safe (or zero, which is no price), high is not, or is no price.
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isBelow(line, middle)) high = middle;
    else low = middle;
  }
  return high < line.limit ? high : NEVER;
}

function isBelow(line: Line, price: bigint): boolean {
  const { book, held } = line;
  const worth = value(sideOf(line), (price << book.scale) - book.fundingIndex);
  const due = held.owed + moneyFloor(book, held.shares, worth - held.paidValue);
  return line.equity + due < marginAt(line, price);
}

/** M(p) */
function marginAt({ book, held, margin }: Line, price: bigint): bigint {
  return margin + partUp(notionalUp(price, sizeOfHolding(held, book)), book.risk.maintenanceMargin);
}

/**
 * The first price with E(p) < `level`, E's own roundings undone one by one:
 * E < level ⟺ V < V_paid + ⌈(level − E₀ − owed) · unit / shares⌉ ⟺ ±(p · 2^scale − F) < ⌈(that − B) / A⌉.
 */
function firstBelow(line: Line, level: bigint): bigint {
  const { book, held, limit } = line;
  const side = sideOf(line);
  const missing = level - line.equity - held.owed;
  const rise = divCeil(missing * valueUnit(book), held.shares);
  if (rise > FAR) return held.isLong ? limit - 1n : 1n;
  if (rise < -FAR) return held.isLong ? 0n : NEVER;
  const exposure = divCeil((held.paidValue + rise - side.cash) << BASE_BITS, side.base) - 1n;
  if (held.isLong) {
    const highest = (book.fundingIndex + exposure) >> book.scale;
    return highest < 1n ? 0n : min(highest, limit - 1n);
  }
  const lowest = -((exposure - book.fundingIndex) >> book.scale);
  if (lowest < 1n) return 1n;
  return lowest < limit ? lowest : NEVER;
}

function sideOf({ book, held }: Line): Side {
  return held.isLong ? book.long : book.short;
}

function divCeil(a: bigint, divisor: bigint): bigint {
  return -divFloor(-a, divisor);
}

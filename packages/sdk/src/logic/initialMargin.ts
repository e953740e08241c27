/**
 * What new risk in a market must be secured with: more, the more is open there already and the further its marks have
 * reached (`contracts/logic/InitialMargin.sol`).
 */
import { max } from "../math/integer.ts";
import { mulDivUp } from "../math/rounding.ts";
import { type Book, openInterest } from "../types/book.ts";
import { notionalUp } from "../types/price.ts";
import { STEPS_IN_WHOLE } from "./markRange.ts";

/**
 * The initial margin rate of a market, ppm of notional: from `initialMargin` where nothing is open to `initialMarginAtCap`
 * where open interest is at its cap or above, and never below `volatilityMargin` of the range of marks. Up: requirements
 * round against the account.
 */
export function rateUp(book: Book): bigint {
  const { openInterestCap: cap, initialMargin: low, initialMarginAtCap, volatilityMargin } = book.risk;
  const interest = notionalUp(book.mark, openInterest(book));
  const rate = interest < cap ? low + mulDivUp(initialMarginAtCap - low, interest, cap) : initialMarginAtCap;
  return max(rate, mulDivUp(book.volatility, volatilityMargin, STEPS_IN_WHOLE));
}

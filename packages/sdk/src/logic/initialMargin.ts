/**
 * What new risk in a market must be secured with: more, the more is open there already and the further its marks have
 * reached (`contracts/logic/InitialMargin.sol`).
 */
import { max } from "../math/integer.ts";
import { at } from "../math/list.ts";
import { mulDivUp } from "../math/rounding.ts";
import { type Book, openInterest } from "../types/book.ts";
import { holdingOf, type Portfolio, sizeOfHolding } from "../types/portfolio.ts";
import { notionalUp } from "../types/price.ts";
import { partUp } from "../types/usd.ts";
import { STEPS_IN_WHOLE } from "./markRange.ts";

/**
 * IM = Σ notional · initial margin rate: what an account must have in `secured` to take new risk, money. Up: requirements
 * round against the account.
 * @param rates What `initialMarginRates` answers for these books as they are: for whoever looks at many accounts.
 */
export function requiredUp(
  account: Portfolio,
  books: readonly Book[],
  rates: readonly bigint[] = initialMarginRates(books),
): bigint {
  let required = 0n;
  for (let i = 0; i < books.length; ++i) {
    const held = holdingOf(account, i);
    if (held.shares === 0n) continue;
    const book = at(books, i);
    required += partUp(notionalUp(book.mark, sizeOfHolding(held, book)), at(rates, i));
  }
  return required;
}

/** The initial margin rate of each book, ppm. They change with marks, open interest and volatility. */
export function initialMarginRates(books: readonly Book[]): bigint[] {
  return books.map(rateUp);
}

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

/** Negative equity exposure: what a set of accounts would be below zero, all together, if marks jumped. */
import { healthOf } from "./logic/health.ts";
import { at } from "./math/list.ts";
import { within } from "./math/narrow.ts";
import { mulDivDown } from "./math/rounding.ts";
import { indexOf, type Opened } from "./periphery/ledgerPreview.ts";
import { type Book, copyBook, priceLimit, revalue } from "./types/book.ts";
import type { Portfolio } from "./types/portfolio.ts";
import { ONE } from "./types/price.ts";
import { MarketStatus } from "./types/riskParameters.ts";

/** By market: what its mark is multiplied by, 18 decimals. Where none is given, the mark stands still. */
export type Shock = ReadonlyMap<number, bigint>;

export interface Exposure {
  /** Σ max(0, −equity), money. */
  readonly exposure: bigint;
  /** How many accounts are below zero. */
  readonly defaults: number;
  /** How many are below their maintenance margin and not below zero. */
  readonly liquidatable: number;
}

/**
 * The exposure if marks jumped at once and nobody had acted yet: with accounts opened beside these markets, and all of what
 * the contracts round. A mark that is not a whole number of wei is rounded down.
 * @throws OutOfRange Where a market would not take the mark, or has ended: its price is final.
 */
export function exposureAt(opened: Opened, accounts: Iterable<Portfolio>, shock: Shock): Exposure {
  const books = shocked(opened, shock);
  let [exposure, defaults, liquidatable] = [0n, 0, 0];
  for (const account of accounts) {
    const { equity, maintenanceMargin } = healthOf(account, books);
    if (equity < 0n) {
      exposure -= equity;
      ++defaults;
    } else if (equity < maintenanceMargin) {
      ++liquidatable;
    }
  }
  return { exposure, defaults, liquidatable };
}

/** Copies of the books, at marks that have jumped. */
function shocked(opened: Opened, shock: Shock): Book[] {
  const books = opened.books.map(copyBook);
  for (const [market, factor] of shock) {
    const book = at(books, indexOf(opened, market));
    const ended = book.risk.status === MarketStatus.Settled;
    within(
      `factor of market ${market}${ended ? ", which has ended," : ""}`,
      factor,
      ended ? ONE : 0n,
      ended ? ONE : MOST,
    );
    const mark = mulDivDown(book.mark, factor, ONE);
    book.mark = within(`mark of market ${market}`, mark, 1n, priceLimit(book) - 1n);
    revalue(book);
  }
  return books;
}

const MOST = 10n ** 36n;

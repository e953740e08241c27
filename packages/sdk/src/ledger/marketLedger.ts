/** What writing a market back leaves of it, and what it earns (`contracts/ledger/MarketLedger.sol`, `AccountLedger.sol`). */
import { min } from "../math/integer.ts";
import { toInt, toUint } from "../math/narrow.ts";
import type { Opened } from "../periphery/ledgerPreview.ts";
import { type Book, repay, sweep } from "../types/book.ts";

const MOST_FEES = (1n << 72n) - 1n;
const MOST_SHORTFALL = (1n << 112n) - 1n;

/** Checks that all of it fits, and cuts what is cut there. */
export function store(book: Book): void {
  const name = (field: string) => `${field} of market ${book.id}`;
  toUint(name("pool"), book.pool, 112);
  toUint(name("longShares"), book.long.shares, 112);
  toUint(name("shortShares"), book.short.shares, 112);
  toInt(name("fundingIndex"), book.fundingIndex, 112);
  // Fees that could not be swept for so long that their bits run out stay in the pool as reserve; nobody can owe more than
  // there is.
  book.fees = min(book.fees, MOST_FEES);
  book.shortfall = min(book.shortfall, MOST_SHORTFALL);
}

/** Money earned in a market, with the fees that its pool holds: its own shortfall first, then the insurance fund. */
export function earn(opened: Opened, book: Book, amount: bigint): void {
  opened.fundAssets += repay(book, amount + sweep(book));
}

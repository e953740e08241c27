/** What writing an account back leaves of it (`contracts/ledger/AccountLedger.sol`). */
import { toUint } from "../math/narrow.ts";
import type { Book } from "../types/book.ts";
import { add, remove } from "../types/marketSet.ts";
import { burnDust, holdingOf, type Portfolio } from "../types/portfolio.ts";

/**
 * Burns what has shrunk to no size, forgives less than a token unit in a market that is left, and brings the set of markets
 * up to date.
 */
export function save(account: Portfolio, books: readonly Book[], tokenUnit: bigint): void {
  for (const [i, book] of books.entries()) {
    const held = holdingOf(account, i);
    if (!held.changed) continue;
    burnDust(held, book);
    const gone = held.shares === 0n;
    // Not a gain of whoever has no collateral: it may be what an unpaid loss elsewhere waits for.
    const forgives = held.owed > -tokenUnit && (held.owed <= 0n || (held.owed < tokenUnit && account.collateral > 0n));
    if (gone && forgives) {
      held.owed = 0n;
      account.markets = remove(account.markets, book.id);
    } else {
      account.markets = add(account.markets, book.id);
    }
    if (gone) held.paidValue = 0n;
    held.changed = false;
  }
  toUint(`collateral of ${account.id}`, account.collateral, 128);
}

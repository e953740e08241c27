/** Losers to be settled so that winners can be paid: as many as the waiting gains need, largest losses first. */
import { type AccountId, type Opened, portfolio, type Portfolio } from "zerofloor";
import { type Action, chunks } from "./action.ts";

const MOST_IN_ONE = 50;

/** @param minimumLoss Losses below this are left alone, money. */
export function planSettling(opened: Opened, accounts: readonly Portfolio[], minimumLoss: bigint): Action[] {
  const chosen = new Set<AccountId>();
  for (const [i, book] of opened.books.entries()) {
    let missing = -book.pool;
    const losers: { readonly id: AccountId; readonly loss: bigint }[] = [];
    for (const account of accounts) {
      const due = portfolio.unsettled(portfolio.holdingOf(account, i), book);
      if (due > 0n) missing += due;
      // More than the collateral cannot be paid: that is for a deleveraging.
      const loss = due < 0n ? min(-due, account.collateral) : 0n;
      if (loss > 0n && loss >= minimumLoss) losers.push({ id: account.id as AccountId, loss });
    }
    losers.sort((a, b) => (a.loss > b.loss ? -1 : 1));
    for (const { id, loss } of losers) {
      if (missing <= 0n) break;
      missing -= loss;
      chosen.add(id);
    }
  }
  return chunks([...chosen], MOST_IN_ONE).map((part) => ({ kind: "settle", accounts: part }));
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

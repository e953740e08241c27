/** Waiting gains: what an account has won and what has not been collected yet from those who lost it. */
import { copyOpened, type Opened } from "../periphery/ledgerPreview.ts";
import { payable_ } from "../types/book.ts";
import { copyPortfolio, holdingOf, type Portfolio, settle, unsettled } from "../types/portfolio.ts";

/**
 * Which accounts to settle, the largest unpaid losses first, so that the pools of an account's markets can pay what it has won
 * there: what stands before it in the list of `settle`. Empty where the pools hold enough already.
 * @param others Accounts that may owe something. Those that bring nothing into these pools are left out.
 */
export function losersFor(opened: Opened, winner: Portfolio, others: readonly Portfolio[]): Portfolio[] {
  const { books } = copyOpened(opened);
  const chosen: Portfolio[] = [];
  const left = new Set(others.filter(({ id }) => id !== winner.id));
  for (const [i, book] of books.entries()) {
    const due = (account: Portfolio) => unsettled(holdingOf(account, i), book);
    const gain = due(winner);
    const losers = [...left].filter((account) => due(account) < 0n).sort((a, b) => (due(a) < due(b) ? -1 : 1));
    for (const loser of losers) {
      if (payable_(book) >= gain) break;
      const before = payable_(book);
      settle(copyPortfolio(loser), books);
      if (payable_(book) <= before) continue;
      chosen.push(loser);
      left.delete(loser);
    }
  }
  return chosen;
}

/** The checks that more than one call makes of an account (`contracts/ledger/Ledger.sol`). */
import { refuse } from "../interfaces/errors.ts";
import { requiredUp } from "../logic/initialMargin.ts";
import { type Opened, requireFresh } from "../periphery/ledgerPreview.ts";
import type { Book } from "../types/book.ts";
import { add, contains, count, MAX_MARKETS_PER_ACCOUNT } from "../types/marketSet.ts";
import { holdingOf, type Portfolio } from "../types/portfolio.ts";
import { negativePart } from "../types/usd.ts";

/** New risk needs secured ≥ IM at accepted, fresh marks. */
export function proveMargin(account: Portfolio, opened: Opened, secured: bigint): void {
  for (const i of opened.books.keys()) if (holdingOf(account, i).shares !== 0n) requireFresh(opened, i);
  const required = requiredUp(account, opened.books);
  if (secured < required) refuse("InsufficientMargin", { account: account.id, secured, required });
}

/** Nothing may create or enlarge an unpaid loss. */
export function requireNoUnpaidLoss(account: string, secured: bigint, securedBefore: bigint): void {
  if (secured < negativePart(securedBefore)) refuse("UnpaidLoss", { account, unpaid: -secured });
}

/**
 * Whether an account that may just have entered a market is in no more than it may be, and in no other one where one of them
 * is for isolated positions only.
 */
export function requireMarketRoom(account: Portfolio, books: readonly Book[], market: number): void {
  if (contains(account.markets, market)) return;
  const markets = add(account.markets, market);
  const [found, limit] = [count(markets), marketLimit(markets, books)];
  if (found > limit) refuse("TooManyMarkets", { count: BigInt(found), limit: BigInt(limit) });
}

function marketLimit(markets: bigint, books: readonly Book[]): number {
  const isolated = books.some(({ id, risk }) => contains(markets, id) && risk.isolatedOnly);
  return isolated ? 1 : MAX_MARKETS_PER_ACCOUNT;
}

/** What an account is worth and what it must stay worth, and the decisions that follow (`contracts/logic/Health.sol`). */
import { max, min } from "../math/integer.ts";
import { at } from "../math/list.ts";
import type { Book } from "../types/book.ts";
import { holdingOf, type Portfolio, requirePresent, sizeOfHolding, unsettled } from "../types/portfolio.ts";
import { notionalUp } from "../types/price.ts";
import { partUp, positivePart, shareDown } from "../types/usd.ts";

/** Money. */
export interface Health {
  /** collateral + Σ unsettled */
  equity: bigint;
  /** collateral + Σ min(0, unsettled): waiting gains count for nothing. */
  secured: bigint;
  /** MM = Σ notional · maintenance margin rate */
  maintenanceMargin: bigint;
}

/** Equity, secured and the maintenance margin of an account, at the books' marks. */
export function healthOf(account: Portfolio, books: readonly Book[]): Health {
  const health: Health = { equity: 0n, secured: 0n, maintenanceMargin: 0n };
  measure(health, account, books);
  return health;
}

/** The same into a place that may have been used before. */
export function measure(health: Health, account: Portfolio, books: readonly Book[]): void {
  let [equity, secured] = [account.collateral, account.collateral];
  let maintenanceMargin = 0n;
  for (let i = 0; i < books.length; ++i) {
    const held = holdingOf(account, i);
    if (held.shares === 0n && held.owed === 0n) continue;
    const book = at(books, i);
    requirePresent(account, held, book);
    const due = unsettled(held, book);
    equity += due;
    if (due < 0n) secured += due;
    if (held.shares === 0n) continue;
    // Up: the requirement rounds against the account.
    maintenanceMargin += partUp(notionalUp(book.mark, sizeOfHolding(held, book)), book.risk.maintenanceMargin);
  }
  health.equity = equity;
  health.secured = secured;
  health.maintenanceMargin = maintenanceMargin;
}

export function isDefault(health: Health): boolean {
  return health.equity < 0n;
}

/** 0 ≤ equity < MM */
export function isLiquidatable(health: Health): boolean {
  return health.equity >= 0n && health.equity < health.maintenanceMargin;
}

/**
 * Whether a reduction that led from `before` to `health` is allowed: equity ≥ MM, or equity ≥ 0 and equity/MM not lower, asked
 * locally: Δequity · MM + equity · (MM of the closed part) ≥ 0, equity and MM from before.
 * @param closedMargin MM of what was closed, rounded down (stricter).
 */
export function keepsPromise(health: Health, before: Health, closedMargin: bigint): boolean {
  if (health.equity >= health.maintenanceMargin) return true;
  if (health.equity < 0n) return false;
  return (health.equity - before.equity) * before.maintenanceMargin + before.equity * closedMargin >= 0n;
}

/**
 * The most that a reduction may be charged so that `keepsPromise` still holds and no loss goes unpaid. Down: the earner of
 * the fee does without the fraction.
 */
export function feeAllowance(health: Health, before: Health, closedMargin: bigint): bigint {
  const aboveMargin = health.equity - health.maintenanceMargin;
  const ofClosed =
    before.maintenanceMargin === 0n
      ? 0n
      : shareDown(positivePart(before.equity), closedMargin, before.maintenanceMargin);
  const local = min(health.equity, health.equity - before.equity + ofClosed);
  return positivePart(min(max(aboveMargin, local), health.secured));
}

/** After `paid` has left the collateral. */
export function minus(health: Health, paid: bigint): void {
  health.equity -= paid;
  health.secured -= paid;
}

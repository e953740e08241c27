/** Positions to be taken over, worst account first, as far as the keeper's account can bear them or resting orders take them. */
import {
  type AccountId,
  marketsOf,
  type Opened,
  type Portfolio,
  portfolio,
  previewLiquidation,
  Standing,
} from "zerofloor";
import type { Seen } from "../roster.ts";
import type { Action, Leg } from "./action.ts";
import { Desk, type Offer } from "./desk.ts";

export interface Liquidating {
  /** The account that takes over. */
  readonly own: Portfolio;
  readonly maximumLeverage: number;
  readonly offers: readonly Offer[];
  /** Liquidations in one transaction. */
  readonly atOnce: number;
}

const ANY_SIZE = (1n << 256n) - 1n;

export function planLiquidating(
  opened: Opened,
  worstFirst: readonly Seen[],
  { own, maximumLeverage, offers, atOnce }: Liquidating,
): Action[] {
  const desk = new Desk(opened, own, maximumLeverage, offers);
  const actions: Action[] = [];
  const waiting = new Set<number>();
  let legs: Leg[] = [];
  const close = () => {
    const sales = desk.sellOn();
    if (legs.length > 0 || sales.length > 0) actions.push({ kind: "liquidate", legs, sales });
    legs = [];
  };
  for (const { account, standing } of worstFirst) {
    if (standing !== Standing.Liquidatable || account.id === own.id) continue;
    const found = legOf(opened, account, desk);
    if (found === undefined) {
      for (const market of marketsOf(account.markets)) if (desk.isWaiting(market)) waiting.add(market);
      continue;
    }
    legs.push(found.leg);
    desk.take(found.leg.market, found.isLong ? found.leg.size : -found.leg.size);
    if (legs.length >= atOnce) close();
  }
  close();
  return [...actions, ...[...waiting].map((market): Action => ({ kind: "accept", market }))];
}

/** The largest position of an account that has a price, or as much of it as the keeper can take. */
function legOf(opened: Opened, account: Portfolio, desk: Desk) {
  const positions = opened.books
    .flatMap((book, i) => {
      const size = portfolio.sizeOfHolding(portfolio.holdingOf(account, i), book);
      const whole = size < 0n ? -size : size;
      return book.fresh && size !== 0n
        ? [{ market: book.id, isLong: size > 0n, whole, notional: whole * book.mark }]
        : [];
    })
    .sort((a, b) => (a.notional > b.notional ? -1 : 1));
  for (const { market, isLong, whole } of positions) {
    const terms = previewLiquidation(opened, account, market, ANY_SIZE);
    if (!terms.accepted) continue;
    const most = desk.most(market, isLong);
    const dust = desk.dust(market);
    // Less than all that may be taken must leave the debtor more than dust, and be more than that itself.
    const size = most >= terms.size ? terms.size : min(most, whole - dust);
    if (size <= 0n || (size < terms.size && size < dust)) continue;
    const partial = size === terms.size ? terms : previewLiquidation(opened, account, market, size);
    if (!partial.accepted) continue;
    // Only what is collateral at once: a claim on a pool is paid when there is money in it.
    const earns = partial.incentive - partial.claim;
    return { leg: { account: account.id as AccountId, market, size, earns }, isLong };
  }
  return undefined;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

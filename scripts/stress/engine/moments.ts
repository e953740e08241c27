/** The moments of deleveraging of a run, in the form in which every policy is given them. */
import { healthOf, type Opened, type Portfolio, portfolio } from "../../../packages/sdk/src/index.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { notionalUp } from "../../../packages/sdk/src/types/price.ts";
import { partUp } from "../../../packages/sdk/src/types/usd.ts";
import type { Seen } from "../../../packages/keeper/src/roster.ts";
import { max, min, ONE } from "../../simulation/fixedPoint.ts";
import type { Defaulter, Holder, Moment } from "../policies/moment.ts";

/** What a contract is worth for a policy that counts in whole ones, money: as large exchanges have it. */
const CONTRACT = 10n * ONE;

/** What the house itself does not know of its accounts. */
export interface Known {
  /** What a position was opened at. */
  entryOf(account: string, market: number): bigint;
  /** The account that holds the other leg of a hedge. */
  pairOf(account: string): Portfolio | undefined;
}

/** One for each market and side in which somebody is in default, the larger deficits first. */
export function momentsOf(
  opened: Opened,
  inDefault: readonly Seen[],
  everybody: readonly Portfolio[],
  known: Known,
): { readonly market: number; readonly moment: Moment }[] {
  if (inDefault.length === 0) return [];
  const defaulted = new Set(inDefault.map(({ account }) => account.id));
  const found: { market: number; moment: Moment; deficit: bigint }[] = [];
  for (const i of opened.books.keys()) {
    for (const longsDefaulted of [true, false]) {
      const defaulters = inDefault.flatMap((seen) => defaulterIn(opened, seen, i, longsDefaulted));
      if (defaulters.length === 0) continue;
      const moment = { ...frame(opened, i, longsDefaulted), defaulters, ...holders(opened, i, longsDefaulted) };
      if (moment.opposing.length === 0) continue;
      found.push({ market: i, moment, deficit: defaulters.reduce((all, { deficit }) => all + deficit, 0n) });
    }
  }
  return found.sort((a, b) => (a.deficit > b.deficit ? -1 : 1));

  function holders(now: Opened, i: number, longsDefaulted: boolean) {
    const opposing: Holder[] = [];
    const sameSide: Holder[] = [];
    for (const account of everybody) {
      if (defaulted.has(account.id)) continue;
      const size = portfolio.sizeOfHolding(portfolio.holdingOf(account, i), at(now.books, i));
      if (size === 0n) continue;
      const holder = holderOf(now, account, i, size, known);
      if (holder.equity >= 0n) (size > 0n === longsDefaulted ? sameSide : opposing).push(holder);
    }
    return { opposing, sameSide };
  }
}

function frame({ books, records, fundAssets }: Opened, i: number, longsDefaulted: boolean) {
  const [{ mark, risk }, { extremes, fundAvailable }] = [at(books, i), at(records, i)];
  return {
    mark,
    highestMark: max(max(extremes.high, extremes.previousHigh), mark),
    longsDefaulted,
    maintenanceMargin: risk.maintenanceMargin,
    insurance: min(fundAvailable, fundAssets),
    contract: max((CONTRACT * ONE) / mark, 1n),
    bountyRate: risk.bountyRate,
    bountyCap: risk.bountyCap,
  };
}

/** A deficit belongs to markets in proportion to the unpaid losses there. */
function defaulterIn({ books }: Opened, { account, equity }: Seen, i: number, isLong: boolean): Defaulter[] {
  const size = portfolio.sizeOfHolding(portfolio.holdingOf(account, i), at(books, i));
  if (size === 0n || size > 0n !== isLong) return [];
  const losses = books.map((book, j) => -min(portfolio.unsettled(portfolio.holdingOf(account, j), book), 0n));
  const all = losses.reduce((sum, loss) => sum + loss, 0n);
  const deficit = all === 0n ? 0n : (-equity * at(losses, i)) / all;
  return deficit > 0n ? [{ id: account.id, size: size > 0n ? size : -size, deficit }] : [];
}

function holderOf({ books }: Opened, account: Portfolio, i: number, size: bigint, known: Known): Holder {
  const { equity, maintenanceMargin } = healthOf(account, books);
  const { mark, risk } = at(books, i);
  const own = partUp(notionalUp(mark, size), risk.maintenanceMargin);
  const pair = known.pairOf(account.id);
  const hedged = pair === undefined ? 0n : portfolio.sizeOfHolding(portfolio.holdingOf(pair, i), at(books, i));
  return {
    id: account.id,
    size: size > 0n ? size : -size,
    entryPrice: known.entryOf(account.id, i),
    equity,
    otherMargin: max(maintenanceMargin - own, 0n),
    hedge: (hedged * mark) / ONE,
  };
}

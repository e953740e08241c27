/** The default waterfall over everybody below zero, and what it took from whom. */
import {
  type Allocation,
  healthOf,
  openAccount,
  type Opened,
  type Portfolio,
  portfolio,
  Standing,
} from "../../../packages/sdk/src/index.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { chunks } from "../../../packages/keeper/src/plan/action.ts";
import type { Seen } from "../../../packages/keeper/src/roster.ts";
import type { Model } from "./model.ts";
import { storedAccount } from "./stored.ts";

/** Accounts in one call: about a million of gas. */
const IN_ONE_CALL = 50;
/** A haircut may push somebody below zero, who is resolved in the next round. */
const MOST_ROUNDS = 20;

/** Somebody on the side that was charged. */
export interface Charged {
  readonly account: number;
  readonly market: number;
  /** Money. */
  readonly haircut: bigint;
  /** As it was before: signed, and equity of the whole account. */
  readonly size: bigint;
  readonly equity: bigint;
}

export interface Resolution {
  readonly resolved: readonly number[];
  readonly allocations: readonly Allocation[];
  readonly charged: readonly Charged[];
}

/** @param seen Answers who is below its level, as it is now. */
export function resolve(model: Model, seen: () => Seen[]): Resolution {
  const resolved: number[] = [];
  const allocations: Allocation[] = [];
  const charged: Charged[] = [];
  for (let round = 0; round < MOST_ROUNDS; ++round) {
    const list = seen().filter(({ standing }) => standing === Standing.InDefault);
    if (list.length === 0) break;
    const [before, holders] = [model.opened, model.portfolios()];
    const numbers = list.map(({ account }) => model.numberOf(account.id));
    const made: Allocation[] = [];
    for (const part of chunks(numbers, IN_ONE_CALL)) made.push(...model.deleverage(part).allocations);
    allocations.push(...made);
    resolved.push(...numbers);
    charged.push(...charges(model, before, holders, made, new Set(list.map(({ account }) => account.id))));
  }
  return { resolved, allocations, charged };
}

/** At the same mark and moment, what a holder's share has lost is its haircut. */
function charges(
  model: Model,
  before: Opened,
  holders: readonly Portfolio[],
  made: readonly Allocation[],
  defaulted: ReadonlySet<string>,
): Charged[] {
  const found: Charged[] = [];
  const ids = before.books.map(({ id }) => id);
  for (const [i, book] of before.books.entries()) {
    const own = made.filter(({ market }) => market === book.id);
    const sides = { long: own.some(({ byLongs }) => byLongs > 0n), short: own.some(({ byShorts }) => byShorts > 0n) };
    if (!sides.long && !sides.short) continue;
    const after = at(model.opened.books, i);
    for (const holder of holders) {
      const held = portfolio.holdingOf(holder, i);
      if (held.shares === 0n || !(held.isLong ? sides.long : sides.short) || defaulted.has(holder.id)) continue;
      const isCurrent = after.generation === book.generation;
      const now = isCurrent ? holder : openAccount(model.opened, storedAccount(holder, ids));
      const haircut = portfolio.unsettled(held, book) - portfolio.unsettled(portfolio.holdingOf(now, i), after);
      if (haircut <= 0n) continue;
      const { equity } = healthOf(holder, before.books);
      const size = portfolio.sizeOfHolding(held, book);
      found.push({ account: model.numberOf(holder.id), market: i, haircut, size, equity });
    }
  }
  return found;
}

/** What people hold in all, which open interest limits must have room for if nobody is to be turned away. */
import { notionalUp } from "../../../packages/sdk/src/types/price.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import type { Person } from "../engine/person.ts";

/** Of one market, money. */
export interface Notional {
  readonly long: bigint;
  readonly short: bigint;
}

/** @param prices By the place of the market in the scenario, 18 decimals. */
export function notionals(people: readonly Person[], prices: readonly bigint[]): Notional[] {
  const found = prices.map(() => ({ long: 0n, short: 0n }));
  for (const { legs } of people) {
    for (const { market, size } of legs) {
      const notional = notionalUp(at(prices, market), size);
      at(found, market)[size > 0n ? "long" : "short"] += notional;
    }
  }
  return found;
}

/**
 * The larger side, money: people trade with one market maker, who nets, so that it never holds more on a side than they do on
 * the other one.
 */
export function openInterestOf({ long, short }: Notional): bigint {
  return long > short ? long : short;
}

/**
 * Warns whoever comes near liquidation: once for each time that an account falls below the level, while it can still do
 * something about it. A message, not a state of the account: nothing waits for an answer.
 */
import { ownerOf, PPM, Standing } from "zerofloor";
import type { Log } from "./log.ts";
import type { Seen } from "./roster.ts";
import { reasonOf } from "./setupError.ts";
import type { Store } from "./store.ts";
import type { Post } from "./webhooks.ts";

export interface MarginCall {
  readonly account: string;
  readonly owner: string;
  /** Money, 18 decimals, as whole numbers in text. */
  readonly equity: string;
  readonly maintenanceMargin: string;
  /** ppm of the maintenance margin. */
  readonly level: string;
  readonly block: number;
  readonly chainId: number;
}

export interface Where {
  readonly chainId: number;
  readonly block: number;
}

/** An account is called again only after it has been above the level by this, ppm of it: prices tremble. */
const HYSTERESIS = 20_000n;
const MOST_AT_ONCE = 50;

/** What has to be seen for calls to work: accounts up to where they may be called again. */
export function levelToWatch(level: bigint): bigint {
  return level + (level * HYSTERESIS) / PPM;
}

/** Writes down who has crossed the level, in either direction. */
export function noteCrossings(store: Store, seen: readonly Seen[], level: bigint, where: Where): void {
  store.together(() => {
    note(store, seen, level, where);
  });
}

function note(store: Store, seen: readonly Seen[], level: bigint, where: Where): void {
  const called = store.called();
  const near = new Set<string>();
  for (const { account, equity, maintenanceMargin, standing } of seen) {
    near.add(account.id);
    if (called.has(account.id) || equity >= (maintenanceMargin * level) / PPM) continue;
    // Whoever has fallen through cannot be warned any more, and need not be told on the way back up.
    const isLate = standing !== Standing.Healthy;
    const call: MarginCall = {
      account: account.id,
      owner: ownerOf(account.id),
      equity: equity.toString(),
      maintenanceMargin: maintenanceMargin.toString(),
      level: level.toString(),
      ...where,
    };
    store.setCalled(account.id, isLate ? undefined : JSON.stringify(call));
  }
  for (const id of called.keys()) if (!near.has(id)) store.clearCalled(id);
}

/**
 * Delivers what has not been delivered yet.
 * @returns How many were.
 */
export async function deliverCalls(store: Store, url: string, post: Post, log: Log): Promise<number> {
  const waiting = [...store.called()].flatMap(([account, body]) => (body === undefined ? [] : [{ account, body }]));
  let delivered = 0;
  for (const { account, body } of waiting.slice(0, MOST_AT_ONCE)) {
    try {
      await post(url, body);
    } catch (error) {
      // The next pass tries again; the others would fail as well.
      log.warn({ account }, `a margin call could not be delivered: ${reasonOf(error)}`);
      break;
    }
    store.setCalled(account, undefined);
    log.info({ account }, "margin call");
    ++delivered;
  }
  return delivered;
}

/** What a keeper may do next, before anybody has been asked whether it works and pays. */
import type { AccountId } from "zerofloor";
import type { SignedOrder } from "zerofloor/ethers";

/** A position to take over. */
export interface Leg {
  readonly account: AccountId;
  readonly market: number;
  readonly size: bigint;
  /** Money, as collateral at once. */
  readonly earns: bigint;
}

/** A part of the keeper's position that a resting order takes. */
export interface Sale {
  readonly resting: SignedOrder;
  /** What the keeper signs against it. */
  readonly size: bigint;
  readonly price: bigint;
  /** Money, beside mark and after the protocol's fee: often below zero. */
  readonly earns: bigint;
}

export type Action =
  | { readonly kind: "deleverage"; readonly accounts: readonly AccountId[]; readonly bounty: bigint }
  | { readonly kind: "liquidate"; readonly legs: readonly Leg[]; readonly sales: readonly Sale[] }
  | { readonly kind: "settle"; readonly accounts: readonly AccountId[] }
  /** Brings a market's mark up to date, so that a block later it can be traded there. */
  | { readonly kind: "accept"; readonly market: number };

/** Who is concerned: as long as a transaction about them is on its way, nothing else is sent about them. */
export function subjectsOf(action: Action): string[] {
  if (action.kind === "liquidate") return action.legs.map(({ account }) => account);
  return action.kind === "accept" ? [`market ${action.market}`] : [...action.accounts];
}

/** Money that it brings. Undefined where it is not done for money by itself: settling, accepting, selling what is held. */
export function earningsOf(action: Action): bigint | undefined {
  if (action.kind === "settle" || action.kind === "accept") return undefined;
  if (action.kind === "deleverage") return action.bounty;
  if (action.legs.length === 0) return undefined;
  return [...action.legs, ...action.sales].reduce((all, { earns }) => all + earns, 0n);
}

/** An action without some of its accounts; none where nothing is left. */
export function without(action: Action, accounts: ReadonlySet<string>): Action[] {
  switch (action.kind) {
    case "deleverage": {
      const left = action.accounts.filter((id) => !accounts.has(id));
      const bounty = (action.bounty * BigInt(left.length)) / BigInt(action.accounts.length);
      return left.length === 0 ? [] : [{ ...action, accounts: left, bounty }];
    }
    case "liquidate": {
      const legs = action.legs.filter(({ account }) => !accounts.has(account));
      if (legs.length === action.legs.length) return [action];
      // What was to be sold on was meant for the whole.
      return legs.length === 0 ? [] : [{ ...action, legs, sales: [] }];
    }
    case "settle":
    case "accept":
      return [action];
  }
}

/** The parts of an action that does not work as a whole; none where it cannot be divided. */
export function parts(action: Action): Action[] {
  switch (action.kind) {
    case "liquidate":
      // What was to be sold on was meant for the whole.
      if (action.sales.length > 0) return action.legs.length > 0 ? [{ ...action, sales: [] }] : [];
      return halve(action.legs).map((legs) => ({ ...action, legs }));
    case "settle":
      return halve(action.accounts).map((accounts) => ({ ...action, accounts }));
    case "deleverage":
    case "accept":
      // Never refused for one of its accounts.
      return [];
  }
}

function halve<T>(list: readonly T[]): (readonly T[])[] {
  const middle = Math.ceil(list.length / 2);
  return list.length < 2 ? [] : [list.slice(0, middle), list.slice(middle)];
}

export function chunks<T>(list: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, i) => list.slice(i * length, (i + 1) * length));
}

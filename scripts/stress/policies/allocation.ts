/** What a policy answers: who is closed by how much, and who is charged how much. */
import { positivePart } from "../../../packages/sdk/src/types/usd.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { defaultedSize, insuredOf, type Moment, neededOf } from "./moment.ts";

/** One holder's part. */
export interface Part {
  readonly id: string;
  /** What of its position is closed, a size: at most what it had. */
  readonly closed: bigint;
  /** By how much its equity is lower at the same mark, money: the haircut. Not below zero. */
  readonly charge: bigint;
}

export interface Allocation {
  readonly policy: string;
  /** One for each of the moment's `opposing`, in its order. */
  readonly opposing: readonly Part[];
  /** The same for `sameSide`. */
  readonly sameSide: readonly Part[];
  /** What the insurance fund pays, money. */
  readonly insured: bigint;
  /** What the caller of the deleveraging is paid out of charges and fund, money. */
  readonly bounty: bigint;
  /** What of the needed amount nobody is charged, money. */
  readonly shortfall: bigint;
  /** What somebody must take over at mark because it is not closed, a size … */
  readonly takenOver: bigint;
  /** … and what that costs whoever does, money. */
  readonly takerCharge: bigint;
  /** Closed or taken over, less what defaulted: what the house itself is left with, a signed size. */
  readonly imbalance: bigint;
  /** How many pairs of a defaulter and a counterparty are written, where a venue settles pair by pair. */
  readonly pairs: number;
}

export type Policy = (moment: Moment) => Allocation;

/** What most policies have in common; the rest is theirs to say. */
export function allocationOf(
  policy: string,
  moment: Moment,
  opposing: readonly Part[],
  more: Partial<Omit<Allocation, "policy" | "opposing">> = {},
): Allocation {
  const { sameSide = untouched(moment.sameSide), takenOver = 0n, takerCharge = 0n } = more;
  const charged = takerCharge + sum([...opposing, ...sameSide].map(({ charge }) => charge));
  const closed = sum(opposing.map((part) => part.closed));
  return {
    policy,
    opposing,
    sameSide,
    insured: insuredOf(moment),
    bounty: 0n,
    shortfall: positivePart(neededOf(moment) - charged),
    takenOver,
    takerCharge,
    imbalance: closed + takenOver - defaultedSize(moment.defaulters),
    pairs: opposing.filter(isTouched).length,
    ...more,
  };
}

export function untouched(holders: readonly { readonly id: string }[]): Part[] {
  return holders.map(({ id }) => ({ id, closed: 0n, charge: 0n }));
}

export function isTouched({ closed, charge }: Part): boolean {
  return closed > 0n || charge > 0n;
}

/** H: all that is charged, to whoever it is. Money. */
export function chargedBy({ opposing, sameSide, takerCharge }: Allocation): bigint {
  return takerCharge + sum([...opposing, ...sameSide].map(({ charge }) => charge));
}

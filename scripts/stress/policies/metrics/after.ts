/** What a holder is left with, at the same mark. */
import { at } from "../../../../packages/sdk/src/math/list.ts";
import type { Allocation, Part } from "../allocation.ts";
import type { Holder, Moment } from "../moment.ts";

export interface After {
  readonly holder: Holder;
  readonly part: Part;
  /** What of the position is left. */
  readonly size: bigint;
  /** Money; below zero where the charge was more than the account had. */
  readonly equity: bigint;
}

export function opposingAfter(moment: Moment, allocation: Allocation): After[] {
  return after(moment.opposing, allocation.opposing);
}

/** Both sides: whoever is not in default. */
export function everybodyAfter(moment: Moment, allocation: Allocation): After[] {
  return [...opposingAfter(moment, allocation), ...after(moment.sameSide, allocation.sameSide)];
}

export function after(holders: readonly Holder[], parts: readonly Part[]): After[] {
  return holders.map((holder, i) => {
    const part = at(parts, i);
    return { holder, part, size: holder.size - part.closed, equity: holder.equity - part.charge };
  });
}

/**
 * The next-shock deficit: what the opposing side would be below zero together if the mark moved on by a fifth against it, at
 * once and before anybody acts. It moves what hedges are worth as well. Whoever is below zero already counts.
 *
 * Ours; the risk that arXiv 2603.15963 minimises is the expectation of this over all moves.
 */
import { mulDivFloor } from "../../../../packages/sdk/src/math/rounding.ts";
import { notionalUp } from "../../../../packages/sdk/src/types/price.ts";
import { PPM } from "../../../../packages/sdk/src/types/riskParameters.ts";
import { partUp } from "../../../../packages/sdk/src/types/usd.ts";
import type { Allocation } from "../allocation.ts";
import type { Moment } from "../moment.ts";
import { opposingAfter } from "./after.ts";

/** ppm of the mark. */
export const NEXT_SHOCK = 200_000n;

export interface NextShock {
  /** Money. */
  readonly deficit: bigint;
  readonly defaults: number;
}

export function nextShockAfter(moment: Moment, allocation: Allocation, shock = NEXT_SHOCK): NextShock {
  // Shorts are hurt by a rise, longs by a fall.
  const rise = moment.longsDefaulted ? shock : -shock;
  const equities = opposingAfter(moment, allocation).map(
    ({ holder, size, equity }) =>
      equity - partUp(notionalUp(moment.mark, size), shock) + mulDivFloor(holder.hedge, rise, PPM),
  );
  const below = equities.filter((equity) => equity < 0n);
  return { deficit: below.reduce((all, equity) => all - equity, 0n), defaults: below.length };
}

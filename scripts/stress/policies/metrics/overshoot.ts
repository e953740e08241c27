/**
 * Fill-time overshoot and undershoot: what is charged against what is needed, before the mark moves on.
 *
 *   overshoot = [H − B]⁺,  undershoot = [B − H]⁺;  H = Σ x_i,  B the needed amount
 *
 * Source: arXiv 2602.15182, eq. 9 and the terms that §3.7 fixes; O(0) of 2512.01112 is the same with a sign. Their H of the
 * production queue is a replay that values winners at the prices of the last fills, and B at the mark of the liquidation; here both
 * are at one mark, so a difference is the rule's own: its rounding, its caps, whole contracts. What a rule pays whoever calls it is
 * charged and not needed, too; it is the price of having somebody call, and a line of its own.
 */
import { positivePart } from "../../../../packages/sdk/src/types/usd.ts";
import { type Allocation, chargedBy } from "../allocation.ts";
import { type Moment, neededOf } from "../moment.ts";

/** Money. */
export interface Tracking {
  readonly needed: bigint;
  readonly charged: bigint;
  readonly overshoot: bigint;
  readonly undershoot: bigint;
}

export function trackingOf(moment: Moment, allocation: Allocation): Tracking {
  const [needed, charged] = [neededOf(moment), chargedBy(allocation)];
  const overshoot = positivePart(charged - allocation.bounty - needed);
  return { needed, charged, overshoot, undershoot: positivePart(needed - charged) };
}

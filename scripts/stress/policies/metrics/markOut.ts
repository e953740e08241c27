/**
 * Mark-out: what being closed was worth to those who were, against a later mark. Below zero where they would rather not have
 * been.
 *
 *   immediate = Q · (M_0 − P) = −charges,  forgone = Q · (M_Δ − M_0),  total = Q · (M_Δ − P)
 *
 * Q is above zero where a holder is made to buy (a short), below where it is made to sell. Source: the decomposition of
 * arXiv 2512.01112 (app. on the mark-out diagnostic) with the signs of the questions and answers beside its published analysis.
 * Ours: where a charge is not a price, as with a haircut or a funding index, the charge is the immediate part all the same.
 *
 * The later mark is the same for all policies: nobody's closing moves it. Floor: a fraction counts against the holder.
 */
import { mulDivFloor } from "../../../../packages/sdk/src/math/rounding.ts";
import { ONE } from "../../../../packages/sdk/src/types/price.ts";
import { sum } from "../../../simulation/fixedPoint.ts";
import { type Allocation, chargedBy } from "../allocation.ts";
import type { Moment } from "../moment.ts";

/** Money, of everybody who is closed or charged, together. */
export interface MarkOut {
  /** What they are charged, below zero. */
  readonly immediate: bigint;
  /** What the closed size would have made from the mark to the later one, with the other sign. */
  readonly forgone: bigint;
  readonly total: bigint;
}

export function markOutOf(moment: Moment, allocation: Allocation, later: bigint): MarkOut {
  const immediate = -chargedBy(allocation);
  const closed = sum(allocation.opposing.map((part) => part.closed));
  // Shorts are made to buy, longs to sell.
  const forgone = mulDivFloor(moment.longsDefaulted ? later - moment.mark : moment.mark - later, closed, ONE);
  return { immediate, forgone, total: immediate + forgone };
}

/**
 * Profit-weighted pro rata: every winner pays the same part of its profit, and nobody more than that: collateral is never
 * touched. What profits do not suffice for is not raised.
 *
 *   x_i = u_i / U · B,  0 ≤ x_i ≤ u_i,  u_i = min(profit⁺, equity),  U = Σ u_i
 *
 * Source: arXiv 2602.15182, §3.5 (pro-rata policy) with the feasible set of eq. 7; the capacity u_i with its bound by equity
 * from the benchmark allocations of 2512.01112. Both speak of money only.
 *
 * Ours, because neither says which size is closed: it is closed in the same proportion, up to what a winner has; where all of
 * the winners' size does not suffice, the rest is closed over everybody else, pro rata to size and at mark, free of charge.
 *
 * Rounding: the charges add up to the needed amount exactly; no charge is a wei from its proportion.
 */
import { at } from "../../../packages/sdk/src/math/list.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { type Allocation, allocationOf } from "./allocation.ts";
import { apportion } from "./apportion.ts";
import { type Moment, neededOf, profitCapacity, sizeToClose } from "./moment.ts";

export function profitProRata(moment: Moment): Allocation {
  const { opposing } = moment;
  const capacities = opposing.map((holder) => profitCapacity(moment, holder));
  const sizes = opposing.map(({ size }) => size);
  const charges = apportion(neededOf(moment), capacities, capacities);
  const ofWinners = apportion(sizeToClose(moment), capacities, sizes);
  const remaining = sizes.map((size, i) => size - at(ofWinners, i));
  const ofOthers = apportion(sizeToClose(moment) - sum(ofWinners), remaining, remaining);
  const parts = opposing.map(({ id }, i) => ({
    id,
    closed: at(ofWinners, i) + at(ofOthers, i),
    charge: at(charges, i),
  }));
  return allocationOf("profit pro rata", moment, parts);
}

/** How few pay how much. Ours: the papers measure concentration by the worst hit alone (`beyondProfit.ts`). */
import { PPM } from "../../../../packages/sdk/src/types/riskParameters.ts";
import { shareDown } from "../../../../packages/sdk/src/types/usd.ts";
import { sum } from "../../../simulation/fixedPoint.ts";
import type { Allocation } from "../allocation.ts";

const LARGEST = 10;

export interface Concentration {
  /** What the ten who pay most pay of all that holders of both sides pay, ppm. Down. */
  readonly tenLargest: bigint;
  /** Gini of charges over the whole opposing side, whoever pays nothing with zero: 0 all alike, towards a million one alone. */
  readonly gini: bigint;
  /**
   * The same of charge per size held. Sizes differ, so charges pro rata to size are as unequal as sizes are: this one is zero
   * for them.
   */
  readonly giniPerSize: bigint;
}

/** @param sizes Of the opposing side, in the order of the allocation. */
export function concentrationOf({ opposing, sameSide }: Allocation, sizes: readonly bigint[]): Concentration {
  const charges = opposing.map(({ charge }) => charge);
  const all = [...charges, ...sameSide.map(({ charge }) => charge)].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0));
  const total = sum(all);
  return {
    tenLargest: total === 0n ? 0n : shareDown(PPM, sum(all.slice(0, LARGEST)), total),
    gini: gini(charges),
    giniPerSize: gini(charges.map((charge, i) => (charge * PRECISION) / (sizes[i] ?? 1n))),
  };
}

/** Digits of a charge per size, so that wei of rounding do not look like inequality. */
const PRECISION = 10n ** 24n;

/** Σ (2i − n − 1) · x_i / (n · Σ x) over x in rising order, i from 1; ppm, down. Zero where nobody pays. */
export function gini(values: readonly bigint[]): bigint {
  const rising = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [count, total] = [BigInt(values.length), sum(values)];
  if (total === 0n) return 0n;
  const weighted = sum(rising.map((x, i) => (2n * BigInt(i + 1) - count - 1n) * x));
  return (PPM * weighted) / (count * total);
}

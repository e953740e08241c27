/** All policies at one moment, and where ours is not the best of them. */
import { magnitude } from "../../../packages/sdk/src/types/size.ts";
import { POLICIES } from "./all.ts";
import { type LaterMarks, measure, type Measures } from "./metrics/measure.ts";
import { type Moment, requireMoment } from "./moment.ts";

/** One line of the comparison: less is better. */
export interface Criterion {
  readonly name: string;
  readonly unit: "money" | "wei" | "accounts" | "ppm" | "gas" | "size";
  readonly of: (measures: Measures) => bigint | undefined;
}

export const CRITERIA: readonly Criterion[] = [
  { name: "overshoot at the fill", unit: "wei", of: ({ tracking }) => tracking.overshoot },
  { name: "undershoot at the fill", unit: "money", of: ({ tracking }) => tracking.undershoot },
  { name: "paid to whoever calls it", unit: "money", of: ({ allocation }) => allocation.bounty },
  { name: "forgone by who was closed, 1 minute", unit: "money", of: ({ oneMinute }) => negated(oneMinute?.forgone) },
  {
    name: "forgone by who was closed, 5 minutes",
    unit: "money",
    of: ({ fiveMinutes }) => negated(fiveMinutes?.forgone),
  },
  { name: "mark-out cost with charges, 1 minute", unit: "money", of: ({ oneMinute }) => negated(oneMinute?.total) },
  {
    name: "mark-out cost with charges, 5 minutes",
    unit: "money",
    of: ({ fiveMinutes }) => negated(fiveMinutes?.total),
  },
  { name: "accounts touched", unit: "accounts", of: ({ reach }) => BigInt(reach.touched) },
  { name: "fully closed", unit: "accounts", of: ({ reach }) => BigInt(reach.fullyClosed) },
  { name: "pushed below maintenance margin", unit: "accounts", of: ({ pushed }) => BigInt(pushed.belowMargin) },
  { name: "pushed below zero", unit: "accounts", of: ({ pushed }) => BigInt(pushed.belowZero) },
  { name: "their new deficit", unit: "money", of: ({ pushed }) => pushed.newDeficit },
  { name: "charged beyond the payer's profit", unit: "money", of: ({ beyondProfit }) => beyondProfit.amount },
  { name: "accounts charged beyond profit", unit: "accounts", of: ({ beyondProfit }) => BigInt(beyondProfit.accounts) },
  { name: "largest part of a profit charged", unit: "ppm", of: ({ beyondProfit }) => beyondProfit.largestPart },
  { name: "share of the ten largest payers", unit: "ppm", of: ({ concentration }) => concentration.tenLargest },
  { name: "Gini of charges", unit: "ppm", of: ({ concentration }) => concentration.gini },
  { name: "Gini of charges per size", unit: "ppm", of: ({ concentration }) => concentration.giniPerSize },
  { name: "next-shock deficit at 20 %", unit: "money", of: ({ nextShock }) => nextShock.deficit },
  { name: "defaults at the next shock", unit: "accounts", of: ({ nextShock }) => BigInt(nextShock.defaults) },
  { name: "hedgers unhedged", unit: "accounts", of: ({ hedgers }) => BigInt(hedgers.unhedged) },
  { name: "hedgers half unhedged or more", unit: "accounts", of: ({ hedgers }) => BigInt(hedgers.halfUnhedged) },
  { name: "notional left without its hedge", unit: "money", of: ({ hedgers }) => hedgers.exposed },
  { name: "size that needs a taker", unit: "size", of: ({ allocation }) => allocation.takenOver },
  { name: "size that the house is left with", unit: "size", of: ({ allocation }) => magnitude(allocation.imbalance) },
  { name: "gas", unit: "gas", of: ({ gas }) => BigInt(gas) },
];

export interface Loss {
  readonly criterion: Criterion;
  readonly ours: bigint;
  /** The best of the others, and whose it is. */
  readonly best: bigint;
  readonly by: readonly string[];
  /** By no more than rounding: a millionth of a token or of a unit, or a thousandth of ours. */
  readonly slight: boolean;
}

/** 18 decimals. */
const MILLIONTH = 10n ** 12n;

export interface Comparison {
  readonly moment: Moment;
  /** Ours first. */
  readonly measures: readonly Measures[];
  readonly losses: readonly Loss[];
}

export function compare(moment: Moment, later?: LaterMarks): Comparison {
  requireMoment(moment);
  const measures = POLICIES.map((policy) => measure(moment, policy(moment), later));
  return { moment, measures, losses: whereOursLoses(measures) };
}

/** Every criterion in which another policy does better, however little. */
export function whereOursLoses([ours, ...others]: readonly Measures[]): Loss[] {
  if (ours === undefined) return [];
  return CRITERIA.flatMap((criterion) => {
    const value = criterion.of(ours);
    const found = others.flatMap((one) => {
      const other = criterion.of(one);
      return other === undefined ? [] : [{ value: other, policy: one.allocation.policy }];
    });
    const [first] = found.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    if (value === undefined || first === undefined || first.value >= value) return [];
    const by = found.filter((one) => one.value === first.value).map(({ policy }) => policy);
    return [{ criterion, ours: value, best: first.value, by, slight: isSlight(criterion, value, first.value) }];
  });
}

/** Whether it is by no more than rounding. */
export function isSlight({ unit }: Criterion, ours: bigint, best: bigint): boolean {
  const isFine = unit === "money" || unit === "wei" || unit === "size";
  return (isFine && ours - best < MILLIONTH) || (ours - best) * 1_000n < magnitude(ours);
}

function negated(value: bigint | undefined): bigint | undefined {
  return value === undefined ? undefined : -value;
}

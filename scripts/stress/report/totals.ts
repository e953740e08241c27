/** What the minutes of a run come to, worked out once for the page and for the terminal. Money, and Unix seconds. */
import { rangeOf, type Range } from "../../simulation/figures.ts";
import { max, sum } from "../../simulation/fixedPoint.ts";
import type { Result, Step } from "../result.ts";

export interface Totals {
  readonly minutes: number;
  readonly minutesPlanned: number;
  readonly liquidations: number;
  readonly deleveragings: number;
  readonly takenOver: bigint;
  readonly closed: bigint;
  readonly reactions: number;
  /** Of the most accounts at one time. */
  readonly mostLiquidatable: number;
  readonly mostInDefault: number;
  readonly exposure: Range;
  readonly worstExposureAfter: bigint;
  readonly fund: Range;
  /** Of all markets together. */
  readonly openInterest: Range;
  /** By market. */
  readonly prices: readonly Range[];
  /** What the tiers behind the traders have borne: deficit + bounty. */
  readonly uncovered: bigint;
}

/** Where there is no step yet, one of nothing stands for it. */
export function totalsOf({ scenario, steps, waterfall }: Result): Totals {
  const range = (pick: (step: Step) => bigint): Range =>
    rangeOf(
      steps.length === 0 ? [{ time: 0, value: 0n }] : steps.map((step) => ({ time: step.time, value: pick(step) })),
    );
  const counted = (pick: (step: Step) => number) => steps.reduce((all, step) => all + pick(step), 0);
  const most = (pick: (step: Step) => number) => steps.reduce((found, step) => Math.max(found, pick(step)), 0);
  return {
    minutes: steps.length,
    minutesPlanned: scenario.prices.minutes,
    liquidations: counted((step) => step.liquidations),
    deleveragings: counted((step) => step.deleveragings),
    takenOver: sum(steps.map((step) => step.takenOver)),
    closed: sum(steps.map((step) => step.closed)),
    reactions: counted((step) => step.reactions),
    mostLiquidatable: most((step) => step.liquidatable),
    mostInDefault: most((step) => step.inDefault),
    exposure: range((step) => step.exposure),
    worstExposureAfter: steps.map((step) => step.exposureAfter).reduce(max, 0n),
    fund: range((step) => step.fund),
    openInterest: range((step) => sum(step.openInterest)),
    prices: scenario.markets.map((_, i) => range((step) => step.prices[i] ?? 0n)),
    uncovered: waterfall.deficit + waterfall.bounty,
  };
}

/** The minutes within which a part of the accounts had been acted on; undefined where nobody was. */
export function latencyWithin(latency: readonly number[], part: number): number | undefined {
  const all = latency.reduce((total, accounts) => total + accounts, 0);
  let seen = 0;
  for (const [minutes, accounts] of latency.entries()) {
    seen += accounts;
    if (accounts > 0 && seen >= all * part) return minutes;
  }
  return undefined;
}

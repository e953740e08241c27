/** The answer in words: who paid what, who ended below zero, and whether another rule would have been kinder. */
import { max, PPM } from "../../simulation/fixedPoint.ts";
import { dateAndClock } from "../../simulation/path.ts";
import type { Result } from "../result.ts";
import { amount, count, counted, listed, partOf, percentage } from "./people.ts";
import { standing } from "./policies.ts";
import { latencyWithin, totalsOf, type Totals } from "./totals.ts";

const MOST_NAMED = 4;

export interface Answer {
  /** What must be known before anything else is read. */
  readonly warnings: readonly string[];
  readonly lead: string;
  readonly points: readonly string[];
}

export function answer(result: Result): Answer {
  const totals = totalsOf(result);
  return {
    warnings: [...partial(result, totals), ...belowZero(result)],
    lead: lead(result, totals),
    points: [
      ...prices(result, totals),
      ...acted(result, totals),
      ...payers(result),
      ...exposed(result, totals),
      ...otherRules(result),
    ],
  };
}

function partial({ isPartial }: Result, { minutes, minutesPlanned }: Totals): string[] {
  if (!isPartial) return [];
  return [
    `This run was broken off after ${count(minutes)} of ${counted(minutesPlanned, "minute")}. Every figure is of that part; what would have come later is not in it.`,
  ];
}

function belowZero({ belowZero: below }: Result): string[] {
  if (below === 0) return [];
  return [
    `${counted(below, "trader")} ended below zero. A finished run must not end so: either nobody was there to deleverage, or something is wrong.`,
  ];
}

function lead({ waterfall, accounts, belowZero: below }: Result, { uncovered }: Totals): string {
  const { deficit, bounty, insured, haircuts, shortfall } = waterfall;
  const nobody = below === 0 ? ` Nobody of ${counted(accounts, "trader")} ended below zero.` : "";
  if (uncovered === 0n)
    return `No trader lost more than it had, so neither the insurance fund nor anybody of the opposing side paid for a default.${nobody}`;
  const share = (of: bigint) => `${amount(of)} (${partOf(of, uncovered)})`;
  const bounties = bounty === 0n ? "" : `, and bounties for resolving it were ${amount(bounty)}`;
  const tiers = [
    `the insurance fund ${insured === 0n ? "paid nothing" : `paid ${share(insured)}`}`,
    haircuts === 0n
      ? "nobody of the opposing side was charged"
      : `the opposing side paid ${share(haircuts)} by haircut`,
    shortfall === 0n
      ? "no shortfall is left for winners to wait for"
      : `${share(shortfall)} became a shortfall that winners wait for`,
  ];
  return `Traders in default lost ${amount(deficit)} more than they had${bounties}. Of this ${listed(tiers)}.${nobody}`;
}

/** Those that moved furthest, where there are many. */
function prices({ scenario }: Result, totals: Totals): string[] {
  if (totals.minutes < 2) return [];
  const moves = totals.prices
    .map(({ first, lowest, highest, last }, i) => {
      const down = change(first.value, lowest.value);
      const up = change(first.value, highest.value);
      const [word, most] = -down >= up ? ["lowest", down] : ["highest", up];
      return { name: scenario.markets[i]?.name ?? "", word, most, end: change(first.value, last.value) };
    })
    .sort((a, b) => Math.abs(b.most) - Math.abs(a.most));
  const named = moves
    .slice(0, MOST_NAMED)
    .map(({ name, word, most, end }) => `${name} ${signed(most)} at its ${word}, ${signed(end)} in the end`);
  const rest = moves.length - named.length;
  const others = rest === 0 ? "" : `; ${counted(rest, "other market")} moved less far`;
  return [`Prices, against the first minute: ${named.join("; ")}${others}.`];
}

function acted({ accounts, failed, waterfall, latency }: Result, totals: Totals): string[] {
  if (failed === 0) return [`None of ${counted(accounts, "trader")} had to be liquidated or deleveraged.`];
  const half = latencyWithin(latency, 0.5);
  const nearlyAll = latencyWithin(latency, 0.99);
  const soon =
    half === undefined || nearlyAll === undefined
      ? ""
      : ` Half of them were acted on ${within(half)}, 99 % ${within(nearlyAll)}.`;
  return [
    `${count(failed)} of ${counted(accounts, "trader")} (${partOf(BigInt(failed), BigInt(accounts))}) were liquidated or deleveraged and lost ${amount(waterfall.ownLosses)} of their own: ${counted(totals.liquidations, "liquidation")} of ${amount(totals.takenOver)} at mark, ${counted(totals.deleveragings, "deleveraging")} that closed ${amount(totals.closed)} of the opposing side.${soon}`,
  ];
}

function payers({ payers: kept, payerCount, waterfall }: Result): string[] {
  if (payerCount === 0) return [];
  const able = kept.filter(({ equity }) => equity > 0n);
  const parts = able.map(({ haircut, equity }) => Number((haircut * PPM) / equity)).sort((a, b) => a - b);
  const [half, most] = [parts[Math.floor(parts.length / 2)], parts.at(-1)];
  const paid = amount(waterfall.haircuts);
  if (half === undefined || most === undefined)
    return [`${counted(payerCount, "account")} of the opposing side paid ${paid} together.`];
  if (payerCount === 1) return [`One account of the opposing side paid ${paid}, ${percentage(most)} of its equity.`];
  const largest = kept.map(({ haircut }) => haircut).reduce(max, 0n);
  const whose = kept.length < payerCount ? `Of the ${count(kept.length)} who paid most` : "Of the payers";
  const others = kept.length - able.length;
  const unable = others === 0 ? "" : ` ${counted(others, "payer")} had no equity left by then.`;
  return [
    `${counted(payerCount, "account")} of the opposing side paid ${paid} together, the largest payer ${amount(largest)}. ${whose}, half paid less than ${percentage(half)} of their equity, and nobody more than ${percentage(most)}.${unable}`,
  ];
}

function exposed({ scenario, steps }: Result, { exposure, worstExposureAfter, fund }: Totals): string[] {
  if (steps.length === 0) return [];
  const { value, time } = exposure.highest;
  const after = worstExposureAfter === 0n ? "nothing" : `at most ${amount(worstExposureAfter)}`;
  const lines = [
    value === 0n
      ? "No account was below zero at any minute, not even before keepers acted."
      : `Negative equity exposure was highest at ${dateAndClock(time)} UTC: ${amount(value)} before anybody acted. After they had acted, ${after} was left of it at any minute.`,
  ];
  const { lowest, last } = fund;
  lines.push(
    `The insurance fund began with ${amount(scenario.fund)}, had ${amount(lowest.value)} at its lowest (${dateAndClock(lowest.time)} UTC) and ${amount(last.value)} in the end.`,
  );
  return lines;
}

function otherRules({ policies }: Result): string[] {
  if (policies === undefined || policies.events === 0) return [];
  const { best, level, behind, criteria } = standing(policies);
  if (criteria === 0) return [];
  const words = [
    best === 0 ? "alone best in none" : `alone best in ${count(best)}`,
    `level with the best in ${count(level)}`,
    `behind another rule in ${count(behind)}`,
  ];
  return [
    `Would another deleveraging rule have been kinder? Over ${counted(policies.events, "deleveraging")} and ${counted(criteria, "criterion", "criteria")} the rule of this house is ${listed(words)}.`,
  ];
}

function change(from: bigint, to: bigint): number {
  return from === 0n ? 0 : Number(((to - from) * PPM) / from);
}

function signed(ppm: number): string {
  return `${ppm > 0 ? "+" : ""}${percentage(ppm)}`;
}

function within(minutes: number): string {
  return minutes === 0 ? "in the same minute" : `within ${counted(minutes, "minute")}`;
}

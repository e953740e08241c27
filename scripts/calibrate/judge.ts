/** From recorded crashes to the probability of a haircut, and from a level back to margins and funds. */
import { Random } from "../simulation/random.ts";
import type { Crash } from "./crash.ts";
import { severityBeyond } from "./deficit.ts";
import { quantiles } from "./draw.ts";
import { populationOf, type Crowd, type Margins } from "./population.ts";
import { drawn, exceedance, expected, type SeverityDistribution } from "./severity.ts";
import { tailOf, type Tail } from "./tail.ts";

/** Parameters are given in thousandths of notional: as fine as anybody sets them. */
export const GRID = 1_000;
/** The governor's bounds on the maintenance margin, in these. */
const LOWEST_MAINTENANCE = 1;
const HIGHEST_MAINTENANCE = 500;
/** The fund's bound on the gap, in these. */
const HIGHEST_GAP = 1_000;
/** Of the interval: so much of what is drawn lies below, and as much above. */
const OUTSIDE = 0.05;
/** Intervals are looked for in steps of a tenth. */
const LADDER = 1.1;
/** The rule of `local.json`. */
const GAP_PER_MAINTENANCE = 1 / 2;

export interface Model {
  readonly crashes: readonly Crash[];
  readonly crowd: Crowd;
  /** Multiples of the maintenance margin. */
  readonly initialFactor: number;
  readonly initialAtCapFactor: number;
  readonly bountyRate: number;
  readonly draws: number;
  readonly seed: bigint;
}

/** With its interval, in which 90 % of what is drawn lies. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Thousandths of notional; undefined where nothing within the bounds suffices. */
export interface Needed {
  readonly value: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface Judge {
  readonly tail: Tail | undefined;
  readonly distribution: SeverityDistribution;
  margins(maintenance: number): Margins;
  /** Of a haircut in a crash that meets a full market. */
  haircut(margins: Margins, fundPerOpenInterest: number): Estimate;
  exceedance(severity: number): Estimate;
  /** The smallest maintenance margin that keeps a level, with the fund per open interest that goes with each. */
  maintenanceFor(level: number, fundPerOpenInterest: (maintenance: number) => number): Needed;
  /** The smallest fund per open interest. */
  fundFor(level: number, margins: Margins): Needed;
}

/** What half of the maintenance margin is as a gap, rounded up to what is set. */
export function gapOf(maintenance: number): number {
  return Math.ceil(maintenance * GAP_PER_MAINTENANCE * GRID - 1e-9) / GRID;
}

export function judgeOf(model: Model): Judge {
  const { crashes, crowd } = model;
  const tail = tailOf(crashes.flatMap(({ jumps }) => jumps));
  const severities = crashes.map(({ severity }) => severity);
  const distribution = expected(severities, tail);
  const random = new Random(model.seed);
  const draws = Array.from({ length: model.draws }, () => drawn(random, severities, tail));
  const known = new Map<string, readonly number[]>();

  /** How large a crash like each of the recorded ones must be. */
  const severitiesBeyond = (margins: Margins, fund: number): readonly number[] => {
    const key = `${margins.maintenance} ${margins.initial} ${margins.initialAtCap} ${fund}`;
    const found =
      known.get(key) ??
      crashes.map((crash) =>
        severityBeyond(crash, fund, {
          ...{ crowd, margins, bountyRate: model.bountyRate },
          population: populationOf(crowd, margins),
        }),
      );
    known.set(key, found);
    return found;
  };
  /** Severity and course are independent, and each recorded course is as likely. */
  const haircutIn = (distribution: SeverityDistribution, beyond: readonly number[]) =>
    beyond.reduce((sum, severity) => sum + (severity === Infinity ? 0 : exceedance(distribution, severity)), 0) /
    beyond.length;
  const estimate = (of: (distribution: SeverityDistribution) => number): Estimate => {
    const [low = Number.NaN, high = Number.NaN] = quantiles(draws.map(of), [OUTSIDE, 1 - OUTSIDE]);
    return { value: of(distribution), low, high };
  };
  const margins = (maintenance: number): Margins => ({
    maintenance,
    initial: Math.min(1, maintenance * model.initialFactor),
    initialAtCap: Math.min(1, maintenance * model.initialAtCapFactor),
  });
  const needed = (
    level: number,
    [lowest, highest]: readonly [number, number],
    beyond: (thousandths: number) => readonly number[],
  ): Needed => {
    const find = (distribution: SeverityDistribution, places: readonly number[]) =>
      smallest(places, (thousandths) => haircutIn(distribution, beyond(thousandths)) <= level);
    const rungs = ladder(lowest, highest);
    const found = draws.map((one) => find(one, rungs) ?? Infinity);
    const [low, high] = quantiles(found, [OUTSIDE, 1 - OUTSIDE]).map((value) =>
      Number.isFinite(value) ? Math.round(value) : undefined,
    );
    return { value: find(distribution, every(lowest, highest)), low, high };
  };

  return {
    tail,
    distribution,
    margins,
    haircut: (margins, fund) => estimate((one) => haircutIn(one, severitiesBeyond(margins, fund))),
    exceedance: (severity) => estimate((one) => exceedance(one, severity)),
    maintenanceFor: (level, fundPerOpenInterest) =>
      needed(level, [LOWEST_MAINTENANCE, HIGHEST_MAINTENANCE], (thousandths) =>
        severitiesBeyond(margins(thousandths / GRID), fundPerOpenInterest(thousandths / GRID)),
      ),
    fundFor: (level, margins) =>
      needed(level, [0, HIGHEST_GAP], (thousandths) => severitiesBeyond(margins, thousandths / GRID)),
  };
}

/** The first of rising numbers that suffices, where every later one does. */
function smallest(places: readonly number[], suffices: (value: number) => boolean): number | undefined {
  let [low, high] = [0, places.length - 1];
  const last = places[high];
  if (last === undefined || !suffices(last)) return undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (suffices(places[middle] ?? last)) high = middle;
    else low = middle + 1;
  }
  return places[high];
}

function every(lowest: number, highest: number): number[] {
  return Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i);
}

function ladder(lowest: number, highest: number): number[] {
  const rungs = [lowest];
  for (let rung = lowest; rung < highest;) {
    rung = Math.min(highest, Math.max(rung + 1, Math.round(rung * LADDER)));
    rungs.push(rung);
  }
  return rungs;
}

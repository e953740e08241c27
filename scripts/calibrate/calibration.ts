/** The question of a risk officer, and all of its answer. */
import { InputError } from "../commandLine.ts";
import { crashOf, type Crash } from "./crash.ts";
import { deficitOf, type Question } from "./deficit.ts";
import { filesIn, namedFiles } from "./files.ts";
import { gapOf, GRID, judgeOf, type Estimate, type Judge, type Model, type Needed } from "./judge.ts";
import type { Options } from "./options.ts";
import { populationOf, type Crowd, type Margins } from "./population.ts";
import { severityAt } from "./severity.ts";
import { openInterestLimit, shippedMarkets, type ShippedMarket } from "./shipped.ts";
import { crashesPerYear, segmentsOf, spanYears, windowsOf, type Window } from "./windows.ts";

/** Multiples of the maintenance margin, where no parameter file says others. */
const INITIAL_FACTOR = 2;
const INITIAL_AT_CAP_FACTOR = 4;
const BOUNTY_RATE = 0.0005;
/** What each market of the parameter files may draw, tokens. */
const USUAL_FUND = 250_000;
/** For which levels a year margins are shown beside that which was asked for. */
const LEVELS = [0.25, 0.1, 0.05, 0.02, 0.01];
/** Maintenance margins along the frontier, thousandths. */
const FRONTIER = [10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500];
const LONG_LATENCY_SECONDS = 300;

/** A number of crashes a year, and where it is from. */
export interface Rate {
  readonly perYear: number;
  readonly isGiven: boolean;
  readonly crashes: number;
  readonly years: number;
}

/** Parameters that were asked about. Rates are parts of notional, money is in tokens. */
export interface Judged {
  readonly name: string;
  readonly margins: Margins;
  readonly fund: number;
  readonly cap: number;
  readonly gap: number;
  readonly crash: Estimate;
  /** Undefined where nothing says how often crashes come. */
  readonly year: Estimate | undefined;
  /** What each recorded crash would have left to the fund, per open interest: with the population, and at worst. */
  readonly deficits: readonly number[];
  readonly deficitsAtWorst: readonly number[];
  /** What would do, everything else as it is. Thousandths; the fund per open interest. */
  readonly neededMaintenance: Needed;
  readonly neededFund: Needed;
}

/** A maintenance margin and what goes with it. */
export interface Proposal {
  readonly margins: Margins;
  readonly gap: number;
}

export interface Calibration {
  readonly options: Options;
  readonly files: readonly string[];
  /** Other markets whose prices stand for this one's. */
  readonly proxies: readonly string[];
  readonly crashes: readonly Crash[];
  readonly rate: Rate | undefined;
  /** What was asked for, for one crash. */
  readonly level: number;
  readonly model: Model;
  readonly judge: Judge;
  /** The largest move that the level leaves to chance, natural logarithm. */
  readonly move: number;
  readonly judged: readonly Judged[];
  /** Tokens. */
  readonly fund: number;
  readonly cap: number | undefined;
  /** The smallest maintenance margin with half of it as the gap. */
  readonly proposed: Needed;
  readonly levels: readonly {
    readonly perYear: number | undefined;
    readonly perCrash: number;
    readonly needed: Needed;
  }[];
  readonly frontier: readonly (Proposal & { readonly isProposed: boolean; readonly needed: Needed })[];
  readonly sensitivity: readonly Sensitivity[];
}

/** What becomes of the answer when one assumption is another. */
export interface Sensitivity {
  readonly what: string;
  /** Of a haircut in one crash, with the first parameters that were judged. */
  readonly haircut: number | undefined;
  readonly proposed: number | undefined;
}

export function calibrate(options: Options): Calibration {
  const { market, crowd } = options;
  const { ofMarket, all } = options.prices.length > 0 ? namedFiles(options.prices) : filesIn(options.folder, market);
  const windows = windowsOf(ofMarket);
  const crashes = windows.map((window) => crashOf(window, options.latencySeconds));
  if (crashes.every(({ severity }) => severity === 0)) throw new InputError("in these files no price moves");
  const rate = rateOf(options, windowsOf(all));
  const level = perCrash(options, rate);

  const shipped = shippedMarkets(market);
  const [first] = shipped;
  const model: Model = {
    crashes,
    crowd,
    initialFactor: first === undefined ? INITIAL_FACTOR : first.initial / first.maintenance,
    initialAtCapFactor: first === undefined ? INITIAL_AT_CAP_FACTOR : first.initialAtCap / first.maintenance,
    bountyRate: first?.bountyRate ?? BOUNTY_RATE,
    draws: options.draws,
    seed: options.seed,
  };
  const judge = judgeOf(model);
  requireTail(judge, level, crashes);
  const fund = options.fund ?? first?.fund ?? USUAL_FUND;
  const cap = options.cap ?? (first === undefined ? undefined : openInterestLimit(first));
  const judged = toJudge(options, shipped, model).map((one) => judgeParameters(one, judge, model, level, rate));
  const proposed = judge.maintenanceFor(level, gapOf);
  const chosen = judged[0];

  return {
    options,
    files: ofMarket.map(({ file }) => file),
    proxies: [...new Set(ofMarket.map((series) => series.market))].filter((name) => name !== market),
    ...{ crashes, rate, level, model, judge, fund, cap, judged, proposed },
    move: severityAt(judge.distribution, level),
    levels: levelsOf(level, rate).map((perCrash) => ({
      perCrash,
      perYear: rate === undefined ? undefined : perYear(perCrash, rate),
      needed: judge.maintenanceFor(perCrash, gapOf),
    })),
    frontier: frontierOf(judge, level, proposed.value),
    sensitivity: sensitivityOf({ options, windows, model, judge, rate, level, chosen }),
  };
}

/** 1 − e^(−crashes a year · probability in one): crashes come independently of each other. */
export function perYear(perCrash: number, { perYear: rate }: Rate): number {
  return -Math.expm1(-rate * perCrash);
}

function rateOf({ crashesPerYear: given }: Options, windows: readonly Window[]): Rate | undefined {
  const found = given ?? crashesPerYear(windows);
  if (found === undefined) return undefined;
  return { perYear: found, isGiven: given !== undefined, crashes: windows.length, years: spanYears(windows) };
}

/** The inverse of `perYear`. */
function perCrash({ probability, per }: Options, rate: Rate | undefined): number {
  if (per === "crash") return probability;
  if (rate === undefined) {
    throw new InputError(
      "the files do not span a year: say how often such a crash comes with --crashes-per-year N, or ask --per crash",
    );
  }
  return Math.min(1, -Math.log1p(-probability) / rate.perYear);
}

/** What is rarer than one in n + 1 crashes can be judged by a tail only. */
function requireTail({ tail }: Judge, level: number, crashes: readonly Crash[]): void {
  const rarest = 1 / (crashes.length + 1);
  if (tail !== undefined || level >= rarest) return;
  throw new InputError(
    `${crashes.length} recorded crash${crashes.length === 1 ? " says" : "es say"} nothing below ${(100 * rarest).toFixed(1)} % per crash, and in these files are too few jumps for a tail; ` +
      `the level is ${(100 * level).toFixed(1)} %: name more files, or ask for more with --probability`,
  );
}

interface Parameters {
  readonly name: string;
  readonly margins: Margins;
  readonly fund: number;
  readonly cap: number;
}

/** What the person named, completed by what is shipped; or all that is shipped. */
function toJudge(
  { maintenance, fund, cap }: Options,
  shipped: readonly ShippedMarket[],
  { initialFactor, initialAtCapFactor }: Model,
): Parameters[] {
  if (maintenance === undefined && fund === undefined && cap === undefined) {
    return shipped.map((market) => ({
      name: market.networks.join(", "),
      margins: marginsOf(market),
      fund: market.fund,
      cap: openInterestLimit(market),
    }));
  }
  const [first] = shipped;
  const margin = maintenance ?? first?.maintenance;
  if (margin === undefined) return [];
  const money = fund ?? first?.fund ?? USUAL_FUND;
  const margins = {
    maintenance: margin,
    initial: Math.min(1, margin * initialFactor),
    initialAtCap: Math.min(1, margin * initialAtCapFactor),
  };
  const open = cap ?? (first === undefined ? money / gapOf(margin) : openInterestLimit(first));
  return [{ name: "as named", margins, fund: money, cap: open }];
}

/** Where the fund bears less than the cap, the margin has not risen to what it is at the cap. */
function marginsOf(market: ShippedMarket): Margins {
  const { maintenance, initial, initialAtCap, cap } = market;
  const filled = cap === 0 ? 1 : openInterestLimit(market) / cap;
  return { maintenance, initial, initialAtCap: initial + (initialAtCap - initial) * filled };
}

function judgeParameters(
  { name, margins, fund, cap }: Parameters,
  judge: Judge,
  model: Model,
  level: number,
  rate: Rate | undefined,
): Judged {
  const gap = fund / cap;
  const crash = judge.haircut(margins, gap);
  const year = (value: number) => (rate === undefined ? Number.NaN : perYear(value, rate));
  return {
    ...{ name, margins, fund, cap, gap, crash },
    year: rate === undefined ? undefined : { value: year(crash.value), low: year(crash.low), high: year(crash.high) },
    deficits: recordedDeficits(model, margins, model.crowd),
    deficitsAtWorst: recordedDeficits(model, margins, { kind: "worst" }),
    neededMaintenance: judge.maintenanceFor(level, () => gap),
    neededFund: judge.fundFor(level, margins),
  };
}

function recordedDeficits({ crashes, bountyRate }: Model, margins: Margins, crowd: Crowd): number[] {
  const question: Question = { crowd, margins, bountyRate, population: populationOf(crowd, margins) };
  return crashes.map((crash) => deficitOf(crash, crash.severity, question));
}

/** Per crash, descending; the one that was asked for among them. */
function levelsOf(level: number, rate: Rate | undefined): number[] {
  const others = rate === undefined ? LEVELS : LEVELS.map((year) => -Math.log1p(-year) / rate.perYear);
  const all = [...others.filter((other) => other < 1 && Math.abs(other / level - 1) > 1e-6), level];
  return all.sort((a, b) => b - a);
}

function frontierOf(judge: Judge, level: number, proposed: number | undefined): Calibration["frontier"] {
  const places = [...new Set([...FRONTIER, ...(proposed === undefined ? [] : [proposed])])].sort((a, b) => a - b);
  return places.map((thousandths) => {
    const margins = judge.margins(thousandths / GRID);
    const needed = judge.fundFor(level, margins);
    return { margins, needed, gap: (needed.value ?? Infinity) / GRID, isProposed: thousandths === proposed };
  });
}

interface Asked {
  readonly options: Options;
  readonly windows: readonly Window[];
  readonly model: Model;
  readonly judge: Judge;
  readonly rate: Rate | undefined;
  readonly level: number;
  readonly chosen: Judged | undefined;
}

function sensitivityOf({ options, windows, model, rate, level, chosen }: Asked): Sensitivity[] {
  const row = (what: string, change: Partial<Model>, at = level): Sensitivity => {
    const judge = judgeOf({ ...model, draws: 0, ...change });
    return {
      what,
      haircut: chosen === undefined ? undefined : judge.haircut(chosen.margins, chosen.gap).value,
      proposed: judge.maintenanceFor(at, gapOf).value,
    };
  };
  const { latencySeconds } = options;
  const after = (seconds: number, more: number) => ({
    crashes: windows.map((window) => crashOf(window, seconds, more)),
  });
  const finest = Math.min(...windows.flatMap(segmentsOf).map(({ seconds }) => seconds));
  const largest = model.crashes.reduce((a, b) => (b.severity > a.severity ? b : a));
  return [
    row("as asked", {}),
    ...(model.crowd.kind === "worst"
      ? [row("everybody opened at the limit", { crowd: { kind: "limit" } })]
      : [row("everybody at the maintenance margin", { crowd: { kind: "worst" } })]),
    row("moves that straddle two candles", after(latencySeconds, 1)),
    ...(Math.max(latencySeconds, finest) < LONG_LATENCY_SECONDS
      ? [row(`latency of ${LONG_LATENCY_SECONDS / 60} minutes`, after(LONG_LATENCY_SECONDS, 0))]
      : []),
    ...(model.crashes.length > 1
      ? [
          row(`without the crash of ${largest.day}`, {
            crashes: model.crashes.filter((crash) => crash !== largest),
          }),
        ]
      : []),
    ...(rate === undefined || options.per === "crash"
      ? []
      : [
          row("half as many crashes a year", {}, Math.min(1, level * 2)),
          row("twice as many crashes a year", {}, level / 2),
        ]),
  ];
}

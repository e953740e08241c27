/** What the person asked for, checked once. */
import { InputError, parseCount, parseWhole, type parse } from "../commandLine.ts";
import { DEFAULT_FOLDER } from "./files.ts";
import { parseCrowd, type Crowd } from "./population.ts";

export const USAGE = `Usage: npm run calibrate -- MARKET [options]

From recorded crashes of a market, the maintenance margin, the insurance fund and the open interest that keep the
probability of a haircut below a level; and the probability with the parameters that are shipped. Prints tables and the
reasoning, and writes one page with curves. docs/calibration.md says how it is computed.

  MARKET                the name of the market: BTC, ETH, SOL, DOGE, …
  --prices FILE…        candles as CSV (timestamp,open,high,low,close,… or Binance's klines), of this market or of one that
                        is to stand for it. Without it: all price files of the market in --folder
  --folder FOLDER       where price files lie (default ../shared/data, beside the checkout)
  --probability PERCENT the level: how probable a haircut may be (default 10)
  --per year|crash      in a year, or in one crash such as the recorded ones (default year)
  --crashes-per-year N  how many such crashes come in a year (default: those in the files, by the years they span)
  --latency MINUTES     from the price at which an account falls below maintenance margin until somebody has acted, the
                        feed's delay included (default 1)
  --population NAME     who is in the market when it comes. worst: everybody at the maintenance margin; limit: everybody
                        opened with what the initial margin allowed; or shares of open interest by leverage, like
                        3:40,10:40,25:20 (default limit)
  --maintenance-margin PERCENT, --fund AMOUNT, --cap AMOUNT
                        numbers to judge in place of those that are shipped
  --draws N             how many distributions are drawn for the intervals (default 1000)
  --seed N              draws others (default 1)
  --html FILE           where the page goes (default calibration.html)
  --json FILE           also writes the result there
  --help                shows this

Exit status: 0 if done, 2 if the command or a file is wrong.`;

export const CONFIG = {
  allowPositionals: true,
  strict: true,
  options: {
    prices: { type: "string", multiple: true },
    folder: { type: "string" },
    probability: { type: "string", default: "10" },
    per: { type: "string", default: "year" },
    "crashes-per-year": { type: "string" },
    latency: { type: "string", default: "1" },
    population: { type: "string", default: "limit" },
    "maintenance-margin": { type: "string" },
    fund: { type: "string" },
    cap: { type: "string" },
    draws: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    html: { type: "string", default: "calibration.html" },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
} as const;

const LONGEST_LATENCY_MINUTES = 1_440;
const MOST_CRASHES = 365;
const MOST_MONEY = 1e15;
const MOST_DRAWS = 100_000;

export interface Options {
  readonly market: string;
  readonly prices: readonly string[];
  readonly folder: string;
  /** A part of one. */
  readonly probability: number;
  readonly per: "year" | "crash";
  readonly crashesPerYear: number | undefined;
  readonly latencySeconds: number;
  readonly crowd: Crowd;
  /** As it was written. */
  readonly population: string;
  /** A part of notional. */
  readonly maintenance: number | undefined;
  /** Tokens. */
  readonly fund: number | undefined;
  readonly cap: number | undefined;
  readonly draws: number;
  readonly seed: bigint;
  readonly html: string;
  readonly json: string | undefined;
}

export function optionsFrom({ values, positionals }: ReturnType<typeof parse<typeof CONFIG>>): Options {
  const [market, ...others] = positionals;
  if (market === undefined) throw new InputError("names no market (--help shows the options)");
  if (!/^[A-Za-z][A-Za-z0-9_]{0,15}$/.test(market))
    throw new InputError(`a market is called like BTC, not "${market}"`);
  if (others.length > 0 && values.prices === undefined)
    throw new InputError(`one market at a time, not ${[market, ...others].join(", ")}; files go with --prices`);
  const given = <T>(text: string | undefined, read: (text: string) => T) =>
    text === undefined ? undefined : read(text);
  const per = values.per;
  if (per !== "year" && per !== "crash") throw new InputError(`--per must be year or crash, not "${per}"`);
  return {
    market: market.toUpperCase(),
    // A shell that spells `*` out leaves all but the first name behind the option.
    prices: [...(values.prices ?? []), ...others],
    folder: values.folder ?? DEFAULT_FOLDER,
    probability: percentage("--probability", values.probability, 0.01, 99),
    per,
    crashesPerYear: given(values["crashes-per-year"], (text) =>
      number("--crashes-per-year", text, 0.001, MOST_CRASHES),
    ),
    latencySeconds: 60 * parseCount("--latency", values.latency, 1, LONGEST_LATENCY_MINUTES),
    crowd: parseCrowd(values.population),
    population: values.population,
    maintenance: given(values["maintenance-margin"], (text) => percentage("--maintenance-margin", text, 0.1, 50)),
    fund: given(values.fund, (text) => number("--fund", text, 1, MOST_MONEY)),
    cap: given(values.cap, (text) => number("--cap", text, 1, MOST_MONEY)),
    draws: parseCount("--draws", values.draws, 100, MOST_DRAWS),
    seed: parseWhole("--seed", values.seed, 0n, (1n << 64n) - 1n),
    html: values.html,
    json: values.json,
  };
}

function number(option: string, text: string, lowest: number, highest: number, what = "a number"): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= lowest && value <= highest) return value;
  const range = [lowest, highest].map((bound) => bound.toLocaleString("en-US", { useGrouping: false })).join(" to ");
  throw new InputError(`${option} must be ${what} from ${range}, not "${text}"`);
}

function percentage(option: string, text: string, lowest: number, highest: number): number {
  return number(option, text.replace(/\s*%$/, ""), lowest, highest, "a percentage") / 100;
}

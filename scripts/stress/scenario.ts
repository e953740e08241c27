/**
 * A scenario: everything that a run depends on, in one JSON file. Money is written as decimals in quotes, parts as ppm
 * (1,000,000 is all of it), times in minutes. The same file and seed give the same run.
 */
import { parseEther } from "ethers";
import { z } from "zod";
import { readJson } from "../../deploy/parameterFile.ts";
import { InputError } from "../commandLine.ts";

/** 18 decimals. */
const Money = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,18})?$/, 'must be a decimal number in quotes, like "1000.5"')
  .transform((text) => parseEther(text));
/** ppm. */
const WHOLE = 1_000_000;
const Part = z.int().min(0).max(WHOLE);
const Minutes = z.int().min(0).max(100_000);

/** Which of a market's risk parameters are others than in `deploy/parameters/local.json`. ppm and money. */
const Risk = z.strictObject({
  initialMargin: Part.optional(),
  initialMarginAtCap: Part.optional(),
  volatilityMargin: Part.optional(),
  maintenanceMargin: Part.optional(),
  incentiveMin: Part.optional(),
  incentiveMax: Part.optional(),
  fundFee: Part.optional(),
  tradeFee: Part.optional(),
  bountyRate: Part.optional(),
  bountyCap: Money.optional(),
  openInterestCap: Money.optional(),
  minNotional: Money.optional(),
});

const Market = z.strictObject({
  /** One that `deploy/parameters/local.json` knows has its parameters; another one has SOL's. */
  name: z.string().regex(/^[A-Z0-9]{1,10}$/, "must be a name like BTC"),
  risk: Risk.default({}),
  /** What the market may draw from the insurance fund, money: at once, and again within a day. */
  fundCapacity: Money,
  /** Part of open interest that the fund must be able to pay so that more may be opened, in place of the file's. */
  gap: Part.optional(),
  /** Part of the population's notional that is in this market. */
  weight: z.number().positive().default(1),
});

/** Recorded candles, one file for each market, walked minute by minute; a candle of five minutes lasts five. */
const Recorded = z.strictObject({
  kind: z.literal("recorded"),
  /** By the name of the market. Relative to the scenario's file. */
  files: z.record(z.string(), z.string()),
  /** UTC, like 2025-10-10T20:30. */
  from: z.string(),
  minutes: Minutes.min(2),
});

/** Jump diffusion: correlated Brownian motion with Student-t shocks, and jumps that all markets may share. */
const Stochastic = z
  .strictObject({
    kind: z.literal("stochastic"),
    minutes: Minutes.min(2),
    /** Unix seconds of the first minute. */
    start: z.int().positive(),
    markets: z.record(
      z.string(),
      z.strictObject({
        price: z.number().positive().max(1e9),
        /** A year, as a part of one: 0.6. */
        volatility: z.number().nonnegative(),
        /** Of log returns, a year. */
        drift: z.number().default(0),
      }),
    ),
    /** Between the Brownian motions of any two markets. */
    correlation: z.number().min(0).max(1).default(0.7),
    /** Degrees of freedom of the shocks: 3 has fat tails, 1000 none. */
    tails: z.number().min(2.1).max(1_000).default(4),
    jumps: z
      .strictObject({
        /** Expected in the whole run. */
        expected: z.number().nonnegative().max(500),
        /** Of log returns. */
        mean: z.number(),
        deviation: z.number().nonnegative(),
        /** Part of jumps that hit every market alike; the others hit one. */
        shared: z.number().min(0).max(1).default(0.8),
      })
      .default({ expected: 0, mean: 0, deviation: 0, shared: 0.8 }),
    /**
     * A crash that is certain, on top, and begun and over within the run: over `minutes` from `at` on, the log price of the first market falls by `depth` (0.693 is half
     * of the price), of the others in proportion to their volatility; then a part of it comes back in as long again.
     */
    crash: z
      .strictObject({
        at: Minutes,
        minutes: Minutes.min(1),
        depth: z.number().positive(),
        recovery: z.number().min(0).max(1).default(0),
      })
      .optional(),
  })
  .refine(({ minutes, crash }) => crash === undefined || crash.at + crash.minutes <= minutes, {
    path: ["crash"],
    message: "ends after the last minute",
  });

const Population = z
  .strictObject({
    accounts: z.int().min(20).max(2_000_000),
    /** Of traders that are no hedgers, the part that is long. */
    long: Part.default(600_000),
    /** Collateral is drawn from a log-normal distribution: its median, money, and the deviation of its logarithm. */
    collateral: z.strictObject({ median: Money, sigma: z.number().min(0).max(4) }),
    /** Leverage is drawn from a beta distribution between these, cut off where IM and fees allow no more. */
    leverage: z
      .strictObject({
        least: z.number().positive(),
        most: z.number().positive(),
        alpha: z.number().positive(),
        beta: z.number().positive(),
      })
      .refine(({ least, most }) => least <= most, { path: ["most"], message: "is below least" }),
    /** Part of accounts that hold one leg of a hedge whose other leg is in another account of the same person. */
    hedgers: Part.default(0),
    /** Part of accounts that have a position in each of two markets, half of their notional in each, on the same side. */
    crossMargined: Part.default(0),
    /** What people do when their equity falls below a multiple of MM. Parts of those who are no hedgers; the rest does nothing. */
    reactions: z
      .strictObject({
        /** Add as much collateral as they began with, once. */
        addMargin: Part.default(0),
        /** Close half of every position. */
        reduce: Part.default(0),
        /** Close everything. */
        panic: Part.default(0),
        /** In multiples of MM: below it they act. */
        level: z.number().min(1).max(20).default(2),
        /** From seeing it to acting. */
        delayMinutes: Minutes.default(1),
      })
      .refine(({ addMargin, reduce, panic }) => addMargin + reduce + panic <= WHOLE, {
        message: "addMargin, reduce and panic are more than everybody",
      })
      .default({ addMargin: 0, reduce: 0, panic: 0, level: 2, delayMinutes: 1 }),
  })
  .refine(({ hedgers, crossMargined }) => hedgers + crossMargined <= WHOLE, {
    message: "hedgers and crossMargined are more than everybody",
  });

const Keepers = z.strictObject({
  /** Keepers that liquidate, each with the same capital. */
  count: z.int().min(0).max(1_000),
  /** Of each, money: it bounds what they can take over. */
  capital: Money,
  /** Notional that each holds at most, in multiples of its equity: whole, as the keeper that operators run has it. */
  leverage: z.int().min(1).max(100).default(5),
  /** From a price to a transaction on the chain. */
  latencyMinutes: Minutes.default(0),
  /** Part of keepers that are asleep, and when. Nobody else does their work. */
  asleep: z.strictObject({ part: Part, from: Minutes, minutes: Minutes }).optional(),
  /** Wei for a unit of gas by minute, and what a coin costs: below what it earns nobody liquidates. */
  gas: z
    .strictObject({
      coinPrice: Money,
      gwei: z
        .array(z.strictObject({ at: Minutes, price: z.number().nonnegative() }))
        .min(1)
        .refine((list) => list.every(({ at }, i) => i === 0 || at > (list[i - 1]?.at ?? 0)), "minutes must rise"),
    })
    .optional(),
  /** Part of what keepers hold that they sell to the market maker in each minute that allows it. */
  sellOff: Part.default(200_000),
});

export const Scenario = z.strictObject({
  title: z.string().min(1),
  description: z.string().default(""),
  seed: z.int().min(0).default(1),
  markets: z.array(Market).min(1).max(16),
  prices: z.discriminatedUnion("kind", [Recorded, Stochastic]),
  population: Population,
  keepers: Keepers,
  /** What the insurance fund begins with, money. */
  fund: Money,
});
export type Scenario = z.infer<typeof Scenario>;

/** @throws InputError With one line that says where the file is wrong. */
export function readScenario(path: string): Scenario {
  const scenario = readJson(path, Scenario);
  const names = scenario.markets.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`${path}: markets: ${twice} is there twice`);
  const { prices } = scenario;
  const known = Object.keys(prices.kind === "recorded" ? prices.files : prices.markets);
  const missing = names.find((name) => !known.includes(name));
  if (missing !== undefined) throw new InputError(`${path}: prices: ${missing} has none`);
  if (scenario.population.crossMargined > 0 && names.length < 2)
    throw new InputError(`${path}: population.crossMargined: needs two markets`);
  return scenario;
}

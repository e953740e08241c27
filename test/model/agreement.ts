/** Random commands on the model and on the contracts, side by side. */
import fc from "fast-check";
import { startChain, type Chain, type FedListing } from "./chain.ts";
import { deposit, HUNTER, insure, perform, type Call, type Model, type Tally } from "./calls.ts";
import { commands } from "./commands.ts";
import { accountOf, newHouse } from "./house.ts";
import { ONE } from "./math.ts";
import type { Risk } from "./risk.ts";

/** Seconds since 1970: a quarter of an hour before midnight, so that a day begins in most runs. */
export const START = 1_767_224_700n;
const DECIMALS = 18;
const TOKEN_DECIMALS = 6;
export const UNITS_PER_TOKEN = 10n ** 6n;
const MOST_COMMANDS = 100;
/** Each second account is a sub-account of the owner of the one before it. */
export const NAMES = [HUNTER, "ann", "bob", "cat", "dan", "eve", "fay"];
const DEPOSIT = 10_000n;
const INSURED = 2_000n;

/** Every fee and bounty switched on. */
export const RISK: Risk = {
  status: "Active",
  isolatedOnly: false,
  initialMargin: 100_000n,
  initialMarginAtCap: 200_000n,
  volatilityMargin: 200_000n,
  maintenanceMargin: 50_000n,
  incentiveMin: 5_000n,
  incentiveMax: 15_000n,
  fundFee: 5_000n,
  tradeFee: 500n,
  priceBand: 50_000n,
  buffer: 1_200_000n,
  openInterestCap: 1_000_000n * ONE,
  minNotional: 10n * ONE,
  shortfallLimit: 1n,
  maxFundingRate: 3_000n,
  bountyRate: 500n,
  bountyCap: 100n * ONE,
};

export const LISTINGS: readonly FedListing[] = [
  {
    risk: RISK,
    maxPrice: 10n ** 24n,
    price: 2_000n * ONE,
    feedDecimals: 8,
    maxAge: 86_400n,
    fundLimit: { capacity: 10_000n * ONE, refillPerSecond: ONE, gap: 10_000n },
  },
  // High leverage, dust allowed, a fade that divides evenly, the coarsest scale, open interest that nothing bounds.
  {
    risk: {
      ...RISK,
      initialMargin: 50_000n,
      initialMarginAtCap: 50_000n,
      volatilityMargin: 100_000n,
      openInterestCap: 10n ** 27n,
      maintenanceMargin: 25_000n,
      incentiveMin: 2_000n,
      incentiveMax: 7_000n,
      priceBand: 20_000n,
      tradeFee: 480n,
      minNotional: 0n,
      shortfallLimit: 0n,
      maxFundingRate: 2_880n,
      bountyRate: 0n,
    },
    maxPrice: 10n ** 27n,
    price: 100n * ONE,
    feedDecimals: 8,
    maxAge: 3_600n,
    fundLimit: { capacity: 1_000n * ONE, refillPerSecond: ONE / 100n, gap: 0n },
  },
  // Every rate at its hard bound, a tiny price, a cap of open interest that is met, and met sooner in a drained fund.
  {
    risk: {
      ...RISK,
      initialMargin: 600_000n,
      initialMarginAtCap: 1_000_000n,
      volatilityMargin: 1_000_000n,
      maintenanceMargin: 500_000n,
      incentiveMin: 0n,
      incentiveMax: 200_000n,
      fundFee: 50_000n,
      maxFundingRate: 40_000n,
      tradeFee: 10_000n,
      bountyRate: 10_000n,
      openInterestCap: 20_000n * ONE,
    },
    maxPrice: ONE / 1_000n,
    price: ONE / 10_000n,
    feedDecimals: DECIMALS,
    maxAge: 604_800n,
    fundLimit: { capacity: 10_000n * ONE, refillPerSecond: ONE, gap: 200_000n },
  },
];

export interface Options {
  readonly runs: number;
  readonly seed: number;
  /** Both as a failed comparison has printed them. */
  readonly path?: string | undefined;
  readonly replay?: string | undefined;
  /** After which the search, or the shrinking, is broken off. */
  readonly seconds: number;
  readonly onRun?: () => void;
}

export interface Report {
  readonly tally: Tally;
  /** What makes a difference, in words, and how to see it again; undefined where there is none. */
  readonly failure: string | undefined;
}

/** A house in which everybody has something, and the same contracts. */
export async function open(): Promise<{ model: Model; chain: Chain }> {
  const chain = await startChain(NAMES, LISTINGS, TOKEN_DECIMALS, START);
  const model = { house: newHouse(LISTINGS, 10n ** BigInt(DECIMALS - TOKEN_DECIMALS), START) };
  for (const name of NAMES) accountOf(model.house, name);
  const opening = NAMES.map((name) => deposit(name, DEPOSIT * UNITS_PER_TOKEN));
  await replay(model, chain, [...opening, insure(INSURED * UNITS_PER_TOKEN)]);
  return { model, chain };
}

/** Makes calls one after the other, and compares after each; answers how many were refused. */
export async function replay(model: Model, chain: Chain, calls: readonly Call[]): Promise<number> {
  const tally: Tally = new Map();
  for (const call of calls) await perform(model, chain, tally, call);
  return tally.get("refused") ?? 0;
}

/** Runs random commands, and shrinks the first difference. */
export async function compare({ runs, seed, path, replay: replayPath, seconds, onRun }: Options): Promise<Report> {
  const { model: opened, chain } = await open();
  const snapshot = await chain.snapshot();
  const tally: Tally = new Map();
  const tick = (market: number) => 10n ** BigInt(DECIMALS - (LISTINGS[market]?.feedDecimals ?? 0));
  const lists = fc.commands(commands(NAMES, UNITS_PER_TOKEN, tick), {
    maxCommands: MOST_COMMANDS,
    size: "max",
    ...(replayPath === undefined ? {} : { replayPath }),
  });
  const details = await fc.check(
    fc.asyncProperty(lists, async (list) => {
      await snapshot.restore();
      chain.setClock(START);
      const model = { house: structuredClone(opened.house) };
      await fc.asyncModelRun(() => ({ model, real: { chain, tally } }), list);
      onRun?.();
    }),
    {
      seed,
      numRuns: runs,
      // Shrinking ends here too, with the smallest difference that was found by then.
      interruptAfterTimeLimit: seconds * 1_000,
      markInterruptAsFailure: true,
      ...(path === undefined ? {} : { path }),
    },
  );
  if (!details.failed) return { tally, failure: undefined };

  const text = fc.stringify(details.counterexample?.[0]);
  const steps = text.replace(/\/\*.*\*\//, "").trim();
  const again = /replayPath="(.*)"/.exec(text)?.[1] ?? "";
  const error = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  const how = `--seed ${details.seed} --path ${details.counterexamplePath ?? ""} --replay '${again}'`;
  return { tally, failure: `${steps.replaceAll("),", "),\n")}\n${error}\nsee it again: npm run test:model -- ${how}` };
}

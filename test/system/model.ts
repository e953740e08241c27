import { network } from "hardhat";
import fc from "fast-check";
import { startChain, type Listing } from "../model/chain.ts";
import { commands, perform, type Model, type Tally } from "../model/commands.ts";
import * as verbs from "../model/house.ts";
import { newAccount } from "../model/account.ts";
import { newMarket } from "../model/market.ts";
import { ONE } from "../model/math.ts";
import type { House } from "../model/house.ts";
import type { Risk } from "../model/risk.ts";

const START = 1_767_225_600n;
const NAMES = ["keeper", "ann", "bob", "cat", "dan", "eve", "fay"];
const TOKEN_DECIMALS = 6;

const RISK: Risk = {
  active: true,
  initialMargin: 100_000n,
  maintenanceMargin: 50_000n,
  incentiveMin: 5_000n,
  incentiveMax: 15_000n,
  fundFee: 5_000n,
  tradeFee: 500n,
  priceBand: 50_000n,
  buffer: 1_200_000n,
  openInterestCap: 10n ** 26n,
  minNotional: 10n * ONE,
  shortfallLimit: 10n,
  maxFundingRate: 5_000n,
  bountyRate: 500n,
  bountyCap: 100n * ONE,
};

const LISTINGS: Listing[] = [
  {
    risk: RISK,
    maxPrice: 10n ** 24n,
    price: 2_000n * ONE,
    feedDecimals: 8,
    maxAge: 86_400n,
    fundCapacity: 10n ** 22n,
    fundRefill: ONE,
  },
  {
    risk: {
      ...RISK,
      initialMargin: 50_000n,
      maintenanceMargin: 25_000n,
      incentiveMin: 2_000n,
      incentiveMax: 7_000n,
      priceBand: 20_000n,
      minNotional: 0n,
      maxFundingRate: 2_880n,
      bountyRate: 0n,
      tradeFee: 0n,
      shortfallLimit: 0n,
    },
    maxPrice: 10n ** 27n,
    price: 100n * ONE,
    feedDecimals: 8,
    maxAge: 3_600n,
    fundCapacity: 10n ** 21n,
    fundRefill: ONE / 100n,
  },
  {
    risk: {
      ...RISK,
      initialMargin: 600_000n,
      maintenanceMargin: 500_000n,
      incentiveMin: 0n,
      incentiveMax: 200_000n,
      fundFee: 50_000n,
      maxFundingRate: 40_000n,
      tradeFee: 10_000n,
      bountyRate: 10_000n,
    },
    maxPrice: ONE / 1000n,
    price: ONE / 10_000n,
    feedDecimals: 18,
    maxAge: 604_800n,
    fundCapacity: 10n ** 22n,
    fundRefill: ONE,
  },
];

function newHouse(now: bigint): House {
  return {
    now,
    tokenUnit: 10n ** BigInt(18 - TOKEN_DECIMALS),
    accounts: new Map(NAMES.map((name) => [name, newAccount()])),
    markets: LISTINGS.map(({ risk, maxPrice, price, maxAge }, i) =>
      newMarket(i, risk, maxPrice, { price, publishedAt: now, maxAge }, now),
    ),
    buckets: LISTINGS.map(({ fundCapacity, fundRefill }) => ({
      capacity: fundCapacity,
      refillPerSecond: fundRefill,
      left: fundCapacity,
      at: now,
    })),
  };
}

describe("the model", () => {
  it("and the contracts agree", async () => {
    const chain = await startChain(NAMES, LISTINGS, TOKEN_DECIMALS, START);
    const tally: Tally = new Map();
    const opened: Model = { house: newHouse(START) };
    for (const name of NAMES)
      await perform(opened, chain, tally, "deposit", {
        text: name,
        model: (house) => {
          verbs.deposit(house, name, 10_000_000_000n);
        },
        contracts: (real) => real.deposit(name, 10_000_000_000n),
      });
    let snapshot = await chain.snapshot();
    const t0 = Date.now();
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.commands(
            commands(NAMES, 1_000_000n, (m) => 10n ** BigInt(18 - (LISTINGS[m]?.feedDecimals ?? 18))),
            { maxCommands: 100, size: "max" },
          ),
          async (list) => {
            await snapshot.restore();
            chain.setClock(START);
            await fc.asyncModelRun(
              () => ({ model: { house: structuredClone(opened.house) }, real: { chain, tally } }),
              list,
            );
          },
        ),
        {
          seed: Number(process.env["SEED"] ?? 1),
          numRuns: Number(process.env["RUNS"] ?? 10),
          endOnFailure: process.env["NOSHRINK"] !== undefined,
        },
      );
    } finally {
      console.log(Date.now() - t0, Object.fromEntries([...tally].sort()));
    }
  }).timeout(1e7);
});
void network;

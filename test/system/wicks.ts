/**
 * One venue's wick against the oracle's two answers to it. What Binance printed on 10 October 2025 stands for the one venue;
 * the assumption for the other two is that they stayed within the candle's open and close.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { parseUnits, ZeroAddress } from "ethers";
import { network } from "hardhat";
import { z } from "zod";
import { ANY_PRICE, at } from "../../bench/world.ts";
import type { ChainlinkAggregator, ChainlinkSource } from "../../typechain/index.js";

const SHARED_DATA = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const FILES = ["SOL", "DOGE"].map((name) => ({ name, file: join(SHARED_DATA, `2025-10-10_${name}USDT_perp_5m.csv`) }));
/** The hour of the crash. */
const HOUR = "2025-10-10T21";
/** How far the second source may be from the primary, ppm. */
const MAX_DEVIATION = 20_000n;
const DECIMALS = 8;
const UNIT = 10n ** BigInt(18 - DECIMALS);

const Row = z.object({ timestamp: z.string(), open: z.string(), high: z.string(), low: z.string(), close: z.string() });

interface Candle {
  readonly open: bigint;
  readonly close: bigint;
  readonly wicks: readonly bigint[];
}

function candles(file: string): Candle[] {
  const rows = z.array(Row).parse(parse(readFileSync(file, "utf8"), { columns: true }));
  const price = (text: string): bigint => parseUnits(text, DECIMALS);
  return rows
    .filter(({ timestamp }) => timestamp.startsWith(HOUR))
    .map(({ open, high, low, close }) => ({
      open: price(open),
      close: price(close),
      wicks: [price(low), price(high)],
    }));
}

async function venues() {
  const { ethers, networkHelpers } = await network.create("default");
  const [admin] = await ethers.getSigners();
  const feeds: ChainlinkAggregator[] = [];
  const sources: ChainlinkSource[] = [];
  for (const name of ["the one with the wick", "the second", "the third"]) {
    const feed = await ethers.deployContract("ChainlinkAggregator", [DECIMALS, name]);
    feeds.push(feed as unknown as ChainlinkAggregator);
    const proxy = await ethers.deployContract("ChainlinkProxy", [feed]);
    sources.push((await ethers.deployContract("ChainlinkSource", [proxy])) as unknown as ChainlinkSource);
  }
  const print = async (...prices: bigint[]): Promise<void> => {
    const time = await networkHelpers.time.latest();
    for (const [i, price] of prices.entries()) await at(feeds, i).setAnswer(price, time);
  };
  const manager = await ethers.deployContract("AccessManager", [admin]);
  const oracle = await ethers.deployContract("PriceOracle", [manager, ZeroAddress, 0]);
  const median = await ethers.deployContract(
    "MedianSource",
    sources.map((source) => ({ source, maxAge: 3_600n })),
  );
  return { oracle, median, sources, print };
}

describe("one venue's wick", () => {
  if (!FILES.every(({ file }) => existsSync(file))) {
    console.log("  skipped, and not counted: the wicks of 10 October 2025, because ../shared/data is not here");
    return;
  }

  for (const { name, file } of FILES) {
    it(`of ${name} does not move a median beyond the other two`, async () => {
      const { median, print } = await venues();
      let widest = 0n;
      for (const { open, close, wicks } of candles(file)) {
        for (const wick of wicks) {
          await print(wick, open, close);
          const [price] = (await median.getFunction("latest")()) as [bigint];
          const [lower, upper] = open < close ? [open, close] : [close, open];
          expect(price / UNIT).to.equal(wick <= lower ? lower : upper);
          const off = ((wick <= lower ? lower - wick : wick - upper) * 1_000_000n) / lower;
          if (off > widest) widest = off;
        }
      }
      expect(widest > 50_000n, `a wick of more than 5 %, not ${widest} ppm`).to.be.true;
    });

    it(`of ${name} stops a market whose second source does not confirm it, and no other`, async () => {
      const { oracle, sources, print } = await venues();
      const [first] = candles(file);
      if (first === undefined) throw new Error(`${file} has no candles of ${HOUR}`);
      await print(first.open, first.open);
      await oracle.getFunction("setFeed")(0, {
        ...ANY_PRICE,
        primary: at(sources, 0),
        second: at(sources, 1),
        secondMaxAge: 3_600n,
        maxDeviation: MAX_DEVIATION,
      });
      const seen = { taken: 0, refused: 0 };
      for (const { close, wicks } of candles(file)) {
        for (const wick of [...wicks, close]) {
          await print(wick, close);
          const apart = wick > close ? wick - close : close - wick;
          const read = oracle.getFunction("read").staticCall(0, 0, 0);
          if (apart * 1_000_000n > wick * MAX_DEVIATION) {
            await expect(read).to.be.revertedWithCustomError(oracle, "PricesDeviate");
            ++seen.refused;
          } else {
            expect(((await read) as [bigint])[0] / UNIT).to.equal(wick);
            ++seen.taken;
          }
        }
      }
      expect(seen.refused > 5 && seen.taken > 5, JSON.stringify(seen)).to.be.true;
    });
  }
});

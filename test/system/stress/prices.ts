/** Prices of scenarios: drawn ones have the statistics that are asked for, recorded ones meet the candles' extremes. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { InputError } from "../../../scripts/commandLine.ts";
import type { PricePath } from "../../../scripts/simulation/path.ts";
import { Dice } from "../../../scripts/stress/draws/dice.ts";
import { pricesOf } from "../../../scripts/stress/prices/prices.ts";
import { readScenario, type Scenario } from "../../../scripts/stress/scenario.ts";

const SMALL = new URL("../../../scripts/stress/scenarios/small.json", import.meta.url);
const SHIPPED = fileURLToPath(new URL("../../../scripts/stress/scenarios/", import.meta.url));
const SHARED_DATA = existsSync(fileURLToPath(new URL("../../../../shared/data", import.meta.url)));
const YEAR = 365 * 24 * 60;
const small = readScenario(fileURLToPath(SMALL));

type Drawn = Extract<Scenario["prices"], { kind: "stochastic" }>;

function drawn(change: Partial<Drawn>, seed = 1): PricePath {
  const { jumps, ...prices } = small.prices as Drawn;
  const calm = { ...prices };
  delete calm.crash;
  return pricesOf({ ...small, seed, prices: { ...calm, jumps: { ...jumps, expected: 0 }, ...change } }, "");
}

function returns(path: PricePath, market: number): number[] {
  const logs = path.steps.map(({ prices }) => Math.log(Number(prices[market] ?? 1n)));
  return logs.slice(1).map((log, i) => log - (logs[i] ?? 0));
}

const mean = (list: readonly number[]) => list.reduce((all, each) => all + each, 0) / list.length;
const variance = (list: readonly number[]) => {
  const middle = mean(list);
  return mean(list.map((each) => (each - middle) ** 2));
};

describe("prices of a scenario", () => {
  describe("that are drawn", () => {
    const MINUTES = 40_000;

    it("have the volatility and the correlation that are asked for", () => {
      const path = drawn({ minutes: MINUTES, tails: 8, correlation: 0.6 });
      const [btc, eth] = [returns(path, 0), returns(path, 1)];
      // Of 40,000 minutes the deviation is known to about a per cent with these tails.
      expect(Math.sqrt(variance(btc) * YEAR)).to.be.closeTo(0.6, 0.02);
      expect(Math.sqrt(variance(eth) * YEAR)).to.be.closeTo(0.8, 0.03);
      const together = mean(btc.map((each, i) => each * (eth[i] ?? 0)));
      expect(together / Math.sqrt(variance(btc) * variance(eth))).to.be.closeTo(0.6, 0.03);
    });

    it("have fat tails where that is asked for, and none where it is not", () => {
      const excess = (tails: number) => {
        const list = returns(drawn({ minutes: MINUTES, tails }), 0);
        return mean(list.map((each) => each ** 4)) / variance(list) ** 2 - 3;
      };
      expect(excess(1_000)).to.be.closeTo(0, 0.2);
      expect(excess(5)).to.be.above(1);
    });

    it("fall as deep as the crash that is certain, in proportion to volatility, and come back by its part", () => {
      const markets = {
        BTC: { price: 100, volatility: 1e-9, drift: 0 },
        ETH: { price: 100, volatility: 2e-9, drift: 0 },
      };
      const crash = { at: 10, minutes: 20, depth: Math.log(2), recovery: 0.5 };
      const { steps } = drawn({ minutes: 60, markets, crash });
      const at = (minute: number, market: number) => Number(steps[minute]?.prices[market] ?? 0n) / 1e18;
      expect([at(10, 0), at(30, 0), at(30, 1)].map((price) => Math.round(price * 100))).to.deep.equal([
        10_000, 5_000, 2_500,
      ]);
      expect(at(60, 0)).to.be.closeTo(100 / Math.SQRT2, 0.01);
    });

    it("fall in proportion to the scenario's first market, in whichever order prices are written", () => {
      const markets = {
        ETH: { price: 100, volatility: 2e-9, drift: 0 },
        BTC: { price: 100, volatility: 1e-9, drift: 0 },
      };
      const { steps } = drawn({ minutes: 20, markets, crash: { at: 0, minutes: 20, depth: Math.log(2), recovery: 0 } });
      expect(steps.at(-1)?.prices.map((price) => Math.round(Number(price) / 1e16))).to.deep.equal([5_000, 2_500]);
    });

    it("have eight decimals, are above zero whatever happens, and are refused above what a market can have", () => {
      const at = (depth: number) => {
        const markets = {
          BTC: { price: 0.25, volatility: 1, drift: 0 },
          ETH: { price: 3_000, volatility: 1, drift: 0 },
        };
        return drawn({ minutes: 20, markets, crash: { at: 0, minutes: 10, depth, recovery: 0 } });
      };
      for (const { prices } of at(60).steps) {
        for (const price of prices) expect([price > 0n, price % 10n ** 10n]).to.deep.equal([true, 0n]);
      }
      expect(at(60).steps.at(-1)?.prices).to.deep.equal([10n ** 10n, 10n ** 10n]);
      const rising = { BTC: { price: 1e9, volatility: 900, drift: 0 }, ETH: { price: 1, volatility: 0, drift: 0 } };
      expect(() => drawn({ minutes: 100, markets: rising })).to.throw(
        InputError,
        /^prices: BTC rises above 1000000000/,
      );
    });

    it("jump as often as is expected, together or alone", () => {
      const markets = { BTC: { price: 100, volatility: 0, drift: 0 }, ETH: { price: 100, volatility: 0, drift: 0 } };
      let [both, one] = [0, 0];
      for (let seed = 1; seed <= 200; ++seed) {
        const path = drawn(
          { minutes: 100, markets, jumps: { expected: 3, mean: -0.05, deviation: 0, shared: 0.75 } },
          seed,
        );
        const [btc, eth] = [returns(path, 0), returns(path, 1)];
        for (const [i, each] of btc.entries()) {
          const jumped = [each, eth[i] ?? 0].filter((size) => size < -0.01).length;
          if (jumped === 2) ++both;
          if (jumped === 1) ++one;
        }
      }
      // 600 are expected, with a deviation of 24; two in one minute are counted once.
      expect(both + one).to.be.within(500, 680);
      expect(both / (both + one)).to.be.closeTo(0.75, 0.08);
    });

    it("are the same for the same seed, and others for another", () => {
      expect(drawn({ minutes: 50 })).to.deep.equal(drawn({ minutes: 50 }));
      expect(drawn({ minutes: 50 }, 2)).to.not.deep.equal(drawn({ minutes: 50 }));
    });

    it("come from draws with the moments that they should have", () => {
      const dice = new Dice(7, "test");
      const many = (draw: () => number) => Array.from({ length: 20_000 }, draw);
      expect(mean(many(() => dice.gamma(2.5)))).to.be.closeTo(2.5, 0.06);
      expect(mean(many(() => dice.gamma(0.4)))).to.be.closeTo(0.4, 0.03);
      expect(mean(many(() => dice.beta(2, 6)))).to.be.closeTo(0.25, 0.01);
      expect(mean(many(() => dice.poisson(3)))).to.be.closeTo(3, 0.06);
      expect(variance(many(() => dice.normal()))).to.be.closeTo(1, 0.04);
    });
  });

  describe("that are recorded", () => {
    const CANDLES = [
      "timestamp,open,high,low,close,volume",
      "2025-01-01T00:00:00Z,100,101,99,100,1",
      "2025-01-01T00:05:00Z,100,130,60,70,1",
      "2025-01-01T00:10:00Z,70,75,65,72,1",
    ].join("\n");
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "stress-"));
      writeFileSync(join(folder, "BTCUSDT.csv"), CANDLES);
    });
    after(() => {
      rmSync(folder, { recursive: true });
    });
    const CRASH = [
      "timestamp,open,high,low,close,volume",
      "2025-01-01T00:00:00Z,100,101,99,100,1",
      "2025-01-01T00:01:00Z,100,104,60,103,1",
      "2025-01-01T00:02:00Z,103,105,70,90,1",
    ].join("\n");
    const recorded = (from: string, minutes: number, file = "BTCUSDT.csv") => {
      const [btc] = small.markets;
      const markets = btc === undefined ? [] : [btc];
      const prices = { kind: "recorded" as const, files: { BTC: file }, from, minutes };
      return pricesOf({ ...small, markets, prices }, folder);
    };
    const refusal = (make: () => unknown): string => {
      try {
        make();
      } catch (error) {
        if (error instanceof InputError) return error.message;
        throw error;
      }
      return "accepted";
    };

    it("are one for each minute, and meet every extreme of a candle", () => {
      const { steps } = recorded("2025-01-01T00:00", 15);
      expect(steps).to.have.length(16);
      expect(steps.map(({ time }, i) => time - (steps[0]?.time ?? 0) - 60 * i)).to.deep.equal(steps.map(() => 0));
      const seen = steps.map(({ prices }) => Number(prices[0] ?? 0n) / 1e18);
      expect(Math.max(...seen)).to.equal(130);
      expect(Math.min(...seen)).to.equal(60);
      expect(seen.at(-1)).to.equal(72);
    });

    it("meet the low of a crash within a minute, though it closes higher than it opens", () => {
      writeFileSync(join(folder, "BTCUSDT_1m.csv"), CRASH);
      const { steps } = recorded("2025-01-01T00:00", 3, "BTCUSDT_1m.csv");
      expect(steps.map(({ prices }) => Number(prices[0] ?? 0n) / 1e18)).to.deep.equal([100, 99, 60, 105]);
    });

    it("are refused in one line where they are not there", () => {
      expect(refusal(() => recorded("2025-01-01T00:00", 16))).to.match(
        /^the price files have 2025-01-01 00:00 to .* and not/,
      );
      expect(refusal(() => recorded("yesterday", 5))).to.equal(
        'prices.from must be a moment like 2025-10-10T20:30, not "yesterday"',
      );
      expect(refusal(() => recorded("2025-01-01T00:00", 5, "none.csv"))).to.match(
        /none\.csv: no such file; recorded crashes are optional: they lie in \.\.\/shared\/data/,
      );
    });

    it("are refused in one line where markets have no time in common", () => {
      writeFileSync(join(folder, "ETHUSDT.csv"), CANDLES.replaceAll("2025-01-01", "2025-01-02"));
      const prices = {
        kind: "recorded" as const,
        files: { BTC: "BTCUSDT.csv", ETH: "ETHUSDT.csv" },
        from: "2025-01-01T00:00",
        minutes: 5,
      };
      expect(refusal(() => pricesOf({ ...small, prices }, folder))).to.match(/^no time in common: .*BTCUSDT\.csv ends/);
    });

    if (SHARED_DATA) {
      it("of 12 March 2020 meet the lowest price of the crash", () => {
        const { steps } = pricesOf(readScenario(join(SHIPPED, "black-thursday.json")), SHIPPED);
        const lowest = steps.map(({ prices: [btc = 0n] }) => btc).reduce((a, b) => (b < a ? b : a));
        expect(Number(lowest) / 1e18).to.equal(5_199.17);
      });

      it("of 10 October 2025 have DOGE fall by half within minutes", () => {
        const path = pricesOf(readScenario(join(SHIPPED, "october-2025.json")), SHIPPED);
        const doge = path.steps.map(({ prices }) => Number(prices[path.markets.indexOf("DOGE")] ?? 0n) / 1e18);
        expect(path.steps).to.have.length(721);
        const falls = doge.map((price, i) => price / Math.max(...doge.slice(Math.max(0, i - 10), i + 1)));
        expect(Math.min(...falls)).to.be.below(0.55);
      });
    } else
      console.log("    recorded crashes are not there (../shared/data): the test of them is skipped, and not counted");
  });
});

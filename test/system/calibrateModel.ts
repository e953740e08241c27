/** From prices to deficits to margins, against what can be worked out by hand or by counting accounts. */
import { expect } from "chai";
import { courseOf, crashOf, type Crash } from "../../scripts/calibrate/crash.ts";
import { deficitOf, deficitOfCourse, severityBeyond, type Question } from "../../scripts/calibrate/deficit.ts";
import { uniform } from "../../scripts/calibrate/draw.ts";
import { gapOf, judgeOf, type Model } from "../../scripts/calibrate/judge.ts";
import {
  missingAfter,
  parseCrowd,
  partBelow,
  populationOf,
  type Crowd,
  type Margins,
  type Population,
} from "../../scripts/calibrate/population.ts";
import { trackOf } from "../../scripts/calibrate/track.ts";
import { crashesPerYear, segmentsOf, windowsOf } from "../../scripts/calibrate/windows.ts";
import type { Series } from "../../scripts/simulation/candles.ts";
import { ONE } from "../../scripts/simulation/fixedPoint.ts";
import { Random } from "../../scripts/simulation/random.ts";

const DAY = 86_400;
const START = Date.parse("2025-01-01T00:00:00Z") / 1_000;
const MARGINS: Margins = { maintenance: 0.05, initial: 0.1, initialAtCap: 0.2 };

/** Candles of open, high, low, close. */
function series(prices: readonly (readonly number[])[], given: Partial<Series> = {}, from = START): Series {
  const { seconds = 60 } = given;
  return {
    ...{ file: "test.csv", market: "BTC", occasion: "", seconds },
    candles: prices.map((candle, i) => {
      const [open = 0n, high = 0n, low = 0n, close = 0n] = candle.map(
        (price) => BigInt(Math.round(price * 1e6)) * (ONE / 1_000_000n),
      );
      return { line: i + 2, time: from + i * seconds, open, high, low, close };
    }),
    ...given,
  };
}

function flat(count: number, price = 100): number[][] {
  return Array.from({ length: count }, () => [price, price, price, price]);
}

function question(population: Population, bountyRate = 0, crowd: Crowd = { kind: "limit" }): Question {
  return { crowd, margins: MARGINS, population, bountyRate };
}

/** One move and nothing else. */
function single(log: number): Crash {
  return {
    ...{ day: "2025-01-01", severity: Math.abs(log), fall: Math.max(0, -log), rise: Math.max(0, log) },
    ...{ jumps: [Math.abs(log)], courses: [courseOf([0, log])], candleSeconds: 60 },
  };
}

describe("crashes in price files", () => {
  it("are one where files overlap or lie less than a day apart", () => {
    const windows = windowsOf([
      series(flat(10), { market: "ETH" }, START + 600 * DAY),
      series(flat(10)),
      series(flat(10), { market: "ETH" }, START + DAY / 2),
    ]);
    expect(windows.map((window) => window.series.length)).to.deep.equal([2, 1]);
  });

  it("come as often as there are some in the years that they span, and no rate is made up of less than a year", () => {
    const files = [0, 100, 730.5].map((days) => series(flat(2), { seconds: 1 }, START + days * DAY));
    expect(crashesPerYear(windowsOf(files))).to.be.closeTo(3 / 2, 1e-6);
    expect(crashesPerYear(windowsOf(files.slice(0, 2)))).to.equal(undefined);
    expect(crashesPerYear([])).to.equal(undefined);
  });

  it("take at every moment the finest candles that there are", () => {
    const fine = series(flat(10), {}, START + 600);
    const [window] = windowsOf([series(flat(6), { seconds: 300 }), fine]);
    const segments = window === undefined ? [] : segmentsOf(window);
    const spans = segments.map(({ seconds, candles }) => [seconds, candles.length, (candles[0]?.time ?? 0) - START]);
    expect(spans).to.deep.equal([
      [60, 10, 600],
      [300, 2, 0],
      [300, 2, 1_200],
    ]);
  });
});

describe("the largest move of a crash", () => {
  it("lies inside a candle, in the order that its close tells", () => {
    const rising = crashOf({ from: START, until: START, series: [series([[100, 120, 80, 110]])] }, 60);
    expect(rising.severity).to.be.closeTo(Math.log(120 / 80), 1e-9);
    expect(Math.exp(rising.fall)).to.be.closeTo(100 / 80, 1e-9);
    const falling = crashOf({ from: START, until: START, series: [series([[100, 120, 80, 90]])] }, 60);
    expect(falling.fall).to.be.closeTo(Math.log(120 / 80), 1e-9);
    expect(falling.rise).to.be.closeTo(Math.log(120 / 100), 1e-9);
  });

  it("grows with the latency, wherever the candles that it spans begin", () => {
    const steps = [100, 100, 95, 90, 90, 90].map((price, i, all) => {
      const open = all[i - 1] ?? price;
      return [open, open, price, price];
    });
    for (const shift of [0, 1, 2]) {
      const [one, two, more] = [
        [60, 0],
        [120, 0],
        [60, 1],
      ].map(([latency = 0, longer = 0]) => {
        const prices = [...flat(shift), ...steps];
        return crashOf({ from: START, until: START, series: [series(prices)] }, latency, longer).severity;
      });
      expect(one).to.be.closeTo(Math.log(95 / 90), 1e-9);
      expect(two).to.be.closeTo(Math.log(100 / 90), 1e-9);
      expect(more).to.equal(two);
    }
  });

  it("is one of a candle where candles are longer than the latency, and says so", () => {
    const crash = crashOf({ from: START, until: START, series: [series([[100, 100, 90, 90]], { seconds: 300 })] }, 60);
    expect(crash.candleSeconds).to.equal(300);
    expect(crash.severity).to.be.closeTo(Math.log(100 / 90), 1e-9);
  });

  it("keeps the times of candles that are put together", () => {
    for (const together of [1, 2, 3, 5, 20]) {
      const { times, logs } = trackOf(series([...flat(4), [100, 110, 100, 110], ...flat(6, 110)]), together * 60);
      expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0))).to.be.true;
      expect(Math.max(...logs) - Math.min(...logs)).to.be.closeTo(Math.log(1.1), 1e-9);
    }
  });

  it("counts as one with all that lie within an hour of it", () => {
    const drop = [100, 100, 90, 100];
    const prices = [...flat(10), drop, ...flat(30), [100, 100, 80, 100], ...flat(90), [100, 100, 95, 100], ...flat(10)];
    const { jumps } = crashOf({ from: START, until: START, series: [series(prices)] }, 60);
    expect(jumps.map((jump) => Math.round(100 * Math.exp(-jump)))).to.deep.equal([80, 95]);
  });

  it("begins a course that holds new extremes only", () => {
    expect(courseOf([0, -1, -0.5, 2, -1, -2, 2, 3])).to.deep.equal([
      { side: "long", log: -1 },
      { side: "short", log: 2 },
      { side: "long", log: -2 },
      { side: "short", log: 3 },
    ]);
  });
});

describe("a population", () => {
  const kinds = ["worst", "limit", "3:40,10:40,25:20", "1:100"];

  it("has all of its parts, between the maintenance margin and what it opened with", () => {
    for (const kind of kinds) {
      const population = populationOf(parseCrowd(kind), MARGINS);
      expect(population.reduce((sum, { share }) => sum + share, 0)).to.be.closeTo(1, 1e-12);
      expect(partBelow(population, MARGINS.maintenance)).to.equal(0);
      expect(partBelow(population, 1)).to.be.closeTo(1, 1e-12);
    }
  });

  it("misses what is between its equity and the move, the integral of its parts", () => {
    for (const kind of kinds) {
      const population = populationOf(parseCrowd(kind), MARGINS);
      const step = 1e-5;
      let integral = 0;
      for (let z = 0; z < 0.5; z += step) integral += partBelow(population, z + step / 2) * step;
      expect(missingAfter(population, 0.5)).to.be.closeTo(integral, 1e-4);
    }
  });

  it("misses (z − m)² / 2(e − m) where equity lies evenly between m and e, and z − (m + e) / 2 beyond", () => {
    const even: Population = [{ share: 1, low: 0.05, high: 0.15 }];
    expect(missingAfter(even, 0.1)).to.be.closeTo(0.05 ** 2 / 0.2, 1e-12);
    expect(missingAfter(even, 0.3)).to.be.closeTo(0.3 - 0.1, 1e-12);
  });

  it("is never worse than everybody at the limit, and that never worse than everybody at the margin", () => {
    const [worst = [], limit = [], ...others] = kinds.map((kind) => populationOf(parseCrowd(kind), MARGINS));
    for (let z = 0; z < 1; z += 0.01) {
      expect(missingAfter(limit, z)).to.be.at.most(missingAfter(worst, z));
      for (const other of others) expect(missingAfter(other, z)).to.be.at.most(missingAfter(limit, z) + 1e-12);
    }
  });
});

describe("what a crash leaves to the fund", () => {
  const limit = populationOf({ kind: "limit" }, MARGINS);

  it("is what the population misses after a single move, in either direction", () => {
    for (const log of [-0.3, -0.1, -0.04, 0.04, 0.1, 0.3]) {
      const loss = Math.abs(Math.expm1(log));
      expect(deficitOfCourse(courseOf([0, log]), 1, question(limit))).to.be.closeTo(missingAfter(limit, loss), 1e-12);
    }
  });

  it("is the largest move beyond the margin at worst, with the bounty at the new mark", () => {
    const worst = question(populationOf({ kind: "worst" }, MARGINS), 0.001, { kind: "worst" });
    const crash = { ...single(Math.log(1.3)), fall: -Math.log(0.8) };
    expect(deficitOf(crash, crash.severity, worst)).to.be.closeTo(0.3 - 0.05 + 0.0013, 1e-12);
    const fallen = { ...crash, rise: 0, severity: crash.fall };
    expect(deficitOf(fallen, fallen.severity, worst)).to.be.closeTo(0.2 - 0.05 + 0.0008, 1e-12);
    expect(deficitOf(single(0.04), 0.04, worst)).to.equal(0);
  });

  it("is nothing where keepers come before anybody is below zero", () => {
    const slow = courseOf(Array.from({ length: 400 }, (_, i) => -i * 0.002));
    expect(deficitOfCourse(slow, 1, question(limit))).to.equal(0);
  });

  it("is less for a fall whose first part has driven the weak out", () => {
    const [at, after] = [courseOf([0, -0.2]), courseOf([0, -0.04, -0.2])].map((course) =>
      deficitOfCourse(course, 1, question(limit)),
    );
    expect(after)
      .to.be.above(0)
      .and.below(at ?? 0);
  });

  /** The same with accounts instead of formulas: one after the other, at every visit. */
  function counted(logs: readonly number[], population: Population, bountyRate: number): number {
    const each = 2_000;
    const accounts = (["long", "short"] as const).flatMap((side) =>
      population.flatMap(({ share, low, high }) =>
        Array.from({ length: each }, (_, i) => ({
          ...{ side, size: share / each, equity: low + ((high - low) * (i + 0.5)) / each, isIn: true },
        })),
      ),
    );
    let [total, openInterest] = [0, 1];
    const scale = { long: 1, short: 1 };
    for (const log of logs) {
      const price = Math.exp(log);
      for (const side of ["long", "short"] as const) {
        let closed = 0;
        for (const account of accounts) {
          if (!account.isIn || account.side !== side) continue;
          const equity = account.equity + (side === "long" ? price - 1 : 1 - price);
          if (equity >= MARGINS.maintenance * price) continue;
          account.isIn = false;
          if (equity >= 0) continue;
          total += account.size * scale[side] * (-equity + bountyRate * price);
          closed += account.size * scale[side];
        }
        const other = side === "long" ? "short" : "long";
        scale[other] *= openInterest === 0 ? 0 : (openInterest - closed) / openInterest;
        openInterest -= closed;
      }
    }
    return total;
  }

  it("is what accounts leave that are counted one by one, along random courses", () => {
    const random = new Random(1n);
    for (let run = 0; run < 40; ++run) {
      const logs = [0];
      for (let i = 0; i < 12; ++i) logs.push((logs.at(-1) ?? 0) + (uniform(random) - 0.5) * 0.3);
      const population = populationOf(parseCrowd(run % 2 === 0 ? "limit" : "3:40,10:40,25:20"), MARGINS);
      const found = deficitOfCourse(courseOf(logs), 1, question(population, 0.0005));
      expect(found).to.be.closeTo(counted(logs.slice(1), population, 0.0005), 2e-4);
    }
  });

  it("is never more than at worst while prices fall", () => {
    const random = new Random(2n);
    for (let run = 0; run < 200; ++run) {
      const logs = [0];
      for (let i = 0; i < 8; ++i) logs.push((logs.at(-1) ?? 0) - uniform(random) * 0.2);
      const fall = Math.max(...logs.slice(1).map((log, i) => (logs[i] ?? 0) - log));
      const crash = { ...single(-fall), courses: [courseOf(logs)] };
      const worst = question(populationOf({ kind: "worst" }, MARGINS), 0, { kind: "worst" });
      expect(deficitOf(crash, fall, question(limit))).to.be.at.most(deficitOf(crash, fall, worst) + 1e-12);
    }
  });

  it("is too much from the severity on that the margin and the fund leave", () => {
    const worst = question(populationOf({ kind: "worst" }, MARGINS), 0, { kind: "worst" });
    for (const fund of [0, 0.01, 0.1, 0.5]) {
      expect(severityBeyond(single(0.1), fund, worst)).to.be.closeTo(Math.log1p(0.05 + fund), 1e-4);
      expect(severityBeyond(single(-0.1), fund, worst)).to.be.closeTo(-Math.log1p(-0.05 - fund), 1e-4);
      const at = severityBeyond(single(-0.1), fund, question(limit));
      expect(deficitOf(single(-0.1), at, question(limit))).to.be.closeTo(fund, 1e-3);
    }
    // Longs cannot lose more than all: their notional less the margin.
    expect(severityBeyond(single(-0.1), 0.96, worst)).to.equal(Infinity);
    expect(severityBeyond(single(0), 0, worst)).to.equal(Infinity);
  });
});

describe("margins and funds for a level", () => {
  const moves = [0.2, 0.1, 0.08, 0.04];
  const jumps = Array.from({ length: 21 }, (_, i) => 0.2 * 0.9 ** i);
  const crashes = moves.map((log, i) => ({ ...single(log), jumps: i === 0 ? jumps : [] }));
  const model = (crowd: Crowd): Model => ({
    ...{ crashes, crowd, initialFactor: 2, initialAtCapFactor: 4, bountyRate: 0, draws: 200, seed: 1n },
  });
  const worst = judgeOf(model({ kind: "worst" }));
  const limit = judgeOf(model({ kind: "limit" }));

  it("have the probability of a move beyond margin and fund, at worst", () => {
    // One recorded rise of 0.1 (natural logarithm) is exceeded by two in five.
    const margin = Math.expm1(0.1) / 2;
    expect(worst.haircut(worst.margins(margin), margin).value).to.be.closeTo(2 / 5, 1e-3);
  });

  it("are the smallest that keep it", () => {
    for (const judge of [worst, limit]) {
      for (const level of [0.6, 0.3, 0.2, 0.15]) {
        const margin = judge.maintenanceFor(level, gapOf).value ?? 0;
        const at = (thousandths: number) => judge.haircut(judge.margins(thousandths / 1e3), gapOf(thousandths / 1e3));
        expect(at(margin).value).to.be.at.most(level);
        expect(at(margin - 1).value).to.be.above(level);
        const margins = judge.margins(0.03);
        const fund = judge.fundFor(level, margins).value ?? 0;
        expect(judge.haircut(margins, fund / 1e3).value).to.be.at.most(level);
        expect(judge.haircut(margins, (fund - 1) / 1e3).value).to.be.above(level);
      }
    }
  });

  it("grow as the level falls, and are none where nothing suffices", () => {
    const margins = [0.5, 0.2, 0.1, 0.05, 0.02].map((level) => limit.maintenanceFor(level, gapOf).value ?? Infinity);
    expect(margins).to.deep.equal([...margins].sort((a, b) => a - b));
    expect(worst.maintenanceFor(1e-6, () => 0).value).to.equal(undefined);
  });

  it("make a haircut rarer, each of them, and intervals hold what is found", () => {
    let before = 1;
    for (const margin of [0.01, 0.02, 0.05, 0.1, 0.2]) {
      const { value, low, high } = limit.haircut(limit.margins(margin), 0.02);
      expect(value).to.be.at.most(before).and.within(low, high);
      expect(limit.haircut(limit.margins(margin), 0.05).value).to.be.at.most(value);
      expect(value).to.be.at.most(worst.haircut(worst.margins(margin), 0.02).value + 1e-9);
      before = value;
    }
  });

  it("come with an initial margin that never passes the whole", () => {
    expect(limit.margins(0.05)).to.deep.equal({ maintenance: 0.05, initial: 0.1, initialAtCap: 0.2 });
    expect(limit.margins(0.5)).to.deep.equal({ maintenance: 0.5, initial: 1, initialAtCap: 1 });
    expect([0.02, 0.025, 0.003, 0.05].map(gapOf)).to.deep.equal([0.01, 0.013, 0.002, 0.025]);
  });

  it("are the same for the same seed", () => {
    const again = judgeOf(model({ kind: "limit" }));
    const other = judgeOf({ ...model({ kind: "limit" }), seed: 2n });
    const at = (judge: typeof limit) => judge.haircut(judge.margins(0.05), 0.02);
    expect(at(again)).to.deep.equal(at(limit));
    expect(at(other).low).to.not.equal(at(limit).low);
    expect(at(other).value).to.equal(at(limit).value);
  });
});

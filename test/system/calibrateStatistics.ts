/** The statistics of `npm run calibrate`, against distributions that are known. */
import { expect } from "chai";
import { exceedances, gamma, quantiles, uniform } from "../../scripts/calibrate/draw.ts";
import { drawn, exceedance, expected, severityAt } from "../../scripts/calibrate/severity.ts";
import { tailOf } from "../../scripts/calibrate/tail.ts";
import { Random } from "../../scripts/simulation/random.ts";

/** With the probability x^-index of being larger than x ≥ 1. */
function pareto(random: Random, index: number): number {
  return uniform(random) ** (-1 / index);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

describe("random numbers of a calibration", () => {
  it("are the same for the same seed, and inside their range", () => {
    const three = (seed: bigint) => {
      const random = new Random(seed);
      return [uniform(random), uniform(random), uniform(random)];
    };
    expect(three(1n)).to.deep.equal(three(1n));
    expect(three(1n)).to.not.deep.equal(three(2n));
    const random = new Random(3n);
    const many = Array.from({ length: 20_000 }, () => uniform(random));
    expect(mean(many)).to.be.closeTo(0.5, 0.01);
    expect(many.every((value) => value > 0 && value < 1)).to.be.true;
  });

  it("have the mean and the variance of a gamma distribution: its shape", () => {
    const random = new Random(1n);
    const values = Array.from({ length: 20_000 }, () => gamma(random, 7));
    expect(mean(values)).to.be.closeTo(7, 0.07);
    expect(mean(values.map((value) => (value - 7) ** 2))).to.be.closeTo(7, 0.4);
  });

  it("exceed the k-th largest of n with k / (n + 1) on average, and rise", () => {
    const random = new Random(1n);
    const drawings = Array.from({ length: 20_000 }, () => exceedances(random, 4));
    for (const i of [0, 1, 2, 3]) expect(mean(drawings.map((one) => one[i] ?? 0))).to.be.closeTo((i + 1) / 5, 0.005);
    expect(drawings.every((one) => one.every((value, i) => value > (one[i - 1] ?? 0) && value < 1))).to.be.true;
    // The largest of four: P(exceedance > p) = (1 − p)^4, so that 5 % lie above 1 − 0.05^(1/4).
    const [high] = quantiles(
      drawings.map(([first = 0]) => first),
      [0.95],
    );
    expect(high).to.be.closeTo(1 - 0.05 ** (1 / 4), 0.01);
  });

  it("have the quantiles of a list that is as long as it is", () => {
    expect(quantiles([4, 1, 3, 2, 0], [0, 0.25, 0.5, 0.875, 1])).to.deep.equal([0, 1, 2, 3.5, 4]);
    expect(quantiles([1, Infinity, Infinity], [0, 1])).to.deep.equal([1, Infinity]);
  });
});

describe("the tail of large moves", () => {
  it("is known exactly where moves lie at the quantiles of a Pareto distribution", () => {
    // ln x_i = ln 2 for each of five moves above u: α = 5 / (5 · ln 2).
    const tail = tailOf([2, 2, 2, 2, 2, 1]);
    expect(tail?.index).to.be.closeTo(1 / Math.LN2, 1e-12);
    expect(tail).to.include({ count: 5, threshold: 1 });
  });

  for (const index of [1.5, 3]) {
    it(`is found for Pareto moves with the index ${index}`, () => {
      const random = new Random(1n);
      const found = Array.from(
        { length: 1_000 },
        () => tailOf(Array.from({ length: 200 }, () => pareto(random, index)))?.index ?? Number.NaN,
      );
      // Of 20 moves the estimate is k / Gamma(k): its mean is α · k / (k − 1).
      expect(mean(found)).to.be.closeTo((index * 20) / 19, 0.05 * index);
    });
  }

  it("says nothing of fewer than five moves, of equal ones, and of none", () => {
    expect(tailOf([])).to.equal(undefined);
    expect(tailOf([5, 4, 3, 2, 1])).to.equal(undefined);
    expect(tailOf([0, 0, 0, 0, 0, 0, 0])).to.equal(undefined);
    expect(tailOf([1, 1, 1, 1, 1, 1, 1])).to.equal(undefined);
    expect(tailOf([6, 5, 4, 3, 2, 1])).to.not.equal(undefined);
  });
});

describe("how large the next crash is", () => {
  const recorded = [0.04, 0.2, 0.1, 0.08];
  const distribution = expected(recorded, { index: 2, count: 20, threshold: 0.01 });

  it("exceeds the k-th largest with k / (n + 1)", () => {
    for (const [severity, probability] of [
      [0.2, 0.2],
      [0.1, 0.4],
      [0.08, 0.6],
      [0.04, 0.8],
      [0, 1],
    ] as const) {
      expect(exceedance(distribution, severity)).to.be.closeTo(probability, 1e-12);
    }
  });

  it("is a Pareto tail beyond the largest: twice the move is 2^α times as rare", () => {
    expect(exceedance(distribution, 0.4)).to.be.closeTo(0.2 / 4, 1e-12);
    expect(severityAt(distribution, 0.2 / 9)).to.be.closeTo(0.6, 1e-12);
  });

  it("has an inverse everywhere, and falls", () => {
    for (let severity = 0.005; severity < 1; severity *= 1.1) {
      const probability = exceedance(distribution, severity);
      expect(severityAt(distribution, probability)).to.be.closeTo(severity, 1e-9);
      expect(exceedance(distribution, severity * 1.01)).to.be.below(probability);
    }
  });

  it("is no rarer than the largest where there is no tail", () => {
    const untailed = expected(recorded, undefined);
    expect(exceedance(untailed, 5)).to.equal(0.2);
    expect(severityAt(untailed, 0.2)).to.equal(0.2);
    expect(severityAt(untailed, 0.19)).to.equal(Infinity);
  });

  it("bears two recorded crashes of the same size", () => {
    const twins = expected([0.1, 0.1, 0.05], undefined);
    expect(exceedance(twins, 0.0999)).to.be.within(0.5, 0.51);
    expect(exceedance(twins, 0.1)).to.equal(0.25);
    expect(severityAt(twins, 0.4)).to.be.closeTo(0.1, 1e-9);
  });

  it("keeps what it promises, whatever crashes are distributed like", () => {
    const random = new Random(1n);
    const runs = 10_000;
    for (const draw of [() => pareto(random, 1.2), () => 1 + uniform(random), () => Math.exp(-gamma(random, 2))]) {
      for (const level of [0.2, 0.4, 0.6]) {
        let exceeded = 0;
        for (let i = 0; i < runs; ++i) {
          const limit = severityAt(expected([draw(), draw(), draw(), draw()], undefined), level);
          if (draw() > limit) ++exceeded;
        }
        expect(exceeded / runs).to.be.closeTo(level, 0.015);
      }
    }
  });

  it("keeps it beyond what was recorded where the tail is what it is taken for", () => {
    const random = new Random(1n);
    const runs = 10_000;
    const tail = { index: 2, count: 20, threshold: 1 };
    let exceeded = 0;
    for (let i = 0; i < runs; ++i) {
      const limit = severityAt(
        expected(
          [1, 2, 3, 4].map(() => pareto(random, 2)),
          tail,
        ),
        0.02,
      );
      if (pareto(random, 2) > limit) ++exceeded;
    }
    expect(exceeded / runs).to.be.within(0.018, 0.04);
  });

  it("is drawn around what is expected, with intervals that hold the truth as often as they say", () => {
    const random = new Random(1n);
    const runs = 400;
    let held = 0;
    for (let i = 0; i < runs; ++i) {
      const sample = [1, 2, 3, 4].map(() => pareto(random, 2));
      const tail = tailOf(Array.from({ length: 100 }, () => pareto(random, 2)));
      const at = Array.from({ length: 200 }, () => exceedance(drawn(random, sample, tail), 8));
      const [low = 1, high = 0] = quantiles(at, [0.05, 0.95]);
      if (low <= 1 / 64 && 1 / 64 <= high) ++held;
    }
    expect(held / runs).to.be.within(0.83, 0.97);
  });
});

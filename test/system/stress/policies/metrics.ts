/** What is measured, on books that can be counted by hand. */
import { expect } from "chai";
import { type Allocation, allocationOf, type Part, untouched } from "../../../../scripts/stress/policies/allocation.ts";
import { compare, whereOursLoses } from "../../../../scripts/stress/policies/compare.ts";
import { exampleMoment, SEVERE } from "../../../../scripts/stress/policies/exampleMoment.ts";
import { beyondProfitOf } from "../../../../scripts/stress/policies/metrics/beyondProfit.ts";
import { concentrationOf, gini } from "../../../../scripts/stress/policies/metrics/concentration.ts";
import { gasOf } from "../../../../scripts/stress/policies/metrics/gas.ts";
import { hedgersAfter } from "../../../../scripts/stress/policies/metrics/hedgers.ts";
import { markOutOf } from "../../../../scripts/stress/policies/metrics/markOut.ts";
import { nextShockAfter } from "../../../../scripts/stress/policies/metrics/nextShock.ts";
import { trackingOf } from "../../../../scripts/stress/policies/metrics/overshoot.ts";
import { pushedBy } from "../../../../scripts/stress/policies/metrics/pushed.ts";
import { reachOf } from "../../../../scripts/stress/policies/metrics/reach.ts";
import { type Moment, requireMoment } from "../../../../scripts/stress/policies/moment.ts";
import { comparisonText } from "../../../../scripts/stress/policies/text.ts";
import { ONE, plainHolder, plainMoment } from "./moments.ts";

/** Longs of 4 default by 40 at 100; three shorts of 4 oppose them: one with a profit of 40, one hedged, one with little. */
const moment: Moment = plainMoment({
  defaulters: [{ id: "long", size: 4n * ONE, deficit: 40n * ONE }],
  opposing: [
    plainHolder("winner", 4n * ONE, 100n * ONE, { entryPrice: 110n * ONE }),
    plainHolder("hedger", 4n * ONE, 100n * ONE, { hedge: 300n * ONE, otherMargin: 8n * ONE }),
    plainHolder("poor", 4n * ONE, 12n * ONE),
  ],
  sameSide: [plainHolder("survivor", 8n * ONE, 300n * ONE, { entryPrice: 98n * ONE })],
});

function allocated(...parts: [closed: bigint, charge: bigint][]): Allocation {
  const opposing: Part[] = parts.map(([closed, charge], i) => ({
    id: moment.opposing[i]?.id ?? "",
    closed: closed * ONE,
    charge: charge * ONE,
  }));
  return allocationOf("queue", moment, opposing);
}

const evenly = allocated([2n, 20n], [1n, 10n], [1n, 10n]);

describe("what is measured of a deleveraging", () => {
  it("overshoot and undershoot are what is charged beyond and below what is needed", () => {
    expect(trackingOf(moment, evenly)).to.include({
      needed: 40n * ONE,
      charged: 40n * ONE,
      overshoot: 0n,
      undershoot: 0n,
    });
    expect(trackingOf(moment, allocated([4n, 45n]))).to.include({ overshoot: 5n * ONE, undershoot: 0n });
    expect(trackingOf(moment, allocated([4n, 30n]))).to.include({ overshoot: 0n, undershoot: 10n * ONE });
    expect(trackingOf({ ...moment, insurance: 15n * ONE }, evenly)).to.include({
      needed: 25n * ONE,
      overshoot: 15n * ONE,
    });
  });

  it("mark-out is below zero where those who were closed would rather not have been", () => {
    // Shorts were made to buy 4 at 100 and had gained had the mark fallen.
    expect(markOutOf(moment, evenly, 95n * ONE)).to.deep.equal({
      immediate: -40n * ONE,
      forgone: -20n * ONE,
      total: -60n * ONE,
    });
    expect(markOutOf(moment, evenly, 110n * ONE).total).to.equal(0n);
    // Longs were made to sell.
    expect(markOutOf({ ...moment, longsDefaulted: false }, evenly, 95n * ONE).forgone).to.equal(20n * ONE);
  });

  it("reach counts who is closed or charged, and who has nothing left", () => {
    expect(reachOf(moment, evenly)).to.deep.equal({ touched: 3, fullyClosed: 0 });
    expect(reachOf(moment, allocated([4n, 40n], [0n, 0n], [0n, 0n]))).to.deep.equal({ touched: 1, fullyClosed: 1 });
  });

  it("pushed below a line is who was above it", () => {
    // MM of a position of 3 is 7.5; the poor one has 2 left.
    expect(pushedBy(moment, evenly)).to.deep.equal({ belowMargin: 1, belowZero: 0, newDeficit: 0n });
    expect(pushedBy(moment, allocated([0n, 0n], [0n, 0n], [4n, 40n]))).to.deep.equal({
      belowMargin: 1,
      belowZero: 1,
      newDeficit: 28n * ONE,
    });
    const already = { ...moment, opposing: moment.opposing.map((holder) => ({ ...holder, equity: ONE })) };
    expect(pushedBy(already, evenly)).to.include({ belowMargin: 0, belowZero: 3 });
  });

  it("beyond profit is what comes out of collateral, on either side", () => {
    // 20 of 40; 10 of nothing, twice.
    expect(beyondProfitOf(moment, evenly)).to.deep.equal({ accounts: 2, amount: 20n * ONE, largestPart: 500_000n });
    const sameSide = untouched(moment.sameSide).map((part) => ({ ...part, charge: 20n * ONE }));
    // The survivor is long and has made 16.
    expect(beyondProfitOf(moment, { ...evenly, sameSide })).to.deep.equal({
      accounts: 3,
      amount: 24n * ONE,
      largestPart: 1_250_000n,
    });
  });

  it("concentration: alike is zero, one alone of four is three quarters", () => {
    expect(gini([5n, 5n, 5n, 5n])).to.equal(0n);
    expect(gini([0n, 0n, 0n, 8n])).to.equal(750_000n);
    expect(gini([1n, 3n])).to.equal(250_000n);
    expect(gini([])).to.equal(0n);
    const sizes = moment.opposing.map(({ size }) => size);
    expect(concentrationOf(evenly, sizes).tenLargest).to.equal(1_000_000n);
    // Pro rata to sizes that differ: the charges differ as they do, and for each size they are the same.
    const proRata = concentrationOf(evenly, [2n * ONE, ONE, ONE]);
    expect([proRata.gini > 0n, proRata.giniPerSize]).to.deep.equal([true, 0n]);
  });

  it("the next shock hurts what is left of the opposing side, and moves its hedges", () => {
    // A rise by 20: the winner 100 − 20 − 40, the hedger 100 − 10 − 60 + 60, the poor one 12 − 10 − 60 = −58.
    expect(nextShockAfter(moment, evenly)).to.deep.equal({ deficit: 58n * ONE, defaults: 1 });
    // Longs are hurt by a fall; a hedge that is long is none for them.
    const mirrored = { ...moment, longsDefaulted: false };
    expect(nextShockAfter(mirrored, allocated([0n, 0n], [0n, 50n], [0n, 0n]))).to.deep.equal({
      deficit: 90n * ONE + 68n * ONE,
      defaults: 2,
    });
  });

  it("hedgers lose what no longer stands against their other leg", () => {
    // 400 against 300, and 300 of it is left.
    expect(hedgersAfter(moment, evenly)).to.deep.equal({ hedgers: 1, unhedged: 0, halfUnhedged: 0, exposed: 0n });
    expect(hedgersAfter(moment, allocated([0n, 0n], [3n, 0n], [0n, 0n]))).to.deep.equal({
      hedgers: 1,
      unhedged: 1,
      halfUnhedged: 1,
      exposed: 200n * ONE,
    });
  });

  it("gas: ours does not depend on the holders, the queue's on the pairs", () => {
    const two = { ...moment, defaulters: [...moment.defaulters, { id: "other", size: ONE, deficit: ONE }] };
    const [one, another] = [gasOf(moment, { ...evenly, policy: "ours" }), gasOf(two, { ...evenly, policy: "ours" })];
    expect(another > one && another - one < one).to.equal(true);
    expect(gasOf(moment, evenly)).to.equal(3 * 143_030);
  });

  it("says where ours loses, and by how little", () => {
    const comparison = compare(exampleMoment(), { oneMinute: 1_600n * ONE, fiveMinutes: 1_900n * ONE });
    const lost = new Map(comparison.losses.map((loss) => [loss.criterion.name, loss]));
    for (const name of ["accounts touched", "hedgers unhedged", "charged beyond the payer's profit"]) {
      expect(lost.get(name), name).to.include({ slight: false });
    }
    expect(lost.get("overshoot at the fill")).to.include({ slight: true, best: 0n });
    expect(lost.has("gas")).to.equal(false);
    expect(whereOursLoses(comparison.measures.slice(0, 1))).to.deep.equal([]);
    expect(comparisonText(comparison)).to.include("Where ours loses");
    expect(comparison.measures.map(({ allocation }) => allocation.policy)).to.deep.equal([
      "ours",
      "queue",
      "profit pro rata",
      "water-filling",
      "funding index",
      "integer pro rata",
    ]);
  });

  it("the example is the same for the same seed, balanced, and a moment, whoever defaults", () => {
    for (const longsDefaulted of [true, false]) {
      const drawn = exampleMoment({ ...SEVERE, longsDefaulted, seed: 7n });
      requireMoment(drawn);
      const total = (of: readonly { readonly size: bigint }[]) => of.reduce((all, { size }) => all + size, 0n);
      expect(total(drawn.opposing)).to.equal(total(drawn.defaulters) + total(drawn.sameSide));
      expect(exampleMoment({ ...SEVERE, longsDefaulted, seed: 7n })).to.deep.equal(drawn);
    }
  });

  it("refuses what is no moment", () => {
    const faults: [Partial<Moment>, string][] = [
      [{ mark: 0n }, "mark"],
      [{ highestMark: 1n }, "highest mark"],
      [{ defaulters: [] }, "nobody"],
      [{ defaulters: [{ id: "x", size: ONE, deficit: 0n }] }, "no deficit"],
      [{ opposing: [plainHolder("x", 0n, ONE)] }, "no size"],
      [{ opposing: [plainHolder("x", ONE, -1n)] }, "holder is in default"],
      [{ sameSide: [plainHolder("winner", ONE, ONE)] }, "twice"],
      [{ insurance: -1n }, "fund"],
      [{ contract: 0n }, "contract"],
    ];
    for (const [change, words] of faults) {
      expect(() => {
        requireMoment({ ...moment, ...change });
      }).to.throw(RangeError, words);
    }
  });
});

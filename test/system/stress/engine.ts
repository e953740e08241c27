/** A whole run of a small scenario: the model, and the contracts beside it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { startContracts } from "../../../scripts/stress/engine/contracts.ts";
import { Model } from "../../../scripts/stress/engine/model.ts";
import { type Settings, run } from "../../../scripts/stress/engine/run.ts";
import { drawPeople } from "../../../scripts/stress/population/draw.ts";
import { pricesOf } from "../../../scripts/stress/prices/prices.ts";
import type { Result } from "../../../scripts/stress/result.ts";
import { Scenario } from "../../../scripts/stress/scenario.ts";
import { noProgress } from "../../../scripts/simulation/progress.ts";

const FILE = fileURLToPath(new URL("../../../scripts/stress/scenarios/small.json", import.meta.url));
const ONE = 10n ** 18n;

async function walk(change: Partial<Settings> = {}, json: object = {}): Promise<Result> {
  const scenario = Scenario.parse({ ...(JSON.parse(readFileSync(FILE, "utf8")) as object), ...json });
  const path = pricesOf(scenario, "");
  const start = await startContracts(scenario, path);
  try {
    const rates = start.house.markets.map(({ risk }) => risk.initialMarginAtCap);
    const people = drawPeople(scenario, start.contracts.answers(path.steps[0]?.prices ?? []), rates);
    const stop = new AbortController().signal;
    const settings = { scenario, file: FILE, path, people, start, withContracts: false, withPolicies: false, stop };
    return await run({ ...settings, say: () => undefined, ...change }, noProgress());
  } finally {
    await start.contracts.close();
  }
}

describe("a stress run", function () {
  this.timeout(120_000);
  let whole: Result;

  before(async () => {
    whole = await walk({ withContracts: true, withPolicies: true });
  });

  it("does everything in the contracts, which come to the same as the model after every minute", () => {
    expect(whole.engine).to.equal("contracts");
    expect(whole.check?.comparisons).to.be.at.least(61);
    expect(whole.check?.accounts).to.be.above(600);
    expect(whole.steps).to.have.length(60);
  });

  it("has liquidations, deleveragings, fund payments and haircuts, and leaves nobody below zero", () => {
    const { steps, waterfall, belowZero, failed } = whole;
    expect(belowZero).to.equal(0);
    expect(failed).to.be.above(50);
    for (const what of ["liquidations", "deleveragings", "reactions"] as const)
      expect(
        steps.reduce((all, step) => all + step[what], 0),
        what,
      ).to.be.above(5);
    expect(waterfall.insured > 0n && waterfall.haircuts > 0n).to.equal(true);
    expect(steps.at(-1)?.exposureAfter).to.equal(0n);
  });

  it("adds up: deficits and bounties are what fund, haircut and shortfall bear, and payers paid the haircut", () => {
    const { deficit, bounty, insured, haircuts, shortfall } = whole.waterfall;
    expect(insured + haircuts + shortfall).to.equal(deficit + bounty);
    const paid = whole.payers.reduce((all, { haircut }) => all + haircut, 0n);
    const rounding = BigInt(whole.payerCount) * 1_000n;
    expect(whole.payers).to.have.length(whole.payerCount);
    expect(paid - haircuts <= rounding && haircuts - paid <= rounding, `${paid} of ${haircuts}`).to.equal(true);
    expect(whole.haircutByLeverage.reduce((all, { payers }) => all + payers, 0)).to.equal(whole.payerCount);
  });

  it("counts everybody before and after", () => {
    for (const { counts, edges } of [whole.before, whole.after]) {
      expect(counts.reduce((all, count) => all + count, 0)).to.equal(300);
      expect(edges).to.have.length(counts.length + 1);
    }
    expect(whole.after.edges[0]).to.equal(0);
  });

  it("looks at every deleveraging under every rule", () => {
    const { policies } = whole;
    expect(policies?.rows).to.have.length(6);
    expect(policies?.rows.filter(({ isOurs }) => isOurs)).to.have.length(1);
    expect(policies?.events).to.be.above(3);
    expect(policies?.losses).to.not.be.empty;
    const overshoot = policies?.columns.findIndex(({ title }) => title === "overshoot at the fill") ?? -1;
    const ours = policies?.rows.find(({ isOurs }) => isOurs)?.values[overshoot];
    expect(ours, "wei").to.be.within(0, 10_000);
  });

  it("is the same without contracts, and again, and another one with another seed", async () => {
    const model = await walk();
    expect([model.engine, model.check, model.policies]).to.deep.equal(["model", undefined, undefined]);
    for (const part of ["steps", "before", "after", "waterfall", "payers", "latency"] as const)
      expect(model[part], part).to.deep.equal(whole[part]);
    const other = await walk({}, { seed: 2 });
    expect(other.steps).to.not.deep.equal(whole.steps);
  });

  it("leaves a report where it is broken off", async () => {
    const stop = new AbortController();
    let minutes = 0;
    const scenario = Scenario.parse(JSON.parse(readFileSync(FILE, "utf8")));
    const path = pricesOf(scenario, "");
    const start = await startContracts(scenario, path);
    const people = drawPeople(scenario, path.steps[0]?.prices ?? [], [80_000n, 100_000n]);
    const progress = {
      ...noProgress(),
      stage: (label: string) => {
        minutes = label === "walking the prices" ? 1 : 0;
      },
      advance: () => {
        if (minutes > 0 && ++minutes === 20) stop.abort();
      },
    };
    const settings = { scenario, file: FILE, path, people, start, withContracts: true, withPolicies: false };
    const result = await run({ ...settings, say: () => undefined, stop: stop.signal }, progress);
    await start.contracts.close();
    expect([result.isPartial, result.steps.length]).to.deep.equal([true, 19]);
  });

  it("ends with an error where the contracts come to anything else, by a wei", async () => {
    const scenario = Scenario.parse(JSON.parse(readFileSync(FILE, "utf8")));
    const path = pricesOf(scenario, "");
    const { contracts, house, buckets } = await startContracts(scenario, path);
    try {
      const model = new Model(house, contracts.owner, buckets, 1_000_000n);
      model.deposit(1, 1_000n * ONE);
      await contracts.follow(model, model.takeDone());
      model.deposit(1, 1n);
      const refused = await contracts.compare(model, [1]).then(
        () => "the same",
        (error: unknown) => String(error),
      );
      expect(refused).to.include("the model differs from the contracts in .collateral: 1000000000000000000001, not");
    } finally {
      await contracts.close();
    }
  });
});

/** The whole crash through TypeChain bindings: properties P1 and P2 at every step, and who bore what. */
import { expect } from "chai";
import { ONE, parseFixed, sum } from "../../scripts/simulation/fixedPoint.ts";
import { october2025 } from "../../scripts/demo/october2025.ts";
import { asJson, page } from "../../scripts/demo/page.ts";
import { noProgress } from "../../scripts/simulation/progress.ts";
import { holds, run, type Result } from "../../scripts/simulation/run.ts";

const settings = { path: october2025(), accounts: 60, seed: 1n, insurance: 500n * ONE };

describe("the crash of 10 October 2025", () => {
  let result: Result;

  before(async () => {
    result = await run(settings, noProgress());
  });

  it("walks every minute after the opening", () => {
    expect(result.steps.map(({ time }) => time)).to.deep.equal(settings.path.steps.slice(1).map(({ time }) => time));
    expect(result.steps).to.have.length(80);
  });

  it("accounts for every token at every step (P1)", () => {
    expect(result.steps.filter(({ accounted }) => !accounted)).to.be.empty;
    const { traders, keepers, fund, pools, ledger, tokens } = result.sheet;
    expect(traders + keepers + fund + sum(pools)).to.equal(ledger);
    expect(tokens).to.equal(ledger);
  });

  it("leaves no account below zero at any step (P2)", () => {
    expect(result.steps.filter(({ floored }) => !floored)).to.be.empty;
    expect(result.steps.filter(({ after }) => after.negative !== 0n || after.worst < 0n)).to.be.empty;
  });

  it("had accounts below zero before keepers acted", () => {
    expect(result.steps.some(({ before }) => before.worst < 0n && before.negative > 0n)).to.be.true;
  });

  it("makes every tier bear something, and nobody bear it twice", () => {
    const { tally, lostByFailed, keepersStart, keepersLowest } = result;
    expect(lostByFailed > 0n, "traders").to.be.true;
    expect(keepersStart > keepersLowest, "keepers").to.be.true;
    expect(tally.insured > 0n, "fund").to.be.true;
    expect(tally.haircuts > 0n, "haircut").to.be.true;
    expect(tally.liquidations > 0 && tally.deleveragings > 0, "both kinds of help").to.be.true;
    // P5: what nobody could pay, and the bounties on top, in three parts that add up.
    expect(tally.insured + tally.haircuts + tally.shortfalls).to.equal(tally.deficits + tally.bounties);
    expect(sum(result.sheet.shortfalls) <= tally.shortfalls, "shortfall").to.be.true;
  });

  it("counts the same at every step and in all", () => {
    const count = (of: "liquidations" | "deleveragings") => result.steps.reduce((total, step) => total + step[of], 0);
    expect(count("liquidations")).to.equal(result.tally.liquidations);
    expect(count("deleveragings")).to.equal(result.tally.deleveragings);
  });

  it("is the same again with the same seed, and another with another", async () => {
    expect(asJson(await run(settings, noProgress()))).to.equal(asJson(result));
    expect(asJson(await run({ ...settings, seed: 2n }, noProgress()))).to.not.equal(asJson(result));
  });

  it("says so on a page of 100 columns", () => {
    const lines = page(result).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(100);
    expect(lines.filter((line) => /P[12] held/.test(line))).to.have.length(2);
    expect(holds(result)).to.be.true;
  });

  it("says where a property failed, if one does", () => {
    for (const [id, broken] of Object.entries({ P1: { accounted: false }, P2: { floored: false } })) {
      const steps = result.steps.map((step, i) => (i === 30 ? { ...step, ...broken } : step));
      const wrong = { ...result, steps };
      expect(holds(wrong)).to.be.false;
      expect(page(wrong)).to.match(new RegExp(`${id} FAILED .*not at 1 of 80 steps, first 2025-10-10 21:11`));
    }
    expect(holds({ ...result, steps: [] })).to.be.false;
  });

  it("writes money exactly for programs", () => {
    const found = JSON.parse(asJson(result)) as { sheet: { ledger: string }; properties: unknown };
    expect(parseFixed(found.sheet.ledger)).to.equal(result.sheet.ledger);
    expect(found.properties).to.deep.equal({ P1: true, P2: true });
  });
});

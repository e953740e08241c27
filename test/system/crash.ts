/** The whole crash through TypeChain bindings: properties P1 and P2 at every step, and who bore what. */
import { expect } from "chai";
import { marketFigures } from "../../scripts/simulation/figures.ts";
import { ONE, parseFixed, sum } from "../../scripts/simulation/fixedPoint.ts";
import { october2025 } from "../../scripts/demo/october2025.ts";
import { asJson, page } from "../../scripts/demo/page.ts";
import { noProgress } from "../../scripts/simulation/progress.ts";
import { holds, run, type Result } from "../../scripts/simulation/run.ts";

/** Seen every five minutes, prices jump further than the limits foresee: everybody has to bear something. */
const settings = { path: october2025(5), accounts: 60, seed: 1n, insurance: undefined };

describe("the crash of 10 October 2025", () => {
  let result: Result;

  before(async () => {
    result = await run(settings, noProgress());
  });

  it("is walked from its first price to its last, through the lows", () => {
    expect(result.steps.map(({ time }) => time)).to.deep.equal(settings.path.steps.slice(1).map(({ time }) => time));
    expect(result.steps).to.have.length(16);
    for (const { price } of marketFigures(result)) {
      expect(price.lowest.time).to.equal(Date.UTC(2025, 9, 10, 21, 20) / 1000);
      expect(price.first.value > price.last.value && price.last.value > price.lowest.value).to.be.true;
    }
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

  it("opens as much as the fund bears, and lets margin rise and the room close in the crash", () => {
    expect(result.turnedAway).to.equal(0);
    const figures = marketFigures(result);
    for (const { openInterest, openInterestLimit, initialMargin } of figures) {
      expect(openInterest.first.value <= openInterestLimit.first.value).to.be.true;
      expect(initialMargin.highest.value > initialMargin.first.value).to.be.true;
      expect(openInterestLimit.lowest.value < openInterestLimit.first.value).to.be.true;
    }
    // What the fund bears of the market that needs most of it is what was deposited, up to a token.
    expect(
      figures.some(
        ({ openInterest: { first }, openInterestLimit }) => openInterestLimit.first.value - first.value < 100n * ONE,
      ),
    ).to.be.true;
    for (const reason of ["OpenInterestAboveCap", "InsufficientMargin", "MarkJumped"] as const)
      expect(result.tally.refused.get(reason) ?? 0, reason).to.be.above(0);
  });

  it("lets less be opened with a smaller fund, and reports what was turned away", async () => {
    const small = await run(
      { ...settings, path: { ...settings.path, steps: settings.path.steps.slice(0, 2) }, insurance: 2_000n * ONE },
      noProgress(),
    );
    expect(small.turnedAway).to.be.above(0);
    expect(small.tally.refused.get("OpenInterestAboveCap")).to.equal(small.turnedAway);
    for (const { openInterest, openInterestLimit } of marketFigures(small))
      expect(openInterest.first.value <= openInterestLimit.first.value).to.be.true;
    expect(holds(small)).to.be.true;
  });

  it("holds minute by minute as well", async () => {
    const slow = await run({ ...settings, path: october2025() }, noProgress());
    expect(slow.steps).to.have.length(80);
    expect(holds(slow)).to.be.true;
    // Keepers come often enough for the fund to bear all that is left.
    expect(slow.tally.insured > 0n).to.be.true;
    expect(slow.tally.haircuts).to.equal(0n);
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
      const steps = result.steps.map((step, i) => (i === 6 ? { ...step, ...broken } : step));
      const wrong = { ...result, steps };
      expect(holds(wrong)).to.be.false;
      expect(page(wrong)).to.match(new RegExp(`${id} FAILED .*not at 1 of 16 steps, first 2025-10-10 21:15`));
    }
    expect(holds({ ...result, steps: [] })).to.be.false;
  });

  it("writes money exactly for programs", () => {
    const found = JSON.parse(asJson(result)) as { sheet: { ledger: string }; properties: unknown };
    expect(parseFixed(found.sheet.ledger)).to.equal(result.sheet.ledger);
    expect(found.properties).to.deep.equal({ P1: true, P2: true });
  });
});

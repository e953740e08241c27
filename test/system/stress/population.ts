/** The people of a scenario. */
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { drawPeople } from "../../../scripts/stress/population/draw.ts";
import { notionals, openInterestOf } from "../../../scripts/stress/population/notionals.ts";
import { readScenario } from "../../../scripts/stress/scenario.ts";

const SMALL = fileURLToPath(new URL("../../../scripts/stress/scenarios/small.json", import.meta.url));
const ONE = 10n ** 18n;
const PRICES = [100_000n * ONE, 3_000n * ONE];
const RATES = [80_000n, 100_000n];
const small = readScenario(SMALL);
const scenario = { ...small, population: { ...small.population, accounts: 4_000 } };
const people = drawPeople(scenario, PRICES, RATES);

const notional = (market: number, size: bigint) => Number((size * (PRICES[market] ?? 0n)) / ONE) / 1e18;

describe("the people of a scenario", () => {
  it("are as many as are asked for, numbered from 1 on", () => {
    expect(people.map(({ number }) => number)).to.deep.equal(Array.from({ length: 4_000 }, (_, i) => i + 1));
  });

  it("can pay initial margin and fees of all that they open", () => {
    for (const { collateral, legs, number } of people) {
      const margin = legs.reduce(
        (all, { market, size }) => all + (Math.abs(notional(market, size)) * Number(RATES[market] ?? 0n)) / 1e6,
        0,
      );
      const fees = legs.reduce((all, { market, size }) => all + Math.abs(notional(market, size)) * 0.0005, 0);
      expect(margin + fees, String(number)).to.be.below(Number(collateral) / 1e18);
    }
  });

  it("open nothing that is too small to stay, and have whole token units", () => {
    for (const { collateral, legs } of people) {
      expect(collateral % 10n ** 12n).to.equal(0n);
      for (const { market, size } of legs) expect(Math.abs(notional(market, size))).to.be.above(100);
    }
  });

  it("are hedgers, cross-margined and on each side in the stated parts", () => {
    const hedgers = people.filter(({ pair }) => pair !== undefined);
    // Of 4,000 accounts a part of 6 % is known to half a per cent (hedgers come by twos), of 15 % to 0.6, of 60 % to 0.8: three times that.
    expect(hedgers.length / 4_000).to.be.closeTo(0.06, 0.016);
    for (const { number, pair = 0, legs } of hedgers) {
      const other = people[pair - 1];
      expect([other?.pair, other?.legs[0]?.market]).to.deep.equal([number, legs[0]?.market]);
      expect(other?.legs[0]?.size).to.equal(-(legs[0]?.size ?? 0n));
    }
    const alone = people.filter(({ pair }) => pair === undefined);
    expect(alone.filter(({ legs }) => legs.length === 2).length / 4_000).to.be.closeTo(0.15, 0.018);
    expect(alone.filter(({ legs }) => (legs[0]?.size ?? 0n) > 0n).length / alone.length).to.be.closeTo(0.6, 0.025);
    expect(alone.filter(({ reaction }) => reaction === "reduce").length / alone.length).to.be.closeTo(0.15, 0.018);
    expect(hedgers.every(({ reaction }) => reaction === "none")).to.equal(true);
  });

  it("stand between the least and the most leverage, and nowhere in a crowd", () => {
    const wanted = { least: 2, most: 20, alpha: 1.3, beta: 3 };
    const bold = { ...scenario, population: { ...scenario.population, leverage: wanted } };
    const found = drawPeople(bold, PRICES, [80_000n, 200_000n]).map(({ collateral, legs }) =>
      Math.round(
        (legs.reduce((all, { market, size }) => all + Math.abs(notional(market, size)), 0) / Number(collateral)) * 1e20,
      ),
    );
    // Hundredths. A position that is as small as may be is what it is, whatever its collateral is rounded to.
    expect(Math.min(...found)).to.be.at.least(200);
    expect(Math.max(...found)).to.be.at.most(1_150);
    const times = new Map<number, number>();
    for (const leverage of found) times.set(leverage, (times.get(leverage) ?? 0) + 1);
    expect(Math.max(...times.values()) / found.length).to.be.below(0.02);
  });

  it("take what margin allows where that is less than the least that is asked for", () => {
    const [first] = drawPeople(scenario, PRICES, [1_000_000n, 1_000_000n]);
    const held = first?.legs.reduce((all, { market, size }) => all + Math.abs(notional(market, size)), 0) ?? 0;
    expect(held / (Number(first?.collateral) / 1e18)).to.be.closeTo(0.92, 0.001);
  });

  it("add up to the open interest of their markets", () => {
    const each = (market: number, isLong: boolean) =>
      people
        .flatMap(({ legs }) => legs)
        .filter((leg) => leg.market === market && leg.size > 0n === isLong)
        .reduce((all, { size }) => all + Math.abs(notional(market, size)), 0);
    for (const [market, found] of notionals(people, PRICES).entries()) {
      expect(Number(found.long) / 1e18).to.be.closeTo(each(market, true), 0.01);
      expect(Number(found.short) / 1e18).to.be.closeTo(each(market, false), 0.01);
      expect(openInterestOf(found)).to.equal(found.long);
    }
    expect(openInterestOf({ long: 1n, short: 2n })).to.equal(2n);
  });

  it("have the median that is asked for", () => {
    const money = people.map(({ collateral }) => Number(collateral) / 1e18).sort((a, b) => a - b);
    expect(money[2_000]).to.be.within(740, 860);
  });

  it("hold the same whatever they do later, and something else with another seed", () => {
    const { reactions } = scenario.population;
    const calm = {
      ...scenario,
      population: { ...scenario.population, reactions: { ...reactions, panic: 0, reduce: 0 } },
    };
    const legs = (list: typeof people) => list.map((person) => person.legs);
    expect(legs(drawPeople(calm, PRICES, RATES))).to.deep.equal(legs(people));
    const bearish = { ...scenario, population: { ...scenario.population, long: 100_000 } };
    const sizes = (list: typeof people) =>
      list.map(({ collateral, legs: held }) => [collateral, ...held.map(({ size }) => (size < 0n ? -size : size))]);
    expect(sizes(drawPeople(bearish, PRICES, RATES))).to.deep.equal(sizes(people));
    expect(drawPeople(scenario, PRICES, RATES)).to.deep.equal(people);
    expect(legs(drawPeople({ ...scenario, seed: 2 }, PRICES, RATES))).to.not.deep.equal(legs(people));
  });
});

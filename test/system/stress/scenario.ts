/** What a scenario's file may say, and that the shipped ones turn nobody away. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { readParameterFile } from "../../../deploy/parameterFile.ts";
import { InputError } from "../../../scripts/commandLine.ts";
import { scaledTo } from "../../../scripts/stress/options.ts";
import { drawPeople } from "../../../scripts/stress/population/draw.ts";
import { notionals, openInterestOf } from "../../../scripts/stress/population/notionals.ts";
import { pricesOf } from "../../../scripts/stress/prices/prices.ts";
import { readScenario } from "../../../scripts/stress/scenario.ts";

const SHIPPED = fileURLToPath(new URL("../../../scripts/stress/scenarios/", import.meta.url));
const PARAMETERS = fileURLToPath(new URL("../../../deploy/parameters/local.json", import.meta.url));
const SHARED_DATA = existsSync(fileURLToPath(new URL("../../../../shared/data", import.meta.url)));
const NAMES = ["black-thursday", "flash", "grind", "million", "october-2025", "small"];
/** What one statement says changes little with more of them, and a million take seconds. */
const MOST_DRAWN = 20_000;
const PPM = 1_000_000n;

describe("a scenario", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stress-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** The small scenario with something else at a place in it. */
  const changed = (place: string, value: unknown): (() => unknown) => {
    const json: unknown = JSON.parse(readFileSync(join(SHIPPED, "small.json"), "utf8"));
    const keys = place.split(".");
    const last = keys.pop() ?? "";
    const within = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], json);
    (within as Record<string, unknown>)[last] = value;
    return () => {
      const file = join(folder, "scenario.json");
      writeFileSync(file, JSON.stringify(json));
      return readScenario(file);
    };
  };

  const WRONG: [place: string, value: unknown, complaint: RegExp][] = [
    ["seed", -1, /: seed: /],
    ["title", "", /: title: /],
    ["more", 1, /"more"/],
    ["fund", 800, /: fund: /],
    ["fund", "-1", /: fund: must be a decimal number in quotes/],
    ["markets.0.name", "btc", /: markets\.0\.name: must be a name like BTC/],
    ["markets.1.name", "BTC", /: markets: BTC is there twice/],
    ["markets.1.name", "SOL", /: prices: SOL has none/],
    ["markets.0.risk.initialMargin", 1_000_001, /: markets\.0\.risk\.initialMargin: /],
    ["markets.0.weight", 0, /: markets\.0\.weight: /],
    ["prices.kind", "drawn", /: prices\.kind: /],
    ["prices.minutes", 1, /: prices\.minutes: /],
    ["prices.markets.BTC.price", 0, /: prices\.markets\.BTC\.price: /],
    ["prices.correlation", 1.1, /: prices\.correlation: /],
    ["prices.tails", 2, /: prices\.tails: /],
    ["prices.jumps.expected", 501, /: prices\.jumps\.expected: /],
    ["prices.crash.at", 36, /: prices\.crash: ends after the last minute/],
    ["population.accounts", 19, /: population\.accounts: /],
    ["population.leverage.most", 0.5, /: population\.leverage\.most: is below least/],
    ["population.crossMargined", 940_001, /: population: hedgers and crossMargined are more than everybody/],
    ["population.reactions.panic", 750_001, /: population\.reactions: .* are more than everybody/],
    ["keepers.leverage", 2.5, /: keepers\.leverage: /],
    [
      "keepers.gas",
      { coinPrice: "3000", gwei: [0, 0].map((at) => ({ at, price: 1 })) },
      /: keepers\.gas\.gwei: minutes must rise/,
    ],
  ];
  for (const [place, value, complaint] of WRONG)
    it(`is refused in one line with ${place} = ${JSON.stringify(value)}`, () => {
      expect(changed(place, value)).to.throw(InputError, complaint);
      expect(changed(place, value)).to.throw(InputError, /^[^\n]*scenario\.json: [^\n]*$/);
    });

  it("of one market has nobody in two", () => {
    const markets: unknown = (JSON.parse(readFileSync(join(SHIPPED, "flash.json"), "utf8")) as { markets: unknown })
      .markets;
    expect(changed("markets", markets)).to.throw(InputError, /: population\.crossMargined: needs two markets/);
  });

  it("goes to the bounds of what it may say", () => {
    expect(changed("prices.crash.at", 35)).to.not.throw();
    expect(changed("population.crossMargined", 940_000)).to.not.throw();
    expect(changed("population.reactions.panic", 750_000)).to.not.throw();
    expect(changed("population.leverage.most", 1)).to.not.throw();
  });

  it("is refused in one line where its file is none", () => {
    expect(() => readScenario(folder)).to.throw(InputError, /: cannot be read$/);
    writeFileSync(join(folder, "text.json"), "{");
    expect(() => readScenario(join(folder, "text.json"))).to.throw(InputError, /text\.json: is not JSON$/);
  });

  const known = readParameterFile(PARAMETERS).markets;
  for (const name of NAMES) {
    const whole = readScenario(join(SHIPPED, `${name}.json`));
    if (whole.prices.kind === "recorded" && !SHARED_DATA) {
      console.log(
        `    recorded crashes are not there (../shared/data): the test of ${name} is skipped, and not counted`,
      );
      continue;
    }
    it(`that is shipped has room for everybody: ${name}`, () => {
      const { accounts } = whole.population;
      const scenario = accounts > MOST_DRAWN ? scaledTo(whole, MOST_DRAWN) : whole;
      const prices = pricesOf(scenario, SHIPPED).steps[0]?.prices ?? [];
      const parameters = scenario.markets.map((market) => {
        const found = known[market.name] ?? known["SOL"];
        if (found === undefined) throw new Error(`${market.name}: no parameters`);
        return found;
      });
      const rates = parameters.map(({ risk }, i) =>
        BigInt(scenario.markets[i]?.risk.initialMarginAtCap ?? risk.initialMarginAtCap),
      );
      const people = drawPeople(scenario, prices, rates);
      for (const [i, found] of notionals(people, prices).entries()) {
        const { risk, fundCapacity, gap, name: market } = scenario.markets[i] ?? whole.markets[0] ?? never();
        const { risk: shipped, fundLimit } = parameters[i] ?? never();
        const fund = scenario.fund < fundCapacity ? scenario.fund : fundCapacity;
        const openInterest = openInterestOf(found);
        // The cap is not scaled with the rest.
        const inWhole = (openInterest * BigInt(accounts)) / BigInt(scenario.population.accounts);
        expect(openInterest <= (fund * PPM) / BigInt(gap ?? fundLimit.gap), `${market}: fund`).to.equal(true);
        expect(inWhole <= (risk.openInterestCap ?? shipped.openInterestCap), `${market}: cap`).to.equal(true);
      }
    });
  }
});

function never(): never {
  throw new Error("as many markets as parameters");
}

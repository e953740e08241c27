/** What parameter files say about where their numbers come from, against the command that they cite. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { readParameterFile, type MarketParameters } from "../../deploy/parameterFile.ts";
import { percent, roundedDown } from "../../scripts/calibrate/wording.ts";
import { runScript, SHARED_DATA, temporaryFolder } from "../utils/commands.ts";

const PARAMETERS = fileURLToPath(new URL("../../deploy/parameters", import.meta.url));
const ONE = 10n ** 18n;
const PPM = 1e6;
const { folder, file, remove } = temporaryFolder();

after(remove);

interface Citation {
  readonly network: string;
  readonly name: string;
  readonly market: MarketParameters;
  readonly text: string;
}

const citations: Citation[] = readdirSync(PARAMETERS).flatMap((path) =>
  Object.entries(readParameterFile(join(PARAMETERS, path)).markets).flatMap(([name, market]) =>
    market.calibration === undefined
      ? []
      : [{ network: path.replace(/\.json$/, ""), name, market, text: market.calibration }],
  ),
);

function commandOf(text: string): string {
  return /^npm run calibrate -- [^:]+(?=: )/.exec(text)?.[0] ?? expect.fail(`cites no command: ${text}`);
}

describe("calibrations that parameter files cite", () => {
  it("are there for each market of the public test networks, and for none of the local node's", () => {
    const networks = ["arbitrum-sepolia", "base-sepolia", "sepolia"];
    expect(citations.map(({ network, name }) => `${network} ${name}`).sort()).to.deep.equal(
      networks.flatMap((network) => [`${network} BTC`, `${network} ETH`]),
    );
  });

  for (const { network, name, market, text } of citations) {
    it(`judge the numbers that ${network} has for ${name}`, () => {
      const { risk, fundLimit } = market;
      const percentage = Number(risk.maintenanceMargin) / (PPM / 100);
      expect(commandOf(text)).to.equal(
        `npm run calibrate -- ${name} --maintenance-margin ${percentage} --fund ${fundLimit.capacity / ONE} --cap ${risk.openInterestCap / ONE}`,
      );
    });
  }

  it("are one line each", () => {
    const path = join(PARAMETERS, "sepolia.json");
    const changed = file("lines.json", readFileSync(path, "utf8").replace(/(?<="calibration": ")/, "one\\n"));
    expect(() => readParameterFile(changed)).to.throw("lines.json: markets.BTC.calibration: must be one line");
  });

  if (!existsSync(SHARED_DATA)) {
    console.log("  skipped, and not counted: calibrations that are cited, because ../shared/data is not here");
    return;
  }

  // Networks that have the same numbers cite the same.
  for (const text of new Set(citations.map((one) => one.text))) {
    it(`are what it prints: ${commandOf(text)}`, () => {
      const json = join(folder, "result.json");
      const [, , , , ...args] = commandOf(text).split(" ");
      const { status, stdout, stderr } = runScript(
        "calibrate.ts",
        ...args,
        "--html",
        join(folder, "page.html"),
        "--json",
        json,
      );
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
      const printed = (row: string) => new RegExp(`^ +${row} {2,}(.+)$`, "m").exec(stdout)?.[1]?.replace(/ +/g, " ");
      const crashes = stdout.match(/^ +\d{4}-\d\d-\d\d /gm)?.length;
      expect(text.slice(commandOf(text).length)).to.equal(
        `: haircut in one crash ${printed("haircut in one crash")}, in a year ${printed("haircut in a year")}; level ${printed("level")}; ${crashes} recorded crashes`,
      );
      expect(printed("keeps the level")).to.equal("yes");

      const { frontier } = JSON.parse(readFileSync(json, "utf8")) as {
        frontier: { maintenanceMargin: number; fundPerOpenInterest: { value: number } }[];
      };
      for (const { market } of citations.filter((one) => one.text === text)) {
        const { maintenanceMargin, initialMargin, initialMarginAtCap, openInterestCap } = market.risk;
        const { capacity, gap } = market.fundLimit;
        const rate = (ppm: bigint) => Number(ppm) / PPM;
        expect(printed("initial margin")).to.equal(
          `${percent(rate(initialMargin))} when empty, ${percent(rate(initialMarginAtCap))} when full`,
        );
        const found = frontier.find((one) => one.maintenanceMargin === rate(maintenanceMargin));
        expect(found?.fundPerOpenInterest.value).to.equal(rate(gap));
        expect(Number(openInterestCap / ONE)).to.equal(roundedDown(Number(capacity / ONE) / rate(gap)));
      }
    });
  }
});

/** `npm run calibrate` as a person meets it. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { calibrate as calibration } from "../../scripts/calibrate/calibration.ts";
import { GRID } from "../../scripts/calibrate/judge.ts";
import { CONFIG, optionsFrom } from "../../scripts/calibrate/options.ts";
import { shippedMarkets } from "../../scripts/calibrate/shipped.ts";
import { interval, money, percent, roundedDown } from "../../scripts/calibrate/wording.ts";
import { parse } from "../../scripts/commandLine.ts";
import { HEAD, runScript, SHARED_DATA, temporaryFolder } from "../utils/commands.ts";

const { folder, file, remove } = temporaryFolder();
const html = join(folder, "page.html");
const json = join(folder, "result.json");
/** Their files say the same. */
const NETWORKS = "arbitrum-sepolia, base-sepolia, sepolia";
/** So that one exceeds another by a part that is not lost in rounding. */
const CRASHES = [
  ["2021-05-19", 0.8],
  ["2023-03-01", 1.1],
  ["2025-05-20", 0.9],
] as const;

function calibrate(...args: string[]) {
  return runScript("calibrate.ts", ...args, "--html", html);
}

/** A day's candles in which the price wavers by a percent, and once goes to a part of what it was and halfway back. */
function crash(day: string, market: string, part: number): string {
  const minutes = Array.from({ length: 600 }, (_, minute) => {
    const time = new Date(Date.parse(`${day}T08:00:00Z`) + minute * 60_000).toISOString().slice(0, 16);
    const wave = 1 + 0.01 * Math.sin(minute / 7) * Math.sin(minute / 97);
    const [open, low, high] = [100 * wave, 100 * Math.min(1, part) * wave, 100 * Math.max(1, part) * wave];
    const prices = minute === 300 ? [open, high, low, open] : [open, open, open, open];
    return `${time}:00Z,${prices.map((price) => price.toFixed(6)).join()},1`;
  });
  return file(`${day}_${market}USDT_perp_1m.csv`, HEAD, ...minutes);
}

after(remove);

describe("wrong input to a calibration", () => {
  before(() => {
    for (const [day, part] of CRASHES) crash(day, "BTC", part);
  });

  const there = () => ["--folder", folder];
  const one = () => ["--prices", join(folder, "2021-05-19_BTCUSDT_perp_1m.csv")];
  const cases: [string, () => string[], string | RegExp][] = [
    ["no market", there, "names no market (--help shows the options)"],
    ["two markets", () => ["BTC", "ETH", ...there()], /^one market at a time, not BTC, ETH; files go with --prices$/],
    ["what is no name of a market", () => ["../BTC"], 'a market is called like BTC, not "../BTC"'],
    [
      "an unknown market",
      () => ["XRP", ...there()],
      /^no price file of XRP in \S+ \(there are BTC\); name files with --prices FILE…$/,
    ],
    [
      "a missing folder",
      () => ["BTC", "--folder", join(folder, "none")],
      /^no folder \S+none with price files; name files with --prices FILE…$/,
    ],
    ["a missing file", () => ["BTC", "--prices", join(folder, "none.csv")], /none\.csv: no such file$/],
    ["an empty file", () => ["BTC", "--prices", file("2021-01-01_ETHUSDT.txt")], /2021-01-01_ETHUSDT\.txt: is empty$/],
    [
      "prices that do not move",
      () => {
        const still = [0, 1, 2].map((minute) => `2025-01-01T10:0${minute}:00Z,5,5,5,5,1`);
        return ["BTC", "--per", "crash", "--probability", "60", "--prices", file("still_BTCUSDT.txt", HEAD, ...still)];
      },
      "in these files no price moves",
    ],
    [
      "a probability of nothing",
      () => ["BTC", "--probability", "0"],
      /^--probability must be a percentage from 0\.01 to 99, /,
    ],
    [
      "a probability beyond all",
      () => ["BTC", "--probability", "100%"],
      /^--probability must be a percentage .*"100"$/,
    ],
    ["a probability in words", () => ["BTC", "--probability", "few"], /^--probability must be a percentage .*"few"$/],
    ["an unknown span", () => ["BTC", "--per", "month"], '--per must be year or crash, not "month"'],
    ["no latency", () => ["BTC", "--latency", "0"], /^--latency must be a whole number from 1 to 1440, not "0"$/],
    ["a crowd without a name", () => ["BTC", "--population", "many"], /^--population must be worst, limit, or shares /],
    [
      "a crowd of which a part is missing",
      () => ["BTC", "--population", "3:40,10:40"],
      "--population: shares add up to 80 %, not 100 %",
    ],
    [
      "a maintenance margin beyond the bound",
      () => ["BTC", "--maintenance-margin", "51"],
      /^--maintenance-margin must be a percentage from 0\.1 to 50, /,
    ],
    [
      "a fund that is no amount",
      () => ["BTC", "--fund", "-1"],
      /^(--fund must be a number|Option '--fund' argument is ambiguous)/,
    ],
    [
      "a rate that nobody can know",
      () => ["BTC", ...one()],
      /^the files do not span a year: say how often such a crash comes with --crashes-per-year N, or ask --per crash$/,
    ],
    [
      "a level that nothing in the files speaks about",
      () => {
        const few = [0, 1, 2].map((minute) => `2025-01-01T10:0${minute}:00Z,100,110,90,100,1`);
        return ["BTC", "--per", "crash", "--prices", file("few_BTCUSDT.txt", HEAD, ...few)];
      },
      /^1 recorded crash says nothing below 50\.0 % per crash, .* the level is 10\.0 %: name more files, /,
    ],
    [
      "a page that cannot be written",
      () => ["BTC", ...there(), "--json", join(folder, "no", "such.json")],
      /such\.json: cannot be written$/,
    ],
    ["an unknown option", () => ["BTC", "--margin", "5"], "Unknown option '--margin' (--help shows the options)"],
  ];

  for (const [what, args, message] of cases) {
    it(`refuses ${what}`, () => {
      const { status, stdout, stderr } = calibrate(...args());
      expect(stderr).to.match(/^zerofloor: [^\n]+\n$/);
      const said = stderr.slice("zerofloor: ".length, -1);
      if (typeof message === "string") expect(said).to.equal(message);
      else expect(said).to.match(message);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: "" });
    });
  }

  it("prints its options when asked", () => {
    const { status, stdout, stderr } = calibrate("--help");
    expect(stdout).to.match(/^Usage: npm run calibrate -- MARKET /);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
  });
});

interface Result {
  level: { perCrash: number; perYear: number };
  assumed: { crashesPerYear: number };
  crashes: { day: string; fall: number }[];
  judged: {
    name: string;
    maintenanceMargin: number;
    openInterest: number;
    fundPerOpenInterest: number;
    haircutPerCrash: { value: number; low: number; high: number };
    haircutPerYear: { value: number };
    keepsLevel: boolean;
    neededFundPerOpenInterest: { value: number };
  }[];
  proposed: { maintenanceMargin: { value: number }; gap: number } | null;
  frontier: { maintenanceMargin: number; fundPerOpenInterest: { value: number } }[];
  sensitivity: { what: string; haircutPerCrash: number }[];
}

function result(): Result {
  return JSON.parse(readFileSync(json, "utf8")) as Result;
}

describe("a calibration of files", () => {
  let ran: ReturnType<typeof calibrate>;
  let page: string;
  let found: Result;

  before(() => {
    for (const [day, part] of CRASHES) crash(day, "BTC", part);
    ran = calibrate("btc", "--folder", folder, "--probability", "10 %", "--draws", "200", "--json", json);
    page = readFileSync(html, "utf8");
    found = result();
  });

  it("ends well, with the page's name at the end", () => {
    expect(ran.stderr).to.equal("");
    expect(ran.status).to.equal(0);
    expect(ran.stdout.trimEnd()).to.match(/Curves: .*page\.html$/);
  });

  it("finds the crashes, how often they come, and what the level is in one of them", () => {
    expect(found.crashes.map(({ day }) => day)).to.deep.equal(CRASHES.map(([day]) => day));
    expect(found.crashes[0]?.fall).to.be.closeTo(-Math.log(0.8), 1e-3);
    const years = (Date.parse("2025-05-20T18:00Z") - Date.parse("2021-05-19T08:00Z")) / (365.25 * 86_400_000);
    expect(found.assumed.crashesPerYear).to.be.closeTo(3 / years, 1e-9);
    expect(found.level.perYear).to.be.closeTo(0.1, 1e-12);
    expect(1 - Math.exp(-found.assumed.crashesPerYear * found.level.perCrash)).to.be.closeTo(0.1, 1e-12);
    expect(ran.stdout).to.match(/2021-05-19 +−20\.0 % +\+25\.0 % +1 min +25\.0 % /);
  });

  it("judges the shipped parameters of every network, and says what would do", () => {
    expect(found.judged.map(({ name }) => name)).to.deep.equal([NETWORKS, "local"]);
    for (const { haircutPerCrash, keepsLevel } of found.judged) {
      const { value, low, high } = haircutPerCrash;
      expect(value).to.be.within(low, high);
      expect(keepsLevel).to.equal(value <= found.level.perCrash);
    }
    const local = found.judged[1];
    expect(local?.fundPerOpenInterest).to.equal(0.01);
    expect(local?.keepsLevel).to.be.false;
    expect(ran.stdout).to.match(/keeps the level +NO; it would with one of these changed:/);
    expect(ran.stdout).to.match(/… open interest +[\d,]+ in place of 25,000,000, with a gap of /);
  });

  it("proposes what keeps the level when it is judged in turn", () => {
    const { maintenanceMargin, gap } = found.proposed ?? { maintenanceMargin: { value: 0 }, gap: 0 };
    const cap = "1000000";
    const again = calibrate(
      ...["BTC", "--folder", folder, "--json", json, "--cap", cap, "--fund", `${Math.round(gap * Number(cap))}`],
      ...["--maintenance-margin", `${maintenanceMargin.value * 100}`],
    );
    expect(again.status).to.equal(0);
    const [named] = result().judged;
    expect(named).to.include({ name: "as named", keepsLevel: true });
    expect(again.stdout).to.match(/keeps the level +yes/);
  });

  it("prints tables and words of 100 columns", () => {
    const lines = ran.stdout.split("\n").filter((line) => !line.includes("Curves:"));
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(100);
    for (const what of ["recorded crashes", "shipped", "proposed", "What goes with what", "What is assumed", "Why"])
      expect(ran.stdout).to.match(new RegExp(`^ *${what}`, "m"));
    expect(ran.stdout).to.not.match(/NaN|undefined|Infinity/);
  });

  it("writes a page that needs nothing else", () => {
    expect(page).to.match(/^<!doctype html>/);
    expect(page).to.not.match(/\/\/|<script|<link|<img|@import|url\(|NaN|undefined|Infinity/);
    expect(page).to.include("prefers-color-scheme: dark");
    expect(page.match(/<figure>/g)).to.have.length(4);
    expect(page.match(/<svg /g)).to.have.length(4);
    // Three crashes on the first curve, and the parameters of the files on the last.
    expect(page.match(/<circle /g)).to.have.length(5);
  });

  it("is the same for the same seed, and has other intervals for another", () => {
    const [text, first] = [ran.stdout, found];
    const again = calibrate("btc", "--folder", folder, "--probability", "10 %", "--draws", "200", "--json", json);
    expect(again.stdout).to.equal(text);
    expect(result()).to.deep.equal(first);
    calibrate("btc", "--folder", folder, "--draws", "200", "--json", json, "--seed", "2");
    expect(result().judged[0]?.haircutPerCrash.value).to.equal(first.judged[0]?.haircutPerCrash.value);
    expect(result().judged[0]?.haircutPerCrash.low).to.not.equal(first.judged[0]?.haircutPerCrash.low);
  });

  it("takes files of another market where they are named, and says so", () => {
    const names = CRASHES.map(([day]) => join(folder, `${day}_BTCUSDT_perp_1m.csv`));
    const { status, stdout } = calibrate("NEW", "--prices", ...names, "--probability", "20", "--per", "crash");
    expect(status).to.equal(0);
    expect(stdout).to.include("no parameter file has a market NEW");
    expect(stdout).to.include("Prices of BTC stand for those of NEW.");
  });
});

describe("a calibration of recorded crashes", () => {
  if (!existsSync(SHARED_DATA)) {
    console.log("  skipped, and not counted: calibration by recorded prices, because ../shared/data is not here");
    return;
  }

  const documented = readFileSync(new URL("../../docs/calibration.md", import.meta.url), "utf8");
  /** The cells of a market's row, after its name, in the table below a heading. */
  const row = (heading: string, market: string): string[] => {
    const [, below = ""] = documented.split(`\n### ${heading}\n`);
    const [, cells = ""] = new RegExp(`^\\| ${market} \\| (.+) \\|$`, "m").exec(below) ?? [];
    return cells.split(" | ");
  };
  const part = (value: number | undefined, digits?: number) => (value === undefined ? "–" : percent(value, digits));

  for (const market of ["BTC", "ETH", "SOL", "DOGE"]) {
    it(`of ${market} says what docs/calibration.md says`, () => {
      rmSync(json, { force: true });
      const { status, stdout, stderr } = calibrate(market, "--json", json);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
      const { crashes, judged, proposed, frontier, sensitivity } = result();

      const local = judged.find(({ name }) => name === "local");
      // Without what follows from a gap by a division, and the interval.
      const said = row("`local.json`, and what is proposed", market).filter((_, i) => ![6, 8, 10].includes(i));
      expect(said).to.deep.equal([
        ...[`${crashes.length}`, part(local?.maintenanceMargin), part(local?.fundPerOpenInterest, 2)],
        ...[part(local?.haircutPerCrash.value), part(local?.haircutPerYear.value)],
        ...[part(local?.neededFundPerOpenInterest.value), part(proposed?.maintenanceMargin.value), part(proposed?.gap)],
      ]);

      const shipped = judged.find(({ name }) => name === NETWORKS);
      if (shipped === undefined) return;
      const margin = shipped.maintenanceMargin;
      const [, empty = "", full = ""] = /initial margin +(\S+ %) when empty, (\S+ %) when full/.exec(stdout) ?? [];
      const changed = (what: string) => part(sensitivity.find((one) => one.what === what)?.haircutPerCrash);
      expect(row("The public test networks", market)).to.deep.equal([
        ...[`${crashes.length}`, part(margin), empty, full],
        part(frontier.find(({ maintenanceMargin }) => maintenanceMargin === margin)?.fundPerOpenInterest.value),
        ...[money(shipped.openInterest), part(shipped.fundPerOpenInterest, 2), part(shipped.haircutPerCrash.value)],
        ...[interval(shipped.haircutPerCrash), part(shipped.haircutPerYear.value)],
        changed("everybody at the maintenance margin"),
        changed("moves that straddle two candles"),
        changed("latency of 5 minutes"),
      ]);
    });
  }

  for (const market of ["BTC", "ETH"]) {
    it(`of ${market} says what docs/calibration.md says of a fund that is partly gone`, () => {
      const [shipped = expect.fail("nothing is shipped")] = shippedMarkets(market);
      const { level, judge } = calibration(optionsFrom(parse({ ...CONFIG, args: [market, "--draws", "100"] })));
      // Open interest falls with the fund, and the initial margin with open interest.
      const margins = (filled: number) => ({
        ...shipped,
        initialAtCap: shipped.initial + (shipped.initialAtCap - shipped.initial) * filled,
      });
      const half = shipped.fund / 2 / shipped.gap / shipped.cap;
      const gap = (judge.fundFor(level, margins(0)).value ?? Number.NaN) / GRID;
      expect(row("With less of the fund", market)).to.deep.equal([
        ...[half, 0].map((filled) => percent(judge.haircut(margins(filled), shipped.gap).value)),
        ...[percent(gap), money(roundedDown(shipped.fund / gap))],
      ]);
    });
  }
});

/** `npm run replay` as a person meets it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { candle, HEAD, runScript, temporaryFolder } from "../utils/commands.ts";

const { folder, file, remove } = temporaryFolder();

function replay(...args: string[]) {
  return runScript("replay.ts", ...args);
}

after(remove);

describe("wrong input to a replay", () => {
  const good = () => file("2025-01-01_BTCUSDT_1m.csv", HEAD, candle(0), candle(1));
  const adl = () =>
    file(
      "2025-01-01_adl_waves_1-7.csv",
      "wave,t_start_ms,t_end_ms,coin,gap_usd_x_qty",
      "1,1735689600000,1735689600001,BTC,1.5",
    );
  const cases: [string, () => string[], string | RegExp][] = [
    ["no file", () => [], "names no price file (--help shows the options)"],
    ["an unknown option", () => ["--prices", good()], "Unknown option '--prices' (--help shows the options)"],
    ["a missing file", () => [good(), join(folder, "none.csv")], /none\.csv: no such file$/],
    [
      "a file without prices",
      () => [good(), adl()],
      /2025-01-01_adl_waves_1-7\.csv: is not a file of prices: no column open, high, low or close among wave, t_start_ms, .*$/,
    ],
    ["a file twice", () => [good(), good()], /_BTCUSDT_1m\.csv and .*_BTCUSDT_1m\.csv are both market BTC$/],
    [
      "one event without a common time",
      () => [good(), file("2025-01-01_ETHUSDT_1m.csv", HEAD, candle(10), candle(11))],
      /^no time in common: .*BTCUSDT_1m\.csv ends at .*ETHUSDT_1m\.csv begins at /,
    ],
    ["too few accounts", () => [good(), "--accounts", "19"], /^--accounts must be a whole number from 20 to 2000/],
    [
      "a page that cannot be written",
      () => [good(), "--html", join(folder, "no", "such.html")],
      /such\.html: cannot be written$/,
    ],
  ];

  for (const [what, args, message] of cases) {
    it(`refuses ${what}`, () => {
      const { status, stdout, stderr } = replay(...args());
      expect(stderr).to.match(/^zerofloor: [^\n]+\n$/);
      const said = stderr.slice("zerofloor: ".length, -1);
      if (typeof message === "string") expect(said).to.equal(message);
      else expect(said).to.match(message);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: "" });
    });
  }

  it("prints its options when asked", () => {
    const { status, stdout, stderr } = replay("--help");
    expect(stdout).to.match(/^Usage: npm run replay -- FILE… /);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
  });
});

describe("a replay of files", () => {
  /** Falls by a fifth within a minute, and comes back by half of that. */
  const crash = (scale: number) =>
    [
      [100, 101, 99, 100],
      [100, 100, 80, 82],
      [82, 90, 81, 90],
    ].map((prices, minute) => candle(minute, prices.map((price) => price * scale).join()));
  let ran: ReturnType<typeof replay>;
  let page: string;

  before(() => {
    const html = join(folder, "page.html");
    const crashed = (name: string, scale: number) => file(name, HEAD, ...crash(scale));
    ran = replay(
      crashed("2025-01-01_BTCUSDT_1m.csv", 1_000),
      crashed("2025-01-02_SOLUSDT_1m.csv", 2),
      crashed("2025-01-01_ETHUSDT_1m.csv", 40),
      ...["--accounts", "40", "--html", html],
    );
    page = readFileSync(html, "utf8");
  });

  it("ends well, with the page's name at the end", () => {
    expect(ran.stderr).to.equal("");
    expect(ran.status).to.equal(0);
    expect(ran.stdout.trimEnd()).to.match(/Plots: .*page\.html$/);
  });

  it("takes files whose names differ in the market only as one event, the others alone", () => {
    const lines = ran.stdout.split("\n").map((line) => line.trim());
    for (const heading of ["2025-01-01 1m BTC, ETH", "2025-01-02 1m SOL", "All events"])
      expect(
        lines.filter((line) => line === heading),
        heading,
      ).to.have.length(1);
    expect(ran.stdout.match(/P[12] +held at each of 9 steps/g)).to.have.length(4);
  });

  it("prints tables of 100 columns with what happened", () => {
    const lines = ran.stdout.split("\n");
    expect(Math.max(...lines.filter((line) => !line.includes("Plots:")).map((line) => line.length))).to.be.at.most(100);
    // The prices of the path, and its largest step: from 100 to 80 and nowhere in between.
    expect(ran.stdout).to.match(/BTC +100,000 +80,000 +101,000 +90,000 +−20\.0 % +10:01/);
    expect(ran.stdout).to.match(/SOL +200 +160 +202 +180 +−20\.0 % +10:01/);
    for (const what of ["liquidations", "deleveragings", "deficits", "fund paid", "haircut", "shortfall", "worst gap"])
      expect(ran.stdout).to.match(new RegExp(`${what} +\\S`));
    expect(ran.stdout).to.match(/refused: wait after a jump +[1-9]/);
    expect(ran.stdout).to.match(/P1 and P2 +held +held/);
  });

  it("writes a page that needs nothing else", () => {
    expect(page).to.match(/^<!doctype html>/);
    expect(page).to.not.match(/\/\/|<script|<link|<img|@import|url\(|NaN|undefined|Infinity/);
    expect(page).to.include("prefers-color-scheme: dark");
  });

  it("draws on the page what the tables say", () => {
    // Price, equity, liquidations, fund and margin of each event, and the open interest of three markets.
    expect(page.match(/<figure>/g)).to.have.length(2 * 5 + 3);
    for (const title of [
      "Price",
      "Equity below zero",
      "Liquidations and deleveragings",
      "Insurance fund",
      "Initial margin",
    ])
      expect(page.match(new RegExp(`<b>${title}</b>`, "g")), title).to.have.length(2);
    for (const market of ["BTC", "ETH", "SOL"]) expect(page).to.include(`<b>Open interest of ${market}</b>`);
    // A column for each step of each plot says when and what.
    expect(page).to.match(/<title>2025-01-01 10:01 UTC\nBTC 80,000\nETH 3,200<\/title>/);
    const cell = (row: string) => new RegExp(`${row} +(\\S+)`).exec(ran.stdout)?.[1] ?? "nothing";
    expect(page).to.include(`<th>deficits</th><td>${cell("deficits").replace(/,$/, "")}`);
    expect(page).to.include("What is assumed");
  });
});

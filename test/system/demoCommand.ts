/** `npm start` as a person meets it: one line and status 2 for whatever is wrong, a page and status 0 for what is right. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { candle, HEAD, runScript, SHARED_DATA, temporaryFolder } from "../utils/commands.ts";

const { folder, file, remove } = temporaryFolder();

function demo(...args: string[]) {
  return runScript("demo.ts", ...args);
}

/** The same in Binance's twelve columns, with the open time in milli- or microseconds. */
function kline(minute: number, digits: "000" | "000000", prices = "100,110,90,105"): string {
  const open = Date.UTC(2025, 0, 1, 10, minute) / 1000;
  return `${open}${digits},${prices},1,${open + 59}${digits},100,5,0.5,50,0`;
}

after(remove);

describe("wrong input to the demo", () => {
  const good = () => file("BTC.csv", HEAD, candle(0), candle(1));
  const cases: [string, () => string[], string | RegExp][] = [
    ["an unknown option", () => ["--price", "x"], "Unknown option '--price' (--help shows the options)"],
    ["a word too many", () => ["BTC.csv"], "Unexpected argument 'BTC.csv' (--help shows the options)"],
    ["an option without its value", () => ["--seed"], /^Option '--seed <value>' argument missing \(--help/],
    [
      "accounts that are no number",
      () => ["--accounts", "many"],
      '--accounts must be a whole number from 20 to 2000, not "many"',
    ],
    ["too few accounts", () => ["--accounts", "19"], '--accounts must be a whole number from 20 to 2000, not "19"'],
    ["too many accounts", () => ["--accounts", "2001"], /^--accounts must be a whole number from 20 to 2000/],
    ["a seed that is no whole number", () => ["--seed", "1.5"], /^--seed must be a whole number .*, not "1\.5"$/],
    ["a seed beyond 64 bits", () => ["--seed", "18446744073709551616"], /^--seed must be a whole number/],
    ["minutes beyond the path", () => ["--every", "21"], '--every must be a whole number from 1 to 20, not "21"'],
    [
      "minutes for candles",
      () => ["--every", "5", "--prices", good()],
      "--every is for the crash of 10 October 2025, and goes with no --prices",
    ],
    [
      "insurance that is no number",
      () => ["--insurance", "lots"],
      '--insurance must be an amount from 0 to 1e12 with at most 6 decimals, not "lots"',
    ],
    ["negative insurance", () => ["--insurance=-5"], /^--insurance must be an amount from 0 .*, not "-5"$/],
    [
      "insurance finer than the token",
      () => ["--insurance", "1.0000001"],
      /^--insurance must be an amount .* 6 decimals/,
    ],
    [
      "a result that cannot be written",
      () => ["--json", join(folder, "no", "such.json")],
      /such\.json: cannot be written$/,
    ],
    ["a missing file", () => ["--prices", join(folder, "none.csv")], /none\.csv: no such file$/],
    ["a folder", () => ["--prices", folder], /: is a directory$/],
    ["an empty file", () => ["--prices", file("EMPTY.csv", "")], /EMPTY\.csv: is empty$/],
    ["a file that is no CSV", () => ["--prices", file("BAD.csv", HEAD, '"open')], /BAD\.csv: is not CSV$/],
    [
      "a name that names no market",
      () => ["--prices", file("2025.csv", HEAD, candle(0), candle(1))],
      /2025\.csv: no market name in the file name; call it for example BTC\.csv$/,
    ],
    [
      "a missing column",
      () => ["--prices", file("X.csv", "timestamp,open,high,close,volume", "2025-01-01T10:00:00Z,1,1,1,1")],
      /X\.csv: column "low" is missing; found timestamp, open, high, close, volume$/,
    ],
    [
      "no header and not twelve columns",
      () => ["--prices", file("X.csv", candle(0), candle(1))],
      /X\.csv: has no header line, and 6 columns instead of the 12 of Binance's klines$/,
    ],
    [
      "a row that is too short",
      () => ["--prices", file("X.csv", HEAD, candle(0), "2025-01-01T10:01:00Z,100")],
      /X\.csv, line 3: 2 columns instead of 6$/,
    ],
    [
      "a time that is none",
      () => ["--prices", file("X.csv", HEAD, candle(0), "yesterday,100,110,90,105,1")],
      /X\.csv, line 3: timestamp is not a UTC time like 2025-10-10T21:15:00Z: "yesterday"$/,
    ],
    [
      "klines with a time in seconds",
      () => ["--prices", file("X.csv", kline(0, "000").replace("000,", ","))],
      /X\.csv, line 1: open time is neither milliseconds nor microseconds: "1735725600"$/,
    ],
    [
      "a price that is no number",
      () => ["--prices", file("X.csv", HEAD, candle(0), candle(1, "100,110,n/a,105"))],
      /X\.csv, line 3: low is not a number: "n\/a"$/,
    ],
    [
      "a negative price",
      () => ["--prices", file("X.csv", HEAD, candle(0), candle(1, "100,110,-90,105"))],
      /X\.csv, line 3: low must be above zero: -90$/,
    ],
    [
      "a price of zero",
      () => ["--prices", file("X.csv", HEAD, candle(0, "0,110,0,105"), candle(1))],
      /X\.csv, line 2: open must be above zero: 0$/,
    ],
    [
      "a price that no market can have",
      () => ["--prices", file("X.csv", HEAD, candle(0), candle(1, "100,1000000001,90,105"))],
      /X\.csv, line 3: high lies outside what a market can have, 1e-9 to 1e9: 1000000001$/,
    ],
    [
      "a close above the high",
      () => ["--prices", file("X.csv", HEAD, candle(0), candle(1, "100,110,90,111"))],
      /X\.csv, line 3: open and close must lie between low and high$/,
    ],
    ["one candle", () => ["--prices", file("X.csv", HEAD, candle(0))], /X\.csv: needs at least two candles$/],
    [
      "a gap in time",
      () => ["--prices", file("X.csv", HEAD, candle(0), candle(1), candle(3))],
      /X\.csv, line 4: gap in time: 2025-01-01 10:01 is followed by 2025-01-01 10:03$/,
    ],
    [
      "a time that goes back",
      () => ["--prices", file("X.csv", HEAD, candle(1), candle(0))],
      /X\.csv, line 3: time does not rise: 2025-01-01 10:01 is followed by 2025-01-01 10:00$/,
    ],
    [
      "candles of a second",
      () => [
        "--prices",
        file("X.csv", HEAD, "2025-01-01T10:00:00Z,100,110,90,105,1", "2025-01-01T10:00:01Z,100,110,90,105,1"),
      ],
      /X\.csv: candles of 1 s; they must last 60 s or longer$/,
    ],
    [
      "candles of different lengths",
      () => ["--prices", good(), "--prices", file("ETH.csv", HEAD, candle(0), candle(5))],
      /BTC\.csv has candles of 60 s and .*ETH\.csv of 300 s; they must be the same$/,
    ],
    [
      "files without a common time",
      () => ["--prices", good(), "--prices", file("ETH.csv", HEAD, candle(10), candle(11))],
      /^no time in common: .*BTC\.csv ends at 2025-01-01 10:01, .*ETH\.csv begins at 2025-01-01 10:10$/,
    ],
    [
      "candles that begin at other moments",
      () => [
        "--prices",
        good(),
        "--prices",
        file("ETH.csv", HEAD, "2025-01-01T10:00:30Z,1,1,1,1,1", "2025-01-01T10:01:30Z,1,1,1,1,1"),
      ],
      /BTC\.csv and .*ETH\.csv: candles do not begin at the same moments$/,
    ],
    [
      "one market twice",
      () => ["--prices", good(), "--prices", file("BTCUSDT_1m.csv", HEAD, candle(0), candle(1))],
      /BTC\.csv and .*BTCUSDT_1m\.csv are both market BTC$/,
    ],
  ];

  for (const [what, args, message] of cases) {
    it(`refuses ${what}`, () => {
      const { status, stdout, stderr } = demo(...args());
      expect(stderr).to.match(/^zerofloor: [^\n]+\n$/);
      const said = stderr.slice("zerofloor: ".length, -1);
      if (typeof message === "string") expect(said).to.equal(message);
      else expect(said).to.match(message);
      expect(stdout).to.equal("");
      expect(status).to.equal(2);
    });
  }
});

describe("the demo with price files", () => {
  interface Written {
    path: { markets: string[] };
    settings: { accounts: number; insurance: string };
    properties: Record<string, boolean>;
    steps: { time: string; prices: string[] }[];
  }

  function walk(...args: string[]): Written {
    const json = join(folder, "result.json");
    const { status, stdout, stderr } = demo("--accounts", "20", "--insurance", "100.5", "--json", json, ...args);
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
    expect(stdout).to.match(/P1 held .*\n.*P2 held/);
    return JSON.parse(readFileSync(json, "utf8")) as Written;
  }

  it("prints its options when asked", () => {
    const { status, stdout, stderr } = demo("--help");
    expect(stdout).to.match(/^Usage: npm start -- /);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
  });

  it("walks each candle against its direction first, through the range that all files have", () => {
    const btc = file(
      "BTCUSDT_1m.csv",
      HEAD,
      candle(0, "1,1,1,1"),
      candle(1, "100,110,90,105"),
      candle(2, "105,106,80,81"),
    );
    const doge = file(
      "doge.csv",
      HEAD,
      candle(1, "0.2,0.21,0.19,0.2"),
      candle(2, "0.2,0.3,0.15,0.19"),
      candle(3, "9,9,9,9"),
    );
    const { path, settings, properties, steps } = walk("--prices", btc, "--prices", doge);
    expect(path.markets).to.deep.equal(["BTC", "DOGE"]);
    expect(settings).to.deep.equal({ accounts: 20, seed: "1", insurance: "100.500000000000000000" });
    expect(properties).to.deep.equal({ P1: true, P2: true });
    expect(steps.map(({ time, prices }) => [time.slice(11, 19), ...prices.map(Number)])).to.deep.equal([
      ["10:01:20", 90, 0.19],
      ["10:01:40", 110, 0.21],
      ["10:02:00", 105, 0.2],
      ["10:02:20", 106, 0.3],
      ["10:02:40", 80, 0.15],
      ["10:03:00", 81, 0.19],
    ]);
  });

  it("reads Binance's klines, with and without a header, in milliseconds and in microseconds", () => {
    const header =
      "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore";
    const sol = file("SOLUSDT-1m-2025-01-01.csv", kline(0, "000000"), kline(1, "000000"));
    const eth = file("ETHUSDT-1m-2025-01.csv", header, kline(0, "000"), kline(1, "000", "105,106,80,81"));
    const { path, steps } = walk("--prices", sol, "--prices", eth);
    expect(path.markets).to.deep.equal(["SOL", "ETH"]);
    expect(steps.map(({ time, prices }) => [time.slice(11, 19), ...prices.map(Number)])).to.deep.equal([
      ["10:00:20", 90, 90],
      ["10:00:40", 110, 110],
      ["10:01:00", 105, 105],
      ["10:01:20", 90, 106],
      ["10:01:40", 110, 80],
      ["10:02:00", 105, 81],
    ]);
  });

  if (existsSync(SHARED_DATA)) {
    it("walks the minute candles of 12 March 2020", () => {
      const { properties, steps } = walk(
        ...["BTC", "ETH"].flatMap((name) => [
          "--prices",
          join(SHARED_DATA, `2020-03-12_${name}USDT_perp_1m_window.csv`),
        ]),
      );
      expect(properties).to.deep.equal({ P1: true, P2: true });
      expect(steps).to.have.length(46 * 3);
    });
  } else {
    console.log("  skipped, and not counted: the crash of 12 March 2020, because ../shared/data is not here");
  }
});

/** Candles in CSV files, and the price path that they describe. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { InputError } from "../commandLine.ts";
import { max, min, ONE, parseFixed } from "./fixedPoint.ts";
import { dateAndClock, type PricePath, type PriceStep } from "./path.ts";

/** The house lists markets up to this price. */
const HIGHEST_PRICE = 10n ** 9n * ONE;
const LOWEST_PRICE = ONE / 10n ** 9n;
/** Each candle becomes three steps with a second of their own. */
const SHORTEST_SECONDS = 60;
const MAX_MARKETS = 16;

interface Candle {
  readonly line: number;
  readonly time: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
}

export interface Series {
  readonly file: string;
  readonly market: string;
  /** What the file's name says besides the market. */
  readonly occasion: string;
  readonly seconds: number;
  readonly candles: readonly Candle[];
}

type Row = readonly string[];

/** Reads one market per file and walks all of them through the time that they have in common. */
export function pathFromFiles(files: readonly string[]): PricePath {
  return pathFrom(files.map(readSeries));
}

export function pathFrom(series: readonly Series[]): PricePath {
  if (series.length > MAX_MARKETS) throw new InputError(`at most ${MAX_MARKETS} price files, not ${series.length}`);
  for (const [i, one] of series.entries()) {
    const other = series.find((candidate, k) => k < i && candidate.market === one.market);
    if (other !== undefined) throw new InputError(`${other.file} and ${one.file} are both market ${one.market}`);
  }
  return walk(inCommon(series));
}

// ---------------------------------------------------------------------- one file

export function readSeries(file: string): Series {
  const candles = parseCandles(file, readText(file));
  const [first, second] = candles;
  if (first === undefined || second === undefined) throw new InputError(`${file}: needs at least two candles`);
  const seconds = second.time - first.time;
  for (const [i, candle] of candles.entries()) {
    const before = candles[i - 1];
    if (before === undefined) continue;
    const where = `${file}, line ${candle.line}`;
    const times = `${dateAndClock(before.time)} is followed by ${dateAndClock(candle.time)}`;
    if (candle.time <= before.time) throw new InputError(`${where}: time does not rise: ${times}`);
    if (candle.time !== before.time + seconds) throw new InputError(`${where}: gap in time: ${times}`);
  }
  if (seconds < SHORTEST_SECONDS) {
    throw new InputError(`${file}: candles of ${seconds} s; they must last ${SHORTEST_SECONDS} s or longer`);
  }
  return { file, ...namesIn(file), seconds, candles };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a directory" : "cannot be read";
    throw new InputError(`${file}: ${why}`, { cause });
  }
}

/**
 * `2025-10-10_BTCUSDT_perp_5m.csv` and `BTCUSDT-1m-2025-10-10.csv` are BTC; a name without a quote currency is itself. The
 * occasions are `2025-10-10 perp 5m`, `1m-2025-10-10`, and none.
 */
function namesIn(file: string): { market: string; occasion: string } {
  const stem = basename(file).replace(/\.csv$/i, "");
  const pair = /(^|[^A-Z0-9])([A-Z0-9]{2,12}?)(?:USDT|USDC|FDUSD|BUSD|USD)(?![A-Z0-9])/i.exec(stem);
  // Upper case, so that no market is called like a module of the deployment.
  const market = (pair?.[2] ?? stem)
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  if (!/^[A-Z][A-Z0-9_]{0,15}$/.test(market)) {
    throw new InputError(`${file}: no market name in the file name; call it for example BTC.csv`);
  }
  const rest = pair === null ? "" : `${stem.slice(0, pair.index)} ${stem.slice(pair.index + pair[0].length)}`;
  return { market, occasion: rest.replace(/[\s_]+/g, " ").replace(/^[\s-]+|[\s-]+$/g, "") };
}

function parseCandles(file: string, text: string): Candle[] {
  const rows = parseRows(file, text);
  const [head] = rows;
  if (head === undefined) throw new InputError(`${file}: is empty`);
  const columns = columnsOf(file, head.cells);
  return rows.slice(columns.headed ? 1 : 0).map(({ cells, line }) => {
    const where = `${file}, line ${line}`;
    const cell = (column: number) => (cells[column] ?? "").trim();
    const price = (name: "open" | "high" | "low" | "close") => parsePrice(where, name, cell(columns[name]));
    const time = (columns.kline ? parseEpoch : parseIso)(where, cell(columns.time));
    const candle = { line, time, open: price("open"), high: price("high"), low: price("low"), close: price("close") };
    if (candle.high < max(candle.open, candle.close) || candle.low > min(candle.open, candle.close)) {
      throw new InputError(`${where}: open and close must lie between low and high`);
    }
    return candle;
  });
}

function parseRows(file: string, text: string): { cells: Row; line: number }[] {
  try {
    const records = parse(text, { bom: true, info: true, skip_empty_lines: true, relax_column_count: true });
    const rows = (records as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      cells: record,
      line: info.lines,
    }));
    const width = rows[0]?.cells.length;
    const odd = rows.find(({ cells }) => cells.length !== width);
    if (odd !== undefined) {
      throw new InputError(`${file}, line ${odd.line}: ${odd.cells.length} columns instead of ${width ?? 0}`);
    }
    return rows;
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${file}: is not CSV`, { cause });
  }
}

/** Where to find what: by the names in the header, or, where there is none, in the order of Binance's klines. */
function columnsOf(file: string, head: Row) {
  const names = head.map((name) => name.trim().toLowerCase());
  const headed = !/^\d/.test(names[0] ?? "");
  const kline = headed ? names.includes("open_time") : names.length === 12;
  if (!headed && !kline) {
    throw new InputError(
      `${file}: has no header line, and ${names.length} columns instead of the 12 of Binance's klines`,
    );
  }
  if (headed && !["open", "high", "low", "close"].some((name) => names.includes(name))) {
    throw new InputError(
      `${file}: is not a file of prices: no column open, high, low or close among ${names.join(", ")}`,
    );
  }
  const klineNames = ["open_time", "open", "high", "low", "close"];
  const find = (name: string) => {
    const column = (headed ? names : klineNames).indexOf(name);
    if (column >= 0) return column;
    throw new InputError(`${file}: column "${name}" is missing; found ${names.join(", ")}`);
  };
  return {
    headed,
    kline,
    time: find(kline ? "open_time" : "timestamp"),
    open: find("open"),
    high: find("high"),
    low: find("low"),
    close: find("close"),
  };
}

function parsePrice(where: string, name: string, text: string): bigint {
  const price = parseFixed(text);
  if (price === undefined) throw new InputError(`${where}: ${name} is not a number: "${text}"`);
  if (price <= 0n) throw new InputError(`${where}: ${name} must be above zero: ${text}`);
  if (price < LOWEST_PRICE || price > HIGHEST_PRICE) {
    throw new InputError(`${where}: ${name} lies outside what a market can have, 1e-9 to 1e9: ${text}`);
  }
  return price;
}

function parseIso(where: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(time))
    throw new InputError(`${where}: timestamp is not a UTC time like 2025-10-10T21:15:00Z: "${text}"`);
  return Math.floor(time / 1000);
}

/** Milliseconds, or, as in Binance's spot files since 2025, microseconds. */
function parseEpoch(where: string, text: string): number {
  if (!/^(\d{13}|\d{16})$/.test(text)) {
    throw new InputError(`${where}: open time is neither milliseconds nor microseconds: "${text}"`);
  }
  return Math.floor(Number(text) / (text.length === 13 ? 1e3 : 1e6));
}

// ---------------------------------------------------------------------- all files

/** The candles of every series at the moments that all of them have. */
function inCommon(series: readonly Series[]): Series[] {
  const [first] = series;
  if (first === undefined) throw new InputError("no price file");
  const odd = series.find(({ seconds }) => seconds !== first.seconds);
  if (odd !== undefined) {
    throw new InputError(
      `${first.file} has candles of ${first.seconds} s and ${odd.file} of ${odd.seconds} s; they must be the same`,
    );
  }
  const last = (one: Series) => one.candles.at(-1)?.time ?? 0;
  const start = (one: Series) => one.candles[0]?.time ?? 0;
  const late = series.reduce((a, b) => (start(b) > start(a) ? b : a), first);
  const early = series.reduce((a, b) => (last(b) < last(a) ? b : a), first);
  if (start(late) > last(early)) {
    throw new InputError(
      `no time in common: ${early.file} ends at ${dateAndClock(last(early))}, ${late.file} begins at ${dateAndClock(start(late))}`,
    );
  }
  const shifted = series.find((one) => (start(one) - start(first)) % first.seconds !== 0);
  if (shifted !== undefined) {
    throw new InputError(`${first.file} and ${shifted.file}: candles do not begin at the same moments`);
  }
  return series.map((one) => ({
    ...one,
    candles: one.candles.filter(({ time }) => time >= start(late) && time <= last(early)),
  }));
}

/**
 * A candle says where a price was and not when. It is taken to have gone from its open first against the direction in
 * which it closed, then all the way back, then to its close: a rising candle visits low, high, close, a falling one high,
 * low, close. Each is one step, at a third, two thirds and the end of the candle; so keepers see the whole range, and no
 * moment in between. A candle's open is a step of its own only at the very start.
 */
function walk(series: readonly Series[]): PricePath {
  const [first] = series;
  const opening = first?.candles[0];
  if (first === undefined || opening === undefined) throw new InputError("no candles");
  const steps: PriceStep[] = [{ time: opening.time, prices: series.map(({ candles }) => candles[0]?.open ?? 0n) }];
  for (const [i, { time }] of first.candles.entries()) {
    for (let third = 0; third < 3; ++third) {
      steps.push({
        time: time + Math.floor((first.seconds * (third + 1)) / 3),
        prices: series.map(({ candles }) => visited(candles[i])[third] ?? 0n),
      });
    }
  }
  const files = series.map(({ file }) => basename(file)).join(", ");
  return { title: files, markets: series.map(({ market }) => market), steps };
}

function visited(candle: Candle | undefined): readonly bigint[] {
  if (candle === undefined) return [];
  const { open, high, low, close } = candle;
  return close >= open ? [low, high, close] : [high, low, close];
}

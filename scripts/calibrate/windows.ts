/** Crashes in time: files that belong together, and how often one comes. */
import type { Series } from "../simulation/candles.ts";

const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 365.25 * DAY_SECONDS;
/** A shorter span says nothing about a year. */
const SHORTEST_SPAN_YEARS = 1;

/** The time that files of one crash cover together. Unix seconds. */
export interface Window {
  readonly from: number;
  readonly until: number;
  readonly series: readonly Series[];
}

/** Files that overlap, or lie less than a day apart, are about the same crash. */
export function windowsOf(series: readonly Series[]): Window[] {
  const windows: Window[] = [];
  for (const one of [...series].sort((a, b) => begin(a) - begin(b))) {
    const last = windows.at(-1);
    if (last !== undefined && begin(one) < last.until + DAY_SECONDS) {
      windows[windows.length - 1] = {
        from: last.from,
        until: Math.max(last.until, end(one)),
        series: [...last.series, one],
      };
    } else windows.push({ from: begin(one), until: end(one), series: [one] });
  }
  return windows;
}

/** From the first candle of the first crash to the last one of the last. */
export function spanYears(windows: readonly Window[]): number {
  return ((windows.at(-1)?.until ?? 0) - (windows[0]?.from ?? 0)) / YEAR_SECONDS;
}

/**
 * Crashes divided by the years that they span, both ends counted: the span begins and ends with one, so that this is more
 * than the rate of the time in between. Undefined where they do not span a year.
 */
export function crashesPerYear(windows: readonly Window[]): number | undefined {
  const years = spanYears(windows);
  return years >= SHORTEST_SPAN_YEARS ? windows.length / years : undefined;
}

/**
 * At every moment the candles of the finest file that covers it. Files of several markets stand beside each other: then a
 * crash is what the worst of them went through.
 */
export function segmentsOf({ series }: Window): Series[] {
  const markets = [...new Set(series.map(({ market }) => market))];
  return markets.flatMap((market) => finest(series.filter((one) => one.market === market)));
}

function finest(series: readonly Series[]): Series[] {
  const taken: Series[] = [];
  for (const one of [...series].sort((a, b) => a.seconds - b.seconds)) {
    const covered = [...taken];
    const isFree = (time: number) => covered.every((by) => time + one.seconds <= begin(by) || time >= end(by));
    let run: Series["candles"][number][] = [];
    const close = () => {
      if (run.length > 0) taken.push({ ...one, candles: run });
      run = [];
    };
    for (const candle of one.candles) {
      if (isFree(candle.time)) run.push(candle);
      else close();
    }
    close();
  }
  return taken;
}

function begin({ candles }: Series): number {
  return candles[0]?.time ?? 0;
}

function end({ candles, seconds }: Series): number {
  return (candles.at(-1)?.time ?? 0) + seconds;
}

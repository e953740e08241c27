/**
 * Recorded candles, minute by minute. Candles become a path as everywhere else (`scripts/simulation/candles.ts`: each is
 * walked against its direction, all the way back, and to its close). Of the moments of that path that lie in a minute the one
 * counts that is farthest from the price of the minute before; where none lies in it, the path is a straight line.
 *
 * Candles of three minutes or longer meet all of their extremes. One of a minute has a single price, so it meets one of its two:
 * its close would miss the bottom of a crash, and so would the low of those that fall (on 12 March 2020 the deepest minute closed
 * higher than it opened). What is farthest meets it. The price is that it swings from one extreme to the other more than the
 * market did: the sum of squared returns is several times that of closes. Take it as a hard case, not as the volatility of a day.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InputError } from "../../commandLine.ts";
import { pathFromFiles } from "../../simulation/candles.ts";
import { dateAndClock, type PricePath, type PriceStep } from "../../simulation/path.ts";
import type { Scenario } from "../scenario.ts";

type Recorded = Extract<Scenario["prices"], { kind: "recorded" }>;

const MINUTE = 60;

export function recorded({ files, from, minutes }: Recorded, names: readonly string[], folder: string): PricePath {
  const paths = names.map((name) => resolve(folder, files[name] ?? ""));
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined)
    throw new InputError(
      `${missing}: no such file; recorded crashes are optional: they lie in ../shared/data beside the repository, or nowhere`,
    );
  const whole = pathFromFiles(paths);
  const start = Date.parse(`${from}Z`) / 1_000;
  if (!Number.isInteger(start))
    throw new InputError(`prices.from must be a moment like 2025-10-10T20:30, not "${from}"`);
  const [first, last] = [whole.steps[0]?.time ?? 0, whole.steps.at(-1)?.time ?? 0];
  const end = start + minutes * MINUTE;
  if (start < first || end > last)
    throw new InputError(
      `the price files have ${dateAndClock(first)} to ${dateAndClock(last)}, and not ${dateAndClock(start)} to ${dateAndClock(end)}`,
    );
  return { title: `${whole.title}, by the minute`, markets: names, steps: resample(whole.steps, start, minutes) };
}

function resample(steps: readonly PriceStep[], start: number, minutes: number): PriceStep[] {
  const found: PriceStep[] = [];
  let next = 0;
  for (let minute = 0; minute <= minutes; ++minute) {
    const time = start + minute * MINUTE;
    while ((steps[next]?.time ?? Infinity) <= time - MINUTE) ++next;
    const within: PriceStep[] = [];
    for (let i = next; (steps[i]?.time ?? Infinity) <= time; ++i) within.push(steps[i] ?? ([] as never));
    const before = found.at(-1)?.prices;
    const between = interpolate(steps, next + within.length, time);
    const prices = between.map((straight, market) => {
      const last = before?.[market];
      const candidates = within.map((step) => step.prices[market] ?? straight);
      if (last === undefined) return candidates.at(-1) ?? straight;
      return candidates.reduce(
        (best, price) => (away(price, last) > away(best, last) ? price : best),
        candidates[0] ?? straight,
      );
    });
    found.push({ time, prices });
  }
  return found;
}

/** On the line from the step before `after` to that one. */
function interpolate(steps: readonly PriceStep[], after: number, time: number): bigint[] {
  const [left, right] = [steps[after - 1], steps[after]];
  const known = left ?? right;
  if (known === undefined) throw new Error("a path without steps");
  if (left === undefined || right === undefined) return [...known.prices];
  const [passed, whole] = [BigInt(time - left.time), BigInt(right.time - left.time)];
  return left.prices.map((price, market) => price + (((right.prices[market] ?? price) - price) * passed) / whole);
}

function away(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

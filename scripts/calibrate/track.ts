/** Where the price was when keepers came. */
import { pathFrom, type Series } from "../simulation/candles.ts";
import { max, min } from "../simulation/fixedPoint.ts";
import { toNumber } from "../page/plot.ts";

type Candle = Series["candles"][number];

/** The turning points of a price: what keepers see at one visit after the other. */
export interface Track {
  /** Unix seconds. */
  readonly times: readonly number[];
  /** Natural logarithms of prices. */
  readonly logs: readonly number[];
}

/**
 * Candles as long as the latency, and of these the turning points that the replays walk: against the direction of the
 * candle, all the way back, its close. So from one visit to the next the price moves as far as it did inside a candle. Of
 * the ways to cut time into such candles the one with the largest move is taken.
 *
 * @param more How many candles longer: a move of the latency's length may begin in the middle of one candle and end in that
 * of another.
 */
export function trackOf(series: Series, latencySeconds: number, more = 0): Track {
  const together = Math.max(1, Math.ceil(latencySeconds / series.seconds)) + more;
  const tracks = Array.from({ length: Math.min(together, series.candles.length) }, (_, phase) =>
    turningPoints({
      ...series,
      seconds: series.seconds * together,
      candles: merge(series.candles, together, phase, series.seconds),
    }),
  );
  return tracks.reduce((worst, track) => (largestMove(track) > largestMove(worst) ? track : worst));
}

export function largestMove({ logs }: Track): number {
  return logs.reduce((largest, log, i) => Math.max(largest, Math.abs(log - (logs[i - 1] ?? log))), 0);
}

function turningPoints(series: Series): Track {
  const { steps } = pathFrom([series]);
  return {
    times: steps.map(({ time }) => time),
    logs: steps.map(({ prices }) => Math.log(toNumber(prices[0] ?? 0n))),
  };
}

/** Candles of `together` candles each; the first has as many as `phase` says, or is a whole one where that is zero. */
function merge(candles: readonly Candle[], together: number, phase: number, seconds: number): Candle[] {
  const merged: Candle[] = [];
  for (let at = phase === 0 ? 0 : phase - together; at < candles.length; at += together) {
    const part = candles.slice(Math.max(at, 0), at + together);
    const [first, last] = [part[0], part.at(-1)];
    if (first === undefined || last === undefined) continue;
    merged.push({
      ...first,
      time: last.time - (at < 0 ? together - 1 : part.length - 1) * seconds,
      high: part.map(({ high }) => high).reduce(max),
      low: part.map(({ low }) => low).reduce(min),
      close: last.close,
    });
  }
  return merged;
}

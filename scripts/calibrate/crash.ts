/** One recorded crash, as far as margins can feel it. */
import { trackOf, type Track } from "./track.ts";
import { segmentsOf, type Window } from "./windows.ts";

const HOUR_SECONDS = 3_600;
/** After which a course is over: keepers have sold what they took over, and positions are others. */
const COURSE_SECONDS = HOUR_SECONDS;
/** Jumps that are an hour apart count as separate ones. */
const SEPARATE_SECONDS = HOUR_SECONDS;
/** How many of the largest moves a course may begin with. */
const COURSES = 8;

/** Beyond all prices since the course began: below, which longs feel, or above, which shorts feel. */
export interface Extreme {
  readonly side: "long" | "short";
  /** Natural logarithm of the price, of that at the beginning. */
  readonly log: number;
}

/** What keepers saw from a moment on, in the order of time. Only new extremes reach anybody who was not reached before. */
export type Course = readonly Extreme[];

export interface Crash {
  /** Its largest move's day, UTC. */
  readonly day: string;
  /** The largest move from one visit of keepers to the next, up or down, natural logarithm. */
  readonly severity: number;
  /** The largest in each direction, natural logarithms, not negative. */
  readonly fall: number;
  readonly rise: number;
  /** Largest moves that lie an hour apart, descending; the first is the severity. */
  readonly jumps: readonly number[];
  /** One from the moment before each of the largest moves. */
  readonly courses: readonly Course[];
  /** The longest that a move may have taken, where candles are longer than the latency. */
  readonly candleSeconds: number;
}

interface Move {
  readonly track: Track;
  /** Of the point where it began. */
  readonly index: number;
  readonly time: number;
  readonly log: number;
  readonly candleSeconds: number;
}

/** @param more Candles added to the latency. */
export function crashOf(window: Window, latencySeconds: number, more = 0): Crash {
  const moves = segmentsOf(window)
    .flatMap((series) => movesOf(trackOf(series, latencySeconds, more), series.seconds))
    .sort((a, b) => Math.abs(b.log) - Math.abs(a.log));
  const [largest] = moves;
  const most = (sign: number) => moves.reduce((found, { log }) => Math.max(found, sign * log), 0);
  return {
    day: new Date((largest?.time ?? window.from) * 1_000).toISOString().slice(0, "2020-03-12".length),
    severity: Math.abs(largest?.log ?? 0),
    fall: most(-1),
    rise: most(1),
    jumps: separate(moves),
    courses: moves.slice(0, COURSES).map(({ track, index }) => courseFrom(track, index)),
    candleSeconds: largest?.candleSeconds ?? 0,
  };
}

function movesOf(track: Track, candleSeconds: number): Move[] {
  const { times, logs } = track;
  return logs.slice(1).map((log, index) => ({
    track,
    index,
    time: times[index + 1] ?? 0,
    log: log - (logs[index] ?? log),
    candleSeconds,
  }));
}

/** @param moves The largest first. */
function separate(moves: readonly Move[]): number[] {
  const kept: Move[] = [];
  for (const move of moves) {
    if (move.log !== 0 && kept.every(({ time }) => Math.abs(time - move.time) >= SEPARATE_SECONDS)) kept.push(move);
  }
  return kept.map(({ log }) => Math.abs(log));
}

function courseFrom({ times, logs }: Track, start: number): Course {
  const until = (times[start] ?? 0) + COURSE_SECONDS;
  const end = times.findIndex((time) => time > until);
  return courseOf(logs.slice(start, end < 0 ? undefined : end));
}

/** @param logs Of prices, the natural logarithm, one visit of keepers after the other. */
export function courseOf(logs: readonly number[]): Course {
  const course: Extreme[] = [];
  let [lowest, highest] = [0, 0];
  for (const price of logs) {
    const log = price - (logs[0] ?? 0);
    if (log < lowest) course.push({ side: "long", log: (lowest = log) });
    if (log > highest) course.push({ side: "short", log: (highest = log) });
  }
  return course;
}

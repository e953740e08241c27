/** A run in numbers: what its prices did, and between what the limits moved. Money, prices, and rates in ppm. */
import type { MarketState } from "./books.ts";
import { max, PPM } from "./fixedPoint.ts";
import type { Result, Step } from "./run.ts";

/** Something that was so at a moment, unix seconds. */
export interface Moment {
  readonly time: number;
  readonly value: bigint;
}

export interface Range {
  readonly first: Moment;
  readonly lowest: Moment;
  readonly highest: Moment;
  readonly last: Moment;
}

export interface MarketFigures {
  readonly market: string;
  readonly price: Range;
  /** The largest move from one accepted mark to the next, ppm of the earlier one, below zero where it fell. */
  readonly gap: Moment;
  readonly openInterest: Range;
  readonly openInterestLimit: Range;
  readonly initialMargin: Range;
}

/** By market. Every price of the path has been accepted as a mark: reading the books makes sure of it. */
export function marketFigures({ path, opening, steps }: Result): MarketFigures[] {
  const start = path.steps[0]?.time ?? 0;
  return path.markets.map((market, i) => {
    const price = path.steps.map(({ time, prices }) => ({ time, value: prices[i] ?? 0n }));
    const over = (pick: (state: MarketState) => bigint): Range => {
      const states = [
        { time: start, state: opening[i] },
        ...steps.map(({ time, markets }) => ({ time, state: markets[i] })),
      ];
      return rangeOf(states.map(({ time, state }) => ({ time, value: state === undefined ? 0n : pick(state) })));
    };
    return {
      market,
      price: rangeOf(price),
      gap: worstGap(price),
      openInterest: over(({ openInterest }) => openInterest),
      openInterestLimit: over(({ openInterestLimit }) => openInterestLimit),
      initialMargin: over(({ initialMargin }) => initialMargin),
    };
  });
}

export function rangeOf(moments: readonly Moment[]): Range {
  const [first] = moments;
  const last = moments.at(-1);
  if (first === undefined || last === undefined) throw new Error("no moments");
  const best = (better: (a: bigint, b: bigint) => boolean) =>
    moments.reduce((found, moment) => (better(moment.value, found.value) ? moment : found), first);
  return { first, lowest: best((a, b) => a < b), highest: best((a, b) => a > b), last };
}

function worstGap(prices: readonly Moment[]): Moment {
  let worst: Moment = { time: prices[0]?.time ?? 0, value: 0n };
  for (const [i, { time, value }] of prices.entries()) {
    const before = prices[i - 1]?.value ?? value;
    const moved = ((value - before) * PPM) / before;
    if (magnitude(moved) > magnitude(worst.value)) worst = { time, value: moved };
  }
  return worst;
}

function magnitude(value: bigint): bigint {
  return max(value, -value);
}

/** Neighbouring steps share a column where there are more steps than columns. */
export function squeeze(steps: readonly Step[], columns: number): Step[][] {
  const parts: Step[][] = Array.from({ length: Math.min(columns, steps.length) }, () => []);
  for (const [i, step] of steps.entries()) parts[Math.floor((i * parts.length) / steps.length)]?.push(step);
  return parts;
}

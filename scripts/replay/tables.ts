/** What a replay came to, as tables of text: the same for the terminal and for the page. */
import type { Table } from "../page/table.ts";
import { formatFixed, max, min, sum } from "../simulation/fixedPoint.ts";
import { marketFigures, rangeOf, type MarketFigures, type Moment } from "../simulation/figures.ts";
import { REASONS, type Reason } from "../simulation/limits.ts";
import { clock, dateAndClock } from "../simulation/path.ts";
import type { Result } from "../simulation/run.ts";
import { percent, priceText } from "../simulation/wording.ts";
import type { Event } from "./events.ts";

export interface Replay {
  readonly event: Event;
  readonly result: Result;
  /** How long it took. */
  readonly seconds: number;
}

const DAY_SECONDS = 86_400;

// ---------------------------------------------------------------------- one event

export function priceTable(result: Result): Table {
  const at = momentText(result);
  return {
    head: ["prices", "first", "lowest", "highest", "last", "worst gap", "at"],
    rows: marketFigures(result).map(({ market, price, gap }) => [
      market,
      ...[price.first, price.lowest, price.highest, price.last].map(({ value }) => priceText(value)),
      signed(gap.value),
      at(gap),
    ]),
  };
}

export function limitTable(result: Result): Table {
  const at = momentText(result);
  return {
    head: ["open interest", "first", "highest", "last", "limit: first", "lowest", "at", "highest", "last"],
    rows: marketFigures(result).map(({ market, openInterest, openInterestLimit: limit }) => [
      market,
      ...[openInterest.first, openInterest.highest, openInterest.last].map(({ value }) => amount(value)),
      amount(limit.first.value),
      amount(limit.lowest.value),
      at(limit.lowest),
      amount(limit.highest.value),
      amount(limit.last.value),
    ]),
  };
}

export function marginTable(result: Result): Table {
  const at = momentText(result);
  return {
    head: ["initial margin", "first", "lowest", "highest", "at", "last"],
    rows: marketFigures(result).map(({ market, initialMargin: { first, lowest, highest, last } }) => [
      market,
      percent(first.value),
      percent(lowest.value),
      percent(highest.value),
      at(highest),
      percent(last.value),
    ]),
  };
}

export function factTable(result: Result): Table {
  const { tally, steps, sheet, fundStart, keepersStart, keepersEnd, keepersLowest } = result;
  const at = momentText(result);
  const fund = rangeOf([
    { time: result.path.steps[0]?.time ?? 0, value: fundStart },
    ...steps.map(({ time, fund }) => ({ time, value: fund })),
  ]);
  const exposed = rangeOf(steps.map(({ time, before }) => ({ time, value: before.negative }))).highest;
  const gain = keepersEnd - keepersStart;
  return {
    head: ["who bore what", ""],
    rows: [
      ["liquidations", `${tally.liquidations}, of ${formatFixed(tally.takenOver, 0)} at mark`],
      ["deleveragings", `${tally.deleveragings}, closing ${formatFixed(tally.closed, 0)} at mark`],
      ["deficits", `${formatFixed(tally.deficits)}, and bounties of ${formatFixed(tally.bounties)}`],
      ["fund paid", formatFixed(tally.insured)],
      ["haircut", formatFixed(tally.haircuts)],
      ["shortfall", `${formatFixed(tally.shortfalls)}, of which open in the end ${formatFixed(sum(sheet.shortfalls))}`],
      [
        "insurance fund",
        `${amount(fund.first.value)} at first, lowest ${amount(fund.lowest.value)} (${at(fund.lowest)}), ${amount(fund.last.value)} in the end`,
      ],
      [
        "keepers",
        `${amount(keepersStart)} at first, lowest ${amount(keepersLowest)}, in the end ${amount(gain < 0n ? -gain : gain)} ${gain < 0n ? "lost" : "gained"}`,
      ],
      [
        "equity below zero",
        exposed.value === 0n
          ? "nobody's at any step"
          : `at most ${formatFixed(exposed.value)} when keepers arrived (${at(exposed)}), then ${formatFixed(worstAfter(result))}`,
      ],
      ["fills", count(tally.fills)],
      ["refused", refusals(result)],
      ["P1", verdict(result, "accounted", "the ledger equals all claims, tokens are there")],
      ["P2", verdict(result, "floored", "nobody is below zero after keepers acted")],
    ],
  };
}

function verdict({ steps }: Result, property: "accounted" | "floored", what: string): string {
  const failed = steps.filter((step) => !step[property]);
  const [first] = failed;
  return first === undefined
    ? `held at each of ${count(steps.length)} steps: ${what}`
    : `FAILED at ${count(failed.length)} of ${count(steps.length)} steps, first ${dateAndClock(first.time)}: ${what}`;
}

// ---------------------------------------------------------------------- all events

/** One column for each. */
export function summaryTable(replays: readonly Replay[]): Table {
  const row = (label: string, cell: (result: Result, figures: MarketFigures[]) => string) => [
    label,
    ...replays.map(({ result }) => cell(result, marketFigures(result))),
  ];
  return {
    // The date, what else the file names say, the markets.
    head: [
      "",
      ...replays.map(({ event }) =>
        [event.occasion.replace(" ", "\n"), event.path.markets.join(", ")].join("\n").trim(),
      ),
    ],
    rows: [
      row("steps", ({ steps }) => count(steps.length)),
      row("lowest price, of the first", (_, figures) =>
        extreme(figures, ({ price }) => part(price.lowest, price.first), min),
      ),
      row("highest price, of the first", (_, figures) =>
        extreme(figures, ({ price }) => part(price.highest, price.first), max),
      ),
      row("worst gap", (_, figures) => {
        const worst = figures.reduce((a, b) => (magnitude(b.gap.value) > magnitude(a.gap.value) ? b : a));
        return `${signed(worst.gap.value)} ${worst.market}`;
      }),
      row("liquidations", ({ tally }) => count(tally.liquidations)),
      row("… of, at mark", ({ tally }) => formatFixed(tally.takenOver, 0)),
      row("deleveragings", ({ tally }) => count(tally.deleveragings)),
      row("… closing, at mark", ({ tally }) => formatFixed(tally.closed, 0)),
      row("deficits", ({ tally }) => formatFixed(tally.deficits)),
      row("bounties", ({ tally }) => formatFixed(tally.bounties)),
      row("fund paid", ({ tally }) => formatFixed(tally.insured)),
      row("haircut", ({ tally }) => formatFixed(tally.haircuts)),
      row("shortfall", ({ tally }) => formatFixed(tally.shortfalls)),
      row("initial margin, lowest", (_, figures) =>
        extreme(figures, ({ initialMargin }) => initialMargin.lowest.value, min),
      ),
      row("initial margin, highest", (_, figures) =>
        extreme(figures, ({ initialMargin }) => initialMargin.highest.value, max),
      ),
      row("open interest limit, lowest", (_, figures) =>
        extreme(figures, ({ openInterestLimit: { lowest, first } }) => part(lowest, first), min),
      ),
      row("open interest limit, highest", (_, figures) =>
        extreme(figures, ({ openInterestLimit: { highest, first } }) => part(highest, first), max),
      ),
      row("fills", ({ tally }) => count(tally.fills)),
      ...Object.entries(REASONS).map(([reason, label]) =>
        row(`refused: ${label}`, ({ tally }) => count(tally.refused.get(reason as Reason) ?? 0)),
      ),
      row("equity below zero, at worst", ({ steps }) =>
        formatFixed(steps.map(({ before }) => before.negative).reduce(max, 0n)),
      ),
      row("… after keepers acted", (result) => formatFixed(worstAfter(result))),
      row("P1 and P2", ({ steps }) =>
        steps.every(({ accounted, floored }) => accounted && floored) ? "held" : "FAILED",
      ),
    ],
  };
}

// ---------------------------------------------------------------------- wording

function worstAfter({ steps }: Result): bigint {
  return steps.map(({ after }) => after.negative).reduce(max, 0n);
}

/** The lowest or the highest over the markets, ppm. */
function extreme(
  figures: readonly MarketFigures[],
  pick: (of: MarketFigures) => bigint,
  best: (a: bigint, b: bigint) => bigint,
): string {
  return percent(figures.map(pick).reduce(best));
}

function part({ value }: Moment, { value: of }: Moment): bigint {
  return of === 0n ? 0n : (value * 1_000_000n) / of;
}

function refusals({ tally }: Result): string {
  const all = [...tally.refused.values()].reduce((total, times) => total + times, 0);
  const reasons = [...tally.refused].map(([reason, times]) => `${REASONS[reason]} ${count(times)}`).join(", ");
  return `${count(all)}${reasons === "" ? "" : `: ${reasons}`}`;
}

/** The time of day, with the date where the event is longer than one. */
function momentText({ path }: Result): (moment: Moment) => string {
  const [first, last] = [path.steps[0]?.time ?? 0, path.steps.at(-1)?.time ?? 0];
  const isShort = Math.floor(first / DAY_SECONDS) === Math.floor(last / DAY_SECONDS);
  return ({ time }) => (isShort ? clock(time) : dateAndClock(time).slice(5));
}

function signed(ppm: bigint): string {
  return `${ppm > 0n ? "+" : ppm < 0n ? "−" : ""}${percent(magnitude(ppm))}`;
}

function magnitude(value: bigint): bigint {
  return max(value, -value);
}

function amount(money: bigint): string {
  return formatFixed(money, 0);
}

function count(times: number): string {
  return times.toLocaleString("en-US");
}

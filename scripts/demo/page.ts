/** What the run came to: a page for people, and the same for programs. */
import { styleText } from "node:util";
import asciichart from "asciichart";
import Table from "cli-table3";
import { exactFixed, formatFixed, max, min, ONE, sum } from "../simulation/fixedPoint.ts";
import type { MarketState } from "../simulation/books.ts";
import { marketFigures, squeeze } from "../simulation/figures.ts";
import { REASONS, type Reason } from "../simulation/limits.ts";
import { clock, dateAndClock } from "../simulation/path.ts";
import type { Result, Step } from "../simulation/run.ts";
import { bare, indent, joinWithin, linesOf, percent, priceText } from "../simulation/wording.ts";

const WIDTH = 98;
const CHART_HEIGHT = 6;
const LABEL_WIDTH = 11;

/** Within 100 columns. */
export function page(result: Result): string {
  return [
    heading(`Zerofloor in ${result.path.title}`),
    setting(result),
    heading("Who bore what"),
    tiers(result),
    heading("What the limits did"),
    limits(result),
    heading("Equity below zero, all accounts together, when keepers arrived"),
    chart(result.steps),
    heading("Balance sheet of the vault"),
    balance(result),
    heading("Verdict"),
    verdict(result),
  ].join("\n");
}

function heading(text: string): string {
  return `\n${styleText("bold", text)}`;
}

// ---------------------------------------------------------------------- what happened

function setting({ path, settings, keepers, orders, opening, fundStart, keepersStart }: Result): string {
  const [first] = path.steps;
  const last = path.steps.at(-1);
  const moves = path.markets.map((market, i) => {
    const prices = path.steps.map((step) => step.prices[i] ?? 0n);
    const opening = prices[0] ?? 0n;
    const turn = (pick: (a: bigint, b: bigint) => bigint) => prices.reduce(pick, opening);
    const [low, high] = [turn(min), turn(max)];
    const extreme = opening - low >= high - opening ? `low ${priceText(low)}` : `high ${priceText(high)}`;
    return `${market} ${priceText(opening)} to ${priceText(prices.at(-1) ?? 0n)}, ${extreme}`;
  });
  return indent(
    `${dateAndClock(first?.time ?? 0)} to ${dateAndClock(last?.time ?? 0)} UTC, ${path.steps.length - 1} steps`,
    ...joinWithin(WIDTH - 2, moves, "; "),
    `${settings.accounts} traders with ${orders} signed orders, ${formatFixed(2n * sum(opening.map(({ openInterest }) => openInterest)), 0)} of positions (long and short), seed ${settings.seed}`,
    `${keepers} keepers with ${formatFixed(keepersStart, 0)} in all; the insurance fund began with ${formatFixed(fundStart, 0)}`,
  );
}

// ---------------------------------------------------------------------- the waterfall

function tiers(result: Result): string {
  const { tally, sheet } = result;
  const table = new Table({
    head: ["", "tier", "bore", "earned", ""],
    colAligns: ["left", "left", "right", "right", "left"],
    ...bare(),
  });
  const gain = result.keepersEnd - result.keepersStart;
  const fundEarned = sheet.fund - result.fundStart + tally.insured;
  table.push(
    [
      "1",
      "traders",
      formatFixed(result.lostByFailed),
      "",
      `${result.failedTraders} who were liquidated or defaulted, of their own`,
    ],
    [
      "2",
      "keepers",
      formatFixed(result.keepersStart - result.keepersLowest),
      formatFixed(tally.incentives + tally.bounties),
      `at worst; in the end ${formatFixed(gain < 0n ? -gain : gain)} ${gain < 0n ? "lost" : "gained"}`,
    ],
    [
      "3",
      "insurance fund",
      formatFixed(tally.insured),
      formatFixed(fundEarned),
      "earned: fees of liquidations and fills",
    ],
    ["4", "haircut", formatFixed(tally.haircuts), "", "pro rata over the side that opposed the defaulters"],
    ["5", "shortfall", formatFixed(tally.shortfalls), "", `${formatFixed(sum(sheet.shortfalls))} of it still open`],
  );
  const left = tally.deficits + tally.bounties;
  const right = tally.insured + tally.haircuts + tally.shortfalls;
  return indent(
    ...linesOf(table),
    "",
    `${tally.liquidations} liquidations took ${formatFixed(tally.takenOver, 0)} of positions over from accounts below maintenance margin`,
    `${tally.deleveragings} deleveragings closed ${formatFixed(tally.closed, 0)} of positions at mark against defaulters`,
    `deficits ${formatFixed(tally.deficits)} + bounties ${formatFixed(tally.bounties)} ${left === right ? "=" : "≠"} fund ${formatFixed(tally.insured)} + haircut ${formatFixed(tally.haircuts)} + shortfall ${formatFixed(tally.shortfalls)}`,
  );
}

// ---------------------------------------------------------------------- the limits

function limits(result: Result): string {
  const { tally } = result;
  const table = new Table({
    head: ["", "initial margin", "highest", "open interest", "in the end", "limit: lowest", "highest"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right"],
    ...bare(),
  });
  for (const { market, initialMargin, openInterest, openInterestLimit } of marketFigures(result)) {
    table.push([
      market,
      ...[initialMargin.first, initialMargin.highest].map(({ value }) => percent(value)),
      ...[openInterest.first, openInterest.last].map(({ value }) => formatFixed(value, 0)),
      ...[openInterestLimit.lowest, openInterestLimit.highest].map(({ value }) => formatFixed(value, 0)),
    ]);
  }
  const reasons = [...tally.refused].map(([reason, times]) => `${REASONS[reason]} ${times}`).join(", ");
  return indent(
    ...linesOf(table),
    "",
    `${tally.fills} fills, ${count(tally.refused)} refused${reasons === "" ? "" : `: ${reasons}`}`,
  );
}

function count(refused: ReadonlyMap<Reason, number>): number {
  return [...refused.values()].reduce((total, times) => total + times, 0);
}

// ---------------------------------------------------------------------- over time

function chart(steps: readonly Step[]): string {
  const columns = WIDTH - LABEL_WIDTH - 4;
  const worst = steps.map(({ before }) => before.negative).reduce(max, 0n);
  if (worst === 0n) return indent("none at any step");
  // A drawing, in whole tokens: the only place where money becomes a number.
  const heights = squeeze(steps, columns).map((part) =>
    Number(part.map(({ before }) => before.negative).reduce(max, 0n) / ONE),
  );
  const drawn = asciichart.plot(heights, {
    height: CHART_HEIGHT,
    min: 0,
    format: (value) => Math.round(value).toLocaleString("en-US").padStart(LABEL_WIDTH),
  });
  return indent(...drawn.split("\n"), axis(steps, heights.length));
}

function axis(steps: readonly Step[], columns: number): string {
  // A time takes five columns; fewer marks where there is no room for all.
  const marks = Math.min(4, Math.floor(columns / 12));
  let line = " ".repeat(LABEL_WIDTH + 2);
  for (let mark = 0; mark <= marks; ++mark) {
    const part = mark / Math.max(marks, 1);
    const step = steps[Math.floor(part * (steps.length - 1))];
    line = line.padEnd(LABEL_WIDTH + 2 + Math.max(0, Math.floor(part * (columns - 1)) - 2)) + clock(step?.time ?? 0);
  }
  return line;
}

// ---------------------------------------------------------------------- what is there

function balance({ sheet, path }: Result): string {
  const pools = sum(sheet.pools);
  const rows: [string, bigint][] = [
    ["collateral of traders", sheet.traders],
    ["collateral of keepers", sheet.keepers],
    ["insurance fund", sheet.fund],
    ["profit pools, waiting for winners", pools],
  ];
  const total = sum(rows.map(([, amount]) => amount));
  const column = Math.max(...[total, sheet.ledger, sheet.tokens].map((amount) => formatFixed(amount).length));
  const line = (label: string, amount: bigint, note = "") =>
    `${label.padEnd(44)}${formatFixed(amount).padStart(column)}${note === "" ? "" : `  ${note}`}`;
  const perMarket = path.markets.map((market, i) => `${market} ${formatFixed(sheet.pools[i] ?? 0n, 0)}`).join(", ");
  return indent(
    ...rows.map(([label, amount]) => line(label, amount, label.startsWith("profit") ? perMarket : "")),
    line("all claims", total),
    line("the vault's ledger", sheet.ledger, total === sheet.ledger ? "equal to the wei" : "NOT EQUAL"),
    line("tokens in the vault", sheet.tokens, sheet.tokens >= sheet.ledger ? "" : "TOO FEW"),
  );
}

function verdict({ steps }: Result): string {
  const worstBefore = steps.map(({ before }) => before.worst).reduce(min, 0n);
  const worstAfter = steps.map(({ after }) => after.worst).reduce(min);
  return indent(
    `worst equity of an account: ${formatFixed(worstBefore)} when keepers arrived, ${formatFixed(worstAfter)} when they had acted`,
    judged("P1", "all claims equal the vault's ledger, and the tokens are there", steps, "accounted"),
    judged("P2", "no account is below zero after keepers have acted", steps, "floored"),
  );
}

function judged(id: string, what: string, steps: readonly Step[], property: "accounted" | "floored"): string {
  const failed = steps.filter((step) => !step[property]);
  const [first] = failed;
  return first === undefined
    ? `${styleText("green", `${id} held`)}    ${what}, at each of ${steps.length} steps`
    : `${styleText("red", `${id} FAILED`)}  ${what}: not at ${failed.length} of ${steps.length} steps, first ${dateAndClock(first.time)}`;
}

// ---------------------------------------------------------------------- for programs

/** Money and prices as decimal strings with all 18 digits. */
export function asJson(result: Result): string {
  const { path, settings, insurance, markets, opening, tally, steps, ...rest } = result;
  const { failed, ...sums } = tally.totals();
  const out = {
    path: { title: path.title, markets: path.markets },
    settings: { accounts: settings.accounts, seed: settings.seed.toString(), insurance },
    markets: markets.map(({ name }, i) => ({ name, opening: stateForPrograms(opening[i]) })),
    ...rest,
    tally: { ...sums, failed: failed.length },
    properties: { P1: steps.every(({ accounted }) => accounted), P2: steps.every(({ floored }) => floored) },
    steps: steps.map((step) => ({
      ...step,
      time: new Date(step.time * 1000).toISOString(),
      markets: step.markets.map(stateForPrograms),
    })),
  };
  const text = JSON.stringify(out, (_, value: unknown) => (typeof value === "bigint" ? exactFixed(value) : value), 2);
  return `${text}\n`;
}

/** Rates are numbers, in parts per million. */
function stateForPrograms(state: MarketState | undefined) {
  return state && { ...state, initialMargin: Number(state.initialMargin) };
}

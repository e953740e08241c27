/** A result for spreadsheets, as RFC 4180 has it. Money and prices in whole tokens, exact. */
import type { Payer, Result, Step } from "../result.ts";
import { decimal, iso } from "./exact.ts";

type Value = string | number | boolean | bigint | undefined;

/** A row for each minute. */
export function stepsCsv({ scenario, steps }: Result): string {
  const names = scenario.markets.map(({ name }) => name);
  const columns: [string, (step: Step) => Value][] = [
    ["time", ({ time }) => time],
    ["utc", ({ time }) => iso(time)],
    ...names.map((name, i): [string, (step: Step) => Value] => [`price_${name}`, ({ prices }) => prices[i]]),
    ...names.map((name, i): [string, (step: Step) => Value] => [
      `open_interest_${name}`,
      ({ openInterest }) => openInterest[i],
    ]),
    ["liquidatable", (step) => step.liquidatable],
    ["in_default", (step) => step.inDefault],
    ["exposure", (step) => step.exposure],
    ["exposure_after", (step) => step.exposureAfter],
    ["fund", (step) => step.fund],
    ["liquidations", (step) => step.liquidations],
    ["deleveragings", (step) => step.deleveragings],
    ["taken_over", (step) => step.takenOver],
    ["deficit", (step) => step.deficit],
    ["bounty", (step) => step.bounty],
    ["insured", (step) => step.insured],
    ["haircuts", (step) => step.haircuts],
    ["shortfall", (step) => step.shortfall],
    ["closed", (step) => step.closed],
    ["reactions", (step) => step.reactions],
  ];
  return csv(columns, steps);
}

/** A row for each payer that was kept. */
export function payersCsv({ payers }: Result): string {
  const columns: [string, (payer: Payer) => Value][] = [
    ["account", ({ account }) => account],
    ["notional", ({ notional }) => notional],
    ["equity", ({ equity }) => equity],
    ["leverage", ({ leverage }) => leverage],
    ["haircut", ({ haircut }) => haircut],
    ["profit", ({ profit }) => profit],
    ["is_hedger", ({ isHedger }) => isHedger],
  ];
  return csv(columns, payers);
}

/** A row for each policy, a column for each criterion, named by its key. */
export function policiesCsv({ policies }: Result): string {
  type Row = NonNullable<Result["policies"]>["rows"][number];
  const columns: [string, (row: Row) => Value][] = [
    ["policy", ({ policy }) => policy],
    ["is_ours", ({ isOurs }) => isOurs],
    ...(policies?.columns ?? []).map(({ key }, i): [string, (row: Row) => Value] => [key, ({ values }) => values[i]]),
  ];
  return csv(columns, policies?.rows ?? []);
}

function csv<Row>(columns: readonly [string, (row: Row) => Value][], rows: readonly Row[]): string {
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, of]) => text(of(row))))];
  return lines.map((line) => `${line.map(quoted).join(",")}\r\n`).join("");
}

function text(value: Value): string {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "";
  return typeof value === "bigint" ? decimal(value) : value.toString();
}

function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

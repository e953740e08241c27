/** Tables for a terminal. */
import { styleText } from "node:util";
import CliTable from "cli-table3";
import { dateAndClock } from "../simulation/path.ts";
import { bare, indent, joinWithin, linesOf } from "../simulation/wording.ts";
import { factTable, limitTable, marginTable, priceTable, summaryTable, type Replay, type Table } from "./tables.ts";

const WIDTH = 98;
/** Events beside each other in the summary. */
const COLUMNS = 4;

export function eventText({ name, result, seconds }: Replay): string {
  const { path, settings, insurance } = result;
  const [first, last] = [path.steps[0]?.time ?? 0, path.steps.at(-1)?.time ?? 0];
  return [
    heading(name),
    indent(
      `${dateAndClock(first)} to ${dateAndClock(last)} UTC, ${(path.steps.length - 1).toLocaleString("en-US")} steps, in ${seconds} s`,
      ...joinWithin(WIDTH, path.title.split(", "), ", "),
      `${settings.accounts} traders, seed ${settings.seed}; ${(insurance / 10n ** 18n).toLocaleString("en-US")} put into the insurance fund`,
    ),
    ...[priceTable, limitTable, marginTable, factTable].map((table) => `\n${text(table(result))}`),
  ].join("\n");
}

export function summaryText(replays: readonly Replay[]): string {
  const parts: string[] = [heading("All events")];
  for (let from = 0; from < replays.length; from += COLUMNS) {
    parts.push(text(summaryTable(replays.slice(from, from + COLUMNS))), "");
  }
  return parts.join("\n").trimEnd();
}

function heading(words: string): string {
  return `\n${styleText("bold", words)}`;
}

function text({ head, rows }: Table): string {
  const isProse = head.length === 2 && head[1] === "";
  const table = new CliTable({
    head: [...head],
    colAligns: head.map((_, i) => (i === 0 || isProse ? "left" : "right")),
    ...bare(),
  });
  table.push(...rows.map((row) => [...row]));
  return indent(...linesOf(table));
}

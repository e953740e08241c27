/** Tables for a terminal. */
import { heading, tableText } from "../page/table.ts";
import { dateAndClock } from "../simulation/path.ts";
import { indent, joinWithin } from "../simulation/wording.ts";
import { nameOf } from "./events.ts";
import { factTable, limitTable, marginTable, priceTable, summaryTable, type Replay } from "./tables.ts";

const WIDTH = 98;
/** Events beside each other in the summary. */
const COLUMNS = 3;

export function eventText({ event, result, seconds }: Replay): string {
  const { path, settings, insurance } = result;
  const [first, last] = [path.steps[0]?.time ?? 0, path.steps.at(-1)?.time ?? 0];
  return [
    heading(nameOf(event)),
    indent(
      `${dateAndClock(first)} to ${dateAndClock(last)} UTC, ${(path.steps.length - 1).toLocaleString("en-US")} steps, in ${seconds} s`,
      ...joinWithin(WIDTH, path.title.split(", "), ", "),
      `${settings.accounts} traders, seed ${settings.seed}; ${(insurance / 10n ** 18n).toLocaleString("en-US")} put into the insurance fund`,
    ),
    ...[priceTable, limitTable, marginTable, factTable].map((table) => `\n${tableText(table(result))}`),
  ].join("\n");
}

export function summaryText(replays: readonly Replay[]): string {
  const parts: string[] = [heading("All events")];
  for (let from = 0; from < replays.length; from += COLUMNS) {
    parts.push(tableText(summaryTable(replays.slice(from, from + COLUMNS))), "");
  }
  return parts.join("\n").trimEnd();
}

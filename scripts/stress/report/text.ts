/** A report in short, for a terminal. */
import { styleText } from "node:util";
import CliTable from "cli-table3";
import { heading, tableText } from "../../page/table.ts";
import { bare, indent, joinWithin, linesOf } from "../../simulation/wording.ts";
import type { PolicyTable, Result } from "../result.ts";
import { answer } from "./answer.ts";
import { keyFigures } from "./keyFigures.ts";
import { counted } from "./people.ts";
import { linesOf as criteria } from "./policies.ts";
import { waterfallTable } from "./waterfall.ts";

export const WIDTH = 98;
const LEAST_CELL = 9;

export function summary(result: Result): string {
  const { warnings, lead } = answer(result);
  return [
    heading(result.scenario.title.replace(/\s+/g, " ")),
    ...warnings.map((text) => styleText("red", folded(text))),
    folded(lead),
    "",
    tableText(waterfallTable(result)),
    ...keyFigures(result).map((table) => `\n${tableText(table)}`),
    ...(result.policies === undefined || result.policies.events === 0 ? [] : [policiesText(result.policies)]),
  ]
    .join("\n")
    .replaceAll("\u00a0", " ");
}

/** Criteria below each other, policies beside each other; the best of each line with a star. */
function policiesText(policies: PolicyTable): string {
  const { rows, losses, events } = policies;
  const cell = Math.max(LEAST_CELL, Math.min(12, Math.floor((WIDTH - 30) / Math.max(rows.length, 1))));
  const table = new CliTable({
    head: ["", ...rows.map(({ policy }) => policy.replace(/[ -]/g, (between) => `${between.trim()}\n`))],
    colAligns: ["left", ...rows.map(() => "right" as const)],
    colWidths: [Math.max(16, WIDTH - 2 - cell * rows.length), ...rows.map(() => cell)],
    wordWrap: true,
    ...bare(),
  });
  for (const { title, unit, cells } of criteria(policies))
    table.push([
      unit === "" ? title : `${title}, ${unit}`,
      ...cells.map(({ text, isBest }) => `${isBest ? "*" : ""}${text}`),
    ]);
  return [
    heading(`Deleveraging rules beside each other, over ${counted(events, "deleveraging")}; * the best of a line`),
    indent(...linesOf(table)),
    heading("Where the rule of this house loses"),
    ...(losses.length === 0 ? [indent("in none of these")] : losses.map((text) => folded(text))),
  ].join("\n");
}

function folded(text: string): string {
  return indent(...joinWithin(WIDTH - 2, text.split(/\s+/), " "));
}

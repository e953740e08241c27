/** The reproduction as text for a terminal. */
import { heading, tableText } from "../../page/table.ts";
import { indent } from "../../simulation/wording.ts";
import { ASSUMED, MEASURED } from "./assumedMoment.ts";
import type { WaveResult } from "./reproduce.ts";
import { sections } from "./tables.ts";

/** What must not be taken from the tables. */
export const CAVEATS: readonly string[] = [
  "At one mark every rule raises what it is told to, but for rounding, whole contracts and what profits do not suffice for.",
  "Production in the published replay does not: there winners are valued at the last fills, and what is needed at the mark.",
  "Production's overshoot of 45 million over all sixteen waves is from waves 8, 13 and 14, which the schedule does not have.",
];

export function wavesText(results: readonly WaveResult[]): string {
  return [
    ...sections(results).flatMap(({ title, table }) => [heading(title), tableText(table)]),
    "",
    indent(...CAVEATS),
    heading("Measured"),
    indent(...MEASURED),
    heading("Assumed"),
    indent(...ASSUMED),
  ].join("\n");
}

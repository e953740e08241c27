/** The reproduction as one page. */
import { htmlDocument } from "../../page/document.ts";
import { escape } from "../../page/plot.ts";
import { tableHtml } from "../../page/table.ts";
import { ASSUMED, MEASURED } from "./assumedMoment.ts";
import type { WaveResult } from "./reproduce.ts";
import { sections } from "./tables.ts";
import { CAVEATS } from "./text.ts";

const TITLE = "10 October 2025, wave by wave";
const ABOUT =
  "The largest auto-deleveraging on record, as a schedule of what was closed and what had to be covered. What each rule would have raised beside what was needed, at the moment of the fill.";

export function wavesPage(results: readonly WaveResult[]): string {
  const tables = sections(results).map(({ title, table }) => `<h2>${escape(title)}</h2>${tableHtml(table)}`);
  return htmlDocument(
    TITLE,
    [
      `<h1>${TITLE}</h1><p>${ABOUT}</p>`,
      ...tables,
      list("What the tables do not say", CAVEATS),
      list("Measured", MEASURED),
      list("Assumed", ASSUMED),
    ].join("\n"),
  );
}

function list(title: string, lines: readonly string[]): string {
  return `<h2>${title}</h2><ul>${lines.map((line) => `<li>${escape(line)}</li>`).join("")}</ul>`;
}

/** A calibration for a terminal. */
import { heading, tableText } from "../page/table.ts";
import { indent } from "../simulation/wording.ts";
import type { Calibration } from "./calibration.ts";
import { assumptions, reasoning } from "./reasoning.ts";
import {
  crashTable,
  frontierTable,
  judgedTable,
  levelTable,
  levelText,
  proposalTable,
  sensitivityTable,
} from "./tables.ts";

const WIDTH = 98;

export function text(calibration: Calibration): string {
  const { options, judged, files } = calibration;
  return [
    heading(`Calibration of ${options.market}`),
    indent(
      `${files.length} price file${files.length === 1 ? "" : "s"}; latency ${options.latencySeconds / 60} min; population ${options.population}`,
      `level: a haircut with at most ${levelText(calibration)}`,
    ),
    "",
    tableText(crashTable(calibration)),
    ...judged.flatMap((one) => ["", tableText(judgedTable(calibration, one))]),
    ...(judged.length === 0 ? ["", indent(`no parameter file has a market ${options.market}`)] : []),
    "",
    tableText(proposalTable(calibration)),
    heading("What goes with what, at the level"),
    tableText(frontierTable(calibration)),
    heading("What a better promise costs"),
    tableText(levelTable(calibration)),
    heading("What the answer hangs on"),
    tableText(sensitivityTable(calibration)),
    heading("Why"),
    ...reasoning(calibration).map((paragraph) => `${wrap(paragraph)}\n`),
    heading("What is assumed").trimStart(),
    ...assumptions(calibration).map((paragraph) => bullet(paragraph)),
  ].join("\n");
}

function wrap(paragraph: string): string {
  return indent(...lines(paragraph, WIDTH - 2));
}

function bullet(paragraph: string): string {
  return indent(...lines(paragraph, WIDTH - 4).map((line, i) => `${i === 0 ? "-" : " "} ${line}`));
}

/** Words of numbers stay together. */
function lines(paragraph: string, width: number): string[] {
  const found: string[] = [];
  for (const word of paragraph.replace(/ (?=%|x\b|min\b|… )/g, "\u00a0").split(" ")) {
    const last = found.at(-1);
    if (last !== undefined && last.length + word.length < width) found[found.length - 1] = `${last} ${word}`;
    else found.push(word);
  }
  return found.map((line) => line.replaceAll("\u00a0", " "));
}

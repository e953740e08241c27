/** What was found, for a terminal. */
import { heading, tableText } from "../../scripts/page/table.ts";
import { indent } from "../../scripts/simulation/wording.ts";
import { PARTS } from "../parts.ts";
import type { Peers } from "../peers.ts";
import { barsText, besideCommitted, besidePeers } from "./bars.ts";
import { chart } from "./chart.ts";
import { families } from "./curves.ts";
import type { Found } from "./run.ts";
import { curveTable, figureTable, gasTable } from "./tables.ts";
import { advice, dearer } from "./wording.ts";

export function partText(found: Found, peers: Peers): string {
  const { part, outcome, seconds } = found;
  const said = advice(outcome.comparisons, outcome.missing);
  return [
    heading(`${PARTS[part].title} (${seconds} s)`),
    outcome.comparisons.length === 0 ? indent("nothing measured") : bodies[part](found, peers),
    ...(said.length === 0 ? [] : ["", indent(...said)]),
  ].join("\n");
}

const bodies: Record<Found["part"], (found: Found, peers: Peers) => string> = {
  gas: gasText,
  scaling: scalingText,
  sdk: machineText,
  keeper: machineText,
};

function gasText({ outcome: { comparisons } }: Found, peers: Peers): string {
  const worse = dearer(
    comparisons.map(({ figure }) => figure),
    peers,
  );
  return [
    tableText(gasTable(comparisons, peers)),
    "",
    indent(
      ...besidePeers(comparisons, peers).flatMap((bars) => [...barsText(bars), ""]),
      `Peers: ${Object.values(peers.sources).join("; ")}.`,
      ...(worse.length === 0 ? ["Nothing is dearer than the best peer."] : ["Dearer than the best peer:"]),
      ...worse.map((line) => `  ${line}`),
    ),
  ].join("\n");
}

function scalingText({ outcome: { comparisons } }: Found): string {
  const figures = comparisons.map(({ figure }) => figure);
  const others = comparisons.filter(({ figure }) => figure.curve === undefined);
  return [
    ...families(figures).flatMap((family) => [
      tableText(curveTable(family, comparisons)),
      "",
      ...(family.unit === "gas" ? [indent(...chart(family)), ""] : []),
    ]),
    tableText(figureTable("storage", others)),
  ].join("\n");
}

function machineText({ outcome: { comparisons } }: Found): string {
  return [
    tableText(figureTable("figure", comparisons)),
    "",
    indent(...besideCommitted(comparisons).flatMap((bars) => [...barsText(bars), ""])).trimEnd(),
  ].join("\n");
}

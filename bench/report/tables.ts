/** Figures as tables: the same in the terminal and on the page. */
import type { Table } from "../../scripts/page/table.ts";
import type { Comparison } from "../committed.ts";
import { bestFor, peerText, type Peers } from "../peers.ts";
import { growth, type Curve, type Family } from "./curves.ts";
import { more, number, reachText, toleranceText, verdictText } from "./wording.ts";

export function gasTable(comparisons: readonly Comparison[], peers: Peers): Table {
  return {
    head: ["transaction", "gas", "best peer", "", "ours", "target", "committed"],
    words: [0, 3, 6],
    rows: comparisons.map((one) => {
      const { name, value } = one.figure;
      const best = bestFor(peers, name);
      return [
        name,
        number(value),
        ...(best === undefined ? ["", "", ""] : [number(best.gas), peerText(best), more(value, best.gas)]),
        reachText(one),
        verdictText(one),
      ];
    }),
  };
}

/** A row for each curve, a column for each point. */
export function curveTable({ over, unit, curves }: Family, comparisons: readonly Comparison[]): Table {
  const points = curves[0]?.points ?? [];
  const isFlat = curves.every((curve) => Math.abs(growth(curve).each) < 1);
  return {
    head: [`${unit}, ${over}:`, ...points.map(({ at }) => number(at)), isFlat ? "range" : "each further", "committed"],
    words: [points.length + 2],
    rows: curves.map((curve) => [
      curve.of,
      ...curve.points.map(({ value }) => number(value)),
      isFlat ? number(growth(curve).spread) : number(Math.round(growth(curve).each)),
      curveVerdict(curve, comparisons),
    ]),
  };
}

function curveVerdict({ of, unit }: Curve, comparisons: readonly Comparison[]): string {
  const points = comparisons.filter(({ figure }) => figure.curve?.of === of && figure.unit === unit);
  const verdicts = new Set(points.map(({ verdict }) => verdict));
  if (verdicts.size === 1) return [...verdicts].join();
  const differing = points.filter(({ verdict }) => verdict !== "same");
  return differing.map(({ figure, verdict }) => `${verdict} at ${number(figure.curve?.at ?? 0)}`).join(", ");
}

/** What is no point of a curve. */
export function figureTable(title: string, comparisons: readonly Comparison[]): Table {
  return {
    head: [title, "", "", "better", "tolerance", "committed"],
    words: [0, 2, 3, 5],
    rows: comparisons.map((one) => [
      one.figure.name,
      number(one.figure.value),
      one.figure.unit,
      one.figure.better,
      toleranceText(one),
      verdictText(one),
    ]),
  };
}

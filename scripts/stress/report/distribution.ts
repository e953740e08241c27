/** Traders by equity, before and after. */
import type { Distribution, Result } from "../result.ts";
import { bars, hits, outline } from "./bins.ts";
import { CEILING, drawing, evenly, FLOOR, nothing, places, type Scale } from "./frame.ts";
import { compact, count, counted } from "./people.ts";
import { BLUE, GREY, ORANGE } from "./style.ts";

const MOST_LABELS = 9;

export function distributions({ before, after }: Result): string {
  const [title, unit] = ["Traders by equity", "how many in each bin"];
  const { edges, counts } = before;
  if (counts.every((many) => many === 0)) return nothing(title, unit, "nobody has opened anything yet");
  const x = places(counts.length, labels(before));
  const told = counts.map((many, i) => {
    const now = after.counts[i] ?? 0;
    return `equity ${between(edges[i], edges[i + 1])}\nafter the opening ${counted(many, "trader")}\nin the end ${counted(now, "trader")}`;
  });
  const changes = counts.map((many, i) => (after.counts[i] ?? 0) - many);
  const xName = "equity, tokens; bins are not equally wide";
  const zero = zeroLine(before, x);
  const all = evenly(0, Math.max(...counts, ...after.counts), "y");
  const moved = evenly(Math.min(0, ...changes), Math.max(0, ...changes), "y");
  return [
    drawing({
      ...{ title, unit, x, xName, y: all },
      keys: [
        { name: "after the opening", colour: GREY, kind: "bars" },
        { name: "in the end", colour: BLUE, kind: "outline" },
      ],
      inside: `${faded(bars(counts, x, all, GREY))}${outline(after.counts, x, all, BLUE)}${zero}${hits(told, x)}`,
    }),
    changes.every((many) => many === 0)
      ? nothing("What has changed", "traders more or fewer in each bin", "no bin has more or fewer traders than before")
      : drawing({
          ...{ title: "What has changed", unit: "traders more or fewer in each bin", x, xName, y: moved },
          keys: [
            { name: "more", colour: BLUE, kind: "bars" },
            { name: "fewer", colour: ORANGE, kind: "bars" },
          ],
          inside:
            bars(
              changes.map((many) => Math.max(0, many)),
              x,
              moved,
              BLUE,
            ) +
            bars(
              changes.map((many) => Math.min(0, many)),
              x,
              moved,
              ORANGE,
            ) +
            zero +
            hits(
              told.map((text, i) => `${text}\n${(changes[i] ?? 0) > 0 ? "+" : ""}${count(changes[i] ?? 0)}`),
              x,
            ),
        }),
  ].join("\n");
}

/** As many as fit, zero among them. */
function labels({ edges }: Distribution): { edge: number; label: string }[] {
  const zero = Math.max(edges.indexOf(0), 0);
  const every = Math.ceil(edges.length / MOST_LABELS);
  return edges.flatMap((value, edge) =>
    (edge - zero) % every === 0 && Number.isFinite(value) ? [{ edge, label: compact(value) }] : [],
  );
}

/** Left of it is who is below zero. */
function zeroLine({ edges }: Distribution, x: Scale): string {
  const zero = edges.indexOf(0);
  return zero <= 0 ? "" : `<line class="zero" x1="${x.at(zero)}" x2="${x.at(zero)}" y1="${CEILING}" y2="${FLOOR}"/>`;
}

function between(from = -Infinity, to = Infinity): string {
  if (!Number.isFinite(from)) return `below ${compact(to)}`;
  return Number.isFinite(to) ? `from ${compact(from)} up to below ${compact(to)}` : `from ${compact(from)} on`;
}

function faded(drawn: string): string {
  return `<g opacity=".55">${drawn}</g>`;
}

/** Curves in a terminal. */
import asciichart from "asciichart";
import type { Family } from "./curves.ts";
import { number } from "./wording.ts";

const COLUMNS = 72;
const HEIGHT = 10;
const LABEL_WIDTH = 11;
/** asciichart's, which `NO_COLOR` must be able to do without. */
const COLOURS = [asciichart.blue, asciichart.yellow, asciichart.green, asciichart.magenta];

/** From zero, straight between what was measured; points equally far apart where each is ten times the one before. */
export function chart(family: Family): string[] {
  const { over } = family;
  // From above, so that they can be told apart without colours.
  const last = ({ points }: Family["curves"][number]) => points.at(-1)?.value ?? 0;
  const curves = [...family.curves].sort((a, b) => last(b) - last(a));
  const xs = curves[0]?.points.map(({ at }) => at) ?? [];
  const place = isSpreadWide(xs) ? Math.log10 : (at: number) => at;
  const [low, high] = [place(xs[0] ?? 1), place(xs.at(-1) ?? 1)];
  const lines = curves.map(({ points }) =>
    Array.from({ length: COLUMNS }, (_, column) => {
      const at = low + ((high - low) * column) / (COLUMNS - 1);
      const next = points.findIndex((point) => place(point.at) >= at - 1e-9);
      const [before, after] = [points[Math.max(0, next - 1)], points[next]];
      if (before === undefined || after === undefined) return NaN;
      const [from, until] = [place(before.at), place(after.at)];
      return until === from
        ? after.value
        : before.value + ((after.value - before.value) * (at - from)) / (until - from);
    }),
  );
  const drawn = asciichart.plot(lines, {
    height: HEIGHT,
    min: 0,
    format: (value) => number(Math.round(value)).padStart(LABEL_WIDTH),
    ...(isColoured() && curves.length > 1 ? { colors: COLOURS } : {}),
  });
  const legend = curves.map(({ of }, i) => `${paint("──", COLOURS[i])} ${of}`).join(", ");
  const labels = xs.map((at) => ({
    text: number(at),
    column: Math.round(((place(at) - low) / (high - low)) * (COLUMNS - 1)),
  }));
  return [
    ...(curves.length > 1 ? [`${" ".repeat(LABEL_WIDTH + 2)}from above: ${legend}`] : []),
    ...drawn.split("\n"),
    axis(labels),
    `${" ".repeat(LABEL_WIDTH + 2)}${over}`,
  ];
}

export function isSpreadWide(xs: readonly number[]): boolean {
  return (xs.at(-1) ?? 1) / (xs[0] ?? 1) >= 1_000;
}

function axis(labels: readonly { readonly text: string; readonly column: number }[]): string {
  let line = " ".repeat(LABEL_WIDTH + 2);
  for (const { text, column } of labels) {
    const from = LABEL_WIDTH + 2 + Math.max(0, Math.min(column - Math.floor(text.length / 2), COLUMNS - text.length));
    // Where labels would touch, the later one is left out.
    if (from > line.trimEnd().length || line.trim() === "") line = line.padEnd(from) + text;
  }
  return line;
}

function isColoured(): boolean {
  return process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
}

function paint(text: string, colour: string | undefined): string {
  return isColoured() && colour !== undefined ? `${colour}${text}${asciichart.reset}` : text;
}

/** The frame of a drawing whose horizontal axis is not time: axes that count evenly or by powers of ten, and what names them. */
import { escape, niceTicks, short } from "../../page/plot.ts";
import { compact } from "./people.ts";

/** The same place as the shared plots of half width have. */
export const WIDTH = 460;
const HEIGHT = 228;
const AXIS = { left: 62, right: WIDTH - 12, top: 10, bottom: 184 };

export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

export interface Key {
  readonly name: string;
  readonly colour: number;
  /** How it looks in the drawing. */
  readonly kind: "bars" | "outline" | "dot" | "line";
}

export interface Drawing {
  readonly title: string;
  /** What the numbers at the left are. */
  readonly unit: string;
  readonly keys: readonly Key[];
  readonly x: Scale;
  readonly xName: string;
  readonly y: Scale;
  /** What stands in the frame, as SVG. */
  readonly inside: string;
}

export function evenly(low: number, high: number, along: "x" | "y"): Scale {
  const values = niceTicks(low, high);
  const [first, last] = [Math.min(low, values[0] ?? low), Math.max(high, values.at(-1) ?? high)];
  return {
    at: place(along, (value) => (value - first) / (last - first || 1)),
    ticks: values.map((value) => ({ value, label: `${value < 0 ? "−" : ""}${short(Math.abs(value), values)}` })),
  };
}

/** From the power of ten below the lowest, or the half or fifth of it that still holds all, to the one above the highest. */
export function byPowers(values: readonly number[], along: "x" | "y", unit = ""): Scale {
  const logs = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)].map(Math.log10);
  const rounded = (log: number, up: boolean) => {
    const power = Math.floor(log);
    const steps = [0, Math.log10(2), Math.log10(5), 1].map((step) => power + step);
    return up
      ? (steps.find((step) => step >= log - 1e-9) ?? power + 1)
      : (steps.findLast((step) => step <= log + 1e-9) ?? power);
  };
  const first = rounded(logs[0] ?? 0, false);
  const last = Math.max(rounded(logs[1] ?? 1, true), first + Math.log10(2));
  const fine = last - first < 2.2 ? [1, 2, 5] : [1];
  const every = Math.ceil((last - first) / 7);
  const ticks: Scale["ticks"][number][] = [];
  for (let power = Math.floor(first); power <= Math.ceil(last); ++power)
    for (const digit of power % every === 0 ? fine : []) {
      const log = power + Math.log10(digit);
      if (log < first - 1e-9 || log > last + 1e-9) continue;
      const value = digit * 10 ** power;
      ticks.push({ value, label: `${compact(value)}${unit}` });
    }
  return { at: place(along, (value) => (Math.log10(value) - first) / (last - first)), ticks };
}

/** As many places of the same width as there are bins. Ticks are named by their edges, from 0 to `bins`. */
export function places(bins: number, labels: readonly { readonly edge: number; readonly label: string }[]): Scale {
  return {
    at: place("x", (edge) => edge / Math.max(bins, 1)),
    ticks: labels.map(({ edge, label }) => ({ value: edge, label })),
  };
}

export const FLOOR = AXIS.bottom;
export const CEILING = AXIS.top;

export function drawing({ title, unit, keys, x, xName, y, inside }: Drawing): string {
  const { left, right, bottom } = AXIS;
  const rows = y.ticks.map(
    ({ value, label }) =>
      `<line class="grid" x1="${left}" x2="${right}" y1="${y.at(value)}" y2="${y.at(value)}"/>` +
      `<text class="tick" x="${left - 8}" y="${y.at(value) + 4}" text-anchor="end">${label}</text>`,
  );
  const columns = x.ticks.map(
    ({ value, label }) =>
      `<line class="mark" x1="${x.at(value)}" x2="${x.at(value)}" y1="${bottom}" y2="${bottom + 4}"/>` +
      `<text class="tick" x="${Math.min(x.at(value), WIDTH - 16)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
  );
  const name = `<text class="tick" x="${(left + right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escape(xName)}</text>`;
  const svg =
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">${rows.join("")}${inside}` +
    `<line class="mark" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${columns.join("")}${name}</svg>`;
  return framed(title, unit, keys, svg);
}

/** Where there is nothing to see, it is said. */
export function nothing(title: string, unit: string, why: string): string {
  return framed(title, unit, [], `<p class="none">${escape(why)}</p>`);
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function framed(title: string, unit: string, keys: readonly Key[], inside: string): string {
  const legend = keys
    .map(({ name, colour, kind }) => `<span class="key ${kind}" style="--c:var(--c${colour})">${escape(name)}</span>`)
    .join("");
  return `<figure class="half"><figcaption><b>${escape(title)}</b> <span class="unit">${escape(unit)}</span><span class="keys">${legend}</span></figcaption>${inside}</figure>`;
}

function place(along: "x" | "y", part: (value: number) => number): Scale["at"] {
  const [from, to] = along === "x" ? [AXIS.left, AXIS.right] : [AXIS.bottom, AXIS.top];
  return (value) => round(from + part(value) * (to - from));
}

/** Lines and bars over time or over a count, as SVG. A drawing: the only place of a page where money becomes a number. */
import { DECIMALS } from "../simulation/fixedPoint.ts";
import { dateAndClock } from "../simulation/path.ts";

/** What one column of a plot stands for: one moment, or several that share it, in Unix seconds; or one count. */
export interface Column {
  readonly from: number;
  readonly until: number;
  /** What a pointer that rests on it is told. */
  readonly says: string;
}

export interface Series {
  readonly name: string;
  /** A colour of the page's palette. */
  readonly colour: number;
  readonly kind: "line" | "area" | "bars" | "dashes";
  /** One for each column. */
  readonly values: readonly number[];
  /** Shaded behind the line. */
  readonly range?: { readonly highs: readonly number[]; readonly lows: readonly number[] };
}

/** What columns count, where that is not time. Each is written below, at its place. */
export interface Axis {
  readonly name: string;
  /** Whether a column lies as far from the left as it counts; otherwise all are equally far apart. */
  readonly isLinear: boolean;
}

export interface Plot {
  readonly title: string;
  /** What the numbers at the left are. */
  readonly unit: string;
  readonly columns: readonly Column[];
  /** Time where there is none. */
  readonly axis?: Axis;
  /** Half as wide, for two beside each other. */
  readonly isHalf?: boolean;
  readonly series: readonly Series[];
  /** Whether the axis begins at zero. */
  readonly fromZero: boolean;
  /** Whether what lies below zero is counted there and not negative. */
  readonly isMirrored?: boolean;
  /** Said in place of the drawing where there is nothing to see. */
  readonly empty?: string;
}

const WIDTH = 900;
const HALF_WIDTH = 460;
/** Of a date or a time below the plot, which must not stand out at the right. */
const HALF_LABEL = 18;
const HEIGHT = 210;
const AXIS_NAME_HEIGHT = 18;
const LEFT = 62;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;
const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;
const MOST_TIME_LABELS = 9;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const TIME_STEPS = [1, 2, 5, 10, 15, 30]
  .map((minutes) => minutes * MINUTE)
  .concat(
    [1, 2, 3, 6, 12].map((hours) => hours * HOUR),
    [1, 2, 7, 30, 90, 365].map((days) => days * DAY),
  );

/** Money, prices and the like. */
export function toNumber(value: bigint): number {
  return Number(value) / 10 ** DECIMALS;
}

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}

export function figure(plot: Plot): string {
  const { title, unit, series } = plot;
  const legend = (series.length === 1 ? [] : series)
    .map(({ name, colour, kind }) => `<span class="key ${kind}" style="--c:var(--c${colour})">${escape(name)}</span>`)
    .join("");
  const drawing = plot.empty === undefined ? svg(plot) : `<p class="none">${escape(plot.empty)}</p>`;
  const half = plot.isHalf === true ? ' class="half"' : "";
  return `<figure${half}><figcaption><b>${escape(title)}</b> <span class="unit">${escape(unit)}</span><span class="keys">${legend}</span></figcaption>${drawing}</figure>`;
}

function svg({ title, columns, axis, isHalf = false, series, fromZero, isMirrored = false }: Plot): string {
  const width = isHalf ? HALF_WIDTH : WIDTH;
  const right = width - RIGHT;
  const height = HEIGHT + (axis === undefined ? 0 : AXIS_NAME_HEIGHT);
  const values = series.flatMap((one) => [...one.values, ...(one.range?.highs ?? []), ...(one.range?.lows ?? [])]);
  const [low, high] = [fromZero ? Math.min(0, ...values) : Math.min(...values), Math.max(...values)];
  const ticks = niceTicks(low, high);
  const [bottom, top] = [Math.min(low, ticks[0] ?? low), Math.max(high, ticks.at(-1) ?? high)];
  const span = top === bottom ? 1 : top - bottom;
  const y = (value: number) => round(TOP + INNER_HEIGHT * (1 - (value - bottom) / span));
  const { x, edges } = places(columns, axis, right - LEFT);
  const bar = (right - LEFT) / Math.max(columns.length, 1);

  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text class="tick" x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${short(isMirrored ? Math.abs(tick) : tick, ticks)}</text>`,
  );
  const labels = axis === undefined ? timeTicks(columns) : countTicks(columns);
  const below = labels.map(
    ({ column, label }) =>
      `<line class="mark" x1="${x(column)}" x2="${x(column)}" y1="${TOP + INNER_HEIGHT}" y2="${TOP + INNER_HEIGHT + 4}"/>` +
      `<text class="tick" x="${Math.min(x(column), width - HALF_LABEL)}" y="${HEIGHT - 6}" text-anchor="middle">${label}</text>`,
  );
  const name =
    axis === undefined
      ? ""
      : `<text class="tick" x="${(LEFT + right) / 2}" y="${height - 6}" text-anchor="middle">${escape(axis.name)}</text>`;
  const drawn = series.map((one) => draw(one, x, y, bar, y(Math.max(bottom, Math.min(0, top))), axis !== undefined));
  const hits = columns.map(
    ({ says }, i) =>
      `<rect class="hit" x="${edges[i] ?? 0}" y="${TOP}" width="${round((edges[i + 1] ?? 0) - (edges[i] ?? 0))}" height="${INNER_HEIGHT}"><title>${escape(says)}</title></rect>`,
  );
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">` +
    `${grid.join("")}<line class="mark" x1="${LEFT}" x2="${right}" y1="${TOP + INNER_HEIGHT}" y2="${TOP + INNER_HEIGHT}"/>` +
    `${below.join("")}${name}${drawn.join("")}${hits.join("")}</svg>`
  );
}

type Scale = (value: number) => number;

/** Where the middle of each column is, and the edges between them. */
function places(columns: readonly Column[], axis: Axis | undefined, inner: number): { x: Scale; edges: number[] } {
  const last = columns.at(-1)?.until ?? 1;
  const middle: Scale =
    axis?.isLinear === true
      ? (column) => ((columns[column]?.until ?? 0) / last) * (inner - HALF_LABEL)
      : (column) => (inner / Math.max(columns.length, 1)) * (column + 0.5);
  const between = columns.slice(1).map((_, i) => (middle(i) + middle(i + 1)) / 2);
  return {
    x: (column) => round(LEFT + middle(column)),
    edges: [0, ...between, inner].map((edge) => round(LEFT + edge)),
  };
}

function draw(
  { kind, colour, values, range }: Series,
  x: Scale,
  y: Scale,
  wide: number,
  zero: number,
  hasDots: boolean,
): string {
  const style = `style="--c:var(--c${colour})"`;
  const points = (list: readonly number[]) => list.map((value, i) => `${x(i)},${y(value)}`);
  if (kind === "bars") {
    const width = round(Math.max(wide - 0.4, 0.8));
    const bars = values.map((value, i) =>
      value === 0 ? "" : `M${round(x(i) - width / 2)},${zero}V${y(value)}h${width}V${zero}z`,
    );
    return `<path class="bars" ${style} d="${bars.join("")}"/>`;
  }
  const line = `<polyline class="${kind === "dashes" ? "line dashes" : "line"}" ${style} points="${points(values).join(" ")}"/>${hasDots ? dots(values, x, y, style) : ""}`;
  if (range !== undefined) {
    const around = [...points(range.highs), ...points(range.lows).reverse()];
    return `<polygon class="range" ${style} points="${around.join(" ")}"/>${line}`;
  }
  if (kind !== "area") return line;
  const around = [`${x(0)},${zero}`, ...points(values), `${x(values.length - 1)},${zero}`];
  return `<polygon class="area" ${style} points="${around.join(" ")}"/>${line}`;
}

/** Few points, which were measured: what lies between them was not. */
function dots(values: readonly number[], x: Scale, y: Scale, style: string): string {
  return values.map((value, i) => `<circle class="dot" ${style} cx="${x(i)}" cy="${y(value)}" r="3"/>`).join("");
}

// ---------------------------------------------------------------------- axes

/** Round numbers that lie around a range: four or five of them. */
export function niceTicks(low: number, high: number): number[] {
  if (high <= low) return [low, low + (low === 0 ? 1 : Math.abs(low))];
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** `1.2M`, `350k`, `0.05`: as many digits as tell the ticks apart. */
export function short(value: number, ticks: readonly number[]): string {
  const largest = Math.max(...ticks.map(Math.abs));
  const [unit, letter] =
    largest >= 1e9 ? [1e9, "B"] : largest >= 1e6 ? [1e6, "M"] : largest >= 2e3 ? [1e3, "k"] : [1, ""];
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) / unit;
  const digits = Math.max(
    0,
    Math.min(6, Math.ceil(-Math.log10(step) - 1e-9) + (/[1-9]5/.test(step.toPrecision(2)) ? 1 : 0)),
  );
  return value === 0 ? "0" : `${(value / unit).toFixed(digits)}${letter}`;
}

/** Whole minutes, hours or days, at the columns in which they begin. */
function timeTicks(columns: readonly Column[]): { column: number; label: string }[] {
  const [first, last] = [columns[0]?.from ?? 0, columns.at(-1)?.until ?? 0];
  const step = TIME_STEPS.find((seconds) => (last - first) / seconds <= MOST_TIME_LABELS) ?? 10 * 365 * DAY;
  const found: { column: number; label: string }[] = [];
  for (let time = Math.ceil(first / step) * step; time <= last; time += step) {
    const column = columns.findIndex(({ until }) => until >= time);
    if (column < 0) continue;
    const [date = "", clock = ""] = dateAndClock(time).split(" ");
    found.push({ column, label: time % DAY === 0 || step >= DAY ? date.slice(5) : clock });
  }
  return found;
}

function countTicks(columns: readonly Column[]): { column: number; label: string }[] {
  return columns.map(({ until }, column) => ({ column, label: until.toLocaleString("en-US") }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

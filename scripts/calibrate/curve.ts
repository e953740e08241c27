/** Curves over a number, both axes logarithmic and in percent, as SVG. */
import { escape } from "../page/plot.ts";

export interface Point {
  /** Parts of one, both above zero. */
  readonly x: number;
  readonly y: number;
}

export interface Curve {
  readonly name: string;
  /** A colour of the page's palette. */
  readonly colour: number;
  readonly kind: "line" | "dashes" | "dots";
  readonly points: readonly Point[];
  /** Shaded around it, at the same places. */
  readonly range?: { readonly lows: readonly number[]; readonly highs: readonly number[] };
}

export interface Chart {
  readonly title: string;
  /** What the numbers at the left are, and those below. */
  readonly unit: string;
  readonly below: string;
  readonly curves: readonly Curve[];
  /** From where to where, parts of one. What lies outside is cut off. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** A line across, with what it says. */
  readonly level?: { readonly y: number; readonly says: string };
  /** Lines from bottom to top, with what they say. */
  readonly places?: readonly { readonly x: number; readonly says: string }[];
  /** What a pointer is told over a part of the plot, between two values of x. */
  readonly hints: readonly { readonly from: number; readonly until: number; readonly says: string }[];
  /** Said in place of the drawing where there is nothing to see. */
  readonly empty?: string;
}

const WIDTH = 900;
const HEIGHT = 360;
const LEFT = 78;
const RIGHT = 30;
const TOP = 26;
const BOTTOM = 60;
const INNER = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
/** Labels end left of here, or they would stand out. */
const LABEL_ROOM = 150;
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];
const GREY = 9;
const RED = 8;

export function chart(of: Chart): string {
  const keys = of.curves
    .map(({ name, colour, kind }) => `<span class="key ${kind}" style="--c:var(--c${colour})">${escape(name)}</span>`)
    .join("");
  return `<figure><figcaption><b>${escape(of.title)}</b> <span class="unit">${escape(of.unit)}</span><span class="keys">${of.empty === undefined ? keys : ""}</span></figcaption>${of.empty === undefined ? svg(of) : `<p class="none">${escape(of.empty)}</p>`}</figure>`;
}

type Scale = (value: number) => number;

function svg({ title, below, curves, x: [left, right], y: [bottom, top], level, places = [], hints }: Chart): string {
  const part = (value: number, from: number, until: number) =>
    Math.min(1, Math.max(0, Math.log(Math.max(value, 1e-12) / from) / Math.log(until / from)));
  const x: Scale = (value) => round(LEFT + INNER.width * part(value, left, right));
  const y: Scale = (value) => round(TOP + INNER.height * (1 - part(value, bottom, top)));
  const floor = TOP + INNER.height;

  const across = ticks(bottom, top).map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text class="tick" x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${label(tick)}</text>`,
  );
  const along = ticks(left, right).map(
    (tick) =>
      `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${floor + 4}"/>` +
      `<text class="tick" x="${x(tick)}" y="${floor + 22}" text-anchor="middle">${label(tick)}</text>`,
  );
  const name = `<text class="tick" x="${LEFT + INNER.width / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escape(below)}</text>`;
  const cut =
    level === undefined
      ? ""
      : `<line class="line dashes" style="--c:var(--c${RED})" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(level.y)}" y2="${y(level.y)}"/>` +
        `<text class="tick" x="${LEFT + 6}" y="${y(level.y) + 15}">${escape(level.says)}</text>`;
  const marks = places
    .filter((place) => place.x >= left && place.x <= right)
    .map(({ x: at, says }, i) => {
      const isRight = x(at) < WIDTH - RIGHT - LABEL_ROOM;
      return (
        `<line class="line dashes" style="--c:var(--c${GREY})" x1="${x(at)}" x2="${x(at)}" y1="${TOP}" y2="${floor}"/>` +
        `<text class="tick" x="${x(at) + (isRight ? 5 : -5)}" y="${TOP - 8 + (i % 2) * 22}" text-anchor="${isRight ? "start" : "end"}">${escape(says)}</text>`
      );
    });
  const hits = hints.map(
    ({ from, until, says }) =>
      `<rect class="hit" x="${x(from)}" y="${TOP}" width="${round(x(until) - x(from))}" height="${INNER.height}"><title>${escape(says)}</title></rect>`,
  );
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">` +
    `${across.join("")}${along.join("")}<line class="mark" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${floor}" y2="${floor}"/>${name}` +
    `${curves.map((curve) => draw(curve, x, y, bottom)).join("")}${cut}${marks.join("")}${hits.join("")}</svg>`
  );
}

function draw({ colour, kind, points, range }: Curve, x: Scale, y: Scale, bottom: number): string {
  const style = `style="--c:var(--c${colour})"`;
  if (kind === "dots") {
    return points
      .map((point) => `<circle ${style} fill="var(--c)" cx="${x(point.x)}" cy="${y(point.y)}" r="4.5"/>`)
      .join("");
  }
  // Up to where it leaves the plot, and not along its edge.
  const end = points.findIndex((point) => point.y < bottom);
  const shown = end < 0 ? points : points.slice(0, end + 1);
  const line = `<polyline class="line${kind === "dashes" ? " dashes" : ""}" ${style} points="${shown.map((point) => `${x(point.x)},${y(point.y)}`).join(" ")}"/>`;
  if (range === undefined) return line;
  const edge = (values: readonly number[]) => points.map((point, i) => `${x(point.x)},${y(values[i] ?? 0)}`);
  return `<polygon class="range" ${style} points="${[...edge(range.highs), ...edge(range.lows).reverse()].join(" ")}"/>${line}`;
}

/** Percentages that are easily read. */
function ticks(from: number, until: number): number[] {
  return TICKS.map((tick) => tick / 100).filter((tick) => tick >= from * (1 - 1e-9) && tick <= until * (1 + 1e-9));
}

function label(part: number): string {
  return `${Number((100 * part).toPrecision(3))} %`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

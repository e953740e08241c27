/** Who of the opposing side paid how much of its equity: every payer a dot, and the medians of ten groups over them. */
import { escape, toNumber } from "../../page/plot.ts";
import type { Payer, Result } from "../result.ts";
import { byPowers, drawing, nothing, type Key, type Scale } from "./frame.ts";
import { compact, counted, percentage } from "./people.ts";
import { BLUE, GREY, ORANGE } from "./style.ts";

interface Dot {
  readonly x: number;
  /** Percent of equity. */
  readonly y: number;
  readonly isHedger: boolean;
}

type Group = Result["haircutByLeverage"][number];

/** Dots of one path do not darken each other where they overlap, those of several do. */
const LAYERS = 6;
/** Fewer dots are larger. */
const FEW = 100;

export function haircuts({ payers, haircutByLeverage, haircutByNotional }: Result): string {
  return [
    scatter(
      "Haircut by leverage",
      "leverage before the haircut",
      payers,
      ({ leverage }) => leverage,
      haircutByLeverage,
      "×",
    ),
    scatter(
      "Haircut by size",
      "notional at mark before the haircut, tokens",
      payers,
      ({ notional }) => toNumber(notional),
      haircutByNotional,
      "",
    ),
  ].join("\n");
}

function scatter(
  title: string,
  xName: string,
  payers: readonly Payer[],
  of: (payer: Payer) => number,
  groups: readonly Group[],
  unit: string,
): string {
  const yName = "percent of the payer's equity, both axes by powers of ten";
  const dots = payers
    .map((payer): Dot => {
      const { haircut, equity, isHedger } = payer;
      return { x: of(payer), y: (100 * toNumber(haircut)) / toNumber(equity), isHedger };
    })
    .filter(({ x, y }) => isDrawn(x) && isDrawn(y));
  const medians = middles(groups, dots).filter(({ x, y }) => isDrawn(x) && isDrawn(y));
  const all = [...dots, ...medians];
  if (all.length === 0) return nothing(title, yName, "nobody paid a haircut");
  const [x, y] = [
    byPowers(
      all.map((dot) => dot.x),
      "x",
      unit,
    ),
    byPowers(
      all.map((dot) => dot.y),
      "y",
      "%",
    ),
  ];
  const kinds = [
    { of: dots.filter(({ isHedger }) => !isHedger), name: "a payer", colour: GREY },
    { of: dots.filter(({ isHedger }) => isHedger), name: "a hedger", colour: ORANGE },
  ].filter((kind) => kind.of.length > 0);
  const keys: Key[] = kinds.map(({ name, colour }) => ({ name, colour, kind: "dot" }));
  if (medians.length > 0) keys.push({ name: "median of a tenth", colour: BLUE, kind: "line" });
  return drawing({
    ...{ title, unit: yName, keys, x, xName, y },
    inside: kinds.map((kind) => cloud(kind.of, x, y, kind.colour)).join("") + line(medians, x, y, unit),
  });
}

function isDrawn(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

/** In the middle of its group, where axes go by powers. */
function middles(groups: readonly Group[], dots: readonly Dot[]): (Dot & Group)[] {
  const lowest = Math.min(...dots.map(({ x }) => x), groups[0]?.upTo ?? Infinity);
  return groups.map((group, i) => {
    const from = groups[i - 1]?.upTo ?? lowest;
    return { ...group, x: Math.sqrt(from * group.upTo), y: group.median / 10_000, isHedger: false };
  });
}

function cloud(dots: readonly Dot[], x: Scale, y: Scale, colour: number): string {
  return Array.from({ length: Math.min(LAYERS, dots.length) }, (_, layer) => {
    const points = dots.filter((_dot, i) => i % LAYERS === layer).map((dot) => `M${x.at(dot.x)} ${y.at(dot.y)}h0`);
    return `<path class="cloud${dots.length < FEW ? " sparse" : ""}" style="--c:var(--c${colour})" d="${points.join("")}"/>`;
  }).join("");
}

function line(medians: readonly (Dot & Group)[], x: Scale, y: Scale, unit: string): string {
  const points = medians.map((one) => `${x.at(one.x)},${y.at(one.y)}`);
  const style = `style="--c:var(--c${BLUE})"`;
  const marks = medians.map((one) => {
    const says = `up to ${compact(one.upTo)}${unit}: half of ${counted(one.payers, "payer")} paid less than ${percentage(one.median)}`;
    return `<circle class="middle" ${style} cx="${x.at(one.x)}" cy="${y.at(one.y)}" r="4.5"><title>${escape(says)}</title></circle>`;
  });
  return `<polyline class="line" ${style} points="${points.join(" ")}"/>${marks.join("")}`;
}

/** Deleveraging rules beside each other: how a cell reads, which is the best of a line, and how ours stands. */
import type { PolicyTable } from "../result.ts";
import { count, number, percentage, short } from "./people.ts";

export interface Cell {
  readonly text: string;
  /** Better than at least one other, and than none worse. */
  readonly isBest: boolean;
  readonly isOurs: boolean;
}

/** One criterion over all policies. */
export interface Line {
  readonly title: string;
  /** What is counted, where the cells do not say it. */
  readonly unit: string;
  readonly lowerIsBetter: boolean;
  readonly cells: readonly Cell[];
}

export interface Standing {
  readonly criteria: number;
  /** In how many ours is better than all others, as good as the best, worse than the best. */
  readonly best: number;
  readonly level: number;
  readonly behind: number;
}

type Column = PolicyTable["columns"][number];

export function linesOf(table: PolicyTable): Line[] {
  return table.columns.map((column, i) => {
    const texts = table.rows.map((row) => valueText(row.values[i], column.unit));
    const best = bestText(
      column,
      table.rows.map((row) => row.values[i]),
    );
    const isEven = texts.every((text) => text === NONE || text === best);
    return {
      title: column.title,
      unit: unitText(column),
      lowerIsBetter: column.lowerIsBetter,
      cells: table.rows.map(({ isOurs }, row) => {
        const text = texts[row] ?? NONE;
        return { text, isOurs, isBest: !isEven && text === best };
      }),
    };
  });
}

/** Of criteria in which ours has a value and another has one as well. What reads the same is level. */
export function standing(table: PolicyTable): Standing {
  const found = { criteria: 0, best: 0, level: 0, behind: 0 };
  for (const [i, column] of table.columns.entries()) {
    const ours = table.rows.find((row) => row.isOurs)?.values[i];
    const others = table.rows.filter((row) => !row.isOurs).map((row) => row.values[i]);
    const other = bestText(column, others);
    if (ours === undefined || other === undefined) continue;
    ++found.criteria;
    const mine = valueText(ours, column.unit);
    if (mine === other) ++found.level;
    else if (mine === bestText(column, [ours, ...others])) ++found.best;
    else ++found.behind;
  }
  return found;
}

/** How the best of the values reads. */
function bestText({ lowerIsBetter, unit }: Column, values: readonly (number | undefined)[]): string | undefined {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  return known.length === 0 ? undefined : valueText(lowerIsBetter ? Math.min(...known) : Math.max(...known), unit);
}

const NONE = "–";

export function valueText(value: number | undefined, unit: string): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  if (unit === "ppm") return percentage(value);
  if (Math.abs(value) >= 1e6) return short(value);
  switch (unit) {
    case "accounts":
    case "gas":
      return count(Math.round(value * 10) / 10);
    default:
      return number(value);
  }
}

/** A percentage says so itself, and some titles do. */
function unitText({ title, unit }: Column): string {
  if (unit === "money") return "tokens";
  return unit === "ppm" || title.split(" ").includes(unit) ? "" : unit;
}

/** What a rule does, by the names of `scripts/stress/policies/`. A name that is not here speaks for itself. */
export const RULES: Readonly<Record<string, string>> = {
  ours: "closes the whole opposing side pro rata to size at mark, and charges it a haircut pro rata to size",
  queue:
    "the ranking of the large exchanges: by profit and leverage, whole positions from the top, at the bankruptcy price of whoever is in default",
  "profit pro rata": "every winner pays the same part of its profit, and nobody more than that profit",
  "water-filling": "whoever has the highest leverage is reduced first, until all that were reduced have the same",
  "funding index":
    "somebody takes the position over at mark; what is missing is charged to every position of both sides, and nobody is closed",
  "integer pro rata": "pro rata to size, in whole contracts, at the bankruptcy price",
};

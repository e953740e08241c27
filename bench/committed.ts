/** The committed figures, and how those that were measured compare with them. */
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Figure } from "./figure.ts";

const FILE = new URL("committed.json", import.meta.url);

const Committed = z.strictObject({
  value: z.number().nonnegative(),
  /** By which part a figure may be worse: 0.005 is half a percent, 3 is four times as much or a quarter. */
  tolerance: z.number().nonnegative(),
  /** What we would like it to be. Missing it is said and fails nothing. */
  reach: z.number().positive().optional(),
});
export type Committed = z.infer<typeof Committed>;

/** By part, then by name of the figure. */
const Snapshot = z.record(z.string(), z.record(z.string(), Committed));
export type Snapshot = z.infer<typeof Snapshot>;

/** New ones fail as well, because nothing guards them until they are committed. */
export type Verdict = "same" | "better" | "worse" | "new";

export interface Comparison {
  readonly figure: Figure;
  readonly committed?: Committed;
  /** By which part it is worse than the committed one; negative where it is better. */
  readonly worseBy: number;
  readonly verdict: Verdict;
}

export interface Outcome {
  readonly comparisons: readonly Comparison[];
  /** Names of committed figures that nothing measured. */
  readonly missing: readonly string[];
  readonly fails: boolean;
}

export function compare(figures: readonly Figure[], committed: Readonly<Record<string, Committed>>): Outcome {
  const comparisons = figures.map((figure) => compareOne(figure, committed[figure.name]));
  const measured = new Set(figures.map(({ name }) => name));
  if (measured.size !== figures.length) throw new Error("two figures have the same name");
  const missing = Object.keys(committed).filter((name) => !measured.has(name));
  const fails = missing.length > 0 || comparisons.some(({ verdict }) => verdict === "worse" || verdict === "new");
  return { comparisons, missing, fails };
}

function compareOne(figure: Figure, committed: Committed | undefined): Comparison {
  if (committed === undefined) return { figure, worseBy: 0, verdict: "new" };
  const worseBy = worseThan(figure, committed.value);
  const verdict =
    worseBy > committed.tolerance ? "worse" : -worseBy > betterFrom(committed.tolerance) ? "better" : "same";
  return { figure, committed, worseBy, verdict };
}

/** The part by which the worse number is more than the better one, as long as it is worse: twice as long and half as fast are both 1. */
function worseThan({ value, better }: Figure, committed: number): number {
  const [now, before] = better === "lower" ? [value, committed] : [committed, value];
  if (now === before) return 0;
  return before === 0 ? Infinity : now / before - 1;
}

/** How much less is as far away as `tolerance` is more: 3 is four times as much, so a quarter, 0.75 less. */
function betterFrom(tolerance: number): number {
  return tolerance / (1 + tolerance);
}

export function readCommitted(): Snapshot {
  return Snapshot.parse(JSON.parse(readFileSync(FILE, "utf8")));
}

/** Puts what was measured in place of what was committed; tolerances and what we would like to reach stay. */
export function updated(snapshot: Snapshot, part: string, figures: readonly Figure[]): Snapshot {
  const { [part]: before = {}, ...others } = snapshot;
  if (figures.length === 0) return others;
  const after = figures.map(({ name, value, tolerance }) => [name, { tolerance, ...before[name], value }] as const);
  return { ...snapshot, [part]: Object.fromEntries(after) };
}

export function writeCommitted(snapshot: Snapshot): void {
  writeFileSync(FILE, snapshotText(snapshot));
}

const LINE = 120;

/** A line for each figure, so that a change reads as one, where prettier lets it. */
export function snapshotText(snapshot: Snapshot): string {
  const parts = Object.entries(snapshot).map(([part, figures]) => {
    const lines = Object.entries(figures).map(([name, { value, tolerance, reach }]) => {
      const fields = { value, tolerance, ...(reach === undefined ? {} : { reach }) };
      const text = Object.entries(fields).map(([field, number]) => `"${field}": ${number}`);
      const line = `    ${JSON.stringify(name)}: { ${text.join(", ")} }`;
      if (line.length + ",".length <= LINE) return line;
      return `    ${JSON.stringify(name)}: {\n${text.map((field) => `      ${field}`).join(",\n")}\n    }`;
    });
    return `  ${JSON.stringify(part)}: {\n${lines.join(",\n")}\n  }`;
  });
  return `{\n${parts.join(",\n")}\n}\n`;
}

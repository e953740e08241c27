/** How numbers and tables look in a terminal. */
import type Table from "cli-table3";
import { formatFixed, ONE, PPM } from "./fixedPoint.ts";

/** Five digits or more, and never a price that looks like zero. */
export function priceText(price: bigint): string {
  const whole = (price / ONE).toString().length;
  return price >= 1_000n * ONE ? formatFixed(price, 0) : trimmed(formatFixed(price, price >= ONE ? 5 - whole : 8));
}

/** Parts per million as a percentage. */
export function percent(ppm: bigint, digits = 1): string {
  return `${formatFixed((ppm * 100n * ONE) / PPM, digits)} %`;
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

export function indent(...lines: string[]): string {
  return lines.map((line) => `  ${line}`.trimEnd()).join("\n");
}

/** Parts in as few lines as a width allows. */
export function joinWithin(width: number, parts: readonly string[], separator: string): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const joined = lines.length === 0 ? part : `${lines.at(-1) ?? ""}${separator}${part}`;
    if (lines.length > 0 && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}

/** A table without lines, for cli-table3. */
export function bare(): Partial<Table.TableConstructorOptions> {
  const places = ["top", "bottom", "left", "right", "mid", "middle"];
  const all = places.flatMap((place) => [place, `${place}-mid`, `${place}-left`, `${place}-right`]);
  return {
    style: { head: [], border: [], compact: true, "padding-left": 1, "padding-right": 1 },
    chars: Object.fromEntries([...all, "left-mid", "right-mid", "mid-mid"].map((place) => [place, ""])),
  };
}

export function linesOf(table: Table.Table): string[] {
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

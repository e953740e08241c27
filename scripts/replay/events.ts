/** Which files belong together. */
import { dirname } from "node:path";
import { pathFrom, readSeries, type Series } from "../simulation/candles.ts";
import type { PricePath } from "../simulation/path.ts";

export interface Event {
  readonly name: string;
  readonly path: PricePath;
}

/** One for all files of a folder whose names differ in the market only, in the order in which they are named first. */
export function eventsFrom(files: readonly string[]): Event[] {
  const groups = new Map<string, Series[]>();
  for (const series of files.map(readSeries)) {
    const key = JSON.stringify([dirname(series.file), series.occasion]);
    groups.set(key, [...(groups.get(key) ?? []), series]);
  }
  return [...groups.values()].map((group) => {
    const markets = group.map(({ market }) => market).join(", ");
    const occasion = group[0]?.occasion ?? "";
    return { name: occasion === "" ? markets : `${occasion} ${markets}`, path: pathFrom(group) };
  });
}

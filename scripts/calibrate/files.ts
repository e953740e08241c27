/** Which price files speak about a market. */
import { readdirSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { InputError } from "../commandLine.ts";
import { readSeries, type Series } from "../simulation/candles.ts";

/** Beside the checkout, not in it, and not in every place. */
export const DEFAULT_FOLDER = fileURLToPath(new URL("../../../shared/data", import.meta.url));

export interface PriceFiles {
  /** Of the market, or, where files were named, all of these. */
  readonly ofMarket: readonly Series[];
  /** Of any market: when crashes came, which is the same for all of them. */
  readonly all: readonly Series[];
}

/** What the person named, whatever market the names say: a market without a past is judged by another's. */
export function namedFiles(files: readonly string[]): PriceFiles {
  const series = files.map(readSeries);
  return { ofMarket: series, all: series };
}

export function filesIn(folder: string, market: string): PriceFiles {
  const shown = relative(process.cwd(), folder) || ".";
  const all = priceFilesIn(folder, shown).map((name) => readSeries(join(folder, name)));
  const ofMarket = all.filter((series) => series.market === market);
  if (ofMarket.length > 0) return { ofMarket, all };
  const known = [...new Set(all.map((series) => series.market))].sort().join(", ") || "none of any market";
  throw new InputError(`no price file of ${market} in ${shown} (there are ${known}); name files with --prices FILE…`);
}

/** Names with a quote currency: other tables may lie in the same folder. */
function priceFilesIn(folder: string, shown: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /USD[TC]?.*\.csv$/i.test(name))
      .sort();
  } catch (cause) {
    throw new InputError(`no folder ${shown} with price files; name files with --prices FILE…`, { cause });
  }
}

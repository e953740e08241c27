/**
 * The schedule of auto-deleveragings of 10 October 2025 on Hyperliquid, waves 1 to 7: for each wave and coin the quantity that was
 * closed and the gap to mark that had to be covered. From pluriholonomic/autodeleveraging-analysis (MIT licence, © 2025 T. Chitra,
 * V. Xu, N. Thogiti, M. Trujillo). The file is not part of this repository.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { InputError } from "../../commandLine.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { parseDecimal } from "./decimal.ts";

/** Where it lies beside a checkout, if it does. */
export const SCHEDULE = fileURLToPath(
  new URL("../../../../shared/data/2025-10-10_hyperliquid_adl_schedule_waves_1-7.csv", import.meta.url),
);

/** What was deleveraged in one market in one wave. */
export interface Entry {
  readonly wave: number;
  /** When the wave began, unix milliseconds. */
  readonly time: number;
  readonly coin: string;
  /** What was closed, a size. */
  readonly size: bigint;
  /** Σ |mark − price of the fill| · size over the fills, money: what had to be covered. */
  readonly needed: bigint;
  /** The average of |mark − price of the fill|, a price. */
  readonly gap: bigint;
}

export interface Wave {
  readonly wave: number;
  readonly time: number;
  /** One for each coin. */
  readonly entries: readonly Entry[];
  /** Money. */
  readonly needed: bigint;
}

const Row = z.object({
  wave: z.string(),
  t_start_ms: z.string(),
  coin: z.string(),
  gap_usd_x_qty: z.string(),
  qty_contracts: z.string(),
  gap_per_contract_usd: z.string(),
});
const Rows = z.array(Row);

/** @throws InputError Where there is no such file, or where it is another one. */
export function readSchedule(file = SCHEDULE): Wave[] {
  if (!existsSync(file)) {
    throw new InputError(
      `${file}: no such file; the schedule of 10 October 2025 is not part of this repository and lies beside the checkout, in ../shared/data`,
    );
  }
  return wavesOf(file, readFileSync(file, "utf8"));
}

function wavesOf(file: string, text: string): Wave[] {
  const parsed = Rows.safeParse(records(file, text));
  if (!parsed.success) throw new InputError(`${file}: columns are missing: ${Object.keys(Row.shape).join(", ")}`);
  const entries = parsed.data.map((row, i) => entryOf(`${file}, line ${i + 2}`, row));
  if (entries.length === 0) throw new InputError(`${file}: is empty`);
  const waves = new Map<number, Entry[]>();
  for (const entry of entries) waves.set(entry.wave, [...(waves.get(entry.wave) ?? []), entry]);
  return [...waves].map(([wave, of]) => {
    return { wave, time: of[0]?.time ?? 0, entries: of, needed: sum(of.map(({ needed }) => needed)) };
  });
}

function records(file: string, text: string): unknown {
  try {
    return parse(text, { columns: true });
  } catch (cause) {
    throw new InputError(`${file}: is no CSV file`, { cause });
  }
}

function entryOf(where: string, row: z.infer<typeof Row>): Entry {
  const number = (column: keyof typeof row): bigint => {
    const value = parseDecimal(row[column]);
    if (value === undefined) throw new InputError(`${where}: ${column} is no number: "${row[column]}"`);
    return value;
  };
  const size = number("qty_contracts");
  if (size === 0n) throw new InputError(`${where}: nothing was closed`);
  return {
    wave: Number(row.wave),
    time: Number(row.t_start_ms),
    coin: row.coin,
    size,
    needed: number("gap_usd_x_qty"),
    gap: number("gap_per_contract_usd"),
  };
}

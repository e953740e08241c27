/**
 * What the authors of the schedule published for the same waves, whole dollars and cents: `policy_per_wave_metrics.csv` of
 * pluriholonomic/autodeleveraging-analysis, MIT licence, © 2025 T. Chitra, V. Xu, N. Thogiti, M. Trujillo; summed up in arXiv
 * 2602.15182, table 2.
 *
 * `production` is their replay: what winners were worth at the end of the wave with and without the deleveraging, at the prices of
 * the last fills. In waves 1, 2, 4 and 5 it lies below the needed amount; the 45.0 million that production took too much over all
 * sixteen waves are from waves 8, 13 and 14, which the schedule does not have.
 */
import { parseFixed } from "../../simulation/fixedPoint.ts";

/** Money. */
export interface Published {
  readonly wave: number;
  /** B_needed */
  readonly needed: bigint;
  /** H of the production queue at the fill (Δ = 0). */
  readonly production: bigint;
  /** H of integer-contract pro rata, each charge capped by profit and equity. */
  readonly integerProRata: bigint;
}

export const PUBLISHED: readonly Published[] = [
  published(1, "2266239.82", "414233.97", "1894916.18"),
  published(2, "1383878.32", "171137.10", "1209960.06"),
  published(4, "1065843.45", "407593.47", "1018229.28"),
  published(5, "115496.58", "41011.41", "109540.33"),
  published(7, "8055.87", "8995.09", "278.22"),
];

function published(wave: number, ...figures: [needed: string, production: string, integerProRata: string]): Published {
  const [needed = 0n, production = 0n, integerProRata = 0n] = figures.map((text) => parseFixed(text) ?? 0n);
  return { wave, needed, production, integerProRata };
}

/** Numbers as programs read them: nothing is rounded away. */
import { exactFixed } from "../../simulation/fixedPoint.ts";

/** Whole units: `1234.5`. */
export function decimal(value: bigint): string {
  return exactFixed(value).replace(/\.?0+$/, "");
}

export function iso(time: number): string {
  return new Date(time * 1_000).toISOString().replace(".000Z", "Z");
}

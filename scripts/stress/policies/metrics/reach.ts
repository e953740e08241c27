/** How many accounts it reaches. Everybody whose equity or size changes counts, whether or not anything of it is written. */
import { type Allocation, isTouched } from "../allocation.ts";
import type { Moment } from "../moment.ts";
import { everybodyAfter } from "./after.ts";

export interface Reach {
  readonly touched: number;
  /** Of them, with nothing left of the position. */
  readonly fullyClosed: number;
}

export function reachOf(moment: Moment, allocation: Allocation): Reach {
  const touched = everybodyAfter(moment, allocation).filter(({ part }) => isTouched(part));
  return { touched: touched.length, fullyClosed: touched.filter(({ size }) => size === 0n).length };
}

/** Whom it pushes below a line: who was above it before and is below it after, at the same mark. */
import type { Allocation } from "../allocation.ts";
import { maintenanceMarginAt, type Moment } from "../moment.ts";
import { everybodyAfter } from "./after.ts";

export interface Pushed {
  /** equity < MM, with the MM of what is left; those below zero are among them. */
  readonly belowMargin: number;
  /** equity < 0 */
  readonly belowZero: number;
  /** What those are below zero together, money: a new deficit. */
  readonly newDeficit: bigint;
}

export function pushedBy(moment: Moment, allocation: Allocation): Pushed {
  const accounts = everybodyAfter(moment, allocation);
  const belowMargin = accounts.filter(
    ({ holder, size, equity }) =>
      holder.equity >= maintenanceMarginAt(moment, holder, holder.size) &&
      equity < maintenanceMarginAt(moment, holder, size),
  );
  const belowZero = accounts.filter(({ equity }) => equity < 0n);
  return {
    belowMargin: belowMargin.length,
    belowZero: belowZero.length,
    newDeficit: belowZero.reduce((all, { equity }) => all - equity, 0n),
  };
}

/** Whose hedge loses its other leg. Ours. */
import { min } from "../../../../packages/sdk/src/math/integer.ts";
import { notionalDown } from "../../../../packages/sdk/src/types/price.ts";
import { magnitude } from "../../../../packages/sdk/src/types/size.ts";
import { sum } from "../../../simulation/fixedPoint.ts";
import type { Allocation } from "../allocation.ts";
import type { Holder, Moment } from "../moment.ts";
import { opposingAfter } from "./after.ts";

export interface Hedgers {
  readonly hedgers: number;
  /** With less of a hedge than before, however little. */
  readonly unhedged: number;
  /** With half of it or less. */
  readonly halfUnhedged: number;
  /** The notional elsewhere that nothing stands against any more, money. */
  readonly exposed: bigint;
}

/** Only the opposing side is closed, so only its hedgers can lose a leg. */
export function hedgersAfter(moment: Moment, allocation: Allocation): Hedgers {
  const hedged = opposingAfter(moment, allocation)
    .filter(({ holder }) => isHedged(moment, holder))
    .map(({ holder, size }) => {
      const matched = (left: bigint) => min(notionalDown(moment.mark, left), magnitude(holder.hedge));
      return { before: matched(holder.size), after: matched(size) };
    });
  return {
    hedgers: hedged.length,
    unhedged: hedged.filter(({ before, after }) => after < before).length,
    halfUnhedged: hedged.filter(({ before, after }) => after < before && 2n * after <= before).length,
    exposed: sum(hedged.map(({ before, after }) => before - after)),
  };
}

function isHedged({ longsDefaulted }: Moment, { hedge }: Holder): boolean {
  return longsDefaulted ? hedge > 0n : hedge < 0n;
}

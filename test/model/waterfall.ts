/** Who bears the deficits of one market: the insurance fund, the opposing sides, the market. Pure. */
import { divCeil, min } from "./math.ts";

export interface Losses {
  /** Deficits of those who were long, of those who were short, and of those who had no size left. */
  readonly long: bigint;
  readonly short: bigint;
  readonly withoutSize: bigint;
  readonly bounty: bigint;
  readonly insured: bigint;
  /** The most that the survivors of a side can be charged. */
  readonly longBound: bigint;
  readonly shortBound: bigint;
}

export interface Allocation {
  readonly longHaircut: bigint;
  readonly shortHaircut: bigint;
  readonly shortfall: bigint;
}

/** `long + short + withoutSize + bounty = insured + longHaircut + shortHaircut + shortfall` */
export function allocate(losses: Losses): Allocation {
  const deficit = losses.long + losses.short + losses.withoutSize;
  const rest = deficit + losses.bounty - losses.insured;
  if (deficit === 0n) return { longHaircut: 0n, shortHaircut: 0n, shortfall: rest };
  const forShorts = divCeil(rest * losses.long, deficit);
  const forLongs = min(divCeil(rest * losses.short, deficit), rest - forShorts);
  const shortHaircut = min(forShorts, losses.shortBound);
  const longHaircut = min(forLongs, losses.longBound);
  return { longHaircut, shortHaircut, shortfall: rest - longHaircut - shortHaircut };
}

/**
 * Negative balance protection, in the order in which a loss is borne: the trader, up to their collateral; the insurance
 * fund, up to what it may pay; the opposing side, through auto-deleveraging, up to what it may be charged; and the market's
 * own winners, who wait for the shortfall, for the rest (`contracts/logic/LossWaterfall.sol`).
 */
import { min } from "../math/integer.ts";
import { shareUp } from "../types/usd.ts";

/** What settling could not collect from a market's defaulters. Money; no part is negative. */
export interface Loss {
  /** From defaulters who were long: shorts oppose them. */
  ofLongs: bigint;
  ofShorts: bigint;
  /** With those whose size was closed before, so that no side opposes them. */
  deficit: bigint;
  /** What the caller earns, on top of the deficit. */
  bounty: bigint;
}

/** Money; no part is negative. */
export interface Split {
  /** The haircut of each side. */
  readonly byShorts: bigint;
  readonly byLongs: bigint;
  readonly shortfall: bigint;
}

export const NOTHING_TO_BEAR: Split = { byShorts: 0n, byLongs: 0n, shortfall: 0n };

/**
 * Splits what the fund did not grant, so that `insured`, both haircuts and the shortfall add up to deficit and bounty
 * exactly. Assumes a deficit above zero where anything is left to split.
 * @param insured What the fund granted, at most deficit and bounty.
 * @param shortLimit The most that shorts may be charged; likewise `longLimit`.
 */
export function allocate(loss: Readonly<Loss>, insured: bigint, shortLimit: bigint, longLimit: bigint): Split {
  const rest = loss.deficit + loss.bounty - insured;
  if (rest === 0n) return NOTHING_TO_BEAR;
  // Up: a side bears the fraction of what it opposes.
  const fromLongs = shareUp(rest, loss.ofLongs, loss.deficit);
  const fromShorts = min(shareUp(rest, loss.ofShorts, loss.deficit), rest - fromLongs);
  const byShorts = min(fromLongs, shortLimit);
  const byLongs = min(fromShorts, longLimit);
  return { byShorts, byLongs, shortfall: rest - byShorts - byLongs };
}

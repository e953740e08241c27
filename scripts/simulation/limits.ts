/** What limits ask, worked out here a second time from the parameters, and what the house says when it refuses a fill. */
import type { Chain, Market } from "./chain.ts";
import { divUp, max, min, PPM } from "./fixedPoint.ts";
import { Reverted } from "./reverted.ts";

/** The initial margin rate of a market without volatility, ppm, where so much is open (money). */
export function marginRate(market: Market, openInterest: bigint): bigint {
  const { initialMargin, initialMarginAtCap, openInterestCap } = market;
  return (
    initialMargin + divUp((initialMarginAtCap - initialMargin) * min(openInterest, openInterestCap), openInterestCap)
  );
}

/** What the insurance fund must hold, so that so much may be open in each market (money). */
export function fundFor(markets: readonly Market[], openInterest: readonly bigint[]): bigint {
  return markets.map(({ gap }, i) => divUp((openInterest[i] ?? 0n) * gap, PPM)).reduce(max, 0n);
}

/** Why the house does not let risk grow, by the error that says so. */
export const REASONS = {
  OpenInterestAboveCap: "open interest limit",
  InsufficientMargin: "initial margin",
  MarkJumped: "wait after a jump",
  MarketIsReduceOnly: "shortfall limit",
} as const;
export type Reason = keyof typeof REASONS;

export interface Refusal {
  readonly reason: Reason;
  /** Whose margin does not suffice. */
  readonly account: string | undefined;
}

/** Which limit a transaction met. Whatever else went wrong is thrown on. */
export function refusalOf(chain: Chain, error: unknown): Refusal {
  const found = error instanceof Reverted ? chain.house.interface.parseError(error.data) : null;
  if (found === null || !isReason(found.name)) throw error;
  const account: unknown = found.name === "InsufficientMargin" ? found.args[0] : undefined;
  return { reason: found.name, account: typeof account === "string" ? account : undefined };
}

function isReason(name: string): name is Reason {
  return Object.hasOwn(REASONS, name);
}

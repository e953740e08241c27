/** Whether what is earned pays for the gas. */
import { ONE } from "zerofloor";

export interface Prices {
  /** Wei for a unit of gas. */
  readonly gasPrice: bigint;
  /** Money for a whole unit of the chain's own coin. */
  readonly coinPrice: bigint;
}

/** What gas costs, money. Up. */
export function costOf(gas: bigint, { gasPrice, coinPrice }: Prices): bigint {
  return (gas * gasPrice * coinPrice + ONE - 1n) / ONE;
}

/** @param earns Undefined where it is not done for money: then it always pays. */
export function pays(earns: bigint | undefined, gas: bigint, prices: Prices, minimumProfit: bigint): boolean {
  return earns === undefined || earns >= costOf(gas, prices) + minimumProfit;
}

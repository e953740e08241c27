/** Somebody who trades, as a run takes them. */
export interface Person {
  /** Of its account, from 1 on without gaps. */
  readonly number: number;
  /** Money, a whole number of token units. */
  readonly collateral: bigint;
  /** Signed sizes, by the place of the market in the scenario. */
  readonly legs: readonly { readonly market: number; readonly size: bigint }[];
  /** The account of the same person that holds the other leg of a hedge. */
  readonly pair?: number;
  readonly reaction: "none" | "addMargin" | "reduce" | "panic";
}

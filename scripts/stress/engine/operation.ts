/** What is done in a run, in the order in which it is done: the model does it at once, the contracts after it. */

/** Money that an account gets, a whole number of token units. */
export interface Deposit {
  readonly kind: "deposit";
  readonly account: number;
  readonly amount: bigint;
}

/** A trade at mark between two accounts. */
export interface Trade {
  readonly kind: "trade";
  readonly buyer: number;
  readonly seller: number;
  readonly market: number;
  readonly size: bigint;
}

export interface Liquidation {
  readonly kind: "liquidation";
  readonly debtor: number;
  readonly taker: number;
  readonly market: number;
  /** What was asked for. */
  readonly size: bigint;
}

export interface Deleveraging {
  readonly kind: "deleveraging";
  readonly accounts: readonly number[];
}

export type Operation = Deposit | Trade | Liquidation | Deleveraging;

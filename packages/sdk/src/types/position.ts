/** One account's part of one market, as stored (`contracts/types/Position.sol`): what `ClearingHouseLens.positionOf` answers. */
export interface Position {
  /** Above zero long, below zero short. */
  readonly shares: bigint;
  /** The value per share at which gains and losses were last moved into or out of collateral. */
  readonly paidValue: bigint;
  /** The generation of the market that `shares` and `paidValue` belong to. */
  readonly generation: bigint;
  /** Whether `owed` counts. */
  readonly hasOwed: boolean;
  /** Money that shares no longer explain: a waiting gain above zero, an unpaid loss below. */
  readonly owed: bigint;
}

export const NO_POSITION: Position = { shares: 0n, paidValue: 0n, generation: 0n, hasOwed: false, owed: 0n };

/** What governance sets for a market (`contracts/types/RiskParameters.sol`). Rates are parts per million: 50_000n is 5 %. */

export const PPM = 10n ** 6n;

/** As the contracts count them. */
export const MarketStatus = { Unlisted: 0n, Active: 1n, ReduceOnly: 2n, Settled: 3n } as const;

/** What `ClearingHouseLens.riskParametersOf` answers. */
export interface RiskParameters {
  readonly status: bigint;
  /** Whether an account in this market may be in no other. */
  readonly isolatedOnly: boolean;
  /** IM in an empty market, ppm of notional. */
  readonly initialMargin: bigint;
  /** The same where open interest is at its cap. */
  readonly initialMarginAtCap: bigint;
  /** IM is at least this part of the range of marks, ppm of that range. */
  readonly volatilityMargin: bigint;
  /** MM, ppm of notional. */
  readonly maintenanceMargin: bigint;
  /** d_min and d_max, ppm of notional. */
  readonly incentiveMin: bigint;
  readonly incentiveMax: bigint;
  /** φ, ppm of notional. */
  readonly fundFee: bigint;
  /** The protocol's fee for each side of a fill, ppm of notional. */
  readonly tradeFee: bigint;
  /** How far from mark a fill's price may lie, ppm of mark. */
  readonly priceBand: bigint;
  /** t: a liquidation restores equity to this multiple of MM, ppm. */
  readonly buffer: bigint;
  /** Money. */
  readonly openInterestCap: bigint;
  /** Money. */
  readonly minNotional: bigint;
  /** A shortfall above this part of the open interest cap makes the market reduce-only, ppm. */
  readonly shortfallLimit: bigint;
  /** The clamp of the funding rate, ppm of mark and day. */
  readonly maxFundingRate: bigint;
  /** What the caller of `deleverage` earns, ppm of the notional that defaulted. */
  readonly bountyRate: bigint;
  /** Money: the most of it for one account's default in one market. */
  readonly bountyCap: bigint;
}

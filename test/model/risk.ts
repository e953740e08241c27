/** A market's parameters, and the money that a size stands for. Rates are parts per million. */
import { divCeil, divFloor, ONE, PPM } from "./math.ts";

export type Status = "Active" | "ReduceOnly" | "Settled";

export interface Risk {
  readonly status: Status;
  /** An account in this market may be in no other. */
  readonly isolatedOnly: boolean;
  /** Of an empty market, and of one whose open interest is at its cap. */
  readonly initialMargin: bigint;
  readonly initialMarginAtCap: bigint;
  /** Of the range of marks. */
  readonly volatilityMargin: bigint;
  readonly maintenanceMargin: bigint;
  readonly incentiveMin: bigint;
  readonly incentiveMax: bigint;
  readonly fundFee: bigint;
  readonly tradeFee: bigint;
  readonly priceBand: bigint;
  readonly buffer: bigint;
  readonly openInterestCap: bigint;
  readonly minNotional: bigint;
  readonly shortfallLimit: bigint;
  readonly maxFundingRate: bigint;
  readonly bountyRate: bigint;
  readonly bountyCap: bigint;
}

export function notionalUp(size: bigint, price: bigint): bigint {
  return divCeil(size * price, ONE);
}

export function notionalDown(size: bigint, price: bigint): bigint {
  return divFloor(size * price, ONE);
}

export function partUp(amount: bigint, rate: bigint): bigint {
  return divCeil(amount * rate, PPM);
}

export function partDown(amount: bigint, rate: bigint): bigint {
  return divFloor(amount * rate, PPM);
}

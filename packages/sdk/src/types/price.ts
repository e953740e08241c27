/** Settlement tokens for one whole unit of a market's base, 18 decimals, never negative (`contracts/types/Price.sol`). */
import { mulDivDown, mulDivFloor, mulDivUp } from "../math/rounding.ts";
import { magnitude } from "./size.ts";

export const ONE = 10n ** 18n;

/** |size| · price. Up where it is a requirement or a fee: the account bears it. */
export function notionalUp(price: bigint, size: bigint): bigint {
  return mulDivUp(magnitude(size), price, ONE);
}

/** |size| · price. Down where it is earned or where it must reach a minimum. */
export function notionalDown(price: bigint, size: bigint): bigint {
  return mulDivDown(magnitude(size), price, ONE);
}

/**
 * What gaining `delta` at `price` instead of at `mark` brings: −(price − mark) · delta. Floor: the payer pays the fraction,
 * the receiver does without.
 */
export function cashFloor(price: bigint, mark: bigint, delta: bigint): bigint {
  return mulDivFloor(mark - price, delta, ONE);
}

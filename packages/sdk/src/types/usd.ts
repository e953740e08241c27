/** Money in the settlement token, signed, 18 decimals whatever the token's own are (`contracts/types/Usd.sol`). */
import { mulDivDown, mulDivUp } from "../math/rounding.ts";
import { PPM } from "./riskParameters.ts";

/** max(a, 0) */
export function positivePart(a: bigint): bigint {
  return a > 0n ? a : 0n;
}

/** min(a, 0) */
export function negativePart(a: bigint): bigint {
  return a < 0n ? a : 0n;
}

/** ppm of an amount that is not negative. Up: requirements and fees. */
export function partUp(a: bigint, ppm: bigint): bigint {
  return mulDivUp(a, ppm, PPM);
}

/** ppm of an amount that is not negative. Down: what is earned. */
export function partDown(a: bigint, ppm: bigint): bigint {
  return mulDivDown(a, ppm, PPM);
}

/** a · part / whole of amounts that are not negative. Down: whoever receives the share does without the fraction. */
export function shareDown(a: bigint, part: bigint, whole: bigint): bigint {
  return mulDivDown(a, part, whole);
}

/** The same, up: whoever bears the share bears the fraction. */
export function shareUp(a: bigint, part: bigint, whole: bigint): bigint {
  return mulDivUp(a, part, whole);
}

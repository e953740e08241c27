/**
 * Every division that moves or judges money, sizes and shares (`contracts/math/Rounding.sol`). The name says where the
 * remainder goes: `Down`/`Up` for numbers that are not negative, `Floor`/`Ceil` for signed ones.
 *
 * Integers have no width here. Where the contracts assume that a product fits 256 bits, this assumes nothing.
 */

/** a · b / divisor. Assumes that no number is negative, and a divisor above zero. */
export function mulDivDown(a: bigint, b: bigint, divisor: bigint): bigint {
  return (a * b) / divisor;
}

/** The same, up. */
export function mulDivUp(a: bigint, b: bigint, divisor: bigint): bigint {
  const product = a * b;
  return product === 0n ? 0n : (product - 1n) / divisor + 1n;
}

/** Towards minus infinity. Assumes a divisor above zero. */
export function mulDivFloor(a: bigint, b: bigint, divisor: bigint): bigint {
  return divFloor(a * b, divisor);
}

/** The same without a product. */
export function divFloor(a: bigint, divisor: bigint): bigint {
  // Bigints divide towards zero.
  return a < 0n ? (a + 1n) / divisor - 1n : a / divisor;
}

/** a · b / 2^bits towards minus infinity. */
export function mulShiftFloor(a: bigint, b: bigint, bits: bigint): bigint {
  return (a * b) >> bits;
}

/** The same of numbers that are not negative. */
export function mulShiftDown(a: bigint, b: bigint, bits: bigint): bigint {
  return (a * b) >> bits;
}

/** a · 2^bits / divisor. Assumes that no number is negative, and a divisor above zero. */
export function shiftDivDown(a: bigint, bits: bigint, divisor: bigint): bigint {
  return (a << bits) / divisor;
}

/** The same, up. */
export function shiftDivUp(a: bigint, bits: bigint, divisor: bigint): bigint {
  return a === 0n ? 0n : ((a << bits) - 1n) / divisor + 1n;
}

/**
 * Ranges of numbers (`contracts/math/Narrow.sol`). What comes from outside is checked with these once, where it enters; what
 * is computed, where the contracts cast it to the width that they store it in.
 */

/** A number outside of what the protocol supports: an input that no clearing house can have answered, or a bug. */
export class OutOfRange extends RangeError {
  override readonly name = "OutOfRange";
  constructor(
    readonly quantity: string,
    readonly value: bigint,
    readonly lowest: bigint,
    readonly highest: bigint,
  ) {
    super(`${quantity} must be from ${lowest} to ${highest}, not ${value}`);
  }
}

/** @returns `value`, which is from `lowest` to `highest`. */
export function within(quantity: string, value: bigint, lowest: bigint, highest: bigint): bigint {
  // Whoever has no compiler may pass anything: a number would be compared, and fail somewhere else.
  if (typeof value !== "bigint") throw new TypeError(`${quantity} must be a bigint, not ${String(value)}`);
  if (value < lowest || value > highest) throw new OutOfRange(quantity, value, lowest, highest);
  return value;
}

/** @returns `value`, which is not negative and has at most `bits` bits. */
export function toUint(quantity: string, value: bigint, bits = 256): bigint {
  return within(quantity, value, 0n, HIGHEST_UINT[bits] ?? (1n << BigInt(bits)) - 1n);
}

/** @returns `value`, which fits `bits` bits with its sign. */
export function toInt(quantity: string, value: bigint, bits: number): bigint {
  const highest = HIGHEST_UINT[bits - 1] ?? (1n << BigInt(bits - 1)) - 1n;
  return within(quantity, value, -highest - 1n, highest);
}

/** Every width that is asked for, once. */
const HIGHEST_UINT: readonly bigint[] = Array.from({ length: 257 }, (_, bits) => (1n << BigInt(bits)) - 1n);

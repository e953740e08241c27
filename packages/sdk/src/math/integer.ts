/** What the contracts take from OpenZeppelin's `Math`. */

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Down; zero for zero. Assumes a number that is not negative. */
export function log2(a: bigint): bigint {
  return a === 0n ? 0n : BigInt(a.toString(2).length - 1);
}

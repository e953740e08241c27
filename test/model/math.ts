/** Whole numbers, and the two directions in which a division can round. Knows no units. */

export const ONE = 10n ** 18n;
export const PPM = 10n ** 6n;

/** Towards minus infinity. */
export function divFloor(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator !== 0n && numerator < 0n !== denominator < 0n ? quotient - 1n : quotient;
}

/** Towards plus infinity. */
export function divCeil(numerator: bigint, denominator: bigint): bigint {
  return -divFloor(-numerator, denominator);
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function abs(a: bigint): bigint {
  return a < 0n ? -a : a;
}

export function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** `amount` in proportion to `weights`: the parts add up to it exactly, later parts get the remainder. */
export function prorate(amount: bigint, weights: readonly bigint[]): bigint[] {
  const total = sum(weights);
  let weight = 0n;
  let given = 0n;
  return weights.map((each) => {
    weight += each;
    const part = divFloor(amount * weight, total) - given;
    given += part;
    return part;
  });
}

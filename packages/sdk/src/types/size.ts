/**
 * An amount of a market's base, 18 decimals (`contracts/types/Size.sol`). Signed where it is a position (long above zero,
 * short below), never negative where it is a quantity to trade.
 */

export function magnitude(size: bigint): bigint {
  return size < 0n ? -size : size;
}

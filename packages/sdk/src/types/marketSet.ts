/** A set of markets, one bit each, as `ClearingHouse.accountOf` answers it (`contracts/types/MarketSet.sol`). */

export const MAX_MARKETS_PER_ACCOUNT = 16;
export const MAX_MARKETS = 128;

export function contains(set: bigint, market: number): boolean {
  return ((set >> BigInt(market)) & 1n) !== 0n;
}

export function add(set: bigint, market: number): bigint {
  return set | (1n << BigInt(market));
}

export function remove(set: bigint, market: number): bigint {
  return set & ~(1n << BigInt(market));
}

export function count(set: bigint): number {
  return marketsOf(set).length;
}

/** Their numbers, lowest first. */
export function marketsOf(set: bigint): number[] {
  const markets: number[] = [];
  for (let market = 0, rest = set; rest !== 0n; ++market, rest >>= 1n) if ((rest & 1n) !== 0n) markets.push(market);
  return markets;
}

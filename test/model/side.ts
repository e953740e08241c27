/**
 * One side of a market as a unit trust. A share is worth `V = B ± A · (mark − F)`, in value units; `A` is a fraction of
 * `BASE_ONE`. Knows no accounts. `distance` is mark − F.
 */
import { divCeil, divFloor } from "./math.ts";

export const BASE_ONE = 2n ** 126n;
/** From here on A is short of range, and the generation ends. */
export const BASE_LOWEST = 2n ** 116n;

export interface Side {
  readonly isLong: boolean;
  shares: bigint;
  /** A */
  base: bigint;
  /** B */
  cash: bigint;
}

export function newSide(isLong: boolean): Side {
  return { isLong, shares: 0n, base: BASE_ONE, cash: 0n };
}

/** ± A · (mark − F), rounded against the holders. */
export function exposure({ isLong, base }: Side, distance: bigint): bigint {
  return divFloor((isLong ? base : -base) * distance, BASE_ONE);
}

/** V */
export function worth(side: Side, distance: bigint): bigint {
  return side.cash + exposure(side, distance);
}

export function sizeOfShares({ base }: Side, shares: bigint): bigint {
  return divFloor(shares * base, BASE_ONE);
}

export function sizeOfSide(side: Side): bigint {
  return sizeOfShares(side, side.shares);
}

/** What who opens gets for a size. */
export function sharesBought({ base }: Side, size: bigint): bigint {
  return divFloor(size * BASE_ONE, base);
}

/** What who closes a part gives for a size. */
export function sharesSold({ base }: Side, size: bigint): bigint {
  return divCeil(size * BASE_ONE, base);
}

/** Closes all but `sizeLeft` of the side at mark, over all of its holders. V stays what it was. */
export function close(side: Side, sizeLeft: bigint, distance: bigint): void {
  const value = worth(side, distance);
  side.base = sizeLeft === 0n ? 0n : divFloor(sizeLeft * BASE_ONE, side.shares);
  side.cash = value - exposure(side, distance);
}

/** Charges every share its part of `haircut`; answers how much a share was charged, in value units. */
export function charge(side: Side, haircut: bigint, valueUnit: bigint): bigint {
  const perShare = divCeil(haircut * valueUnit, side.shares);
  side.cash -= perShare;
  return perShare;
}

/** Begins a generation at V = 0 and F = 0 with A in (½, 1]; answers by how many bits shares are shifted. */
export function rebase(side: Side, distance: bigint): bigint {
  let shift = 0n;
  while (side.base << shift <= BASE_ONE / 2n) ++shift;
  side.base <<= shift;
  side.shares >>= shift;
  side.cash = -exposure(side, distance);
  return shift;
}

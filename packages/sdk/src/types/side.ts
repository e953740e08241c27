/**
 * One side of a market as a unit trust: a share of it is worth `V = B ± A · (mark − F)`, + for longs and − for shorts
 * (`contracts/types/Side.sol`). Values per share are prices shifted left by the market's scale.
 */
import { log2 } from "../math/integer.ts";
import { mulDivUp, mulShiftDown, mulShiftFloor, shiftDivDown, shiftDivUp } from "../math/rounding.ts";
import { ALL_CLOSED } from "./marketState.ts";

/** A = 1: one share stands for one unit of size. */
export const BASE_BITS = 126n;
export const ONE_BASE = 1n << BASE_BITS;

export interface Side {
  readonly isLong: boolean;
  /** An upper bound of what holders have together. */
  shares: bigint;
  /** A: size per share, `BASE_BITS` of fraction. */
  base: bigint;
  /** B: cash per share, in value units. */
  cash: bigint;
  /** V at the book's mark and funding index, kept by `revalue`. */
  worth: bigint;
}

/** V: what one share is worth, in value units. Floor: holders do without the fraction. `distance` is mark − F. */
export function value(side: Side, distance: bigint): bigint {
  return side.cash + exposure(side, distance);
}

/** ± A · (mark − F) */
export function exposure(side: Side, distance: bigint): bigint {
  return mulShiftFloor(side.base, side.isLong ? distance : -distance, BASE_BITS);
}

/** All of the side. Down: a fraction of a size-wei is nobody's. */
export function sizeOfSide(side: Side): bigint {
  return sizeOf(side, side.shares);
}

/** What `shares` stand for, not negative. Down, as above. */
export function sizeOf(side: Side, shares: bigint): bigint {
  return mulShiftDown(shares, side.base, BASE_BITS);
}

/** Shares that stand for `amount` at most. Down: who opens does without the fraction of a share. */
export function sharesDown(side: Side, amount: bigint): bigint {
  return shiftDivDown(amount, BASE_BITS, side.base);
}

/** Shares that stand for `amount` at least. Up: who closes gives the fraction of a share. */
export function sharesUp(side: Side, amount: bigint): bigint {
  return shiftDivUp(amount, BASE_BITS, side.base);
}

/**
 * Closes `amount` of the side at mark, pro rata over its holders; V stays exactly what it was. Assumes `amount` ≤ the side's
 * size. A side of which nothing is left has A = 0.
 */
export function closeSide(side: Side, amount: bigint, distance: bigint): void {
  const before = value(side, distance);
  const left = sizeOfSide(side) - amount;
  side.base = left === 0n ? 0n : shiftDivDown(left, BASE_BITS, side.shares);
  side.cash = before - exposure(side, distance);
}

/**
 * Charges `amount` of money to the side, pro rata over its shares. Up: the charged side bears the fraction. Assumes a side
 * with shares.
 * @returns By how much a share is worth less.
 */
export function charge(side: Side, amount: bigint, valueUnit: bigint): bigint {
  const perShare = mulDivUp(amount, valueUnit, side.shares);
  side.cash -= perShare;
  return perShare;
}

/** By how many bits A must rise to be in (½, 1]; `ALL_CLOSED` where nothing is left. */
export function shift(side: Side): bigint {
  return side.base === 0n ? ALL_CLOSED : BASE_BITS - 1n - log2(side.base - 1n);
}

/** Starts a generation of the side. `distance` is mark − F in the new one. */
export function rebase(side: Side, bits: bigint, distance: bigint): void {
  const gone = bits === ALL_CLOSED;
  // The sum of holders' shifted shares is at most the shifted sum: totals stay upper bounds.
  side.shares = gone ? 0n : side.shares >> bits;
  side.base = gone ? ONE_BASE : side.base << bits;
  side.cash = gone ? 0n : -exposure(side, distance);
}

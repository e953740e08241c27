/** How much the insurance fund may pay: a token bucket a market, and its assets. Knows no deficits. */
import { divFloor, min, sum } from "./math.ts";

export interface Bucket {
  readonly capacity: bigint;
  readonly refillPerSecond: bigint;
  /** What was left at `at`. */
  left: bigint;
  at: bigint;
}

export function available(bucket: Bucket, now: bigint): bigint {
  return min(bucket.capacity, bucket.left + (now - bucket.at) * bucket.refillPerSecond);
}

/** What the fund pays of `amounts`, one a bucket, out of `assets`. */
export function cover(buckets: readonly Bucket[], amounts: readonly bigint[], assets: bigint, now: bigint): bigint[] {
  const granted = buckets.map((bucket, i) => min(amounts[i] ?? 0n, available(bucket, now)));
  const total = sum(granted);
  const paid = granted.map((amount) => (total > assets ? divFloor(amount * assets, total) : amount));
  for (const [i, bucket] of buckets.entries()) {
    if ((amounts[i] ?? 0n) === 0n) continue;
    bucket.left = available(bucket, now) - (paid[i] ?? 0n);
    bucket.at = now;
  }
  return paid;
}

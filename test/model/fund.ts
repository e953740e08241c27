/** How much the insurance fund may pay: a token bucket a market, and its assets. Knows no deficits. */
import { divFloor, min, PPM, sum } from "./math.ts";

export interface Limit {
  readonly capacity: bigint;
  readonly refillPerSecond: bigint;
  /** The move past bankruptcy that the fund is to bear alone, parts per million; zero where it bounds no open interest. */
  readonly gap: bigint;
}

export interface Bucket {
  limit: Limit;
  /** What was left at `at`. */
  left: bigint;
  at: bigint;
}

export function available(bucket: Bucket, now: bigint): bigint {
  return min(bucket.limit.capacity, bucket.left + (now - bucket.at) * bucket.limit.refillPerSecond);
}

/** A market's first limit begins full; a later one keeps what was there. */
export function newBucket(limit: Limit, now: bigint): Bucket {
  return { limit, left: limit.capacity, at: now };
}

export function setLimit(bucket: Bucket, limit: Limit, now: bigint): void {
  bucket.left = min(available(bucket, now), limit.capacity);
  bucket.at = now;
  bucket.limit = limit;
}

/** Up to where open interest may grow for the fund's sake; undefined without a bound. */
export function bearable(bucket: Bucket, assets: bigint, now: bigint): bigint | undefined {
  const { gap } = bucket.limit;
  return gap === 0n ? undefined : divFloor(min(available(bucket, now), assets) * PPM, gap);
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

/** 10 October 2025 wave by wave: what was needed, and by how much each policy misses it at the fill. */
import { max } from "../../../packages/sdk/src/math/integer.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { PPM } from "../../../packages/sdk/src/types/riskParameters.ts";
import { ONE_BASE } from "../../../packages/sdk/src/types/side.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { POLICIES } from "../policies/all.ts";
import type { Allocation } from "../policies/allocation.ts";
import { trackingOf } from "../policies/metrics/overshoot.ts";
import { type Moment, requireMoment } from "../policies/moment.ts";
import { oursAt } from "../policies/ours.ts";
import { roundingBound } from "../policies/sdkMarket.ts";
import { assumedMoment } from "./assumedMoment.ts";
import { PUBLISHED, type Published } from "./published.ts";
import type { Entry, Wave } from "./schedule.ts";

/** Opposing open interest over what was closed, ppm. The schedule does not have it. */
export const MULTIPLES: readonly bigint[] = [1_050_000n, 2n * PPM, 5n * PPM, 20n * PPM];

/** A where a side has been deleveraged nearly as far as a generation lasts: ours rounds most there. */
const WORN = ONE_BASE >> 9n;

/**
 * Money, over the coins of one wave. What is missed in one coin does not make up for another: overshoot and undershoot are
 * added up apart, which is stricter than the papers' [H − B]⁺ of a whole wave.
 */
export interface Miss {
  readonly policy: string;
  readonly overshoot: bigint;
  readonly undershoot: bigint;
}

/** Ours, in more detail. Money, which is wei. */
export interface OurMiss {
  readonly overshoot: bigint;
  readonly undershoot: bigint;
  /** The same where A has fallen to 2^-9. */
  readonly wornOvershoot: bigint;
  /** What rounding may come to at most, by P5. */
  readonly bound: bigint;
  readonly wornBound: bigint;
  /** The largest number of holders in any one coin, for comparison: about a wei for each. */
  readonly holders: number;
}

export interface AtMultiple {
  /** ppm */
  readonly multiple: bigint;
  readonly ours: OurMiss;
  /** Every other policy. */
  readonly others: readonly Miss[];
}

export interface WaveResult {
  readonly wave: number;
  /** Unix milliseconds. */
  readonly time: number;
  readonly coins: number;
  /** Σ gap · quantity of the schedule, money. */
  readonly needed: bigint;
  /** The same from quantity and average gap, which the schedule has as well. */
  readonly recomputed: bigint;
  /** What its authors published, where they did. */
  readonly published: Published | undefined;
  readonly sweep: readonly AtMultiple[];
}

export function reproduce(waves: readonly Wave[], multiples = MULTIPLES): WaveResult[] {
  return waves.map(({ wave, time, entries, needed }) => ({
    wave,
    time,
    coins: entries.length,
    needed,
    recomputed: sum(entries.map(({ size, gap }) => (size * gap) / 10n ** 18n)),
    published: PUBLISHED.find((one) => one.wave === wave),
    sweep: multiples.map((multiple) => sweepAt(entries, multiple)),
  }));
}

function sweepAt(entries: readonly Entry[], multiple: bigint): AtMultiple {
  // A market in which nothing had to be covered has nobody below zero.
  const moments = entries.filter(({ needed }) => needed > 0n).map((entry) => assumedMoment(entry, multiple));
  for (const moment of moments) requireMoment(moment);
  const [, ...others] = POLICIES;
  const fresh = miss(moments, (moment) => oursAt(moment, ONE_BASE));
  const worn = miss(moments, (moment) => oursAt(moment, WORN));
  return {
    multiple,
    ours: {
      overshoot: fresh.overshoot,
      undershoot: max(fresh.undershoot, worn.undershoot),
      wornOvershoot: worn.overshoot,
      bound: sum(moments.map((moment) => roundingBound(moment))),
      wornBound: sum(moments.map((moment) => roundingBound(moment, WORN))),
      holders: Math.max(0, ...moments.map(({ opposing }) => opposing.length)),
    },
    others: others.map((policy) => miss(moments, policy)),
  };
}

function miss(moments: readonly Moment[], policy: (moment: Moment) => Allocation): Miss {
  const allocations = moments.map(policy);
  const found = moments.map((moment, i) => trackingOf(moment, at(allocations, i)));
  return {
    policy: allocations[0]?.policy ?? "",
    overshoot: sum(found.map(({ overshoot }) => overshoot)),
    undershoot: sum(found.map(({ undershoot }) => undershoot)),
  };
}

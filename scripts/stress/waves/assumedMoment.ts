/**
 * A moment for one line of the schedule. The schedule says how much was closed and what had to be covered; everything else about
 * the market is assumed here, and none of it is claimed to have been so.
 */
import { max } from "../../../packages/sdk/src/math/integer.ts";
import { ONE } from "../../../packages/sdk/src/types/price.ts";
import { PPM } from "../../../packages/sdk/src/types/riskParameters.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { Random } from "../../simulation/random.ts";
import { apportion } from "../policies/apportion.ts";
import type { Moment } from "../policies/moment.ts";
import type { Entry } from "./schedule.ts";

/** What the schedule gives … */
export const MEASURED: readonly string[] = [
  "for each wave and coin: the quantity closed, and the gap to mark that had to be covered",
];

/** … and what it does not. */
export const ASSUMED: readonly string[] = [
  "one account in default for each coin and wave, long, with nothing left of its collateral; no insurance fund, no bounty",
  "opposing open interest: the swept multiple of what was closed, held by 40 accounts of drawn sizes, in whole coins where there are as many; ours misses by about half a wei for each, whatever their number",
  "the mark: twenty times the gap, so that the gap is a twentieth of it; the gap, and so the amount, does not depend on it",
  "profits and equities of the holders, drawn: only the profit-weighted and the leverage-based policies look at them",
  "a contract is one coin, as in the published analysis; Hyperliquid trades in fractions of it",
  "each wave and coin by itself, with sides that have not been deleveraged before; ours also where A has fallen to 2^-9",
];

const HOLDERS = 40;
/** The gap as a part of the mark: a twentieth. */
const MARK_IN_GAPS = 20n;
/** Maintenance margin, 2.5 %. */
const MARGIN = 25_000n;

/** @param multiple Opposing open interest over what was closed, ppm, above one. */
export function assumedMoment(entry: Entry, multiple: bigint): Moment {
  // The same crowd at every multiple.
  const random = new Random(BigInt(entry.wave) * 1_000_003n + seedOf(entry.coin));
  // A gap of zero is in the schedule as well.
  const mark = max(entry.gap * MARK_IN_GAPS, 10n ** 12n);
  const open = (entry.size * multiple) / PPM;
  const opposing = sizesOf(random, open).map((size, i) => {
    const notional = (size * mark) / ONE;
    return {
      id: `holder ${i}`,
      size,
      entryPrice: mark + (mark * random.between(-20_000n, 200_000n)) / PPM,
      equity: (notional * 100n) / random.near(100n, 1_500n, 2),
      otherMargin: 0n,
      hedge: 0n,
    };
  });
  const left = open - entry.size;
  const survivor = {
    id: "survivor",
    size: left,
    entryPrice: mark,
    equity: (left * mark) / ONE,
    otherMargin: 0n,
    hedge: 0n,
  };
  return {
    mark,
    highestMark: mark,
    longsDefaulted: true,
    maintenanceMargin: MARGIN,
    defaulters: [{ id: "defaulter", size: entry.size, deficit: entry.needed }],
    opposing,
    sameSide: left > 0n ? [survivor] : [],
    insurance: 0n,
    contract: ONE,
    bountyRate: 0n,
    bountyCap: 0n,
  };
}

/** Whole coins where there are enough, the fraction with the first; nobody without a size. */
function sizesOf(random: Random, open: bigint): bigint[] {
  const weights = Array.from({ length: HOLDERS }, () => random.near(1n, 1_000n, 4));
  const coins = open / ONE;
  const whole = apportion(
    coins,
    weights,
    weights.map(() => coins),
  ).map((count) => count * ONE);
  const [first = 0n, ...others] = whole;
  return [first + open - sum(whole), ...others].filter((size) => size > 0n);
}

function seedOf(coin: string): bigint {
  return Array.from(coin).reduce((seed, letter) => seed * 131n + BigInt(letter.codePointAt(0) ?? 0), 7n);
}

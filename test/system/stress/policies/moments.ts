/** Any moments of deleveraging, within the range of numbers: small and large, uneven, with holders who have nothing. */
import fc from "fast-check";
import { sum } from "../../../../scripts/simulation/fixedPoint.ts";
import { apportion } from "../../../../scripts/stress/policies/apportion.ts";
import type { Holder, Moment } from "../../../../scripts/stress/policies/moment.ts";

export const ONE = 10n ** 18n;
export const PPM = 10n ** 6n;

/** Any number of digits with the same chance. */
function scaled(digits: number): fc.Arbitrary<bigint> {
  return fc.nat(digits - 1).chain((n) => fc.bigInt(10n ** BigInt(n), 10n ** BigInt(n + 1) - 1n));
}

const parts = (most: number) => fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: most });

export interface Shape {
  /** Sizes and so open interest in multiples of this, a size. */
  readonly contract: bigint;
  /** Open interest of a side, in contracts. */
  readonly contracts: bigint;
  readonly mark: bigint;
}

/**
 * Balanced: both sides have as much. What defaults is at most what opposes it. Deficits are at most the notional, so that no cap
 * of ours binds.
 */
export const moments: fc.Arbitrary<Moment> = fc
  .record({
    contract: scaled(19),
    contracts: scaled(8),
    mark: scaled(24).map((price) => price + 10n ** 9n),
    longsDefaulted: fc.boolean(),
    opposing: parts(12),
    defaulters: parts(4),
    sameSide: parts(4),
    defaulted: fc.bigInt(1n, PPM),
    deficits: fc.array(fc.bigInt(0n, PPM), { minLength: 4, maxLength: 4 }),
    entries: fc.array(fc.bigInt(500_000n, 2_000_000n), { minLength: 16, maxLength: 16 }),
    equities: fc.array(fc.oneof(fc.constant(0n), fc.bigInt(0n, 3n * PPM)), { minLength: 16, maxLength: 16 }),
    hedges: fc.array(fc.bigInt(-PPM, PPM), { minLength: 16, maxLength: 16 }),
    insured: fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n * PPM)),
  })
  .map((drawn) => {
    const { contract, mark, longsDefaulted } = drawn;
    const contracts = drawn.contracts + 30n;
    const share = (total: bigint, weights: readonly number[]) =>
      apportion(
        total,
        weights.map(BigInt),
        weights.map(() => total),
      ).filter((count) => count > 0n);
    const defaulted = (contracts * drawn.defaulted) / PPM + 1n;
    const gone = defaulted > contracts ? contracts : defaulted;
    const of = (amount: bigint, ppm = 0n) => (amount * ppm) / PPM;
    const holder = (name: string, count: bigint, i: number): Holder => {
      const size = count * contract;
      const notional = (size * mark) / ONE;
      return {
        id: `${name} ${i}`,
        size,
        entryPrice: of(mark, drawn.entries[i % 16]) + 1n,
        equity: of(notional, drawn.equities[i % 16]),
        otherMargin: of(notional, drawn.equities[(i + 1) % 16]) / 50n,
        hedge: of(notional, drawn.hedges[i % 16]),
      };
    };
    const defaulters = share(gone, drawn.defaulters).map((count, i) => {
      const size = count * contract;
      return { id: `defaulter ${i}`, size, deficit: of((size * mark) / ONE, drawn.deficits[i % 4]) + 1n };
    });
    return {
      mark,
      highestMark: mark,
      longsDefaulted,
      maintenanceMargin: 25_000n,
      defaulters,
      opposing: share(contracts, drawn.opposing).map((count, i) => holder("opposing", count, i)),
      sameSide: share(contracts - gone, drawn.sameSide).map((count, i) => holder("same side", count, i)),
      insurance: of(sum(defaulters.map(({ deficit }) => deficit)), drawn.insured),
      contract,
      bountyRate: 0n,
      bountyCap: 0n,
    };
  });

/** A moment written by hand, for what is not said: nobody on the defaulters' side is left, and the fund is empty. */
export function plainMoment(moment: Partial<Moment> & Pick<Moment, "defaulters" | "opposing">): Moment {
  const mark = moment.mark ?? 100n * ONE;
  return {
    mark,
    highestMark: mark,
    longsDefaulted: true,
    maintenanceMargin: 25_000n,
    sameSide: [],
    insurance: 0n,
    contract: ONE,
    bountyRate: 0n,
    bountyCap: 0n,
    ...moment,
  };
}

/** Without a profit, a margin elsewhere or a hedge. */
export function plainHolder(id: string, size: bigint, equity: bigint, more: Partial<Holder> = {}): Holder {
  return { id, size, entryPrice: 100n * ONE, equity, otherMargin: 0n, hedge: 0n, ...more };
}

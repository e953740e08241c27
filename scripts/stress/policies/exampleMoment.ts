/**
 * A moment to compare policies at, drawn and not recorded: as many kinds of holders as a policy can treat differently. All of it
 * is assumption, written out below; the same seed draws the same moment everywhere.
 *
 * It hangs together: before the move everybody had its maintenance margin, and equities follow from the move alone. So nobody's
 * deficit is larger than what the move took, and the other side has gained as much for each unit, but for those who came later,
 * have taken their gain out, or are hedged.
 */
import { ONE } from "../../../packages/sdk/src/types/price.ts";
import { PPM } from "../../../packages/sdk/src/types/riskParameters.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { Random } from "../../simulation/random.ts";
import { apportion } from "./apportion.ts";
import type { Holder, Moment } from "./moment.ts";

export interface ExampleSettings {
  readonly seed: bigint;
  readonly longsDefaulted: boolean;
  readonly defaulters: number;
  readonly opposing: number;
  readonly sameSide: number;
  /** How far the mark has just gone from 2,000 against those in default. */
  readonly move: bigint;
  /** How much of the deficits the fund can pay, ppm. */
  readonly insured: bigint;
  /**
   * How many in twenty of the other side have taken their gain out. They have a profit, little equity and so a high rank: where a
   * venue keeps unrealised gains in, nobody has, and the queue and water-filling push fewer below zero.
   */
  readonly takenOut: bigint;
}

/** A move of 15 %, and a fund that bears a quarter. */
export const EXAMPLE: ExampleSettings = {
  seed: 1n,
  longsDefaulted: true,
  defaulters: 6,
  opposing: 120,
  sameSide: 60,
  move: 300n * ONE,
  insured: 250_000n,
  takenOut: 2n,
};

/** A move of 40 % before an empty fund. */
export const SEVERE: ExampleSettings = { ...EXAMPLE, move: 800n * ONE, insured: 0n };

const BEFORE = 2_000n * ONE;
/** The maintenance margin, 2.5 %. */
const MARGIN = 25_000n;

export function exampleMoment(settings: ExampleSettings = EXAMPLE): Moment {
  const { longsDefaulted, move, insured } = settings;
  const random = new Random(settings.seed);
  const mark = longsDefaulted ? BEFORE - move : BEFORE + move;
  const opposing = Array.from({ length: settings.opposing }, (_, i) => winner(random, `opposing ${i}`, settings, mark));
  const open = sum(opposing.map(({ size }) => size));
  // From a tenth to three tenths of open interest defaults.
  const defaulted = part(open, random.between(100_000n, 300_000n));
  const defaulters = split(random, defaulted, settings.defaulters).map((size, i) => {
    const had = part(BEFORE, MARGIN);
    // Between the maintenance margin and nearly all of the move.
    const perUnit = random.between(had, part(move, 950_000n));
    return { id: `defaulter ${i}`, size, deficit: valueOf(size, move - perUnit) };
  });
  const sameSide = split(random, open - defaulted, settings.sameSide).map((size, i): Holder => {
    const left = random.between(part(BEFORE, MARGIN), BEFORE - move);
    return { id: `same side ${i}`, size, entryPrice: BEFORE, equity: valueOf(size, left), otherMargin: 0n, hedge: 0n };
  });
  return {
    mark,
    highestMark: longsDefaulted ? BEFORE : mark,
    longsDefaulted,
    maintenanceMargin: MARGIN,
    defaulters,
    opposing,
    sameSide,
    insurance: part(sum(defaulters.map(({ deficit }) => deficit)), insured),
    contract: ONE,
    bountyRate: 0n,
    bountyCap: 0n,
  };
}

function winner(random: Random, id: string, settings: ExampleSettings, mark: bigint): Holder {
  const { longsDefaulted, move, takenOut } = settings;
  // From a tenth of a unit to 400, most of them small, in hundredths.
  const size = (random.near(10n, 40_000n, 6) * ONE) / 100n;
  const better = (price: bigint, by: bigint) => (longsDefaulted ? price + by : price - by);
  const kind = random.between(1n, 20n);
  // Leverage from one to twenty, most of it low; of hedgers from two to four.
  const marginOf = (least: bigint, most: bigint) => PPM / random.near(least, most, 2);
  const plain = { id, size, otherMargin: 0n, hedge: 0n };

  // Four in twenty hedge: the other leg has lost what this one has made.
  if (kind <= 4n) {
    const hedge = valueOf(size, mark);
    return {
      ...plain,
      entryPrice: BEFORE,
      equity: valueOf(size, part(BEFORE, marginOf(2n, 4n))),
      otherMargin: part(hedge, MARGIN),
      hedge: longsDefaulted ? hedge : -hedge,
    };
  }
  // Two came after the move, at about the mark, and have made or lost a little.
  if (kind <= 6n) {
    const entryPrice = better(mark, part(mark, random.between(0n, 40_000n)) - part(mark, 20_000n));
    return { ...plain, entryPrice, equity: valueOf(size, part(mark, marginOf(1n, 15n))) };
  }
  const entryPrice = better(BEFORE, random.between(0n, 400n) * ONE - 200n * ONE);
  // Two, or as many as the settings say, have taken their gain out, down to twice the maintenance margin and more.
  if (kind <= 6n + takenOut) {
    return { ...plain, entryPrice, equity: valueOf(size, part(mark, random.between(2n * MARGIN, 6n * MARGIN))) };
  }
  return { ...plain, entryPrice, equity: valueOf(size, move + part(BEFORE, marginOf(1n, 20n))) };
}

function part(amount: bigint, ppm: bigint): bigint {
  return (amount * ppm) / PPM;
}

function valueOf(size: bigint, price: bigint): bigint {
  return (size * price) / ONE;
}

/** A total in parts, the largest up to twenty times as large as the smallest. */
function split(random: Random, total: bigint, parts: number): bigint[] {
  const weights = Array.from({ length: parts }, () => random.near(1n, 20n, 2));
  return apportion(
    total,
    weights,
    weights.map(() => total),
  );
}

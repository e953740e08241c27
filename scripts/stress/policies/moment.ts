/**
 * The moment of a deleveraging, as every policy is given it: one market, one mark, who is in default, and who is not. Money,
 * sizes and prices have 18 decimals, rates are parts per million. Knows no policy.
 *
 * Whoever is in default has lost all of its collateral by then: a deficit is what is left to be borne.
 */
import { min } from "../../../packages/sdk/src/math/integer.ts";
import { mulDivFloor } from "../../../packages/sdk/src/math/rounding.ts";
import { notionalUp, ONE } from "../../../packages/sdk/src/types/price.ts";
import { partUp, positivePart } from "../../../packages/sdk/src/types/usd.ts";
import { sum } from "../../simulation/fixedPoint.ts";

/** An account in default. */
export interface Defaulter {
  readonly id: string;
  /** Above zero; the moment says on which side. */
  readonly size: bigint;
  /** −equity, money, above zero. */
  readonly deficit: bigint;
}

/** An account that is not in default, with a position in the market. */
export interface Holder {
  readonly id: string;
  /** Above zero; which list the holder is in says on which side. */
  readonly size: bigint;
  /** What the position was opened at, on average. Above zero. */
  readonly entryPrice: bigint;
  /** Of the whole account at mark, money. Not below zero. */
  readonly equity: bigint;
  /** The maintenance margin of all its other markets together, money. */
  readonly otherMargin: bigint;
  /**
   * Signed notional elsewhere that moves with this market's mark, long above zero: the other leg of a pair. Zero where there
   * is none. Where it has the sign of the position itself, it is no hedge and makes the next shock worse.
   */
  readonly hedge: bigint;
}

export interface Moment {
  readonly mark: bigint;
  /** The highest mark of this day and the last one before it: bounds our haircut. At least `mark`. */
  readonly highestMark: bigint;
  /** Whether those in default were long, so that shorts oppose them. */
  readonly longsDefaulted: boolean;
  /** m, ppm of notional. */
  readonly maintenanceMargin: bigint;
  readonly defaulters: readonly Defaulter[];
  /** The other side: at least as much size as has defaulted, or what is there. */
  readonly opposing: readonly Holder[];
  /** Who is left on the defaulters' own side. */
  readonly sameSide: readonly Holder[];
  /** What the insurance fund may pay now, money. */
  readonly insurance: bigint;
  /** The size of one contract, for a policy that counts in whole ones. */
  readonly contract: bigint;
  /** What the caller of our `deleverage` earns, ppm of the notional that defaulted, and at most this for each defaulter. */
  readonly bountyRate: bigint;
  readonly bountyCap: bigint;
}

/** Σ deficits, money. */
export function deficitOf({ defaulters }: Moment): bigint {
  return sum(defaulters.map(({ deficit }) => deficit));
}

/** What the insurance fund pays before anybody else is asked, money: under every policy the same. */
export function insuredOf(moment: Moment): bigint {
  return min(deficitOf(moment), moment.insurance);
}

/**
 * B, the needed amount: Σ |mark − bankruptcy price| · size over those in default, less what the fund pays. Money.
 * With the market's mark as the price at which positions are closed, this is B_needed of arXiv 2512.01112 and 2602.15182,
 * eq. 6; the fund, which these leave out, is ours.
 */
export function neededOf(moment: Moment): bigint {
  return deficitOf(moment) - insuredOf(moment);
}

/** The size that has to go from the other side: all that defaulted, or all that is there. */
export function sizeToClose({ defaulters, opposing }: Moment): bigint {
  return min(defaultedSize(defaulters), sum(opposing.map(({ size }) => size)));
}

export function defaultedSize(defaulters: readonly Defaulter[]): bigint {
  return sum(defaulters.map(({ size }) => size));
}

/** The unrealised profit of an opposing holder's position, signed. Floor: the holder does without the fraction. */
export function profitOf({ mark, longsDefaulted }: Moment, { size, entryPrice }: Holder): bigint {
  return mulDivFloor(longsDefaulted ? entryPrice - mark : mark - entryPrice, size, ONE);
}

/**
 * u, what of a payer's money is profit of this position and not collateral: min(profit⁺, equity). The capacity c_u of arXiv
 * 2512.01112, app. on benchmark allocations; 2602.15182 takes profit⁺ alone.
 */
export function profitCapacity(moment: Moment, holder: Holder): bigint {
  return min(positivePart(profitOf(moment, holder)), holder.equity);
}

/** MM of the account when `size` of its position is left. Up: the requirement rounds against the account. */
export function maintenanceMarginAt(moment: Moment, { otherMargin }: Holder, size: bigint): bigint {
  return otherMargin + partUp(notionalUp(moment.mark, size), moment.maintenanceMargin);
}

/** @throws RangeError Where a moment is none that a market can be in. */
export function requireMoment(moment: Moment): void {
  const { mark, highestMark, defaulters, opposing, sameSide } = moment;
  const holders = [...opposing, ...sameSide];
  const faults: [boolean, string][] = [
    [mark <= 0n, "the mark is not above zero"],
    [highestMark < mark, "the highest mark is below the mark"],
    [defaulters.length === 0, "nobody is in default"],
    [defaulters.some(({ size, deficit }) => size <= 0n || deficit <= 0n), "a defaulter has no size or no deficit"],
    [holders.some(({ size, entryPrice }) => size <= 0n || entryPrice <= 0n), "a holder has no size or no entry price"],
    [holders.some(({ equity }) => equity < 0n), "a holder is in default"],
    [
      new Set([...defaulters, ...holders].map(({ id }) => id)).size !== defaulters.length + holders.length,
      "an account is named twice",
    ],
    [moment.insurance < 0n, "the fund is below zero"],
    [moment.contract <= 0n, "a contract has no size"],
  ];
  const fault = faults.find(([is]) => is);
  if (fault !== undefined) throw new RangeError(`not a moment of deleveraging: ${fault[1]}`);
}

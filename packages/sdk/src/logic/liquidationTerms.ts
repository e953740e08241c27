/**
 * How much of a position a liquidator takes over and what that costs the account: a Dutch auction in health instead of time,
 * and the smallest size that restores a buffer (`contracts/logic/LiquidationTerms.sol`).
 */
import { refuse } from "../interfaces/errors.ts";
import { min } from "../math/integer.ts";
import { at } from "../math/list.ts";
import { mulDivDown, mulDivUp } from "../math/rounding.ts";
import type { Book } from "../types/book.ts";
import { holdingOf, type Portfolio, settle, sizeOfHolding, unsettled } from "../types/portfolio.ts";
import { notionalDown, ONE } from "../types/price.ts";
import { PPM, type RiskParameters } from "../types/riskParameters.ts";
import { magnitude } from "../types/size.ts";
import { partDown, positivePart, shareDown } from "../types/usd.ts";
import { type Health, healthOf, isDefault, isLiquidatable } from "./health.ts";

export interface Terms {
  /** What changes hands, not negative. */
  readonly size: bigint;
  /** What the liquidator earns, money. */
  readonly incentive: bigint;
  /** What the insurance fund earns, money. */
  readonly fundFee: bigint;
}

/**
 * Settles the debtor, proves that it may be liquidated, and finds the terms.
 * @param i Which of `books` is the market's.
 * @param asked The most that the liquidator wants. A part that would leave dust is refused.
 */
export function settleAndAgree(debtor: Portfolio, books: readonly Book[], i: number, asked: bigint): Terms {
  const book = at(books, i);
  const held = holdingOf(debtor, i);
  settle(debtor, books);
  const health = healthOf(debtor, books);
  const { equity, maintenanceMargin } = health;
  if (isDefault(health)) refuse("DeficitMustBeDeleveraged", { account: debtor.id, deficit: -equity });
  if (!isLiquidatable(health)) refuse("NotLiquidatable", { account: debtor.id, equity, maintenanceMargin });
  const position = magnitude(sizeOfHolding(held, book));
  if (position === 0n) refuse("NoPosition", { account: debtor.id, market: BigInt(book.id) });
  const payable = debtor.collateral + positivePart(unsettled(held, book));
  const terms = agree(health, position, book.mark, book.risk, min(asked, position), payable);

  const rest = position - terms.size;
  const minimum = book.risk.minNotional;
  const notional = notionalDown(book.mark, rest);
  if (rest !== 0n && notional < minimum) refuse("PositionTooSmall", { notional, minimum });
  return terms;
}

/**
 * @param health Of the account. Assumes 0 ≤ equity < MM.
 * @param position The account's size in the market, not negative, above zero.
 * @param asked The most that the liquidator wants, not negative.
 * @param payable What the account can pay a penalty from: its collateral and its waiting gain in this market.
 */
export function agree(
  health: Readonly<Health>,
  position: bigint,
  mark: bigint,
  risk: RiskParameters,
  asked: bigint,
  payable: bigint,
): Terms {
  const incentiveRate_ = incentiveRate(health, risk);
  const size = min(asked, allowedSize(health, position, mark, risk, incentiveRate_));

  const notional = notionalDown(mark, size);
  const fee = risk.fundFee * (ONE / PPM);
  // The penalty takes at most the equity that belongs to the part taken, so that equity/MM cannot fall. Down: the earners of
  // the penalty do without the fraction.
  const ofPart = shareDown(health.equity, partDown(notional, risk.maintenanceMargin), health.maintenanceMargin);
  const penalty = min(min(shareDown(notional, incentiveRate_ + fee, ONE), ofPart), payable);

  if (penalty === 0n) return { size, incentive: 0n, fundFee: 0n };
  const fundFee = shareDown(penalty, fee, incentiveRate_ + fee);
  return { size, incentive: penalty - fundFee, fundFee };
}

/**
 * d: grows linearly from d_min where equity = MM to d_max where equity = ½ · MM and below.
 * @returns Part of notional, 18 decimals. Down: the liquidator does without the fraction.
 */
export function incentiveRate(health: Readonly<Health>, risk: RiskParameters): bigint {
  const margin = health.maintenanceMargin;
  const missing = (margin - health.equity) * 2n;
  const span = (risk.incentiveMax - risk.incentiveMin) * (ONE / PPM);
  const low = risk.incentiveMin * (ONE / PPM);
  return missing >= margin ? low + span : low + mulDivDown(span, missing, margin);
}

/**
 * The size after which equity = t · MM, or the whole position where that exceeds it or would leave dust:
 * (t · MM − equity) / (mark · (t · m − d − φ)).
 */
function allowedSize(
  health: Readonly<Health>,
  position: bigint,
  mark: bigint,
  risk: RiskParameters,
  incentive: bigint,
): bigint {
  const target = mulDivUp(health.maintenanceMargin, risk.buffer, PPM);
  const restored = (risk.buffer * risk.maintenanceMargin * (ONE / PPM)) / PPM - incentive - risk.fundFee * (ONE / PPM);
  // Down: a wei less than the buffer rather than a wei more taken.
  const allowed = mulDivDown(target - health.equity, ONE * ONE, mark * restored);
  if (allowed >= position) return position;
  const leavesDust = notionalDown(mark, position - allowed) < risk.minNotional;
  return leavesDust ? position : allowed;
}

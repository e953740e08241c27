/**
 * A market: its two sides, its mark and funding index, its profit pool and shortfall, its generations. Knows no accounts.
 * Prices are money per unit; a *value* is a price shifted left by the market's scale.
 */
import { accrued, faded } from "./funding.ts";
import { beginDay, DAY, newRange, observe, partOfRangeUp, type MarkRange } from "./markRange.ts";
import { abs, divCeil, divFloor, max, min, ONE } from "./math.ts";
import { notionalUp, partDown, type Risk } from "./risk.ts";
import { BASE_LOWEST, BASE_ONE, charge, close, newSide, rebase, sizeOfSide, worth, type Side } from "./side.ts";

/** Mark in value units stays below this. */
const VALUE_LIMIT = 2n ** 104n;
/** B or F beyond this ends the generation. */
const DRIFT_LIMIT = 2n ** 109n;
/** One token of fees stays in the pool against rounding. */
export const ROUNDING_RESERVE = ONE;
/** The shift of a generation that closed its sides. */
export const ALL_CLOSED = 255n;
/** For so long after a market's end losses are collected and gains wait. */
export const COLLECTS_FOR = 7n * DAY;
/** A payout is counted in these parts of a gain. */
export const WHOLE_PAYOUT = 2n ** 40n;
/** What an empty pool pays: nothing. */
const NO_PAYOUT = 1n;

/** What the oracle would say. */
export interface Feed {
  price: bigint;
  publishedAt: bigint;
  readonly maxAge: bigint;
}

/** How a generation ended: what a share was worth, and by how many bits shares are shifted. */
export interface EndedGeneration {
  readonly longValue: bigint;
  readonly shortValue: bigint;
  readonly longShift: bigint;
  readonly shortShift: bigint;
}

export interface Market {
  readonly number: number;
  readonly scale: bigint;
  risk: Risk;
  feed: Feed;
  mark: bigint;
  publishedAt: bigint;
  acceptedAt: bigint;
  /** The mark in force lies further than the maintenance margin from the one before it. */
  jumped: boolean;
  readonly range: MarkRange;
  readonly long: Side;
  readonly short: Side;
  /** F */
  fundingIndex: bigint;
  premium: bigint;
  accruedAt: bigint;
  generation: number;
  readonly ended: EndedGeneration[];
  pool: bigint;
  shortfall: bigint;
  /** Of the pool: fees that wait. */
  fees: bigint;
  /** What a share may still be charged under the mark accepted at `markAcceptedAt`, in value units. */
  haircutLimit: { longLeft: bigint; shortLeft: bigint; markAcceptedAt: bigint };
  /** Where the maintenance margin is to rise to, and when it last rose or this was announced. */
  ramp: { readonly target: bigint; readonly steppedAt: bigint } | undefined;
  /** When the market was ended for good. */
  endedAt: bigint | undefined;
  /** What is paid of every gain, in parts of `WHOLE_PAYOUT`, once the ended market has been wound up. */
  payout: bigint | undefined;
}

export function newMarket(number: number, risk: Risk, maxPrice: bigint, feed: Feed, now: bigint): Market {
  const log2 = BigInt(maxPrice.toString(2).length - 1);
  const scale = min(103n - log2, 70n);
  return {
    number,
    scale,
    risk,
    feed,
    mark: feed.price,
    publishedAt: feed.publishedAt,
    acceptedAt: now,
    jumped: false,
    range: newRange(feed.price, scale),
    long: newSide(true),
    short: newSide(false),
    fundingIndex: 0n,
    premium: 0n,
    accruedAt: now,
    generation: 0,
    ended: [],
    pool: 0n,
    shortfall: 0n,
    fees: 0n,
    haircutLimit: { longLeft: 0n, shortLeft: 0n, markAcceptedAt: 0n },
    ramp: undefined,
    endedAt: undefined,
    payout: undefined,
  };
}

export function valueUnit({ scale }: Market): bigint {
  return ONE << scale;
}

/** mark − F, in value units */
export function distance({ mark, scale, fundingIndex }: Market): bigint {
  return (mark << scale) - fundingIndex;
}

export function sideOf(market: Market, isLong: boolean): Side {
  return isLong ? market.long : market.short;
}

/** V of a side. */
export function worthOf(market: Market, isLong: boolean): bigint {
  return worth(sideOf(market, isLong), distance(market));
}

export function openInterest({ long, short }: Market): bigint {
  return max(sizeOfSide(long), sizeOfSide(short));
}

/** The initial margin rate, if open interest grew by `growth`: more, the more is open and the further marks have reached. */
export function initialMarginRate(market: Market, growth = 0n): bigint {
  const { risk, mark, range } = market;
  const { initialMargin: low, initialMarginAtCap: high, openInterestCap: cap } = risk;
  const open = notionalUp(openInterest(market) + growth, mark);
  const byInterest = open >= cap ? high : low + divCeil((high - low) * open, cap);
  return max(byInterest, partOfRangeUp(range, risk.volatilityMargin));
}

/** The money that `shares` of a side stand for when a share is worth `value`. */
export function moneyFloor(market: Market, shares: bigint, value: bigint): bigint {
  return divFloor(shares * value, valueUnit(market));
}

// ------------------------------------------------------------------ mark and funding

/** Why the oracle's price cannot be taken as the mark; undefined if it can, or has been. */
export function refusal({ feed, publishedAt, scale, endedAt }: Market, now: bigint): string | undefined {
  // The final price holds for good.
  if (endedAt !== undefined) return undefined;
  if (now - feed.publishedAt > feed.maxAge) return "PriceTooOld";
  if (feed.publishedAt < publishedAt || feed.price << scale >= VALUE_LIMIT) return "PriceRefused";
  return undefined;
}

/** Brings funding and mark up to now, or winds up what has ended. Doing it again changes nothing. */
export function refresh(market: Market, now: bigint): void {
  if (market.endedAt !== undefined) {
    if (waits(market) && now >= market.endedAt + COLLECTS_FOR) windUp(market);
    return;
  }
  accrue(market, now);
  if (refusal(market, now) !== undefined || market.feed.publishedAt === market.publishedAt) return;
  const { price, publishedAt } = market.feed;
  const { mark, range, scale } = market;
  if (now / DAY > market.acceptedAt / DAY) beginDay(range, mark, scale);
  observe(range, price, scale);
  market.jumped = abs(price - mark) > partDown(mark, market.risk.maintenanceMargin);
  market.mark = price;
  market.publishedAt = publishedAt;
  market.acceptedAt = now;
}

/** Whether fills, and withdrawals of whoever has a position here, wait for the next block. */
export function hasJumped({ jumped, acceptedAt }: Market, now: bigint): boolean {
  return jumped && acceptedAt === now;
}

/** Brings funding up to now, at the mark in force. */
function accrue(market: Market, now: bigint): void {
  const { mark, scale, premium, risk } = market;
  const seconds = now - market.accruedAt;
  if (seconds === 0n) return;
  market.fundingIndex += accrued(mark << scale, premium, seconds, risk.maxFundingRate);
  market.premium = faded(premium, seconds, risk.maxFundingRate);
  market.accruedAt = now;
  renew(market);
}

// ------------------------------------------------------------------ fees

/** Takes waiting fees out of the pool, all but the reserve: they repay the shortfall; answers what is left for the fund. */
export function sweep(market: Market): bigint {
  const swept = min(max(0n, market.fees - ROUNDING_RESERVE), payable(market));
  market.fees -= swept;
  market.pool -= swept;
  return swept - repay(market, swept);
}

/** Puts as much of `amount` into the pool as the market's shortfall takes; answers how much that is. */
export function repay(market: Market, amount: bigint): bigint {
  const repaid = min(amount, market.shortfall);
  market.shortfall -= repaid;
  market.pool += repaid;
  return repaid;
}

// ------------------------------------------------------------------ haircuts and closing

/** The most that the holders of a side can be charged now, in money. The first haircut under a mark fixes it a share. */
export function haircutBound(market: Market, isLong: boolean): bigint {
  const limit = market.haircutLimit;
  if (limit.markAcceptedAt !== market.acceptedAt) {
    const highest = max(market.range.high, market.range.previousHigh) << market.scale;
    limit.longLeft = divFloor(highest * market.long.base, BASE_ONE);
    limit.shortLeft = divFloor(highest * market.short.base, BASE_ONE);
    limit.markAcceptedAt = market.acceptedAt;
  }
  return moneyFloor(market, sideOf(market, isLong).shares, isLong ? limit.longLeft : limit.shortLeft);
}

/** Charges a side, at most its bound. */
export function haircut(market: Market, isLong: boolean, amount: bigint): void {
  if (amount === 0n) return;
  const perShare = charge(sideOf(market, isLong), amount, valueUnit(market));
  if (isLong) market.haircutLimit.longLeft -= perShare;
  else market.haircutLimit.shortLeft -= perShare;
}

/** Closes `size` of a side at mark, over all of its holders, as far as it goes. */
export function closePart(market: Market, isLong: boolean, size: bigint): void {
  const side = sideOf(market, isLong);
  const closed = min(size, sizeOfSide(side));
  if (closed > 0n) close(side, sizeOfSide(side) - closed, distance(market));
}

/** Where nothing is left of one side, nothing of the other can stay: both are closed at mark, and the generation ends. */
export function endIfGone(market: Market): void {
  const { long, short } = market;
  if (long.shares === 0n && short.shares === 0n) return;
  for (const side of [long, short]) if (sizeOfSide(side) === 0n) close(side, 0n, distance(market));
  renew(market);
}

// ------------------------------------------------------------------ the end of a market

/** Makes the mark in force the final price. */
export function end(market: Market, now: bigint): void {
  market.risk = { ...market.risk, status: "Settled" };
  market.premium = 0n;
  market.jumped = false;
  market.acceptedAt = now;
  market.publishedAt = now;
  market.endedAt = now;
}

/** The market has ended, and its losses are still being collected. */
export function waits({ endedAt, payout }: Market): boolean {
  return endedAt !== undefined && payout === undefined;
}

/** What gains can be paid from. */
export function payable(market: Market): bigint {
  return waits(market) ? 0n : market.pool;
}

/** Closes both sides at the final price. Waiting fees repay the shortfall; what is left of that cuts every gain alike. */
function windUp(market: Market): void {
  const { pool, fees, shortfall, long, short } = market;
  const repaid = min(fees, shortfall);
  const missing = shortfall - repaid;
  market.fees = fees - repaid;
  market.shortfall = 0n;
  market.payout = missing === 0n ? WHOLE_PAYOUT : max(NO_PAYOUT, divFloor(pool * WHOLE_PAYOUT, pool + missing));
  for (const side of [long, short]) close(side, 0n, distance(market));
  renew(market);
}

/** What is paid of an amount that a market owes. What is owed to the market is owed in full. */
export function cut({ payout }: Market, owed: bigint): bigint {
  if (payout === undefined || owed <= 0n) return owed;
  return payout === NO_PAYOUT ? 0n : divFloor(owed * payout, WHOLE_PAYOUT);
}

// ------------------------------------------------------------------ generations

/** Ends the generation where a side is closed, or where its numbers are short of range. */
export function renew(market: Market): void {
  const { long, short, fundingIndex, haircutLimit } = market;
  const isClosed = long.base === 0n || short.base === 0n;
  const hasDrifted = [long.cash, short.cash, fundingIndex].some((value) => abs(value) > DRIFT_LIMIT);
  if (!isClosed && !hasDrifted && long.base > BASE_LOWEST && short.base > BASE_LOWEST) return;
  const longValue = worthOf(market, true);
  const shortValue = worthOf(market, false);
  market.fundingIndex = 0n;
  let [longShift, shortShift] = [ALL_CLOSED, ALL_CLOSED];
  if (isClosed) {
    Object.assign(long, newSide(true));
    Object.assign(short, newSide(false));
    // Nobody is left who has been charged under this mark.
    haircutLimit.markAcceptedAt = 0n;
  } else {
    longShift = rebase(long, distance(market));
    shortShift = rebase(short, distance(market));
    haircutLimit.longLeft = min(haircutLimit.longLeft << longShift, VALUE_LIMIT - 1n);
    haircutLimit.shortLeft = min(haircutLimit.shortLeft << shortShift, VALUE_LIMIT - 1n);
  }
  market.ended.push({ longValue, shortValue, longShift, shortShift });
  ++market.generation;
}

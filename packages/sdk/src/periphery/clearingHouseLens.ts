/**
 * What the clearing house's numbers mean (`contracts/periphery/ClearingHouseLens.sol`): account health, liquidation and
 * bankruptcy prices, terms of a liquidation, markets. Nothing that is passed in is changed.
 */
import { attempt, type Preview, refuse } from "../interfaces/errors.ts";
import { type Health, healthOf, isDefault, isLiquidatable } from "../logic/health.ts";
import { initialMarginRates, rateUp, requiredUp } from "../logic/initialMargin.ts";
import { settleAndAgree } from "../logic/liquidationTerms.ts";
import { STEPS_IN_WHOLE } from "../logic/markRange.ts";
import { max, min } from "../math/integer.ts";
import { at } from "../math/list.ts";
import { toUint, within } from "../math/narrow.ts";
import { mulDivDown } from "../math/rounding.ts";
import {
  type Book,
  copyBook,
  openInterest,
  priceLimit,
  RESOLUTION_PERIOD,
  ROUNDING_RESERVE,
  waits,
} from "../types/book.ts";
import { contains } from "../types/marketSet.ts";
import { copyPortfolio, holdingOf, type Portfolio, sizeOfHolding, unsettled } from "../types/portfolio.ts";
import { notionalUp } from "../types/price.ts";
import { MAX_SIDE_SIZE } from "../types/ranges.ts";
import { MarketStatus, PPM } from "../types/riskParameters.ts";
import { sharesUp, sizeOfSide } from "../types/side.ts";
import { partDown, partUp, positivePart } from "../types/usd.ts";
import { copyOpened, freshIndexOf, indexOf, type Opened } from "./ledgerPreview.ts";
import { ofBankruptcy, ofLiquidation } from "./triggerPrice.ts";

/** What may be done to an account now, as the lens counts it. */
export const Standing = {
  /** equity ≥ MM */
  Healthy: 0n,
  /** 0 ≤ equity < MM, and it has a position in a market with a price: `liquidate` takes it. */
  Liquidatable: 1n,
  /** equity < 0, and `deleverage` resolves it, as far as its markets have a price. */
  InDefault: 2n,
  /** equity < MM, and no market in which something could be done has a price. */
  Waiting: 3n,
} as const;
export type Standing = (typeof Standing)[keyof typeof Standing];

/** An account as of now. Money. */
export interface AccountHealth extends Readonly<Health> {
  readonly account: string;
  readonly standing: Standing;
  /** Whether every market in which it has a position has a price. Where not, new risk and withdrawals wait. */
  readonly fresh: boolean;
  readonly collateral: bigint;
  /** Gains that wait (above zero) and losses that are due (below), over all markets. */
  readonly unsettled: bigint;
  /** IM = Σ notional · initial margin rate */
  readonly initialMargin: bigint;
  /**
   * What may be withdrawn without settling first: max(0, min(collateral, secured − IM)), and zero while a market in which it
   * has a position refuses its price or has just jumped. In whole token units, rounded down.
   */
  readonly freeCollateral: bigint;
}

/** One market of an account, as of now. */
export interface PositionHealth {
  readonly market: number;
  /** Whether the oracle vouches for `mark`. */
  readonly fresh: boolean;
  /** Signed: long above zero, short below. Zero where only an unpaid amount is left. */
  readonly size: bigint;
  readonly mark: bigint;
  /** ⌈|size| · mark⌉, money: what the margins are taken of. */
  readonly notional: bigint;
  /** shares · (V − V_paid) + owed, money. */
  readonly unsettled: bigint;
  /** The part of it that shares do not explain any more. */
  readonly owed: bigint;
  /**
   * The mark of this market, all others standing still, from which on equity < MM: exact to the wei. Zero for a long and
   * `NEVER` for a short that no price of the market can bring there; the market's highest acceptable price for a long and 1
   * for a short that no price can save. Zero without a size. See `IClearingHouseLens.PositionHealth`.
   */
  readonly liquidationPrice: bigint;
  /** The same for equity < 0. */
  readonly bankruptcyPrice: bigint;
}

/** What `liquidate` would do now. Money, but for size and mark. */
export interface LiquidationPreview {
  /** What would be taken, at most what was asked. */
  readonly size: bigint;
  readonly mark: bigint;
  /** What the liquidator would earn … */
  readonly incentive: bigint;
  /** … and the part of it that would not be collateral at once but a claim on the market's pool. */
  readonly claim: bigint;
  /** What the market's shortfall and then the insurance fund would earn. */
  readonly fundFee: bigint;
}

/** A market as of now. Fields as in `IClearingHouseLens.MarketSummary`. */
export interface MarketSummary {
  readonly market: number;
  readonly status: bigint;
  /** Whether open interest may not grow, by its status or because its shortfall is above its limit. */
  readonly reduceOnly: boolean;
  readonly fresh: boolean;
  readonly mark: bigint;
  readonly publishedAt: bigint;
  readonly generation: bigint;
  readonly longSize: bigint;
  readonly shortSize: bigint;
  /** ⌈larger side · mark⌉, money. */
  readonly openInterest: bigint;
  /** Up to where it may grow now, money. */
  readonly openInterestLimit: bigint;
  /** ppm of notional, with open interest and volatility in it. */
  readonly initialMargin: bigint;
  /** The range of marks that counts for it, ppm of the lowest. */
  readonly volatility: bigint;
  /** Whether fills, and withdrawals of whoever has a position, need not wait for the next block. */
  readonly calm: boolean;
  /** Unix seconds from which on the market is wound up; zero unless it has ended and waits for that. */
  readonly settlesAt: bigint;
  /** Money. */
  readonly pool: bigint;
  readonly shortfall: bigint;
  readonly fees: bigint;
  /** F, in value units. */
  readonly fundingIndex: bigint;
  readonly premium: bigint;
  readonly scale: bigint;
}

// ---------------------------------------------------------------------- accounts

/**
 * What an account is worth, what it must be worth, and what may be done to it.
 * @param rates What `initialMarginRates` answers for these books: for whoever looks at many accounts.
 */
export function accountHealth(
  opened: Opened,
  account: Portfolio,
  rates: readonly bigint[] = initialMarginRates(opened.books),
): AccountHealth {
  const { books, house } = opened;
  const health = healthOf(account, books);
  const initialMargin = requiredUp(account, books, rates);
  const fresh = isFresh(account, books);
  const calm = books.every((book, i) => holdingOf(account, i).shares === 0n || isCalm(book, house.time));
  const free = positivePart(min(health.secured - initialMargin, account.collateral));
  return {
    account: account.id,
    standing: standing(account, books, health),
    fresh,
    collateral: account.collateral,
    unsettled: health.equity - account.collateral,
    ...health,
    initialMargin,
    // Down: a fraction of a token unit cannot leave.
    freeCollateral: fresh && calm ? free - (free % house.tokenUnit) : 0n,
  };
}

/**
 * Only what may be done to it.
 * @param health What `healthOf` answers for it.
 */
export function standing(account: Portfolio, books: readonly Book[], health: Readonly<Health>): Standing {
  if (isDefault(health)) return isResolvable(account, books) ? Standing.InDefault : Standing.Waiting;
  if (!isLiquidatable(health)) return Standing.Healthy;
  const takeable = books.some((book, i) => book.fresh && sizeOfHolding(holdingOf(account, i), book) !== 0n);
  return takeable ? Standing.Liquidatable : Standing.Waiting;
}

/** As `deleverage` decides it: a position in a market with a price, or none at all. */
export function isResolvable(account: Portfolio, books: readonly Book[]): boolean {
  let waiting = false;
  for (const [i, book] of books.entries()) {
    if (sizeOfHolding(holdingOf(account, i), book) === 0n) continue;
    if (book.fresh) return true;
    waiting = true;
  }
  return !waiting;
}

function isFresh(account: Portfolio, books: readonly Book[]): boolean {
  return books.every((book, i) => holdingOf(account, i).shares === 0n || book.fresh);
}

/** Whether what waits for the block after a jump need not wait. `time` is the block's, seconds. */
export function isCalm(book: Book, time: bigint): boolean {
  return !book.jumped || book.acceptedAt !== time;
}

// ---------------------------------------------------------------------- positions

/** Every market that an account is in, by number. */
export function positionsOf({ books }: Opened, account: Portfolio): PositionHealth[] {
  const health = healthOf(account, books);
  return [...books.keys()]
    .filter((i) => contains(account.markets, at(books, i).id))
    .map((i) => describePosition(account, books, i, health));
}

/**
 * The mark at which an account falls below its maintenance margin, all other marks standing still: as in `positionsOf`.
 * @returns Zero where the account has no size in the market.
 */
export function liquidationPrice(opened: Opened, account: Portfolio, market: number): bigint {
  const i = indexOf(opened, market);
  return describePosition(account, opened.books, i, healthOf(account, opened.books)).liquidationPrice;
}

/** The same for zero instead of the margin. */
export function bankruptcyPrice(opened: Opened, account: Portfolio, market: number): bigint {
  const i = indexOf(opened, market);
  return describePosition(account, opened.books, i, healthOf(account, opened.books)).bankruptcyPrice;
}

function describePosition(account: Portfolio, books: readonly Book[], i: number, health: Health): PositionHealth {
  const book = at(books, i);
  const held = holdingOf(account, i);
  const size = sizeOfHolding(held, book);
  const notional = notionalUp(book.mark, size);
  const due = unsettled(held, book);
  const line = {
    book,
    held,
    equity: health.equity - due,
    margin: health.maintenanceMargin - partUp(notional, book.risk.maintenanceMargin),
    limit: priceLimit(book),
  };
  return {
    market: book.id,
    fresh: book.fresh,
    size,
    mark: book.mark,
    notional,
    unsettled: due,
    owed: held.owed,
    liquidationPrice: size === 0n ? 0n : ofLiquidation(line),
    bankruptcyPrice: size === 0n ? 0n : ofBankruptcy(line),
  };
}

// ---------------------------------------------------------------------- liquidation

/**
 * What `liquidate` with the same arguments would do, for a taker that can bear it. Looks neither at the taker's rights nor
 * at its margin.
 * @param size The most to take, above zero.
 */
export function previewLiquidation(
  opened: Opened,
  account: Portfolio,
  market: number,
  size: bigint,
): Preview<LiquidationPreview> {
  toUint("size", size);
  return attempt(() => {
    if (size === 0n) refuse("AmountIsZero", {});
    const { books } = copyOpened(opened);
    const i = freshIndexOf(opened, market);
    const debtor = copyPortfolio(account);
    const { incentive, ...terms } = settleAndAgree(debtor, books, i, size);
    const fundFee = min(terms.fundFee, debtor.collateral);
    const inCollateral = min(incentive, debtor.collateral - fundFee);
    return { size: terms.size, mark: at(books, i).mark, incentive, claim: incentive - inCollateral, fundFee };
  });
}

// ---------------------------------------------------------------------- markets

export function marketSummary(opened: Opened, market: number): MarketSummary {
  const i = indexOf(opened, market);
  const book = at(opened.books, i);
  return {
    market: book.id,
    status: book.risk.status,
    reduceOnly: book.risk.status !== MarketStatus.Active || isShort(book),
    fresh: book.fresh,
    mark: book.mark,
    publishedAt: book.publishedAt,
    generation: book.generation,
    longSize: sizeOfSide(book.long),
    shortSize: sizeOfSide(book.short),
    openInterest: notionalUp(book.mark, openInterest(book)),
    openInterestLimit: openInterestLimit(opened, i),
    initialMargin: rateUp(book),
    volatility: (book.volatility * PPM) / STEPS_IN_WHOLE,
    calm: isCalm(book, opened.house.time),
    settlesAt: waits(book) ? book.acceptedAt + RESOLUTION_PERIOD : 0n,
    pool: book.pool,
    shortfall: book.shortfall,
    fees: book.fees,
    fundingIndex: book.fundingIndex,
    premium: book.premium,
    scale: book.scale,
  };
}

/**
 * A market with a shortfall above its threshold, and above what rounding alone may leave, is reduce-only until that is
 * repaid.
 */
export function isShort(book: Book): boolean {
  const limit = partDown(book.risk.openInterestCap, book.risk.shortfallLimit);
  return book.shortfall > max(limit, ROUNDING_RESERVE);
}

/** Up to where open interest may grow now, money: the lower of the parameter and what the insurance fund bears. */
export function openInterestLimit({ house, books, records, fundAssets }: Opened, i: number): bigint {
  const cap = at(books, i).risk.openInterestCap;
  const { fundGap } = at(house.markets, i);
  if (fundGap === 0n) return cap;
  // Down: stricter.
  return min(cap, mulDivDown(min(at(records, i).fundAvailable, fundAssets), PPM, fundGap));
}

/**
 * The initial margin rate that a market would ask for, ppm of notional, if its open interest grew by `size`.
 * @throws OutOfRange Where `size` is above `MAX_SIDE_SIZE`.
 */
export function initialMarginAfter(opened: Opened, market: number, size: bigint): bigint {
  within("size", size, 0n, MAX_SIDE_SIZE);
  const book = copyBook(at(opened.books, indexOf(opened, market)));
  book.long.shares = sharesUp(book.long, openInterest(book) + size);
  return rateUp(book);
}

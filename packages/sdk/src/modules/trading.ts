/** Fills: two accounts trade with each other at a price that a venue found (`contracts/modules/Trading.sol`). */
import { attempt, type Preview, refuse } from "../interfaces/errors.ts";
import { save } from "../ledger/accountLedger.ts";
import { earn, store } from "../ledger/marketLedger.ts";
import { proveMargin, requireMarketRoom, requireNoUnpaidLoss } from "../ledger/ledger.ts";
import { afterFill } from "../logic/fundingRate.ts";
import { feeAllowance, type Health, healthOf, isDefault, keepsPromise, minus } from "../logic/health.ts";
import { requiredUp } from "../logic/initialMargin.ts";
import { max, min } from "../math/integer.ts";
import { at } from "../math/list.ts";
import { toUint, within } from "../math/narrow.ts";
import { mulDivDown } from "../math/rounding.ts";
import { isCalm, isShort, openInterestLimit } from "../periphery/clearingHouseLens.ts";
import { copyOpened, freshIndexOf, indexOf, type Opened } from "../periphery/ledgerPreview.ts";
import { type Book, openInterest, valueUnit } from "../types/book.ts";
import {
  copyPortfolio,
  emptyHolding,
  type Holding,
  holdingOf,
  move,
  type Portfolio,
  settle,
  settleMarket,
  sizeOfHolding,
  unsettled,
} from "../types/portfolio.ts";
import { cashFloor, notionalDown, notionalUp, ONE } from "../types/price.ts";
import { MAX_LEDGER, MAX_PRICE_BITS, MAX_SIDE_MONEY_BITS, MAX_SIDE_SHARES, MAX_SIDE_SIZE } from "../types/ranges.ts";
import { MarketStatus, PPM } from "../types/riskParameters.ts";
import { magnitude } from "../types/size.ts";
import { partDown, partUp } from "../types/usd.ts";

/** The most that a venue may add for itself, ppm. */
export const MAX_VENUE_FEE = 10_000n;
/** A fill sweeps fees beyond this itself, money. */
export const SWEEP_ABOVE = 1_000n * ONE;

/** What a venue would ask for: `IClearingHouse.Fill`. Where its fees go is not looked at. */
export interface Fill {
  readonly buyer: Portfolio;
  readonly seller: Portfolio;
  readonly market: number;
  /** Above zero, 18 decimals. */
  readonly size: bigint;
  /** 18 decimals. */
  readonly price: bigint;
  /** The venue's own fees, ppm of notional at `price`. */
  readonly buyerFee: bigint;
  readonly sellerFee: bigint;
}

/** What a fill leaves of one party. */
export interface FilledParty {
  /** As it would be stored, in the order of the opened books. */
  readonly account: Portfolio;
  /** Signed, in the market of the fill. */
  readonly size: bigint;
  /** Whether it took new risk, for which secured ≥ IM was asked. */
  readonly increases: boolean;
  /** Money. */
  readonly protocolFee: bigint;
  readonly venueFee: bigint;
  readonly health: Readonly<Health>;
  /** IM, money. */
  readonly initialMargin: bigint;
}

export interface FillPreview {
  readonly buyer: FilledParty;
  readonly seller: FilledParty;
  /** Markets and fund after it. What the venue earns has not been credited to anybody. */
  readonly opened: Opened;
}

interface Party {
  readonly account: Portfolio;
  /** Its position in the market of the fill. */
  readonly held: Holding;
  readonly delta: bigint;
  readonly before: Health;
  readonly sizeBefore: bigint;
  /** Whether it came with losses that its collateral does not cover: then all of it is settled. */
  readonly indebted: boolean;
  sizeAfter: bigint;
  increases: boolean;
  protocolFee: bigint;
  venueFee: bigint;
}

/**
 * What `fill` would do outside of a batch, called by a venue with the trade right on both accounts, neither of which is the
 * insurance fund's: resulting positions, fees and health, or the error that it would be refused with. Changes nothing that is
 * passed in.
 * @throws OutOfRange Where a number cannot be an argument of `fill`.
 */
export function previewFill(opened: Opened, fill: Fill): Preview<FillPreview> {
  toUint("size", fill.size);
  toUint("price", fill.price);
  toUint("buyerFee", fill.buyerFee, 24);
  toUint("sellerFee", fill.sellerFee, 24);
  return attempt(() => make(copyOpened(opened), fill));
}

function make(opened: Opened, { market, size, price, ...fill }: Fill): FillPreview {
  const { books, house } = opened;
  if (fill.buyer.id === fill.seller.id) refuse("SameAccount", { account: fill.buyer.id });
  if (size === 0n) refuse("AmountIsZero", {});
  if (size > MAX_SIDE_SIZE) refuse("SizeOutOfRange", { size, limit: MAX_SIDE_SIZE });

  const i = freshIndexOf(opened, market);
  const book = at(books, i);
  if (!isCalm(book, house.time)) refuse("MarkJumped", { market: BigInt(market), mark: book.mark });
  requireInBand(book, price);

  const buyer = enter(copyPortfolio(fill.buyer), books, i, size);
  const seller = enter(copyPortfolio(fill.seller), books, i, -size);
  const interest = openInterest(book);

  trade(buyer, books, book, price);
  trade(seller, books, book, price);
  requireRoom(opened, i, interest, size, price);

  // Losses first: what the one pays the other is paid out of the pool.
  collectThenPay(buyer, seller, books, book);
  chargeAndProve(buyer, opened, book, price, fill.buyerFee);
  chargeAndProve(seller, opened, book, price, fill.sellerFee);

  // Fees stay in the pool until somebody sweeps them.
  const protocolFees = buyer.protocolFee + seller.protocolFee;
  book.fees += protocolFees;
  book.pool += protocolFees;
  if (book.fees > SWEEP_ABOVE) earn(opened, book, 0n);
  save(buyer.account, books, house.tokenUnit);
  save(seller.account, books, house.tokenUnit);
  store(book);
  return { buyer: filled(buyer, books), seller: filled(seller, books), opened };
}

function filled({ account, sizeAfter, increases, protocolFee, venueFee }: Party, books: readonly Book[]): FilledParty {
  const [health, initialMargin] = [healthOf(account, books), requiredUp(account, books)];
  return { account, size: sizeAfter, increases, protocolFee, venueFee, health, initialMargin };
}

function requireInBand({ mark, risk }: Book, price: bigint): void {
  // Down: the band is never wider than its parameter.
  const band = mulDivDown(mark, risk.priceBand, PPM);
  if (magnitude(price - mark) > band) refuse("PriceOutOfBand", { price, mark, band });
}

/** Makes a party ready: no deficit behind it, and where it has unpaid losses, all of it settled. */
function enter(account: Portfolio, books: readonly Book[], i: number, delta: bigint): Party {
  let before = healthOf(account, books);
  if (isDefault(before)) refuse("DeficitMustBeDeleveraged", { account: account.id, deficit: -before.equity });
  const indebted = before.secured < 0n;
  if (indebted) {
    settle(account, books);
    before = healthOf(account, books);
  }
  const held = holdingOf(account, i);
  const sizeBefore = sizeOfHolding(held, at(books, i));
  const after = { sizeAfter: sizeBefore, increases: false, protocolFee: 0n, venueFee: 0n };
  return { account, held, delta, before, sizeBefore, indebted, ...after };
}

/** Moves the size at mark and books the difference to the price as owed. */
function trade(party: Party, books: readonly Book[], book: Book, price: bigint): void {
  const { account, held, delta, sizeBefore } = party;
  move(held, book, delta);
  held.owed += cashFloor(price, book.mark, delta);
  requireMarketRoom(account, books, book.id);
  const sizeAfter = sizeOfHolding(held, book);
  party.sizeAfter = sizeAfter;
  // A flip through zero takes new risk, whatever it leaves.
  party.increases =
    magnitude(sizeAfter) > magnitude(sizeBefore) || (sizeAfter !== 0n && sizeAfter > 0n !== sizeBefore > 0n);
  requireNoDust(party, book);
}

/** Dust may always be closed, never opened: not by opening it and not by leaving it. */
function requireNoDust({ sizeBefore, sizeAfter, increases }: Party, { mark, risk }: Book): void {
  const minimum = risk.minNotional;
  const notional = notionalDown(mark, sizeAfter);
  if (sizeAfter === 0n || notional >= minimum) return;
  const shrinksDust = !increases && notionalDown(mark, sizeBefore) < minimum;
  if (!shrinksDust) refuse("PositionTooSmall", { notional, minimum });
}

/** What the market as a whole must allow: open interest that grows, the range of numbers, and the premium. */
function requireRoom(opened: Opened, i: number, before: bigint, size: bigint, price: bigint): void {
  const book = at(opened.books, i);
  const market = BigInt(book.id);
  const interest = openInterest(book);
  book.premium = afterFill(book.premium, price, book.mark, size, before, book.risk.maxFundingRate);
  // Without a premium the clock stood still.
  if (book.premium !== 0n) book.accruedAt = opened.house.time;
  if (interest <= before) return;
  const open = book.risk.status === MarketStatus.Active && !isShort(book);
  if (!open) refuse("MarketIsReduceOnly", { market, openInterest: interest, before });
  const notional = notionalUp(book.mark, interest);
  const cap = openInterestLimit(opened, i);
  if (notional > cap) refuse("OpenInterestAboveCap", { market, notional, cap });
  const limit = sideLimit(book);
  const inRange = interest <= limit && max(book.long.shares, book.short.shares) < MAX_SIDE_SHARES;
  if (!inRange) refuse("SizeOutOfRange", { size: interest, limit });
}

/** What 2^MAX_SIDE_MONEY_BITS of money is at the market's maximum price, and no more than `MAX_SIDE_SIZE`. */
function sideLimit(book: Book): bigint {
  return min((valueUnit(book) << MAX_SIDE_MONEY_BITS) >> MAX_PRICE_BITS, MAX_SIDE_SIZE);
}

function collectThenPay(a: Party, b: Party, books: readonly Book[], book: Book): void {
  if (unsettled(a.held, book) < 0n) settleParty(a, books, book);
  settleParty(b, books, book);
  settleParty(a, books, book);
}

function settleParty({ account, held, indebted }: Party, books: readonly Book[], book: Book): void {
  if (indebted) settle(account, books);
  else settleMarket(account, book, held);
}

/** Charges the fees and proves the party healthy. */
function chargeAndProve(party: Party, opened: Opened, book: Book, price: bigint, venueRate: bigint): void {
  if (venueRate > MAX_VENUE_FEE) refuse("FeeAboveMaximum", { fee: venueRate, maximum: MAX_VENUE_FEE });
  const { account, before, delta, increases } = party;
  const { id } = account;
  const health = healthOf(account, opened.books);
  const notional = notionalUp(price, delta);
  // Up: the party bears the fraction.
  party.protocolFee = partUp(notional, book.risk.tradeFee);
  party.venueFee = partUp(notional, venueRate);

  const closedMargin = partDown(notionalDown(book.mark, delta), book.risk.maintenanceMargin);
  if (!increases) {
    const allowance = feeAllowance(health, before, closedMargin);
    party.protocolFee = min(party.protocolFee, allowance);
    party.venueFee = min(party.venueFee, allowance - party.protocolFee);
  }
  const fees = party.protocolFee + party.venueFee;
  if (fees > account.collateral) refuse("InsufficientCollateral", { collateral: account.collateral, asked: fees });
  account.collateral -= fees;
  minus(health, fees);

  requireNoUnpaidLoss(id, health.secured, before.secured);
  if (increases) {
    proveMargin(account, opened, health.secured);
    return;
  }
  const { equity, maintenanceMargin } = health;
  if (!keepsPromise(health, before, closedMargin))
    refuse("HealthWouldFall", { account: id, equity, maintenanceMargin });
}

// ---------------------------------------------------------------------- how much

/** What somebody would like to open as much of as they can. */
export interface Wish {
  readonly account: Portfolio;
  readonly market: number;
  readonly isBuy: boolean;
  /** 18 decimals. */
  readonly price: bigint;
  /** The venue's own fee, ppm of notional at `price`. */
  readonly venueFee: bigint;
}

/**
 * The most that an account may buy or sell at a price, 18 decimals: what `fill` accepts of it against a new account that can
 * bear anything, and one size-wei more it does not. Initial margin and fees bound it, open interest and the range of sizes;
 * a position the other way is closed first.
 *
 * A search, some hundred previews. Where more than one size has a next one that is refused, it answers one of them. Zero where
 * nothing can be opened, or where all that could be is too small to be.
 */
export function maximumSize(opened: Opened, { account, market, isBuy, price, venueFee }: Wish): bigint {
  toUint("price", price);
  within("venueFee", venueFee, 0n, MAX_VENUE_FEE);
  const i = indexOf(opened, market);
  const holdings = opened.books.map(emptyHolding);
  const other: Portfolio = { id: "the counterparty", collateral: MAX_LEDGER / 2n, markets: 0n, holdings };
  const [buyer, seller] = isBuy ? [account, other] : [other, account];
  const fees = isBuy ? { buyerFee: venueFee, sellerFee: 0n } : { buyerFee: 0n, sellerFee: venueFee };
  const refusal = (size: bigint) => {
    const preview = previewFill(opened, { buyer, seller, market, size, price, ...fees });
    return preview.accepted ? undefined : preview.refusal.name;
  };
  const passes = (size: bigint) => refusal(size) === undefined;
  // What is too small to stay may be a part of what is not.
  const fits = (size: bigint) => [undefined, "PositionTooSmall"].includes(refusal(size));

  const before = sizeOfHolding(holdingOf(account, i), at(opened.books, i));
  const against = before !== 0n && before < 0n === isBuy ? magnitude(before) : 0n;
  const closes = against !== 0n && passes(against);
  const most = against === 0n || closes ? lastThat(fits, against, MAX_SIDE_SIZE + 1n) : lastThat(fits, 0n, against);
  if (most === 0n || passes(most)) return most;
  return lastThat(passes, closes ? against : 0n, most);
}

/** A size that passes, from `low`, which does or is zero, to below `high`, which does not; and the next one does not. */
function lastThat(passes: (size: bigint) => boolean, low: bigint, high: bigint): bigint {
  let [last, first] = [low, high];
  while (first - last > 1n) {
    const middle = (last + first) / 2n;
    if (passes(middle)) last = middle;
    else first = middle;
  }
  return last;
}

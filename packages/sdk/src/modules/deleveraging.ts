/**
 * The default waterfall: negative balance protection for whoever is in default, borne by the trader, the insurance fund and
 * the opposing side, in this order (`contracts/modules/Deleveraging.sol`).
 */
import { save } from "../ledger/accountLedger.ts";
import { earn, store } from "../ledger/marketLedger.ts";
import { type Health, healthOf, isDefault } from "../logic/health.ts";
import { allocate, type Loss, NOTHING_TO_BEAR, type Split } from "../logic/lossWaterfall.ts";
import { max, min } from "../math/integer.ts";
import { at } from "../math/list.ts";
import { mulDivDown, mulShiftDown } from "../math/rounding.ts";
import { isResolvable } from "../periphery/clearingHouseLens.ts";
import { copyOpened, endGeneration, type MarketRecord, type Opened } from "../periphery/ledgerPreview.ts";
import { type Book, distance, moneyFloor, revalue, valueUnit } from "../types/book.ts";
import { contains } from "../types/marketSet.ts";
import type { EndedGeneration } from "../types/marketState.ts";
import {
  closeHolding,
  copyPortfolio,
  hasGain,
  type Holding,
  holdingOf,
  payGains,
  payLosses,
  type Portfolio,
  sizeOfHolding,
  unpaidLosses,
  unsettled,
  walk,
} from "../types/portfolio.ts";
import { notionalDown } from "../types/price.ts";
import { BASE_BITS, charge, closeSide, type Side, sizeOfSide } from "../types/side.ts";
import { negativePart, partDown, positivePart, shareDown } from "../types/usd.ts";

/** What the waterfall does for one account. */
export interface Resolved {
  /** As it would be stored, in the order of the opened books. */
  readonly account: Portfolio;
  /** How far below zero it was, money. */
  readonly deficit: bigint;
  /** What of it arose in markets with a price, and is made up for, money. */
  readonly covered: bigint;
}

/** Who bears what in one market. Money: deficit + bounty = insured + byLongs + byShorts + shortfall. */
export interface Allocation {
  readonly market: number;
  readonly deficit: bigint;
  readonly bounty: bigint;
  /** By the insurance fund. */
  readonly insured: bigint;
  /** The haircut of each side. */
  readonly byLongs: bigint;
  readonly byShorts: bigint;
  readonly shortfall: bigint;
  /** What is closed of each side at mark, a size. */
  readonly longClosed: bigint;
  readonly shortClosed: bigint;
}

export interface DeleveragePreview {
  /** Those of the list that are resolved, in the order in which they are. */
  readonly resolved: readonly Resolved[];
  /** Those markets that somebody had a position or a deficit in. */
  readonly allocations: readonly Allocation[];
  /** What the caller earns, money. */
  readonly bounty: bigint;
  /** Markets and fund after it. The bounty has not been credited to anybody. */
  readonly opened: Opened;
}

/** What the defaulters of one pass leave behind in one market, and who bears it. */
interface Tally {
  readonly loss: Loss;
  /** What the defaulters who were long, short left on the other side. */
  longSize: bigint;
  shortSize: bigint;
  insured: bigint;
  split: Split;
  closed: { long: bigint; short: bigint };
  /** Whether anybody left the market. */
  left: boolean;
}

/**
 * What `deleverage(accounts, NO_ACCOUNT)` would do, called from outside of a batch. Whoever is not in default is skipped, as
 * there. Changes nothing that is passed in.
 */
export function previewDeleverage(before: Opened, accounts: readonly Portfolio[]): DeleveragePreview {
  const opened = copyOpened(before);
  const { books, records } = opened;
  const markets = accounts.reduce((all, account) => all | account.markets, 0n);
  // What the fund has earned here counts when it is asked.
  for (const book of books) if (contains(markets, book.id)) earn(opened, book, 0n);
  // Whoever is listed twice is one.
  const waiting = new Map(accounts.map((account) => [account.id, copyPortfolio(account)]));
  const resolved: Resolved[] = [];
  const passes: Tally[][] = [];
  // First whoever has no waiting gain; then the rest, as often as what was charged may have put another one into default.
  for (let pass = 0; waiting.size !== 0; ++pass) {
    const tallies = books.map(newTally);
    const taken = takeOut(waiting, opened, tallies, pass === 0);
    if (taken.length === 0) {
      if (pass === 0) continue;
      break;
    }
    resolved.push(...taken);
    askFund(opened, tallies);
    for (const [i, tally] of tallies.entries()) bear(at(books, i), at(records, i), tally);
    for (const [i, tally] of tallies.entries()) {
      const end = closeOut(at(books, i), at(records, i), tally);
      if (end === undefined) continue;
      for (const account of waiting.values()) walkOn(holdingOf(account, i), at(books, i), end);
      for (const { account } of resolved) walkOn(holdingOf(account, i), at(books, i), end);
    }
    passes.push(tallies);
  }
  for (const book of books) if (contains(markets, book.id)) store(book);
  const allocations = books.flatMap((book, i) =>
    sumUp(
      book,
      passes.flatMap((tallies) => tallies[i] ?? []),
    ),
  );
  const bounty = allocations.reduce((all, each) => all + each.bounty, 0n);
  return { resolved, allocations, bounty, opened };
}

function newTally(): Tally {
  const loss = { ofLongs: 0n, ofShorts: 0n, deficit: 0n, bounty: 0n };
  const closed = { long: 0n, short: 0n };
  return { loss, longSize: 0n, shortSize: 0n, insured: 0n, split: NOTHING_TO_BEAR, closed, left: false };
}

/** A position that is open while its generation ends. */
function walkOn(held: Holding, book: Book, end: EndedGeneration): void {
  held.generation = book.generation;
  if (held.shares === 0n) return;
  if (held.isLong) walk(held, book, end.longValue, end.longShift);
  else walk(held, book, end.shortValue, end.shortShift);
}

function sumUp(book: Book, tallies: readonly Tally[]): Allocation[] {
  if (!tallies.some(({ left }) => left)) return [];
  const sum = (part: (tally: Tally) => bigint) => tallies.reduce((all, tally) => all + part(tally), 0n);
  return [
    {
      market: book.id,
      deficit: sum(({ loss }) => loss.deficit),
      bounty: sum(({ loss }) => loss.bounty),
      insured: sum(({ insured }) => insured),
      byLongs: sum(({ split }) => split.byLongs),
      byShorts: sum(({ split }) => split.byShorts),
      shortfall: sum(({ split }) => split.shortfall),
      longClosed: sum(({ closed }) => closed.long),
      shortClosed: sum(({ closed }) => closed.short),
    },
  ];
}

// ---------------------------------------------------------------------- the trader

/** Takes every account in default out of the book, after collecting what it has. */
function takeOut(
  waiting: Map<string, Portfolio>,
  { books, house }: Opened,
  tallies: readonly Tally[],
  onlyWithoutGains: boolean,
): Resolved[] {
  const taken: Resolved[] = [];
  for (const account of waiting.values()) {
    if (onlyWithoutGains && hasGain(account, books)) continue;
    const health: Health = healthOf(account, books);
    if (!isDefault(health) || !isResolvable(account, books)) continue;

    // Gains only as far as they pay the same account's losses, which then take all of its collateral.
    payGains(account, books, positivePart(-health.secured));
    payLosses(account, books);
    const deficit = -health.equity;
    const covered = leave(account, books, tallies, deficit);
    save(account, books, house.tokenUnit);
    waiting.delete(account.id);
    taken.push({ account, deficit, covered });
  }
  return taken;
}

/**
 * Attributes a deficit to markets in proportion to the unpaid losses there, and takes the account out of each that has a
 * price. Losses left over are matched by gains of its own that still wait.
 */
function leave(account: Portfolio, books: readonly Book[], tallies: readonly Tally[], deficit: bigint): bigint {
  const losses = unpaidLosses(account, books);
  let [seen, spent, covered] = [0n, 0n, 0n];
  for (const [i, book] of books.entries()) {
    const held = holdingOf(account, i);
    seen -= negativePart(unsettled(held, book));
    // Cumulative, so that the parts add up to the deficit exactly.
    const part = shareDown(deficit, seen, losses) - spent;
    spent += part;
    // What has shrunk to no size needs no price: it is burnt at any.
    if (!book.fresh && sizeOfHolding(held, book) !== 0n) continue;
    covered += part;
    leaveMarket(held, book, at(tallies, i), part);
  }
  return covered;
}

function leaveMarket(held: Holding, book: Book, tally: Tally, part: bigint): void {
  // Nothing to close and nothing to cover: what may wait there goes on waiting.
  if (held.shares === 0n && part === 0n) return;
  tally.left = true;
  const { loss } = tally;
  const size = sizeOfHolding(held, book);
  if (size > 0n) {
    tally.longSize += size;
    loss.ofLongs += part;
  } else if (size < 0n) {
    tally.shortSize -= size;
    loss.ofShorts += part;
  }
  closeHolding(held, book);
  held.owed += part;
  loss.deficit += part;
  if (part === 0n) return;
  loss.bounty += min(partDown(notionalDown(book.mark, size), book.risk.bountyRate), book.risk.bountyCap);
}

// ---------------------------------------------------------------------- the insurance fund

/** Asks the fund once, with the sums of all markets, and moves what it grants into the pools (`InsuranceFund.cover`). */
function askFund(opened: Opened, tallies: readonly Tally[]): void {
  const { records, books } = opened;
  const assets = opened.fundAssets;
  const most = tallies.map(({ loss }, i) => min(loss.deficit + loss.bounty, at(records, i).fundAvailable));
  const allowed = most.reduce((all, each) => all + each, 0n);
  for (const [i, tally] of tallies.entries()) {
    const paid = at(most, i);
    // Down, so that the sum is at most the assets; the opposing side bears what is missing.
    tally.insured = allowed > assets ? mulDivDown(paid, assets, allowed) : paid;
    at(records, i).fundAvailable -= tally.insured;
    at(books, i).pool += tally.insured;
    opened.fundAssets -= tally.insured;
  }
}

// ---------------------------------------------------------------------- the opposing side

/** Pays the bounty and charges what the fund did not grant to the opposing sides. */
function bear(book: Book, record: MarketRecord, tally: Tally): void {
  const { loss, insured } = tally;
  if (loss.deficit === 0n) return;
  loss.bounty = min(loss.bounty, book.pool);
  book.pool -= loss.bounty;
  if (loss.deficit + loss.bounty === insured) return;
  const limit = record.haircutLimit;
  let { longLeft, shortLeft } = haircutLeft(book, record);
  // Down: what cannot be charged in full is shortfall.
  const longLimit = moneyFloor(book, book.long.shares, longLeft);
  const shortLimit = moneyFloor(book, book.short.shares, shortLeft);
  tally.split = allocate(loss, insured, shortLimit, longLimit);
  const { byLongs, byShorts, shortfall } = tally.split;
  book.shortfall += shortfall;
  if (byLongs > 0n) longLeft -= charge(book.long, byLongs, valueUnit(book));
  if (byShorts > 0n) shortLeft -= charge(book.short, byShorts, valueUnit(book));
  revalue(book);
  [limit.longLeft, limit.shortLeft, limit.markAcceptedAt] = [longLeft, shortLeft, book.acceptedAt];
}

/**
 * Value per share that a side may still be charged under the present mark: the highest mark of this day and the one before it
 * times what a share stood for at the first haircut under this mark.
 */
function haircutLeft(book: Book, { haircutLimit, extremes }: MarketRecord): { longLeft: bigint; shortLeft: bigint } {
  const { longLeft, shortLeft, markAcceptedAt } = haircutLimit;
  if (markAcceptedAt === book.acceptedAt) return { longLeft, shortLeft };
  const high = max(extremes.high, extremes.previousHigh) << book.scale;
  return {
    longLeft: mulShiftDown(high, book.long.base, BASE_BITS),
    shortLeft: mulShiftDown(high, book.short.base, BASE_BITS),
  };
}

// ---------------------------------------------------------------------- the size

/** Closes the size that defaulted against the other side at mark, and ends the generation where that is due. */
function closeOut(book: Book, record: MarketRecord, tally: Tally): EndedGeneration | undefined {
  const { long, short } = book;
  if (tally.longSize === 0n && tally.shortSize === 0n) return undefined;
  tally.closed.long = closeUpTo(book, long, tally.shortSize);
  tally.closed.short = closeUpTo(book, short, tally.longSize);
  // Where nothing is left of one side, nothing of the other can stay. A market that nobody is left in has no side to end.
  if (long.shares === 0n && short.shares === 0n) return undefined;
  if (sizeOfSide(long) === 0n) closeSide(long, 0n, distance(book));
  if (sizeOfSide(short) === 0n) closeSide(short, 0n, distance(book));
  return endGeneration(book, record);
}

/** Closes what was left behind on the other side, as far as this side goes. */
function closeUpTo(book: Book, side: Side, left: bigint): bigint {
  const closed = min(left, sizeOfSide(side));
  if (closed > 0n) closeSide(side, closed, distance(book));
  return closed;
}

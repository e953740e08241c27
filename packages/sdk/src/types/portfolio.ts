/**
 * An account opened beside the books of every market it is in, and its positions (`contracts/types/Portfolio.sol`).
 * Functions change what they are given, as they do there.
 */
import { max, min } from "../math/integer.ts";
import { toUint } from "../math/narrow.ts";
import { mulDivDown } from "../math/rounding.ts";
import { type Book, moneyFloor, NO_PAYOUT, payable_, valueOf, WHOLE_PAYOUT } from "./book.ts";
import { ALL_CLOSED } from "./marketState.ts";
import { NO_POSITION, type Position } from "./position.ts";
import { sharesDown, sharesUp, type Side, sizeOf } from "./side.ts";
import { magnitude } from "./size.ts";
import { negativePart, positivePart, shareDown } from "./usd.ts";

/** A position brought to the market's present generation. */
export interface Holding {
  isLong: boolean;
  /** Not negative. */
  shares: bigint;
  /** The value per share up to which it has been paid. */
  paidValue: bigint;
  /** Money that shares do not explain. */
  owed: bigint;
  /** Of the market, up to which it has been brought. */
  generation: bigint;
  /** Whether it differs from what is stored. */
  changed: boolean;
}

/** `holdings[i]` belongs to `books[i]`, and is empty where the account is not in that market. */
export interface Portfolio {
  readonly id: string;
  /** Money. May pass below zero only on the way. */
  collateral: bigint;
  markets: bigint;
  readonly holdings: Holding[];
}

// ---------------------------------------------------------------------- one position

/** As it is stored; `walk` brings it to the present generation. */
export function openHolding({ shares, paidValue, generation, hasOwed, owed }: Position): Holding {
  const isLong = shares >= 0n;
  return { isLong, shares: magnitude(shares), paidValue, owed: hasOwed ? owed : 0n, generation, changed: false };
}

/** Nothing, in a market that the account is not in. */
export function emptyHolding({ generation }: Book): Holding {
  return openHolding({ ...NO_POSITION, generation });
}

/**
 * Takes the position through the end of a generation that it has slept through.
 * @param endValue Value per share of its side at that end.
 * @param bits The shift of its side.
 */
export function walk(held: Holding, book: Book, endValue: bigint, bits: bigint): void {
  held.owed += moneyFloor(book, held.shares, endValue - held.paidValue);
  held.paidValue = 0n;
  held.shares = bits === ALL_CLOSED ? 0n : held.shares >> bits;
  held.changed = true;
}

/** Cuts a gain to what a market that was wound up pays of it. Down: the account does without the fraction. */
export function cut(held: Holding, payout: bigint): void {
  if (held.owed <= 0n) return;
  held.owed = payout === NO_PAYOUT ? 0n : mulDivDown(held.owed, payout, WHOLE_PAYOUT);
  held.changed = true;
}

/**
 * What the market owes the account (above zero) or the account the market: shares · (V − V_paid) + owed, money.
 * Floor: the account bears the fraction.
 */
export function unsettled(held: Holding, book: Book): bigint {
  if (held.shares === 0n) return held.owed;
  // A short's V falls as the mark rises, so for both sides the number of shares counts and not its sign.
  return held.owed + moneyFloor(book, held.shares, valueOf(book, held.isLong) - held.paidValue);
}

/** The signed size. Towards zero: a fraction of a size-wei is nobody's. */
export function sizeOfHolding(held: Holding, book: Book): bigint {
  return held.isLong ? sizeOf(book.long, held.shares) : -sizeOf(book.short, held.shares);
}

/** As they are stored. */
export function signedShares(held: Holding): bigint {
  return held.isLong ? held.shares : -held.shares;
}

/** Writes what shares have made so far into `owed`, exactly: the account is worth what it was. */
export function crystallise(held: Holding, book: Book): void {
  held.owed = unsettled(held, book);
  held.paidValue = valueOf(book, held.isLong);
  held.changed = true;
}

/**
 * Moves the position by `delta` at mark, through zero where it must, and keeps the side totals. What it has made so far
 * becomes owed; nothing else changes.
 */
export function move(held: Holding, book: Book, delta: bigint): void {
  crystallise(held, book);
  let quantity = magnitude(delta);
  const buys = delta > 0n;
  if (held.shares !== 0n && held.isLong !== buys) {
    const closing = held.isLong ? book.long : book.short;
    const whole = sizeOf(closing, held.shares);
    const closed = min(quantity, whole);
    burn(held, closing, closed === whole ? held.shares : sharesUp(closing, closed));
    quantity -= closed;
  }
  if (quantity === 0n) return;
  const opening = buys ? book.long : book.short;
  const shares = sharesDown(opening, quantity);
  opening.shares += shares;
  held.isLong = buys;
  held.shares += shares;
  held.paidValue = valueOf(book, buys);
}

/** Takes the position out of the book at mark; what it made stays owed. */
export function closeHolding(held: Holding, book: Book): void {
  crystallise(held, book);
  burn(held, held.isLong ? book.long : book.short, held.shares);
}

/** The same where it has shrunk to no size. */
export function burnDust(held: Holding, book: Book): void {
  if (held.shares !== 0n && sizeOfHolding(held, book) === 0n) closeHolding(held, book);
}

/** Assumes a crystallised position. */
function burn(held: Holding, side: Side, shares: bigint): void {
  side.shares = toUint("shares of a side, which are at least what its holders have", side.shares - shares);
  held.shares -= shares;
}

// ---------------------------------------------------------------------- the whole account

/** Whether any market owes the account anything. */
export function hasGain(account: Portfolio, books: readonly Book[]): boolean {
  return books.some((book, i) => unsettled(holdingOf(account, i), book) > 0n);
}

/** Settles the whole account: gains first, as far as the pools go, then losses, as far as the collateral goes. */
export function settle(account: Portfolio, books: readonly Book[]): void {
  payGains(account, books);
  payLosses(account, books);
}

/**
 * Settles one market alone. Assumes that the account can pay all of its losses (secured ≥ 0), so that the order of markets
 * does not matter; what it then cannot pay stays owed.
 */
export function settleMarket(account: Portfolio, book: Book, held: Holding): void {
  const due = unsettled(held, book);
  pay(account, book, held, due, due > 0n ? min(due, payable_(book)) : max(due, -positivePart(account.collateral)));
}

/** Moves gains from the pools into collateral, as far as the pools go and up to `limit` in all, where there is one. */
export function payGains(account: Portfolio, books: readonly Book[], limit?: bigint): void {
  let left = limit;
  for (const [i, book] of books.entries()) {
    const held = holdingOf(account, i);
    const due = unsettled(held, book);
    const most = min(due, payable_(book));
    const paid = positivePart(left === undefined ? most : min(most, left));
    pay(account, book, held, due, paid);
    if (left !== undefined) left -= paid;
  }
}

/**
 * Moves losses from collateral into the pools, as far as the collateral goes: in full, or pro rata over the markets down to
 * a collateral of exactly zero.
 */
export function payLosses(account: Portfolio, books: readonly Book[]): void {
  const losses = unpaidLosses(account, books);
  if (losses === 0n) return;
  const purse = min(account.collateral, losses);
  let seen = 0n;
  let spent = 0n;
  for (const [i, book] of books.entries()) {
    const held = holdingOf(account, i);
    const due = unsettled(held, book);
    if (due >= 0n) continue;
    seen -= due;
    // Cumulative, so that the parts add up to the purse exactly.
    const upTo = shareDown(purse, seen, losses);
    pay(account, book, held, due, spent - upTo);
    spent = upTo;
  }
}

/** What the account owes markets, not negative. */
export function unpaidLosses(account: Portfolio, books: readonly Book[]): bigint {
  let losses = 0n;
  for (const [i, book] of books.entries()) losses -= negativePart(unsettled(holdingOf(account, i), book));
  return losses;
}

/** collateral + Σ min(0, unsettled) */
export function secured(account: Portfolio, books: readonly Book[]): bigint {
  return account.collateral - unpaidLosses(account, books);
}

/** The position beside `books[i]`. */
export function holdingOf(account: Portfolio, i: number): Holding {
  const held = account.holdings[i];
  if (held === undefined) throw new Error(`${account.id} was not opened beside these books`);
  return held;
}

/** Refuses a position of a generation that has ended since it was opened. */
export function requirePresent({ id }: Portfolio, held: Holding, book: Book): void {
  if (held.generation === book.generation) return;
  throw new Error(
    `${id} was opened in generation ${held.generation} of market ${book.id}, which is in ${book.generation}: open it again`,
  );
}

/** Pays `paid` of `due`, both above zero out of the pool or both below zero into it. What is left is owed. */
function pay(account: Portfolio, book: Book, held: Holding, due: bigint, paid: bigint): void {
  if (paid === 0n) return;
  held.paidValue = valueOf(book, held.isLong);
  held.owed = due - paid;
  held.changed = true;
  account.collateral += paid;
  book.pool -= paid;
}

/** A copy that may be changed without changing this one. */
export function copyPortfolio(account: Portfolio): Portfolio {
  return { ...account, holdings: account.holdings.map((held) => ({ ...held })) };
}

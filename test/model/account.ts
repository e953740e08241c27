/** Accounts and their positions: what they are worth, settling, moving size. Every function is given the markets. */
import {
  ALL_CLOSED,
  cut,
  initialMarginRate,
  moneyFloor,
  payable,
  refusal,
  sideOf,
  worthOf,
  type Market,
} from "./market.ts";
import { abs, max, min, prorate, sum } from "./math.ts";
import { notionalUp, partUp } from "./risk.ts";
import { sharesBought, sharesSold, sizeOfShares } from "./side.ts";

/** One account's part of one market. */
export interface Position {
  /** Above zero long, below zero short. */
  shares: bigint;
  /** The V up to which the shares have been paid. */
  paidValue: bigint;
  generation: number;
  /** Money that shares do not explain: a waiting gain above zero, an unpaid loss below. */
  owed: bigint;
  /** Its gain has been cut to what the market, wound up, pays of it. */
  isCut: boolean;
  /** This call has changed it. */
  isWritten: boolean;
}

export interface Account {
  collateral: bigint;
  /** By market number. */
  readonly positions: Map<number, Position>;
}

export interface Health {
  readonly equity: bigint;
  readonly secured: bigint;
  readonly initialMargin: bigint;
  readonly maintenanceMargin: bigint;
}

export function newAccount(): Account {
  return { collateral: 0n, positions: new Map() };
}

/** The markets that an account is in, by number. */
export function marketsOf({ positions }: Account, markets: readonly Market[]): Market[] {
  return markets.filter(({ number }) => positions.has(number));
}

// ------------------------------------------------------------------ reading

/** A position brought to the market's generation, as it would be written. */
function walked(position: Position, market: Market): Position {
  let { shares, paidValue, owed, isCut, isWritten } = position;
  for (const end of market.ended.slice(position.generation)) {
    if (shares === 0n) break;
    const isLong = shares > 0n;
    owed += moneyFloor(market, abs(shares), (isLong ? end.longValue : end.shortValue) - paidValue);
    const shift = isLong ? end.longShift : end.shortShift;
    const left = shift === ALL_CLOSED ? 0n : abs(shares) >> shift;
    shares = isLong ? left : -left;
    paidValue = 0n;
    isWritten = true;
  }
  if (market.payout !== undefined && !isCut) {
    owed = cut(market, owed);
    isCut = true;
    isWritten = true;
  }
  return { shares, paidValue, generation: market.generation, owed, isCut, isWritten };
}

/** What the market owes an account. */
export function unsettled({ positions }: Account, market: Market): bigint {
  const position = positions.get(market.number);
  if (position === undefined) return 0n;
  const { shares, paidValue, owed } = walked(position, market);
  return shares === 0n ? owed : owed + moneyFloor(market, abs(shares), worthOf(market, shares > 0n) - paidValue);
}

/** Long above zero, short below. */
export function sizeOf({ positions }: Account, market: Market): bigint {
  const position = positions.get(market.number);
  if (position === undefined) return 0n;
  const { shares } = walked(position, market);
  const size = sizeOfShares(sideOf(market, shares > 0n), abs(shares));
  return shares > 0n ? size : -size;
}

export function healthOf(account: Account, markets: readonly Market[]): Health {
  const held = marketsOf(account, markets);
  const claims = held.map((market) => unsettled(account, market));
  const margin = (rate: (market: Market) => bigint) =>
    sum(held.map((market) => partUp(notionalUp(abs(sizeOf(account, market)), market.mark), rate(market))));
  return {
    equity: account.collateral + sum(claims),
    secured: account.collateral + sum(claims.map((claim) => min(0n, claim))),
    initialMargin: margin((market) => initialMarginRate(market)),
    maintenanceMargin: margin(({ risk }) => risk.maintenanceMargin),
  };
}

/** Isolated-only markets: an account in one may be in no other. */
export function mayBeInAll(markets: readonly Market[]): boolean {
  return markets.length < 2 || !markets.some(({ risk }) => risk.isolatedOnly);
}

/** Who is in the market already enters nothing. */
export function mayEnter(account: Account, market: Market, markets: readonly Market[]): boolean {
  return account.positions.has(market.number) || mayBeInAll([...marketsOf(account, markets), market]);
}

/** Why the account cannot take new risk or be paid out: a market in which it has a position refuses its price. */
export function staleness(account: Account, markets: readonly Market[], now: bigint): string | undefined {
  return marketsOf(account, markets)
    .filter((market) => sizeOf(account, market) !== 0n)
    .map((market) => refusal(market, now))
    .find((reason) => reason !== undefined);
}

// ------------------------------------------------------------------ writing

/**
 * Brings positions that have slept through the end of a generation, or of the market, up to date; burns what they have left
 * of shares too small for a size. Other positions stay as they are.
 */
export function touch(account: Account, markets: readonly Market[]): void {
  for (const market of marketsOf(account, markets)) {
    const position = account.positions.get(market.number);
    if (position === undefined) continue;
    const hasSlept = position.generation < market.generation;
    Object.assign(position, walked(position, market));
    if (hasSlept && position.shares !== 0n && sizeOf(account, market) === 0n) writeDown(account, market);
  }
}

/** Moves what shares explain into `owed`; burns shares too small for a size. */
export function writeDown(account: Account, market: Market): Position {
  const position = account.positions.get(market.number) ?? {
    shares: 0n,
    paidValue: 0n,
    generation: market.generation,
    owed: 0n,
    isCut: market.payout !== undefined,
    isWritten: true,
  };
  account.positions.set(market.number, position);
  const owed = unsettled(account, market);
  const isTooSmall = sizeOf(account, market) === 0n;
  Object.assign(position, walked(position, market), { owed, isWritten: true });
  if (isTooSmall && position.shares !== 0n) {
    sideOf(market, position.shares > 0n).shares -= abs(position.shares);
    position.shares = 0n;
  }
  position.paidValue = position.shares === 0n ? 0n : worthOf(market, position.shares > 0n);
  return position;
}

/** Changes a position by `size` at mark: what opposes it is closed first. */
export function move(account: Account, market: Market, size: bigint): void {
  const position = writeDown(account, market);
  const held = sizeOf(account, market);
  let left = size;
  if (held !== 0n && held > 0n !== size > 0n) {
    const side = sideOf(market, held > 0n);
    const isWhole = abs(size) >= abs(held);
    const sold = isWhole ? abs(position.shares) : sharesSold(side, abs(size));
    position.shares -= held > 0n ? sold : -sold;
    side.shares -= sold;
    left = isWhole ? size + held : 0n;
  }
  if (left !== 0n) {
    const side = sideOf(market, left > 0n);
    const bought = sharesBought(side, abs(left));
    position.shares += left > 0n ? bought : -bought;
    side.shares += bought;
  }
  position.paidValue = position.shares === 0n ? 0n : worthOf(market, position.shares > 0n);
}

/** Moves as much of the account's unpaid losses as there is collateral for into the pools of `markets`, pro rata. */
export function payLosses(account: Account, markets: readonly Market[]): void {
  const losses = markets.map((market) => max(0n, -unsettled(account, market)));
  const total = sum(losses);
  if (total === 0n) return;
  const purse = min(account.collateral, total);
  for (const [i, part] of prorate(purse, losses).entries()) pay(account, markets[i], -part);
}

/** Moves the account's gains out of the pools of `markets`, as far as these go. */
export function payGains(account: Account, markets: readonly Market[]): void {
  for (const market of markets) pay(account, market, min(payable(market), max(0n, unsettled(account, market))));
}

/** Pays an account `amount` of what a market owes it, or takes as much where it is below zero. */
function pay(account: Account, market: Market | undefined, amount: bigint): void {
  if (market === undefined || amount === 0n) return;
  writeDown(account, market).owed -= amount;
  account.collateral += amount;
  market.pool -= amount;
}

/** Gains first, as far as pools go; then losses, as far as collateral goes. */
export function settle(account: Account, markets: readonly Market[]): void {
  touch(account, markets);
  const held = marketsOf(account, markets);
  payGains(account, held);
  payLosses(account, held);
}

/** One market alone: a gain as far as its pool goes, or a loss as far as collateral goes. */
export function settleMarket(account: Account, market: Market): void {
  payGains(account, [market]);
  payLosses(account, [market]);
}

/** Leaves markets whose position this call has changed and in which nothing is left, forgiving less than a token unit. */
export function leave(account: Account, markets: readonly Market[], tokenUnit: bigint): void {
  for (const market of marketsOf(account, markets)) {
    const position = account.positions.get(market.number);
    if (!position?.isWritten) continue;
    position.isWritten = false;
    const { shares, owed } = position;
    if (shares !== 0n || abs(owed) >= tokenUnit) continue;
    if (owed > 0n && account.collateral === 0n) continue;
    account.positions.delete(market.number);
  }
}

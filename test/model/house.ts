/**
 * The clearing house: every call that moves money, over plain data. A call either changes the house or is refused with the
 * name of an error, and then it has changed nothing (`attempt`).
 */
import {
  healthOf,
  leave,
  marketsOf,
  mayEnter,
  move,
  newAccount,
  settle,
  settleMarket,
  sizeOf,
  staleness,
  touch,
  unsettled,
  writeDown,
  type Account,
  type Health,
} from "./account.ts";
import { afterFill } from "./funding.ts";
import { bearable, newBucket, type Bucket, type Limit } from "./fund.ts";
import { liquidationTerms } from "./liquidation.ts";
import { hasJumped, newMarket, openInterest, refresh, refusal, repay, sweep, type Market } from "./market.ts";
import { abs, divFloor, max, min, ONE } from "./math.ts";
import { check, Refusal } from "./refusal.ts";
import { notionalDown, notionalUp, partDown, partUp, type Risk } from "./risk.ts";

/** The name of the insurance fund's account. */
export const FUND = "fund";
const MAX_SIZE = 10n ** 30n;
const MAX_VENUE_FEE = 10_000n;
const SWEEPS_ABOVE = 1_000n * ONE;

export interface House {
  /** Seconds since 1970. */
  now: bigint;
  /** The token's smallest unit, in money. */
  readonly tokenUnit: bigint;
  readonly accounts: Map<string, Account>;
  /** By number. */
  readonly markets: Market[];
  /** What each market may draw from the insurance fund, by number. */
  readonly buckets: Bucket[];
  /** In a batch: the accounts whose margin check waits for its end. */
  pending: Set<Account> | undefined;
}

/** What a market begins with. */
export interface Listing {
  readonly risk: Risk;
  readonly maxPrice: bigint;
  readonly price: bigint;
  /** Seconds after which a price no longer counts. */
  readonly maxAge: bigint;
  /** What the market may draw from the insurance fund. */
  readonly fundLimit: Limit;
}

export function newHouse(listings: readonly Listing[], tokenUnit: bigint, now: bigint): House {
  return {
    now,
    tokenUnit,
    accounts: new Map(),
    markets: listings.map(({ risk, maxPrice, price, maxAge }, number) =>
      newMarket(number, risk, maxPrice, { price, publishedAt: now, maxAge }, now),
    ),
    buckets: listings.map(({ fundLimit }) => newBucket(fundLimit, now)),
    pending: undefined,
  };
}

/** The market's feed has a new price. */
export function publish(house: House, number: number, price: bigint): void {
  const market = marketOf(house, number);
  market.feed = { ...market.feed, price, publishedAt: house.now };
}

export function accountOf(house: House, name: string): Account {
  const account = house.accounts.get(name) ?? newAccount();
  house.accounts.set(name, account);
  return account;
}

export function marketOf(house: House, number: number): Market {
  const market = house.markets[number];
  if (market === undefined) throw new Refusal("UnknownMarket");
  return market;
}

/** The house after a call, or the name of the error with which it was refused. */
export function attempt(house: House, call: (house: House) => void): { house: House; refused?: string } {
  const after = structuredClone(house);
  try {
    call(after);
    return { house: after };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { house, refused: error.message };
  }
}

/** Brings every market that an account is in to this second. */
export function refreshMarkets(house: House, account: Account): void {
  for (const market of marketsOf(account, house.markets)) refresh(market, house.now);
}

/** The market, with a fresh price. */
function freshMarket(house: House, number: number): Market {
  const market = marketOf(house, number);
  refresh(market, house.now);
  const refused = refusal(market, house.now);
  if (refused !== undefined) throw new Refusal(refused);
  return market;
}

/** New risk is carried by margin: now, or at the end of a batch. Whoever makes batches here trades for every account. */
function requireMargin(house: House, account: Account): void {
  if (house.pending === undefined) proveMargin(house, account);
  else house.pending.add(account);
}

function proveMargin(house: House, account: Account): void {
  const stale = staleness(account, house.markets, house.now);
  if (stale !== undefined) throw new Refusal(stale);
  const { secured, initialMargin } = healthOf(account, house.markets);
  check(secured >= initialMargin, "InsufficientMargin");
}

export function isPending({ pending }: House, account: Account): boolean {
  return pending?.has(account) ?? false;
}

/** Several calls, with one margin check of each account at the end. */
export function batch(house: House, calls: readonly ((house: House) => void)[]): void {
  const pending = new Set<Account>();
  house.pending = pending;
  for (const call of calls) call(house);
  house.pending = undefined;
  for (const account of pending) {
    refreshMarkets(house, account);
    proveMargin(house, account);
  }
}

function leaveAll(house: House, accounts: readonly Account[]): void {
  for (const account of accounts) leave(account, house.markets, house.tokenUnit);
}

export function sweepTo(house: House, market: Market): void {
  accountOf(house, FUND).collateral += sweep(market);
}

// ------------------------------------------------------------------ collateral

/** Adds to an account's collateral; an account without any pays its unpaid losses first. */
export function credit(house: House, account: Account, money: bigint): void {
  const wasEmpty = account.collateral === 0n;
  account.collateral += money;
  if (!wasEmpty) return;
  settle(account, house.markets);
  leaveAll(house, [account]);
}

/** @param amount Token units. */
export function deposit(house: House, name: string, amount: bigint): void {
  check(amount > 0n, "AmountIsZero");
  credit(house, accountOf(house, name), amount * house.tokenUnit);
}

/** What the insurance fund pays to whoever leaves it. @param amount Token units. */
export function payOut(house: House, amount: bigint): void {
  accountOf(house, FUND).collateral -= amount * house.tokenUnit;
}

/** @param amount Token units. */
export function withdraw(house: House, name: string, amount: bigint): void {
  check(amount > 0n, "AmountIsZero");
  const account = accountOf(house, name);
  const money = amount * house.tokenUnit;
  check(money <= account.collateral, "InsufficientCollateral");
  account.collateral -= money;
  if (account.positions.size === 0) return;
  // What is only owed needs no price.
  if ([...account.positions.values()].some(({ shares }) => shares !== 0n)) refreshMarkets(house, account);
  for (const market of marketsOf(account, house.markets))
    check(sizeOf(account, market) === 0n || !hasJumped(market, house.now), "MarkJumped");
  check(healthOf(account, house.markets).secured >= 0n, "UnpaidLoss");
  requireMargin(house, account);
}

/** Goes through the list twice, the second time for those whose gains still wait. */
export function settleAll(house: House, names: readonly string[]): void {
  const accounts = names.map((name) => accountOf(house, name));
  for (const account of accounts) {
    refreshMarkets(house, account);
    settle(account, house.markets);
  }
  for (const account of accounts) if (hasGain(house, account)) settle(account, house.markets);
  leaveAll(house, accounts);
}

export function hasGain(house: House, account: Account): boolean {
  return house.markets.some((market) => unsettled(account, market) > 0n);
}

export function accrueFunding(house: House, number: number): void {
  const market = marketOf(house, number);
  refresh(market, house.now);
  sweepTo(house, market);
}

// ------------------------------------------------------------------ fill

export interface Fill {
  readonly buyer: string;
  readonly seller: string;
  readonly market: number;
  readonly size: bigint;
  readonly price: bigint;
  /** Who earns the venue's fees, and their rates in parts per million. */
  readonly feeTo: string;
  readonly buyerFee: bigint;
  readonly sellerFee: bigint;
}

interface Party {
  readonly account: Account;
  readonly venueRate: bigint;
  /** Above zero for the buyer. */
  readonly size: bigint;
  readonly sizeBefore: bigint;
  /** Taken after unpaid losses have been settled. */
  readonly before: Health;
  /** It came with losses that its collateral did not cover. */
  readonly isSettledWhole: boolean;
}

export function fill(house: House, trade: Fill): void {
  const { size, price } = trade;
  check(trade.buyer !== trade.seller, "SameAccount");
  check(trade.buyer !== FUND && trade.seller !== FUND, "FundAccountRefused");
  check(size > 0n, "AmountIsZero");
  check(size <= MAX_SIZE, "SizeOutOfRange");
  const market = freshMarket(house, trade.market);
  const { mark, risk } = market;
  check(!hasJumped(market, house.now), "MarkJumped");
  check(abs(price - mark) <= partDown(mark, risk.priceBand), "PriceOutOfBand");

  const enter = (name: string, signed: bigint, venueRate: bigint): Party => {
    const account = accountOf(house, name);
    refreshMarkets(house, account);
    touch(account, house.markets);
    const found = healthOf(account, house.markets);
    check(found.equity >= 0n, "DeficitMustBeDeleveraged");
    const isSettledWhole = found.secured < 0n;
    if (isSettledWhole) settle(account, house.markets);
    const before = healthOf(account, house.markets);
    return { account, venueRate, size: signed, sizeBefore: sizeOf(account, market), before, isSettledWhole };
  };
  const parties = [enter(trade.buyer, size, trade.buyerFee), enter(trade.seller, -size, trade.sellerFee)] as const;

  const before = openInterest(market);
  for (const party of parties) {
    check(mayEnter(party.account, market, house.markets), "TooManyMarkets");
    move(party.account, market, party.size);
    writeDown(party.account, market).owed += divFloor((mark - price) * party.size, ONE);
    checkDust(market, party);
  }
  checkOpenInterest(house, market, before);
  // Funding has stopped in a market that has ended.
  if (risk.status !== "Settled")
    market.premium = afterFill(market.premium, price, mark, size, before, risk.maxFundingRate);

  // A buyer who owes comes first, so that the seller is paid out of it; the seller next, so that the buyer is paid as well.
  const [buyer, seller] = parties;
  if (unsettled(buyer.account, market) < 0n) settleParty(house, market, buyer);
  settleParty(house, market, seller);
  settleParty(house, market, buyer);

  let venueFees = 0n;
  for (const party of parties) {
    venueFees += chargeFees(house, market, party, notionalUp(size, price));
    checkHealth(house, market, party);
  }
  if (market.fees > SWEEPS_ABOVE) sweepTo(house, market);
  leaveAll(
    house,
    parties.map(({ account }) => account),
  );
  if (venueFees > 0n) credit(house, accountOf(house, trade.feeTo), venueFees);
}

/** This market alone, where the account can pay all that it owes. */
function settleParty(house: House, market: Market, { account, isSettledWhole }: Party): void {
  if (isSettledWhole) settle(account, house.markets);
  else settleMarket(account, market);
}

/** A position is worth the minimum, unless it was dust before and shrinks. */
function checkDust(market: Market, { account, sizeBefore }: Party): void {
  const after = sizeOf(account, market);
  const isWorth = (size: bigint) => notionalDown(abs(size), market.mark) >= market.risk.minNotional;
  const shrinks = abs(after) < abs(sizeBefore) && sizeBefore > 0n === after > 0n;
  check(after === 0n || isWorth(after) || (shrinks && !isWorth(sizeBefore)), "PositionTooSmall");
}

function checkOpenInterest(house: House, market: Market, before: bigint): void {
  const after = openInterest(market);
  if (after <= before) return;
  check(mayGrow(market), "MarketIsReduceOnly");
  check(notionalUp(after, market.mark) <= openInterestLimit(house, market), "OpenInterestAboveCap");
  check(after <= MAX_SIZE, "SizeOutOfRange");
}

/** Whether open interest may grow at all. */
export function mayGrow({ risk, shortfall }: Market): boolean {
  return risk.status === "Active" && shortfall <= max(ONE, partDown(risk.openInterestCap, risk.shortfallLimit));
}

/** Up to where it may grow: the cap, or what the insurance fund bears. */
export function openInterestLimit(house: House, market: Market): bigint {
  const { openInterestCap } = market.risk;
  const bucket = house.buckets[market.number];
  const borne = bucket && bearable(bucket, accountOf(house, FUND).collateral, house.now);
  return borne === undefined ? openInterestCap : min(openInterestCap, borne);
}

function onlyReduces(market: Market, { account, sizeBefore }: Party): boolean {
  const after = sizeOf(account, market);
  return abs(after) < abs(sizeBefore) && (after === 0n || sizeBefore > 0n === after > 0n);
}

/** MM of the part that a reducing party has closed. */
function marginClosed({ mark, risk }: Market, { size }: Party): bigint {
  return partDown(notionalDown(abs(size), mark), risk.maintenanceMargin);
}

/** Answers what the venue gets. */
function chargeFees(house: House, market: Market, party: Party, notional: bigint): bigint {
  check(party.venueRate <= MAX_VENUE_FEE, "FeeAboveMaximum");
  const { account, before } = party;
  let protocolFee = partUp(notional, market.risk.tradeFee);
  let venueFee = partUp(notional, party.venueRate);
  // Who is asked for more at the end of a batch pays in full.
  if (onlyReduces(market, party) && !isPending(house, account)) {
    const { equity, secured, maintenanceMargin } = healthOf(account, house.markets);
    const fair =
      before.maintenanceMargin === 0n
        ? 0n
        : divFloor(before.equity * marginClosed(market, party), before.maintenanceMargin);
    const byHealth = max(equity - maintenanceMargin, min(equity, equity - before.equity + fair));
    const allowance = max(0n, min(byHealth, secured));
    protocolFee = min(protocolFee, allowance);
    venueFee = min(venueFee, allowance - protocolFee);
  }
  check(account.collateral >= protocolFee + venueFee, "InsufficientCollateral");
  account.collateral -= protocolFee + venueFee;
  market.pool += protocolFee;
  market.fees += protocolFee;
  return venueFee;
}

function checkHealth(house: House, market: Market, party: Party): void {
  const { account, before } = party;
  const after = healthOf(account, house.markets);
  check(after.secured >= min(0n, before.secured), "UnpaidLoss");
  if (!onlyReduces(market, party)) {
    requireMargin(house, account);
  } else if (!isPending(house, account)) {
    const change = (after.equity - before.equity) * before.maintenanceMargin;
    const keepsRatio = change + before.equity * marginClosed(market, party) >= 0n;
    const isHealthy = after.equity >= after.maintenanceMargin;
    check(isHealthy || (after.equity >= 0n && keepsRatio), "HealthWouldFall");
  }
}

// ------------------------------------------------------------------ liquidate

/** @param asked The most to take. */
export function liquidate(house: House, name: string, number: number, asked: bigint, to: string): void {
  check(name !== to, "SameAccount");
  check(to !== FUND, "FundAccountRefused");
  const debtor = accountOf(house, name);
  check(!isPending(house, debtor), "CheckPending");
  check(asked > 0n, "AmountIsZero");
  const market = freshMarket(house, number);
  const { mark, risk } = market;
  const taker = accountOf(house, to);
  refreshMarkets(house, debtor);
  refreshMarkets(house, taker);
  touch(taker, house.markets);
  settle(debtor, house.markets);
  const { equity, maintenanceMargin } = healthOf(debtor, house.markets);
  check(equity >= 0n, "DeficitMustBeDeleveraged");
  check(equity < maintenanceMargin, "NotLiquidatable");
  const held = sizeOf(debtor, market);
  check(held !== 0n, "NoPosition");

  const gain = max(0n, unsettled(debtor, market));
  const found = { equity, maintenanceMargin, collateral: debtor.collateral, gain, size: abs(held) };
  const terms = liquidationTerms(found, asked, mark, risk);
  const left = abs(held) - terms.size;
  check(left === 0n || notionalDown(left, mark) >= risk.minNotional, "PositionTooSmall");

  check(mayEnter(taker, market, house.markets), "TooManyMarkets");
  const before = healthOf(taker, house.markets);
  const taken = held > 0n ? terms.size : -terms.size;
  move(debtor, market, -taken);
  move(taker, market, taken);

  // From collateral: the fund first, then the taker. What is missing is a claim on the gain that waits.
  const fundFee = min(terms.fundFee, debtor.collateral);
  debtor.collateral -= fundFee;
  sweepTo(house, market);
  const repaid = repay(market, fundFee);
  accountOf(house, FUND).collateral += fundFee - repaid;
  const paid = min(terms.incentive, debtor.collateral);
  debtor.collateral -= paid;
  taker.collateral += paid;
  const claim = terms.incentive - paid;
  writeDown(debtor, market).owed -= claim;
  writeDown(taker, market).owed += claim;

  // A credit pays unpaid losses first; whoever can pay all of them settles this market alone.
  if (min(before.secured, healthOf(taker, house.markets).secured) < 0n) settle(taker, house.markets);
  else settleMarket(taker, market);
  check(healthOf(taker, house.markets).secured >= min(0n, before.secured), "UnpaidLoss");
  requireMargin(house, taker);
  leaveAll(house, [debtor, taker]);
}

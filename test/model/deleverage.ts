/** The default waterfall, for a list of accounts. */
import {
  healthOf,
  leave,
  marketsOf,
  mayBeInAll,
  move,
  settle,
  sizeOf,
  staleness,
  touch,
  unsettled,
  writeDown,
  type Account,
} from "./account.ts";
import { cover } from "./fund.ts";
import { accountOf, credit, FUND, hasGain, isPending, sweepTo, type House } from "./house.ts";
import { closePart, endIfGone, haircut, haircutBound, refresh, refusal, sideOf, type Market } from "./market.ts";
import { abs, max, min, prorate, sum } from "./math.ts";
import { check } from "./refusal.ts";
import { notionalDown, partDown } from "./risk.ts";
import { allocate } from "./waterfall.ts";

/** What the defaulters of one pass left behind in one market. */
interface Estate {
  readonly market: Market;
  /** Sizes. */
  longSize: bigint;
  shortSize: bigint;
  /** Deficits of those who were long, short, or had no size left. */
  long: bigint;
  short: bigint;
  withoutSize: bigint;
  bounty: bigint;
  insured: bigint;
  /** What both sides were charged. */
  haircuts: bigint;
}

/**
 * @param caller Whose bounty it is.
 * @param taker Who takes over where nobody has to pay; undefined for nobody.
 */
export function deleverage(house: House, names: readonly string[], caller: string, taker: string | undefined): void {
  check(taker !== FUND, "FundAccountRefused");
  const waiting = new Set(names.map((name) => accountOf(house, name)));
  const called = taker === undefined ? undefined : accountOf(house, taker);
  const concerned = called === undefined ? [...waiting] : [...waiting, called];
  const markets = house.markets.filter(({ number }) => concerned.some(({ positions }) => positions.has(number)));
  for (const market of markets) {
    refresh(market, house.now);
    // What the fund has earned here counts when it is asked.
    sweepTo(house, market);
  }
  // Whoever is asked at the end of a batch neither earns nor takes anything over.
  const hunter = accountOf(house, caller);
  const earns = !isPending(house, hunter);
  const heir = called === undefined || isPending(house, called) ? undefined : called;
  let bounty = 0n;
  for (let pass = 1; ; ++pass) {
    // Those without a waiting gain first: the haircuts they cause may cut the gains of the others.
    const chosen = [...waiting].filter(
      (account) => isResolvable(house, account) && (pass > 1 || !hasGain(house, account)),
    );
    if (chosen.length === 0 && pass > 1) break;
    if (chosen.length === 0) continue;
    for (const account of chosen) waiting.delete(account);
    bounty += resolve(house, chosen, heir, earns);
  }
  if (bounty > 0n) credit(house, hunter, bounty);
}

/** In default, and not asked at the end of a batch; and not only its positions in markets that refuse their price are left to resolve. */
function isResolvable(house: House, account: Account): boolean {
  if (isPending(house, account) || healthOf(account, house.markets).equity >= 0n) return false;
  const open = marketsOf(account, house.markets).filter((market) => sizeOf(account, market) !== 0n);
  return open.length === 0 || open.some((market) => refusal(market, house.now) === undefined);
}

/** One pass: all of `defaulters` leave the book before anybody is charged. Answers the bounty. */
function resolve(house: House, defaulters: readonly Account[], taker: Account | undefined, bounties: boolean): bigint {
  const estates = new Map<Market, Estate>();
  for (const account of defaulters) settle(account, house.markets);
  for (const account of defaulters) {
    takeOut(house, account, estates, bounties);
    leave(account, house.markets, house.tokenUnit);
  }
  const left = [...estates.values()].sort((a, b) => a.market.number - b.market.number);
  insure(house, left);
  for (const estate of left) charge(estate);
  // All take-overs come before anything is closed.
  if (taker !== undefined) touch(taker, house.markets);
  const closed = left.filter((estate) => !isTakenOver(house, estate, taker));
  if (taker !== undefined) leave(taker, house.markets, house.tokenUnit);
  for (const { market, longSize, shortSize } of closed) {
    if (longSize === 0n && shortSize === 0n) continue;
    closePart(market, true, shortSize);
    closePart(market, false, longSize);
    endIfGone(market);
  }
  return sum(left.map(({ bounty }) => bounty));
}

/** Step 1: an account's shares leave the book, its deficit is split over the markets in which it has unpaid losses. */
function takeOut(house: House, account: Account, estates: Map<Market, Estate>, bounties: boolean): void {
  const held = marketsOf(account, house.markets);
  const deficit = -healthOf(account, house.markets).equity;
  const parts = prorate(
    deficit,
    held.map((market) => max(0n, -unsettled(account, market))),
  );
  for (const [i, market] of held.entries()) {
    const size = sizeOf(account, market);
    if (size !== 0n && refusal(market, house.now) !== undefined) continue;
    const estate = estates.get(market) ?? newEstate(market);
    estates.set(market, estate);
    const part = parts[i] ?? 0n;
    const position = writeDown(account, market);
    sideOf(market, position.shares > 0n).shares -= abs(position.shares);
    position.shares = 0n;
    position.owed += part;

    if (size > 0n) estate.longSize += size;
    else estate.shortSize -= size;
    if (size > 0n) estate.long += part;
    else if (size < 0n) estate.short += part;
    else estate.withoutSize += part;
    const { bountyRate, bountyCap } = market.risk;
    if (part > 0n && bounties)
      estate.bounty += min(bountyCap, partDown(notionalDown(abs(size), market.mark), bountyRate));
  }
}

function newEstate(market: Market): Estate {
  return {
    market,
    longSize: 0n,
    shortSize: 0n,
    long: 0n,
    short: 0n,
    withoutSize: 0n,
    bounty: 0n,
    insured: 0n,
    haircuts: 0n,
  };
}

/** Step 2: the fund is asked once, with the sums of all markets. */
function insure(house: House, estates: readonly Estate[]): void {
  const fund = accountOf(house, FUND);
  const paid = cover(
    house.buckets,
    house.markets.map((market) => {
      const estate = estates.find((each) => each.market === market);
      return estate === undefined ? 0n : deficitOf(estate) + estate.bounty;
    }),
    fund.collateral,
    house.now,
  );
  for (const estate of estates) {
    estate.insured = paid[estate.market.number] ?? 0n;
    fund.collateral -= estate.insured;
    estate.market.pool += estate.insured;
  }
}

function deficitOf({ long, short, withoutSize }: Estate): bigint {
  return long + short + withoutSize;
}

/** Steps 3 and 4: haircuts up to their bound; the rest is shortfall. No more bounty is paid than the pool holds. */
function charge(estate: Estate): void {
  const { market, insured } = estate;
  if (deficitOf(estate) === 0n) return;
  estate.bounty = min(estate.bounty, market.pool);
  market.pool -= estate.bounty;
  if (deficitOf(estate) + estate.bounty === insured) return;
  const longBound = haircutBound(market, true);
  const shortBound = haircutBound(market, false);
  const { longHaircut, shortHaircut, shortfall } = allocate({ ...estate, longBound, shortBound });
  haircut(market, true, longHaircut);
  haircut(market, false, shortHaircut);
  market.shortfall += shortfall;
  estate.haircuts = longHaircut + shortHaircut;
}

/** Whether the taker takes the net size over at mark, so that nobody is closed. */
function isTakenOver(house: House, estate: Estate, taker: Account | undefined): boolean {
  const { market, longSize, shortSize, haircuts } = estate;
  if (taker === undefined || haircuts > 0n) return false;
  if (longSize === shortSize) return true;
  const { long, short } = market;
  const before = structuredClone({ positions: taker.positions, long, short });
  move(taker, market, longSize - shortSize);
  const { secured, initialMargin } = healthOf(taker, house.markets);
  // Nor does anyone take over more of what they were in when a market became one for isolated positions only.
  const isApart = mayBeInAll(marketsOf(taker, house.markets));
  if (isApart && secured >= initialMargin && staleness(taker, house.markets, house.now) === undefined) return true;
  taker.positions.clear();
  for (const [number, position] of before.positions) taker.positions.set(number, position);
  Object.assign(long, before.long);
  Object.assign(short, before.short);
  return false;
}

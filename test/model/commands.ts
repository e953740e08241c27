/** Random calls for fast-check: each command works its call out from the model's state when its turn has come. */
import fc from "fast-check";
import { healthOf, marketsOf, mayEnter, sizeOf, unsettled, type Account } from "./account.ts";
import * as calls from "./calls.ts";
import { perform, type Call, type Model, type Tally } from "./calls.ts";
import type { Chain, Outcome } from "./chain.ts";
import { RAMP_INTERVAL } from "./governance.ts";
import { accountOf, attempt, FUND, mayGrow, openInterestLimit, type House } from "./house.ts";
import {
  COLLECTS_FOR,
  hasJumped,
  initialMarginRate,
  openInterest,
  refresh,
  refusal,
  waits,
  type Market,
} from "./market.ts";
import { abs, max, min, ONE, PPM } from "./math.ts";
import { notionalUp } from "./risk.ts";

export interface Real {
  readonly chain: Chain;
  readonly tally: Tally;
}

type Command = fc.AsyncCommand<Model, Real, true>;

const PARTS = 1_000n;
/** Governance sets amounts in thousandths of a token. */
const MILLI = ONE / 1_000n;
/** The first of them belong to the operator, who may withdraw from them in a batch. */
const OPERATORS_ACCOUNTS = 2;
const MUCH = 10n ** 40n;
const NOTHING_HAPPENED: Outcome = { events: [] };

/** Works calls out, to be made one after the other; answers none where there is nothing to do. */
interface Plan {
  readonly kind: string;
  readonly calls: (house: House) => readonly Call[];
}

function plan(kind: string, call: (house: House) => Call | readonly Call[] | undefined): Plan {
  return {
    kind,
    calls: (house) => {
      const made = call(house);
      return made === undefined ? [] : [made].flat();
    },
  };
}

/** One plan after the other, each worked out from what those before it will have done. */
function inTurn(kind: string, plans: readonly Plan[]): Plan {
  return plan(kind, (house) => {
    let after = house;
    const made: Call[] = [];
    for (const { calls: planned } of plans)
      for (const call of planned(asOfNow(after))) {
        after = attempt(after, (copy) => {
          call.model(copy, NOTHING_HAPPENED);
        }).house;
        made.push(call);
      }
    return made;
  });
}

function command({ kind, calls: planned }: Plan): Command {
  let made: readonly Call[] = [];
  let text = kind;
  return {
    check({ house }) {
      made = planned(asOfNow(house));
      if (made.length > 0) text = made.map((call) => `${call.kind}(${call.text})`).join(", ");
      return Promise.resolve(made.length > 0);
    },
    async run(model, { chain, tally }) {
      for (const call of made) await perform(model, chain, tally, call);
    },
    toString: () => text,
  };
}

// ------------------------------------------------------------------ what the state suggests

/** What the next call would find. */
function asOfNow(house: House): House {
  const next = structuredClone(house);
  for (const market of next.markets) refresh(market, next.now);
  return next;
}

/** The item at `index`, counting round and round. */
function pick<T>(list: readonly T[], index: number): T {
  return must(list[index % Math.max(1, list.length)]);
}

function must<T>(item: T | undefined): T {
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** `better`, unless there is nothing in it. */
function orElse<T>(better: readonly T[], all: readonly T[]): readonly T[] {
  return better.length > 0 ? better : all;
}

function health(house: House, name: string) {
  return healthOf(accountOf(house, name), house.markets);
}

function withPrice(house: House, markets: readonly Market[]): Market[] {
  return markets.filter((market) => refusal(market, house.now) === undefined);
}

/** Whether nothing has to wait for the next block. */
function isCalm(house: House, market: Market): boolean {
  return !hasJumped(market, house.now);
}

/** The size by which open interest may grow. */
function growthOf(house: House, market: Market): bigint {
  if (!mayGrow(market)) return 0n;
  const open = notionalUp(openInterest(market), market.mark);
  return (max(0n, openInterestLimit(house, market) - open - 1n) * ONE) / market.mark;
}

/** What may carry new risk or leave. */
function freeOf(house: House, name: string): bigint {
  const { secured, initialMargin } = health(house, name);
  return secured - initialMargin;
}

/** The size that an account would close by moving in one direction. */
function oppositeOf(account: Account, market: Market, isBuy: boolean): bigint {
  const held = sizeOf(account, market);
  return held > 0n !== isBuy ? abs(held) : 0n;
}

/**
 * About the size by which an account may move in one direction: what closes what it has, and what its margin carries.
 * @param cost What it pays besides, parts per million of notional.
 */
function roomOf(house: House, account: Account, market: Market, isBuy: boolean, cost: bigint): bigint {
  const { secured, initialMargin } = healthOf(account, house.markets);
  const { mark, risk } = market;
  const held = abs(sizeOf(account, market));
  const opposite = oppositeOf(account, market, isBuy);
  const rate = initialMarginRate(market);
  const carried = (at: bigint) => {
    const dearer = (held * mark * (at - rate)) / ONE / PPM;
    const free = max(0n, secured - initialMargin - dearer) + (opposite * mark * at) / ONE / PPM;
    return (free * ONE * PPM) / mark / (at + risk.tradeFee + cost + 100n);
  };
  // What is opened makes the rate rise: as far as by what could be opened if it did not, at most.
  return opposite + carried(initialMarginRate(market, carried(rate)));
}

// ------------------------------------------------------------------ commands

const index = fc.nat({ max: 1_000 });
/** One in `n`. */
const seldom = (n: number) => fc.nat({ max: n - 1 }).map((found) => found === 0);
/** Parts in a thousand: often all, or very little. */
const fraction = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(PARTS, PARTS, PARTS / 2n, 1n) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: PARTS }) },
);
const tokens = fc.oneof(fc.bigInt({ min: 1n, max: 100n }), fc.bigInt({ min: 100n, max: 20_000n }));
const venueFee = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(0n, 0n, 100n, 10_000n) },
  { weight: 1, arbitrary: fc.constant(10_001n) },
);

function deposits(names: readonly string[], unitsPerToken: bigint) {
  return fc
    .tuple(index, tokens, fc.bigInt({ min: 0n, max: 3n }))
    .map(([i, amount, dust]) => plan("deposit", () => calls.deposit(pick(names, i), amount * unitsPerToken + dust)));
}

function withdrawals(names: readonly string[]) {
  return fc.tuple(index, fc.bigInt({ min: 1n, max: PARTS + 20n })).map(([i, part]) =>
    plan("withdraw", (house) => {
      const able = (name: string) => min(accountOf(house, name).collateral, freeOf(house, name)) / house.tokenUnit;
      const isFree = (name: string) => openOf(house, accountOf(house, name)).every((market) => isCalm(house, market));
      const found = names.filter((name) => able(name) > 0n);
      const name = pick(orElse(orElse(found.filter(isFree), found), names), i);
      return calls.withdraw(name, (max(0n, able(name)) * part) / PARTS);
    }),
  );
}

/** The markets in which an account has a size. */
function openOf(house: House, account: Account): Market[] {
  return marketsOf(account, house.markets).filter((market) => sizeOf(account, market) !== 0n);
}

function fills(names: readonly string[]) {
  const shape = fc.record({
    buyerIndex: index,
    sellerIndex: index,
    marketIndex: index,
    part: fraction,
    /** Of the price band, in thousandths. */
    offset: fc.oneof(fc.constant(0n), fc.bigInt({ min: -1_000n, max: 1_010n })),
    isBlind: seldom(30),
    buyerFee: venueFee,
    sellerFee: venueFee,
    feeIndex: index,
  });
  return shape.map(({ buyerIndex, sellerIndex, marketIndex, part, offset, isBlind, buyerFee, sellerFee, feeIndex }) =>
    plan("fill", (house) => {
      // Where nothing may be opened, somebody must have something to close.
      const open = withPrice(house, house.markets).filter((each) => growthOf(house, each) + openInterest(each) > 0n);
      // In a batch nobody can wait.
      const ready = house.pending === undefined ? open : open.filter((each) => isCalm(house, each));
      const market = pick(isBlind ? house.markets : orElse(ready, house.markets), marketIndex);
      const growth = growthOf(house, market);
      const band = market.risk.priceBand;
      const cost = (band * abs(offset)) / PARTS;
      const room = (name: string, isBuy: boolean) =>
        roomOf(house, accountOf(house, name), market, isBuy, cost + (isBuy ? buyerFee : sellerFee));
      const opposite = (name: string, isBuy: boolean) => oppositeOf(accountOf(house, name), market, isBuy);
      const able = (isBuy: boolean, all: readonly string[]) => {
        if (isBlind) return all;
        const found = all.filter(
          (name) =>
            health(house, name).equity >= 0n &&
            room(name, isBuy) > 0n &&
            mayEnter(accountOf(house, name), market, house.markets),
        );
        const closing = found.filter((name) => opposite(name, isBuy) > 0n);
        return orElse(isBuy && growth === 0n ? closing : found, all);
      };
      const buyer = pick(able(true, names), buyerIndex);
      const others = isBlind ? names : names.filter((name) => name !== buyer);
      const seller = pick(able(false, others), sellerIndex);
      const bearable = isBlind ? MUCH : growth + opposite(buyer, true) + opposite(seller, false);
      const call = calls.fill({
        buyer,
        seller,
        market: market.number,
        size: (min(bearable, min(room(buyer, true), room(seller, false))) * part) / PARTS,
        price: market.mark + (market.mark * band * offset) / PPM / PARTS,
        feeTo: pick(names, feeIndex),
        buyerFee,
        sellerFee,
      });
      return isBlind || isCalm(house, market) ? call : [calls.nextBlock(market.number, house.now), call];
    }),
  );
}

/** Where somebody is in default: who has gained from it leaves before it is resolved, and a newcomer takes their place. */
function handOvers(names: readonly string[]) {
  const shape = fc.record({ i: index, j: index, part: fraction });
  return shape.map(({ i, j, part }) =>
    plan("handOver", (house) => {
      const isIn = (name: string, market: Market) => sizeOf(accountOf(house, name), market) !== 0n;
      const defaulters = names.filter((name) => health(house, name).equity < 0n);
      const markets = withPrice(house, house.markets).filter((each) => defaulters.some((name) => isIn(name, each)));
      const solvent = names.filter((name) => !defaulters.includes(name));
      const found = markets.flatMap((market) =>
        solvent
          .filter((name) => unsettled(accountOf(house, name), market) > 0n && isIn(name, market))
          .map((name) => ({ market, name })),
      );
      if (found.length === 0) return undefined;
      const { market, name } = pick(found, i);
      const size = sizeOf(accountOf(house, name), market);
      const isBuy = size < 0n;
      const room = (other: string) => roomOf(house, accountOf(house, other), market, !isBuy, 0n);
      const others = solvent.filter(
        (each) => each !== name && room(each) > 0n && mayEnter(accountOf(house, each), market, house.markets),
      );
      if (others.length === 0) return undefined;
      const other = pick(others, j);
      const [buyer, seller] = isBuy ? [name, other] : [other, name];
      const call = calls.fill({
        buyer,
        seller,
        market: market.number,
        size: max(1n, (min(abs(size), room(other)) * part) / PARTS),
        price: market.mark,
        feeTo: name,
        buyerFee: 0n,
        sellerFee: 0n,
      });
      return isCalm(house, market) ? call : [calls.nextBlock(market.number, house.now), call];
    }),
  );
}

/** The price falls far, who has gained leaves, and those who came for them cannot pay: this is how shortfalls arise. */
function ruins(names: readonly string[], tick: (market: number) => bigint) {
  const fall = fc.bigInt({ min: 50_000n, max: 500_000n }).map((parts) =>
    plan("movePrice", ({ markets, now }) => {
      const held = markets.filter((market) => market.endedAt === undefined && openInterest(market) > 0n);
      const [market] = held.sort((a, b) => Number(b.mark * openInterest(b) - a.mark * openInterest(a)));
      if (market === undefined) return undefined;
      const unit = tick(market.number);
      return calls.movePrice(market.number, max(unit, ((market.mark * parts) / PPM / unit) * unit), now + 1n);
    }),
  );
  return fc
    .tuple(fall, handOvers(names), handOvers(names), deleveragings(names), deleveragings(names))
    .map((plans) => inTurn("ruin", plans));
}

function liquidations(names: readonly string[]) {
  const shape = fc.record({ i: index, j: index, part: fraction, to: index, isBlind: seldom(30) });
  return shape.map(({ i, j, part, to, isBlind }) =>
    plan("liquidate", (house) => {
      const due = names.filter((name) => {
        const { equity, maintenanceMargin } = health(house, name);
        return equity >= 0n && equity < maintenanceMargin;
      });
      if (due.length === 0 && !isBlind) return undefined;
      const name = pick(orElse(due, names), i);
      const account = accountOf(house, name);
      const held = openOf(house, account);
      const market = pick(orElse(orElse(withPrice(house, held), held), house.markets), j);
      const size = max(1n, (abs(sizeOf(account, market)) * part) / PARTS);
      // Whoever has the most room can most probably take it.
      const others = names.filter((each) => each !== name || isBlind);
      const takers = [
        ...orElse(
          others.filter((each) => mayEnter(accountOf(house, each), market, house.markets)),
          others,
        ),
      ].sort((a, b) => Number(freeOf(house, b) - freeOf(house, a)));
      return calls.liquidate(name, market.number, size, pick(takers, to % 2));
    }),
  );
}

/** Some of the accounts, some of them twice, and some that nobody knows. */
function lists(names: readonly string[]) {
  return fc.array(fc.constantFrom(...names, "stranger", "nobody"), { maxLength: 5 });
}

function deleveragings(names: readonly string[]) {
  const shape = fc.record({
    others: lists(names),
    /** How many of those in default are listed at least. */
    least: fc.constantFrom(0, 1, 1, names.length),
    first: index,
    taker: fc.option(index, { nil: undefined }),
    isBlind: seldom(20),
  });
  return shape.map(({ others, least, first, taker, isBlind }) =>
    plan("deleverage", (house) => {
      const found = names.filter((name) => health(house, name).equity < 0n);
      if (found.length === 0 && !isBlind) return undefined;
      const start = first % Math.max(1, found.length);
      const rotated = [...found.slice(start), ...found.slice(0, start)];
      const list = [...others, ...rotated.slice(0, least)];
      return calls.deleverage(list, taker === undefined ? undefined : pick(names, taker));
    }),
  );
}

function settlements(names: readonly string[]) {
  return lists(names).map((list) => plan("settle", () => calls.settle(list)));
}

function accruals() {
  // One in thirty asks for a market that there is not.
  return fc
    .nat({ max: 29 })
    .map((i) =>
      plan("accrueFunding", ({ markets }) => calls.accrueFunding(i === 29 ? markets.length : i % markets.length)),
    );
}

/** By some factor, or to where somebody is left with a part of their maintenance margin. */
function priceMoves(names: readonly string[], tick: (market: number) => bigint) {
  const factor = fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min: 930_000n, max: 1_080_000n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 600_000n, max: 1_700_000n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 50_000n, max: 5_000_000n }) },
  );
  const shape = fc.record({
    i: index,
    parts: factor,
    seconds: fc.bigInt({ min: 1n, max: 30n }),
    /** Whom it makes weak, and what is left of their margin, in thousandths. */
    aimedAt: fc.option(index, { freq: 1 }),
    left: fc.bigInt({ min: -PARTS, max: PARTS }),
  });
  return shape.map(({ i, parts, seconds, aimedAt, left }) =>
    plan("movePrice", (house) => {
      const { number, feed, mark } = pick(house.markets, i);
      const weakened = (name: string) => {
        const size = sizeOf(accountOf(house, name), pick(house.markets, i));
        const { equity, maintenanceMargin } = health(house, name);
        return size === 0n ? 0n : mark + (((maintenanceMargin * left) / PARTS - equity) * ONE) / size;
      };
      const weak = aimedAt === null ? [] : names.map(weakened).filter((price) => price > 0n && price < mark * 5n);
      const price = weak.length > 0 ? pick(weak, aimedAt ?? 0) : (feed.price * parts) / PPM;
      const unit = tick(number);
      return calls.movePrice(number, max(unit, (price / unit) * unit), house.now + seconds);
    }),
  );
}

/** Some time, or as much as the next step of a ramp or the winding up of a market takes. */
function delays() {
  const seconds = fc.oneof(
    { weight: 4, arbitrary: fc.bigInt({ min: 1n, max: 3_600n }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 3_600n, max: 100_000n }) },
  );
  const shape = fc.record({ seconds, early: fc.constantFrom(0n, 0n, 1n), i: index, waits: seldom(2) });
  return shape.map(({ seconds: some, early, i, waits: isAwaited }) =>
    plan("passTime", (house) => {
      const { now, markets } = house;
      const awaited = markets
        .flatMap((market) => [
          ...(market.endedAt !== undefined && waits(market) ? [market.endedAt + COLLECTS_FOR] : []),
          ...(market.ramp === undefined ? [] : [market.ramp.steppedAt + RAMP_INTERVAL]),
        ])
        .map((time) => time - early - now)
        .filter((left) => left > 0n);
      return isAwaited && awaited.length > 0 ? calls.quietTime(pick(awaited, i), house) : calls.passTime(some, now);
    }),
  );
}

function insurances(unitsPerToken: bigint) {
  return tokens.map((amount) => plan("insure", () => calls.insure((amount * unitsPerToken) / 10n)));
}

function departures() {
  return fc
    .bigInt({ min: 1n, max: PARTS / 2n })
    .map((part) =>
      plan("leaveFund", (house) =>
        accountOf(house, FUND).collateral < ONE ? undefined : calls.leaveFund(part, house),
      ),
    );
}

/** Within one of its parts, as often as not against the margin that is there only at the end. */
function batches(names: readonly string[], unitsPerToken: bigint) {
  const own = names.slice(0, OPERATORS_ACCOUNTS);
  const step = fc.oneof(
    { weight: 6, arbitrary: fills(names) },
    { weight: 6, arbitrary: takeOvers(names) },
    { weight: 3, arbitrary: deleveragings(names) },
    { weight: 1, arbitrary: settlements(names) },
    { weight: 1, arbitrary: deposits(names, unitsPerToken) },
    { weight: 2, arbitrary: withdrawals(own) },
  );
  const shape = fc.record({ steps: fc.array(step, { minLength: 2, maxLength: 5 }), isBlind: seldom(10) });
  return shape.map(({ steps, isBlind }) =>
    plan("batch", (house) => {
      let after: House = { ...house, pending: new Set() };
      const made: Call[] = [];
      for (const { calls: planned } of steps) {
        const [call, ...more] = planned(after);
        if (call?.data === undefined || more.length > 0) continue;
        const { house: next, refused } = attempt(after, (copy) => {
          call.model(copy, NOTHING_HAPPENED);
        });
        // One step that is refused takes all of them with it.
        if (refused !== undefined && !isBlind) continue;
        after = next;
        made.push(call);
      }
      // And so does a margin that is missing at the end.
      while (!isBlind && made.length > 0 && attempt(house, batchOf(made)).refused !== undefined) made.pop();
      return made.length === 0 ? undefined : calls.batch(made);
    }),
  );
}

function batchOf(made: readonly Call[]): (house: House) => void {
  return (house) => {
    calls.batch(made).model(house, NOTHING_HAPPENED);
  };
}

/** More than the margin carries, by one who sells it on to another in the next step or does not. */
function takeOvers(names: readonly string[]) {
  const shape = fc.record({ i: index, j: index, k: index, times: fc.bigInt({ min: 1n, max: 4n }) });
  return shape.map(({ i, j, k, times }) =>
    plan("takeOver", (house) => {
      const held = (name: string, market: Market) => sizeOf(accountOf(house, name), market);
      const pending = names.filter((name) => house.pending?.has(accountOf(house, name)));
      const market = pick(orElse(withPrice(house, house.markets), house.markets), i);
      const name = pick(orElse(pending, names), j);
      const other = pick(
        names.filter((each) => each !== name),
        k,
      );
      const size = held(name, market);
      // Back to nothing, or far.
      const isBuy = size < 0n;
      const room = min(growthOf(house, market), roomOf(house, accountOf(house, other), market, !isBuy, 0n));
      const [buyer, seller] = isBuy ? [name, other] : [other, name];
      return calls.fill({
        buyer,
        seller,
        market: market.number,
        size: max(1n, pending.length > 0 && size !== 0n ? abs(size) / times : room * times),
        price: market.mark,
        feeTo: name,
        buyerFee: 0n,
        sellerFee: 0n,
      });
    }),
  );
}

/**
 * Margins up and down by up to a fifth, within the governor's bounds; a cap, a funding clamp, a fee, a band; isolated or
 * reduce-only now and then.
 */
function decisions() {
  const shape = fc.record({
    i: index,
    parts: fc.bigInt({ min: 800_000n, max: 1_200_000n }),
    atCap: fc.bigInt({ min: 0n, max: PARTS }),
    ofRange: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 400_000n }), fc.constant(PPM)),
    /** Of open interest as it is, in thousandths. */
    cap: fc.option(fc.bigInt({ min: 500n, max: 4_000n })),
    funding: fc.bigInt({ min: 0n, max: 40_000n }),
    isFree: seldom(5),
    isIsolated: seldom(3),
    isClosed: seldom(6),
    isBlind: seldom(30),
  });
  return shape.map((chosen) =>
    plan("setRisk", ({ markets }) => {
      const living = markets.filter(({ endedAt }) => endedAt === undefined);
      const market = pick(orElse(chosen.isBlind ? [] : living, markets), chosen.i);
      const { risk } = market;
      const { parts: of } = chosen;
      const maintenanceMargin = min(500_000n, max(1_000n, (risk.maintenanceMargin * of) / PPM));
      // What the maintenance margin bounds must fit the one that is in force until a ramp has ended.
      const bound = min(maintenanceMargin, risk.maintenanceMargin);
      const half = bound / 2n;
      const incentiveMax = min(risk.incentiveMax, half);
      const tradeFee = chosen.isFree ? 0n : min(10_000n, (max(100n, risk.tradeFee) * of) / PPM);
      const initialMargin = min(PPM, max(maintenanceMargin + 1n, (risk.initialMargin * of) / PPM));
      const open = notionalUp(openInterest(market), market.mark);
      return calls.setRisk(market.number, {
        ...risk,
        status: chosen.isClosed ? "ReduceOnly" : "Active",
        isolatedOnly: chosen.isIsolated,
        maintenanceMargin,
        initialMargin,
        initialMarginAtCap: initialMargin + ((PPM - initialMargin) * chosen.atCap) / PARTS,
        volatilityMargin: chosen.ofRange,
        openInterestCap:
          chosen.cap === null ? risk.openInterestCap : ((open * chosen.cap) / PARTS / MILLI + 1_000n) * MILLI,
        incentiveMax,
        incentiveMin: min(risk.incentiveMin, incentiveMax),
        fundFee: min(risk.fundFee, half - incentiveMax),
        priceBand: min(risk.priceBand, bound),
        tradeFee,
        bountyRate: min(risk.bountyRate, tradeFee),
        maxFundingRate: min(chosen.funding, 6n * tradeFee),
      });
    }),
  );
}

/** A step of a ramp that is under way, if need be after the time that it takes. */
function raises() {
  const shape = fc.record({ i: index, isEarly: seldom(10), isBlind: seldom(20) });
  return shape.map(({ i, isEarly, isBlind }) =>
    plan("raiseMargin", (house) => {
      const rising = house.markets.filter(({ ramp }) => ramp !== undefined);
      if (rising.length === 0 && !isBlind) return undefined;
      const { number, ramp } = pick(orElse(rising, house.markets), i);
      const left = ramp === undefined ? 0n : ramp.steppedAt + RAMP_INTERVAL - house.now;
      const call = calls.raiseMargin(number);
      return left > 0n && !isEarly && !isBlind ? [calls.quietTime(left, house), call] : call;
    }),
  );
}

/** One market goes on, or else there would soon be nothing left to do. A shortfall cuts gains. */
function endings() {
  const shape = fc.record({ i: index, isBlind: seldom(20) });
  return shape.map(({ i, isBlind }) =>
    plan("endMarket", ({ markets }) => {
      const living = markets.filter(({ endedAt }) => endedAt === undefined);
      if (living.length < 2 && !isBlind) return undefined;
      const chosen = orElse(
        living.filter(({ shortfall }) => shortfall > 0n),
        living,
      );
      return calls.endMarket(pick(orElse(isBlind ? [] : chosen, markets), i).number);
    }),
  );
}

function limits() {
  const shape = fc.record({
    i: index,
    capacity: fc.bigInt({ min: 0n, max: 20_000n }),
    refill: fc.bigInt({ min: 0n, max: 2n * ONE }),
    gap: fc.oneof(fc.constantFrom(0n, 0n, PPM), fc.bigInt({ min: 1n, max: 100_000n })),
  });
  return shape.map(({ i, capacity, refill: refillPerSecond, gap }) =>
    plan("setLimit", ({ markets }) =>
      calls.setLimit(pick(markets, i).number, { capacity: capacity * ONE, refillPerSecond, gap }),
    ),
  );
}

/** Every command, as often as it takes for all of them to have something to do. */
export function commands(names: readonly string[], unitsPerToken: bigint, tick: (market: number) => bigint) {
  const weighted: [number, fc.Arbitrary<Plan>][] = [
    [2, deposits(names, unitsPerToken)],
    [2, withdrawals(names)],
    [10, fills(names)],
    [1, handOvers(names)],
    [1, ruins(names, tick)],
    [5, liquidations(names)],
    [6, deleveragings(names)],
    [3, settlements(names)],
    [8, priceMoves(names, tick)],
    [2, delays()],
    [1, accruals()],
    [1, insurances(unitsPerToken)],
    [1, departures()],
    [5, batches(names, unitsPerToken)],
    [1, decisions()],
    [1, raises()],
    [1, endings()],
    [1, limits()],
  ];
  return weighted.flatMap(([times, each]) => Array.from({ length: times }, () => each.map(command)));
}

/** Random calls for fast-check: each command works its call out from the model's state when its turn has come. */
import fc from "fast-check";
import { healthOf, marketsOf, sizeOf, type Account } from "./account.ts";
import * as calls from "./calls.ts";
import { perform, type Call, type Model, type Tally } from "./calls.ts";
import type { Chain, Outcome } from "./chain.ts";
import { accountOf, attempt, FUND, type House } from "./house.ts";
import { refresh, refusal, type Market } from "./market.ts";
import { abs, max, min, ONE, PPM } from "./math.ts";

export interface Real {
  readonly chain: Chain;
  readonly tally: Tally;
}

type Command = fc.AsyncCommand<Model, Real, true>;

const PARTS = 1_000n;
/** The first of them belong to the operator, who may withdraw from them in a batch. */
const OPERATORS_ACCOUNTS = 2;
const NOTHING_HAPPENED: Outcome = { events: [] };

/** Works a call out; answers undefined where there is nothing to do. */
interface Plan {
  readonly kind: string;
  readonly call: (house: House) => Call | undefined;
}

function plan(kind: string, call: Plan["call"]): Plan {
  return { kind, call };
}

function command({ kind, call: planned }: Plan): Command {
  let call: Call | undefined;
  let text = kind;
  return {
    check({ house }) {
      call = planned(asOfNow(house));
      if (call !== undefined) text = `${kind}(${call.text})`;
      return Promise.resolve(call !== undefined);
    },
    run: (model, { chain, tally }) => perform(model, chain, tally, must(call)),
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

/** What may carry new risk or leave. */
function freeOf(house: House, name: string): bigint {
  const { secured, initialMargin } = health(house, name);
  return secured - initialMargin;
}

/**
 * About the size by which an account may move in one direction: what closes what it has, and what its margin carries.
 * @param cost What it pays besides, parts per million of notional.
 */
function roomOf(house: House, account: Account, market: Market, isBuy: boolean, cost: bigint): bigint {
  const { secured, initialMargin } = healthOf(account, house.markets);
  const { mark, risk } = market;
  const held = sizeOf(account, market);
  const opposite = held > 0n !== isBuy ? abs(held) : 0n;
  const free = max(0n, secured - initialMargin) + (opposite * mark * risk.initialMargin) / ONE / PPM;
  return opposite + (free * ONE * PPM) / mark / (risk.initialMargin + risk.tradeFee + cost + 100n);
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
      const found = names.filter((name) => able(name) > 0n);
      const name = pick(orElse(found, names), i);
      return calls.withdraw(name, (max(0n, able(name)) * part) / PARTS);
    }),
  );
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
      const market = pick(
        isBlind ? house.markets : orElse(withPrice(house, house.markets), house.markets),
        marketIndex,
      );
      const band = market.risk.priceBand;
      const cost = (band * abs(offset)) / PARTS;
      const room = (name: string, isBuy: boolean) =>
        roomOf(house, accountOf(house, name), market, isBuy, cost + (isBuy ? buyerFee : sellerFee));
      const able = (isBuy: boolean, all: readonly string[]) =>
        isBlind
          ? all
          : orElse(
              all.filter((name) => health(house, name).equity >= 0n && room(name, isBuy) > 0n),
              all,
            );
      const buyer = pick(able(true, names), buyerIndex);
      const others = isBlind ? names : names.filter((name) => name !== buyer);
      const seller = pick(able(false, others), sellerIndex);
      return calls.fill({
        buyer,
        seller,
        market: market.number,
        size: (min(room(buyer, true), room(seller, false)) * part) / PARTS,
        price: market.mark + (market.mark * band * offset) / PPM / PARTS,
        feeTo: pick(names, feeIndex),
        buyerFee,
        sellerFee,
      });
    }),
  );
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
      const held = marketsOf(account, house.markets).filter((each) => sizeOf(account, each) !== 0n);
      const market = pick(orElse(orElse(withPrice(house, held), held), house.markets), j);
      const size = max(1n, (abs(sizeOf(account, market)) * part) / PARTS);
      // Whoever has the most room can most probably take it.
      const takers = names
        .filter((each) => each !== name || isBlind)
        .sort((a, b) => Number(freeOf(house, b) - freeOf(house, a)));
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

function priceMoves(tick: (market: number) => bigint) {
  const factor = fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min: 930_000n, max: 1_080_000n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 600_000n, max: 1_700_000n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 50_000n, max: 5_000_000n }) },
  );
  return fc.tuple(index, factor, fc.bigInt({ min: 1n, max: 30n })).map(([i, parts, seconds]) =>
    plan("movePrice", ({ markets, now }) => {
      const { number, feed } = pick(markets, i);
      const unit = tick(number);
      const moved = ((feed.price * parts) / PPM / unit) * unit;
      return calls.movePrice(number, max(unit, moved), now + seconds);
    }),
  );
}

function delays() {
  const seconds = fc.oneof(
    { weight: 4, arbitrary: fc.bigInt({ min: 1n, max: 3_600n }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 3_600n, max: 100_000n }) },
  );
  return seconds.map((waited) => plan("passTime", ({ now }) => calls.passTime(waited, now)));
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
      for (const { call: planned } of steps) {
        const call = planned(after);
        if (call === undefined) continue;
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
      const room = roomOf(house, accountOf(house, other), market, !isBuy, 0n);
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

/** Margins up and down by up to a fifth, within the governor's bounds; a funding clamp, a fee, a band; reduce-only. */
function decisions() {
  const parts = fc.bigInt({ min: 800_000n, max: 1_200_000n });
  const shape = fc.record({ i: index, parts, funding: fc.bigInt({ min: 0n, max: 40_000n }), isClosed: seldom(6) });
  return shape.map(({ i, parts: of, funding, isClosed }) =>
    plan("setRisk", ({ markets }) => {
      const { number, risk } = pick(markets, i);
      const maintenanceMargin = min(500_000n, max(1_000n, (risk.maintenanceMargin * of) / PPM));
      const half = maintenanceMargin / 2n;
      const incentiveMax = min(risk.incentiveMax, half);
      const tradeFee = (risk.tradeFee * of) / PPM;
      return calls.setRisk(number, {
        ...risk,
        active: !isClosed,
        maintenanceMargin,
        initialMargin: min(PPM, max(maintenanceMargin + 1n, (risk.initialMargin * of) / PPM)),
        incentiveMax,
        incentiveMin: min(risk.incentiveMin, incentiveMax),
        fundFee: min(risk.fundFee, half - incentiveMax),
        priceBand: min(risk.priceBand, maintenanceMargin),
        tradeFee: min(10_000n, tradeFee),
        bountyRate: min(risk.bountyRate, tradeFee),
        maxFundingRate: funding,
      });
    }),
  );
}

/** Every command, as often as it takes for all of them to have something to do. */
export function commands(names: readonly string[], unitsPerToken: bigint, tick: (market: number) => bigint) {
  const weighted: [number, fc.Arbitrary<Plan>][] = [
    [2, deposits(names, unitsPerToken)],
    [2, withdrawals(names)],
    [10, fills(names)],
    [5, liquidations(names)],
    [6, deleveragings(names)],
    [3, settlements(names)],
    [8, priceMoves(tick)],
    [2, delays()],
    [1, accruals()],
    [1, insurances(unitsPerToken)],
    [1, departures()],
    [5, batches(names, unitsPerToken)],
    [1, decisions()],
  ];
  return weighted.flatMap(([times, each]) => Array.from({ length: times }, () => each.map(command)));
}

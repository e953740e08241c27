/**
 * What can happen to a house, for fast-check: each command works out a call from the model's state, makes it on the model
 * and on the contracts, and compares everything.
 */
import fc from "fast-check";
import { healthOf, marketsOf, sizeOf, type Account } from "./account.ts";
import { COOLDOWN, type Chain, type Outcome } from "./chain.ts";
import { deleverage } from "./deleverage.ts";
import * as verbs from "./house.ts";
import { accountOf, attempt, type House } from "./house.ts";
import { refresh, refusal, type Market } from "./market.ts";
import { abs, max, min, ONE, PPM } from "./math.ts";
import { check } from "./refusal.ts";
import { differences, viewOfContracts, viewOfModel } from "./view.ts";

export interface Model {
  house: House;
}

/** How often something was tried, and was done, or happened. */
export type Tally = Map<string, number>;

export interface Real {
  readonly chain: Chain;
  readonly tally: Tally;
}

export interface Call {
  readonly kind: string;
  readonly text: string;
  /** Is told what the contracts answered, for what the model does not decide. */
  readonly model: (house: House, outcome: Outcome) => void;
  readonly contracts: (chain: Chain) => Promise<Outcome>;
}

type Command = fc.AsyncCommand<Model, Real, true>;

/** Who makes the calls that are anybody's; has the trade right on everybody's account. */
const OPERATOR_ACCOUNT = 0;
const PARTS = 1_000n;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** @param plan Works out a call; undefined where there is nothing to do. */
function command(kind: string, plan: (house: House) => Omit<Call, "kind"> | undefined): Command {
  let call: Call | undefined;
  return {
    check({ house }) {
      const planned = plan(asOfNow(house));
      call = planned && { kind, ...planned };
      return Promise.resolve(call !== undefined);
    },
    run: (model, { chain, tally }) => perform(model, chain, tally, must(call)),
    toString: () => (call === undefined ? kind : `${kind}(${call.text})`),
  };
}

/** Makes a call on both, and compares everything. */
export async function perform(model: Model, chain: Chain, tally: Tally, call: Call): Promise<void> {
  const outcome = await call.contracts(chain);
  const { house, refused } = attempt(model.house, (after) => {
    call.model(after, outcome);
  });
  model.house = house;
  tallyUp(tally, call.kind, outcome);
  if (refused !== outcome.refused)
    throw new Error(`${call.kind}: model ${refused ?? "does it"}, contracts ${outcome.refused ?? "do it"}`);
  const found = differences(viewOfModel(house, chain.names), await viewOfContracts(chain));
  if (found.length > 0) throw new Error(`${call.kind}:\n  ${found.join("\n  ")}`);
}

function tallyUp(tally: Tally, kind: string, { refused, events }: Outcome): void {
  count(tally, "commands");
  count(tally, refused === undefined ? "done" : "refused");
  count(tally, refused === undefined ? `${kind} done` : `${kind} refused`);
  for (const { name, args } of events) {
    count(tally, name);
    if (name !== "DeficitAllocated") continue;
    if (args["insured"] > 0n) count(tally, "insured");
    if (args["longHaircut"] + args["shortHaircut"] > 0n) count(tally, "haircut");
    if (args["shortfall"] > 0n) count(tally, "shortfall");
  }
}

// ------------------------------------------------------------------ what the state suggests

function asOfNow(house: House): House {
  const next = structuredClone(house);
  for (const market of next.markets) refresh(market, next.now);
  return next;
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}

function must<T>(item: T | undefined): T {
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function health(house: House, name: string) {
  return healthOf(accountOf(house, name), house.markets);
}

/** About the size by which an account may move in one direction: what closes what it has, and what its margin carries. */
function roomOf(house: House, account: Account, market: Market, isBuy: boolean): bigint {
  const { secured, initialMargin } = healthOf(account, house.markets);
  const { mark, risk } = market;
  const held = sizeOf(account, market);
  const opposite = held > 0n !== isBuy ? abs(held) : 0n;
  const free = max(0n, secured - initialMargin) + (opposite * mark * risk.initialMargin) / ONE / PPM;
  const cost = risk.initialMargin + risk.tradeFee + risk.priceBand / 4n;
  return opposite + (free * ONE * PPM) / mark / cost;
}

// ------------------------------------------------------------------ commands

const index = fc.nat({ max: 1_000 });
/** Parts in a thousand: often all, or very little. */
const fraction = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(PARTS, PARTS / 2n, 1n) },
  { weight: 2, arbitrary: fc.bigInt({ min: 1n, max: PARTS }) },
);
const tokens = fc.oneof(fc.bigInt({ min: 1n, max: 100n }), fc.bigInt({ min: 100n, max: 100_000n }));

const venueFee = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(0n, 0n, 100n, 10_000n) },
  { weight: 1, arbitrary: fc.constant(10_001n) },
);

function deposits(names: readonly string[], unitsPerToken: bigint) {
  return fc.tuple(index, tokens, fc.bigInt({ min: 0n, max: 3n })).map(([i, amount, dust]) =>
    command("deposit", () => {
      const name = must(pick(names, i));
      const units = amount * unitsPerToken + dust;
      return {
        text: `${name}, ${units}`,
        model: (house) => {
          verbs.deposit(house, name, units);
        },
        contracts: (chain) => chain.deposit(name, units),
      };
    }),
  );
}

function withdrawals(names: readonly string[]) {
  return fc.tuple(index, fc.bigInt({ min: 1n, max: PARTS + 20n })).map(([i, part]) =>
    command("withdraw", (house) => {
      const free = (name: string): bigint => {
        const { secured, initialMargin } = health(house, name);
        return min(accountOf(house, name).collateral, secured - initialMargin) / house.tokenUnit;
      };
      const able = names.filter((name) => free(name) > 0n);
      const name = must(pick(able.length > 0 ? able : names, i));
      const amount = (max(0n, free(name)) * part) / PARTS;
      return {
        text: `${name}, ${amount}`,
        model: (after) => {
          verbs.withdraw(after, name, amount);
        },
        contracts: (chain) => chain.withdraw(name, amount),
      };
    }),
  );
}

function fills(names: readonly string[]) {
  const shape = fc.record({
    buyer: index,
    seller: index,
    market: index,
    part: fraction,
    offset: fc.oneof(fc.constant(0n), fc.bigInt({ min: -1_000n, max: 1_010n })),
    isBlind: fc.nat({ max: 19 }).map((n) => n === 0),
    buyerFee: venueFee,
    sellerFee: venueFee,
    feeTo: index,
  });
  return shape.map(({ isBlind, part, offset, ...chosen }) =>
    command("fill", (house) => {
      const open = house.markets.filter((market) => refusal(market, house.now) === undefined);
      const market = must(pick(isBlind || open.length === 0 ? house.markets : open, chosen.market));
      const room = (name: string, isBuy: boolean) => roomOf(house, accountOf(house, name), market, isBuy);
      const able = (isBuy: boolean) => {
        const found = names.filter((name) => health(house, name).equity >= 0n && room(name, isBuy) > 0n);
        return isBlind || found.length === 0 ? names : found;
      };
      const buyer = must(pick(able(true), chosen.buyer));
      const others = able(false).filter((name) => name !== buyer);
      const seller = must(pick(isBlind || others.length === 0 ? names : others, chosen.seller));
      const size = (min(room(buyer, true), room(seller, false)) * part) / PARTS;
      const price = market.mark + (market.mark * market.risk.priceBand * offset) / PPM / PARTS;
      const { buyerFee, sellerFee } = chosen;
      const feeTo = must(pick(names, chosen.feeTo));
      const trade = { buyer, seller, market: market.number, size, price, feeTo, buyerFee, sellerFee };
      return {
        text: `${buyer} buys ${size} from ${seller} at ${price} in ${market.number}, fees ${buyerFee} ${sellerFee} to ${feeTo}`,
        model: (after) => {
          verbs.fill(after, trade);
        },
        contracts: (chain) => chain.fill(trade),
      };
    }),
  );
}

function liquidations(names: readonly string[]) {
  const shape = fc.record({ debtor: index, market: index, part: fraction, to: index, isBlind: fc.nat({ max: 29 }) });
  return shape.map(({ debtor, market, part, to, isBlind }) =>
    command("liquidate", (house) => {
      const due = names.filter((name) => {
        const { equity, maintenanceMargin } = health(house, name);
        return equity >= 0n && equity < maintenanceMargin;
      });
      if (due.length === 0 && isBlind > 0) return undefined;
      const name = must(pick(due.length > 0 ? due : names, debtor));
      const account = accountOf(house, name);
      const held = marketsOf(account, house.markets).filter((each) => sizeOf(account, each) !== 0n);
      const chosen = must(pick(held.length > 0 ? held : house.markets, market));
      const size = max(1n, (abs(sizeOf(account, chosen)) * part) / PARTS);
      // Whoever has the most room can most probably take it.
      const takers = names
        .filter((each) => each !== name || isBlind === 0)
        .sort((a, b) => Number(health(house, b).secured - health(house, a).secured));
      const taker = must(pick(takers, to % 3));
      return {
        text: `${name}, ${chosen.number}, ${size}, ${taker}`,
        model: (after) => {
          verbs.liquidate(after, name, chosen.number, size, taker);
        },
        contracts: (chain) => chain.liquidate(name, chosen.number, size, taker),
      };
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
    defaulters: fc.constantFrom("all", "one", "listed"),
    which: index,
    taker: fc.option(index, { nil: undefined }),
    isBlind: fc.nat({ max: 9 }),
  });
  return shape.map(({ others, defaulters, which, taker, isBlind }) =>
    command("deleverage", (house) => {
      const found = names.filter((name) => health(house, name).equity < 0n);
      if (found.length === 0 && isBlind > 0) return undefined;
      const one = found.slice(which % Math.max(1, found.length)).slice(0, 1);
      const list = [...others, ...(defaulters === "all" ? found : defaulters === "one" ? one : [])];
      const named = taker === undefined ? undefined : must(pick(names, taker));
      return {
        text: `[${list.join()}], ${named ?? "nobody"}`,
        model: (after) => {
          deleverage(after, list, must(names[OPERATOR_ACCOUNT]), named);
        },
        contracts: (chain) => chain.deleverage(list, named),
      };
    }),
  );
}

function settlements(names: readonly string[]) {
  return lists(names).map((list) =>
    command("settle", () => ({
      text: `[${list.join()}]`,
      model: (house) => {
        verbs.settleAll(house, list);
      },
      contracts: (chain) => chain.settle(list),
    })),
  );
}

function accruals() {
  return fc.nat({ max: 30 }).map((number) =>
    command("accrueFunding", (house) => {
      const market = number === 30 ? house.markets.length : number % house.markets.length;
      return {
        text: String(market),
        model: (after) => {
          verbs.accrueFunding(after, market);
        },
        contracts: (chain) => chain.accrueFunding(market),
      };
    }),
  );
}

function insurances(unitsPerToken: bigint) {
  return tokens.map((amount) =>
    command("insure", () => ({
      text: `${amount * unitsPerToken}`,
      model: (house) => {
        verbs.deposit(house, verbs.FUND, amount * unitsPerToken);
      },
      contracts: (chain) => chain.insure(amount * unitsPerToken),
    })),
  );
}

/** The one owner of the fund takes a part of everything out; all markets have a price again after the cooldown. */
function departures() {
  return fc.bigInt({ min: 1n, max: PARTS / 2n }).map((part) =>
    command("leaveFund", (house) => {
      const assets = accountOf(house, verbs.FUND).collateral / house.tokenUnit;
      if (assets * house.tokenUnit < ONE) return undefined;
      const now = house.now + COOLDOWN;
      return {
        text: String(part),
        model: (after, { events }) => {
          const paid = events.find(({ name }) => name === "Withdraw")?.args["assets"] as bigint;
          const share = (assets * part) / PARTS;
          // What a share is worth is the fund's own business. It is never more than the assets.
          check(paid <= share, `PaidOut ${paid} of ${share}`);
          verbs.payOut(after, paid);
          after.now = now;
          for (const { number, feed } of house.markets) verbs.publish(after, number, feed.price);
        },
        contracts: async (chain) => {
          const outcome = await chain.leaveFund(part);
          for (const { number, feed } of house.markets) await chain.setPrice(number, feed.price, now);
          return outcome;
        },
      };
    }),
  );
}

function priceMoves(tick: (market: number) => bigint) {
  const factor = fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min: 930_000n, max: 1_080_000n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 600_000n, max: 1_700_000n }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 50_000n, max: 5_000_000n }) },
  );
  return fc.tuple(index, factor, fc.bigInt({ min: 1n, max: 30n })).map(([i, parts, seconds]) =>
    command("movePrice", (house) => {
      const market = must(pick(house.markets, i));
      const unit = tick(market.number);
      const moved = ((market.feed.price * parts) / PPM / unit) * unit;
      const price = max(unit, moved);
      const now = house.now + seconds;
      return {
        text: `${market.number}, ${price}, ${seconds}`,
        model: (after) => {
          after.now = now;
          verbs.publish(after, market.number, price);
        },
        contracts: (chain) => {
          chain.setClock(now);
          return chain.setPrice(market.number, price, now);
        },
      };
    }),
  );
}

function delays() {
  const seconds = fc.oneof(
    { weight: 4, arbitrary: fc.bigInt({ min: 1n, max: 3_600n }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 3_600n, max: 100_000n }) },
  );
  return seconds.map((waited) =>
    command("passTime", (house) => ({
      text: String(waited),
      model: (after) => {
        after.now = house.now + waited;
      },
      contracts: async (chain) => {
        await chain.pass(house.now + waited);
        return { events: [] };
      },
    })),
  );
}

/** Every command, as often as it takes for all of them to have something to do. */
export function commands(names: readonly string[], unitsPerToken: bigint, tick: (market: number) => bigint) {
  const weighted: [number, fc.Arbitrary<Command>][] = [
    [2, deposits(names, unitsPerToken)],
    [2, withdrawals(names)],
    [10, fills(names)],
    [4, liquidations(names)],
    [5, deleveragings(names)],
    [3, settlements(names)],
    [6, priceMoves(tick)],
    [2, delays()],
    [1, accruals()],
    [1, insurances(unitsPerToken)],
    [1, departures()],
  ];
  return weighted.flatMap(([times, each]) => Array.from({ length: times }, () => each));
}

import { expect } from "chai";
import {
  type AccountId,
  accountId,
  healthOf,
  openAccount,
  type Opened,
  openMarkets,
  previewLiquidation,
  standing,
  type StoredAccount,
} from "zerofloor";
import { earningsOf, parts, subjectsOf, without } from "../src/plan/action.ts";
import { planDeleveraging } from "../src/plan/deleveraging.ts";
import type { Offer } from "../src/plan/desk.ts";
import { planLiquidating } from "../src/plan/liquidating.ts";
import { planSettling } from "../src/plan/settling.ts";
import { byDistance, type Seen } from "../src/roster.ts";
import { ONE, storedAccount, storedHouse, storedMarket } from "../../sdk/test/plainHouse.ts";

const SIZE = 10n ** 24n;
const OWN = accountId(`0x${"f".repeat(40)}`);
const id = (n: number) => accountId(`0x${n.toString(16).padStart(40, "0")}`);

function market(price: bigint, { jumped = false, fresh = true, minNotional = 0n, pool = 0n } = {}): Opened {
  const stored = storedMarket(0, price * ONE, SIZE, {
    state: {
      flags: jumped ? 8n : 0n,
      pool: pool * ONE,
      ...(fresh ? {} : { acceptedAt: 1_000_000n, accruedAt: 1_000_000n }),
    },
    risk: { minNotional: minNotional * ONE, bountyRate: 500n, bountyCap: 100n * ONE, tradeFee: 500n },
  });
  return openMarkets(storedHouse([stored], 10n ** 24n));
}

const holds = (n: number, collateral: bigint, size: bigint, price: bigint): StoredAccount =>
  storedAccount(id(n), collateral * ONE, [{ market: 0, size: size * ONE, price: price * ONE }]);

function look(opened: Opened, ...accounts: StoredAccount[]): Seen[] {
  return accounts
    .map((stored) => {
      const account = openAccount(opened, stored);
      const health = healthOf(account, opened.books);
      return { account, ...health, standing: standing(account, opened.books, health) };
    })
    .sort(byDistance);
}

const resting = (n: number, isBuy: boolean, size: bigint, price: bigint): Offer => ({
  signed: {
    order: {
      ...{ account: id(n), market: 0, isBuy, reduceOnly: false, size: size * ONE, price: (price * ONE) / 10n },
      ...{ nonce: 0n, epoch: 0n, expiry: 2_000_000_000, fee: 0 },
    },
    signature: `0x${"0".repeat(128)}`,
  },
  left: size * ONE,
});

describe("planDeleveraging", () => {
  it("lists everybody in default, the deepest first, fifty to a call", () => {
    const opened = market(80n);
    const accounts = Array.from({ length: 60 }, (_, n) => holds(n + 1, 10n, BigInt(n + 1), 100n));
    const actions = planDeleveraging(opened, look(opened, ...accounts, holds(99, 24n, 1n, 100n)));
    expect(actions.map((action) => subjectsOf(action).length)).to.deep.equal([50, 10]);
    expect(actions.flatMap(subjectsOf)[0]).to.equal(id(60));
    expect(actions.flatMap(subjectsOf)).not.to.include(id(99));
  });

  it("counts the bounty", () => {
    const opened = market(80n);
    const [action] = planDeleveraging(opened, look(opened, holds(1, 100n, 10n, 100n)));
    // 0.05 % of 800
    expect(action && earningsOf(action)).to.equal((4n * ONE) / 10n);
  });
});

describe("planLiquidating", () => {
  const own = (opened: Opened, collateral: bigint, size = 0n) =>
    openAccount(
      opened,
      size === 0n
        ? storedAccount(OWN, collateral * ONE, [])
        : storedAccount(OWN, collateral * ONE, [{ market: 0, size: size * ONE, price: opened.books[0]?.mark ?? 0n }]),
    );
  const settings = { maximumLeverage: 5, offers: [] as Offer[], atOnce: 2 };

  it("takes what restores the buffer, worst first, in batches", () => {
    const opened = market(80n);
    const seen = look(opened, holds(1, 23n, 1n, 100n), holds(2, 21n, 1n, 100n), holds(3, 22n, 1n, 100n));
    const actions = planLiquidating(opened, seen, { ...settings, own: own(opened, 10_000n) });
    expect(actions.map(subjectsOf)).to.deep.equal([[id(2), id(3)], [id(1)]]);
    const [first] = actions;
    const [leg] = first?.kind === "liquidate" ? first.legs : [];
    const worst = seen[0]?.account;
    const terms = worst && previewLiquidation(opened, worst, 0, 10n ** 30n);
    expect(terms?.accepted && [leg?.size, leg?.earns]).to.deep.equal(terms?.accepted && [terms.size, terms.incentive]);
  });

  it("leaves those in default, those without a price, and itself alone", () => {
    const opened = market(80n);
    expect(
      planLiquidating(opened, look(opened, holds(1, 10n, 1n, 100n)), { ...settings, own: own(opened, 100n) }),
    ).to.deep.equal([]);
    const stale = market(80n, { fresh: false });
    const waiting = look(stale, holds(1, 22n, 1n, 100n));
    expect(planLiquidating(stale, waiting, { ...settings, own: own(stale, 100n) })).to.deep.equal([]);
    const self = look(opened, storedAccount(OWN, 22n * ONE, [{ market: 0, size: ONE, price: 100n * ONE }]));
    expect(planLiquidating(opened, self, { ...settings, own: own(opened, 100n) })).to.deep.equal([]);
  });

  it("takes no more than its margin and its leverage bear", () => {
    const opened = market(80n);
    const seen = look(opened, holds(1, 210n, 10n, 100n));
    const sizeWith = (collateral: bigint, maximumLeverage: number) => {
      const [action] = planLiquidating(opened, seen, { ...settings, maximumLeverage, own: own(opened, collateral) });
      return action?.kind === "liquidate" ? action.legs[0]?.size : undefined;
    };
    expect(sizeWith(1_000n, 100)).to.equal(10n * ONE);
    // 95 % of 10 against 10 % of 80 for each.
    expect(sizeWith(10n, 100)).to.equal((95n * ONE) / 80n);
    expect(sizeWith(10n, 4)).to.equal(ONE / 2n);
    expect(sizeWith(0n, 4)).to.equal(undefined);
  });

  it("leaves no dust on either side", () => {
    const opened = market(80n, { minNotional: 100n });
    const seen = look(opened, holds(1, 210n, 10n, 100n));
    const sizeWith = (collateral: bigint) => {
      const [action] = planLiquidating(opened, seen, {
        ...settings,
        maximumLeverage: 100,
        own: own(opened, collateral),
      });
      return action?.kind === "liquidate" ? action.legs[0]?.size : undefined;
    };
    // 100 is one and a quarter.
    expect(sizeWith(10n)).to.equal(undefined);
    expect(sizeWith(11n)).to.equal((95n * 11n * ONE) / 800n);
    const dust = (100n * ONE) / 80n + 1n;
    expect(sizeWith(80n)).to.equal(10n * ONE - dust);
  });

  it("takes what closes a position of its own without capital", () => {
    const opened = market(80n);
    const seen = look(opened, holds(1, 22n, 1n, 100n));
    expect(planLiquidating(opened, seen, { ...settings, own: own(opened, 20n, -2n) })).to.have.length(1);
    expect(planLiquidating(opened, seen, { ...settings, own: own(opened, 16n, 2n) })).to.have.length(0);
  });

  it("sells on what resting orders take, the best price first, and needs capital for the rest only", () => {
    const opened = market(80n);
    const seen = look(opened, holds(1, 210n, 10n, 100n));
    const offers = [resting(7, true, 4n, 800n), resting(8, true, 100n, 820n), resting(9, true, 9n, 790n)];
    const [action] = planLiquidating(opened, seen, { ...settings, own: own(opened, 0n), offers });
    const sales = action?.kind === "liquidate" ? action.sales : [];
    // All to the highest bidder: 82 lies within nine tenths of the band of 5 %.
    expect(sales.map(({ resting: { order }, price }) => [order.account, price])).to.deep.equal([[id(8), 82n * ONE]]);
    expect(sales[0]?.size).to.equal(10n * ONE + 1_000n);
    // Two for each, and 0.05 % of 820.
    expect(sales[0]?.earns).to.equal(20n * ONE - (41n * ONE) / 100n - 1n);
  });

  it("meets an order outside the price band at its edge", () => {
    const opened = market(80n);
    const seen = look(opened, holds(1, 21n, 1n, 100n));
    const offers = [resting(8, true, 100n, 1_000n)];
    const [action] = planLiquidating(opened, seen, { ...settings, own: own(opened, 0n), offers });
    const [sale] = action?.kind === "liquidate" ? action.sales : [];
    // In the middle of both: 83.6
    expect(sale && (sale.price + sale.resting.order.price) / 2n).to.equal((836n * ONE) / 10n);
  });

  it("sells nothing in a market that has just jumped, nor to whom it does not suit", () => {
    const jumped = market(80n, { jumped: true });
    const offers = [resting(8, true, 100n, 820n)];
    const planned = planLiquidating(jumped, [], { ...settings, own: own(jumped, 100n, 2n), offers });
    expect(planned).to.deep.equal([]);
    const calm = market(80n);
    const wrong = [resting(8, true, 100n, 799n), resting(8, false, 100n, 700n)];
    expect(planLiquidating(calm, [], { ...settings, own: own(calm, 100n, 2n), offers: wrong })).to.deep.equal([]);
  });

  it("sells what it has taken before, for no profit", () => {
    const opened = market(80n);
    const offers = [resting(8, true, 1n, 800n), resting(9, true, 100n, 800n)];
    const [action] = planLiquidating(opened, [], { ...settings, own: own(opened, 100n, 2n), offers });
    expect(action?.kind === "liquidate" && action.sales.length).to.equal(2);
    expect(action && earningsOf(action)).to.equal(undefined);
  });
});

describe("planSettling", () => {
  it("lists the largest losers, as many as the winners' gains need", () => {
    const opened = market(80n, { pool: 10n });
    const accounts = look(
      opened,
      holds(1, 100n, -3n, 100n),
      holds(2, 100n, 1n, 100n),
      holds(3, 100n, 2n, 100n),
      holds(4, 1n, 3n, 100n),
    ).map(({ account }) => account);
    const listed = (minimum: bigint) => planSettling(opened, accounts, minimum * ONE).flatMap(subjectsOf);
    // 60 wait, 10 are there.
    expect(listed(0n)).to.deep.equal([id(3), id(2)]);
    expect(listed(30n)).to.deep.equal([id(3)]);
    expect(listed(50n)).to.deep.equal([]);
  });

  it("lists nobody where the pool suffices", () => {
    const opened = market(80n, { pool: 60n });
    const accounts = look(opened, holds(1, 100n, -3n, 100n), holds(2, 100n, 3n, 100n)).map(({ account }) => account);
    expect(planSettling(opened, accounts, 0n)).to.deep.equal([]);
  });
});

describe("parts", () => {
  const leg = (n: number) => ({ account: id(n), market: 0, size: ONE, earns: ONE });

  it("does without sales first, then halves", () => {
    const offer = resting(8, true, 1n, 800n);
    const sale = { resting: offer.signed, size: ONE, price: ONE, earns: 0n };
    const whole = { kind: "liquidate" as const, legs: [leg(1), leg(2), leg(3)], sales: [sale] };
    const [plain, ...none] = parts(whole);
    expect([plain, none]).to.deep.equal([{ ...whole, sales: [] }, []]);
    const pieces = plain === undefined ? [] : parts(plain);
    expect(pieces.map(subjectsOf)).to.deep.equal([[id(1), id(2)], [id(3)]]);
    expect(pieces.map(earningsOf)).to.deep.equal([2n * ONE, ONE]);
    expect(parts({ kind: "liquidate", legs: [leg(1)], sales: [] })).to.deep.equal([]);
    expect(parts({ kind: "liquidate", legs: [], sales: [sale] })).to.deep.equal([]);
  });

  it("leaves accounts out, and what depended on them", () => {
    const offer = resting(8, true, 1n, 800n);
    const sales = [{ resting: offer.signed, size: ONE, price: ONE, earns: 0n }];
    const whole = { kind: "liquidate" as const, legs: [leg(1), leg(2)], sales };
    expect(without(whole, new Set([id(3)]))).to.deep.equal([whole]);
    expect(without(whole, new Set([id(1)]))).to.deep.equal([{ ...whole, legs: [leg(2)], sales: [] }]);
    expect(without(whole, new Set([id(1), id(2)]))).to.deep.equal([]);
    const both = { kind: "deleverage" as const, accounts: [id(1), id(2)], bounty: 10n };
    expect(without(both, new Set([id(1)]))).to.deep.equal([{ ...both, accounts: [id(2)], bounty: 5n }]);
    expect(without(both, new Set([id(1), id(2)]))).to.deep.equal([]);
  });

  it("halves a list of accounts to be settled", () => {
    const accounts: AccountId[] = [id(1), id(2)];
    expect(parts({ kind: "settle", accounts }).map(subjectsOf)).to.deep.equal([[id(1)], [id(2)]]);
    expect(parts({ kind: "deleverage", accounts, bounty: 0n })).to.deep.equal([]);
  });
});

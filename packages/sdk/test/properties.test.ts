/** What must hold of the mathematics by itself, whatever the contracts say. */
import { expect } from "chai";
import fc from "fast-check";
import {
  type Book,
  book as bookOf,
  exposureAt,
  feeAllowance,
  healthOf,
  keepsPromise,
  LossWaterfall,
  minus,
  NEVER,
  openAccount,
  openMarkets,
  positionsOf,
  Rounding,
} from "../src/index.ts";
import { min } from "../src/math/integer.ts";
import { drawWorld } from "./differential/worlds.ts";

const unsigned = fc.bigInt(0n, 1n << 128n);
const signed = fc.bigInt(-(1n << 128n), 1n << 128n);
const divisor = fc.oneof(fc.bigInt(1n, 10n), fc.bigInt(1n, 1n << 130n));
const TIME = 1_700_000_000n;
const ids = Array.from({ length: 12 }, (_, i) => `account ${i}`);
const world = fc.bigInt(1n, 1n << 60n).map((seed) => drawWorld(seed, TIME, 3, ids, 10n ** 12n));

const { copyBook, priceLimit, revalue } = bookOf;
const { mulDivDown, mulDivFloor, mulDivUp, shiftDivDown, shiftDivUp } = Rounding;

describe("rounding", () => {
  it("goes where the name says", () => {
    fc.assert(
      fc.property(unsigned, unsigned, divisor, (a, b, d) => {
        const [down, up] = [mulDivDown(a, b, d), mulDivUp(a, b, d)];
        expect(down * d <= a * b && (down + 1n) * d > a * b).to.equal(true);
        expect(up * d >= a * b && (up - 1n) * d < a * b).to.equal(true);
        expect(shiftDivDown(a, 126n, d)).to.equal(mulDivDown(a, 1n << 126n, d));
        expect(shiftDivUp(a, 126n, d)).to.equal(mulDivUp(a, 1n << 126n, d));
      }),
    );
    fc.assert(
      fc.property(signed, signed, divisor, (a, b, d) => {
        const floor = mulDivFloor(a, b, d);
        expect(floor * d <= a * b && (floor + 1n) * d > a * b).to.equal(true);
      }),
    );
  });
});

describe("the waterfall", () => {
  it("leaves nothing over and lets nobody pay more than its limit", () => {
    const losses = fc.record({ ofLongs: unsigned, ofShorts: unsigned, deficit: unsigned, bounty: unsigned });
    fc.assert(
      fc.property(losses, fc.nat(1_000), unsigned, unsigned, (drawn, part, shortLimit, longLimit) => {
        const loss: LossWaterfall.Loss = { ...drawn, deficit: drawn.ofLongs + drawn.ofShorts + drawn.deficit + 1n };
        const insured = ((loss.deficit + loss.bounty) * BigInt(part)) / 1_000n;
        const { byShorts, byLongs, shortfall } = LossWaterfall.allocate(loss, insured, shortLimit, longLimit);
        expect(insured + byShorts + byLongs + shortfall).to.equal(loss.deficit + loss.bounty);
        expect(byShorts >= 0n && byShorts <= shortLimit && byLongs >= 0n && byLongs <= longLimit).to.equal(true);
        expect(shortfall >= 0n).to.equal(true);
        // A side bears what it opposes, and nothing of what has no size.
        const rest = loss.deficit + loss.bounty - insured;
        expect(byShorts <= mulDivUp(rest, loss.ofLongs, loss.deficit)).to.equal(true);
        expect(byLongs <= mulDivUp(rest, loss.ofShorts, loss.deficit)).to.equal(true);
      }),
    );
  });
});

describe("the fees of a reduction", () => {
  const money = fc.bigInt(0n, 10n ** 24n);
  const health = fc
    .record({ equity: money, waiting: fc.bigInt(0n, 10n ** 23n), maintenanceMargin: money })
    .map(({ equity, waiting, maintenanceMargin }) => {
      return { equity, secured: equity - waiting, maintenanceMargin };
    });

  it("never make a loss that nobody pays, nor break what a reduction promises", () => {
    let charged = 0;
    fc.assert(
      fc.property(health, health, money, (before, after, closedMargin) => {
        const allowance = feeAllowance(after, before, min(closedMargin, before.maintenanceMargin));
        if (allowance === 0n) return;
        const left = { ...after };
        minus(left, allowance);
        expect(left.secured >= 0n).to.equal(true);
        expect(keepsPromise(left, before, min(closedMargin, before.maintenanceMargin))).to.equal(true);
        ++charged;
      }),
      { numRuns: 1_000 },
    );
    expect(charged).to.be.above(100);
  });
});

describe("liquidation and bankruptcy prices", () => {
  it("are where health changes, to the wei", () => {
    let seen = 0;
    fc.assert(
      fc.property(world, ({ house, accounts }) => {
        const opened = openMarkets(house);
        for (const account of accounts.map((stored) => openAccount(opened, stored))) {
          const at = (market: number, mark: bigint) => {
            const books = opened.books.map((book) => (book.id === market ? moved(book, mark) : book));
            const { equity, maintenanceMargin } = healthOf(account, books);
            return { below: equity < maintenanceMargin, bankrupt: equity < 0n };
          };
          for (const { market, size, liquidationPrice, bankruptcyPrice } of positionsOf(opened, account)) {
            const book = opened.books.find(({ id }) => id === market);
            if (size === 0n || book === undefined) continue;
            const better = size > 0n ? 1n : -1n;
            const inside = (price: bigint) => price > 0n && price < priceLimit(book);
            for (const [price, what] of [
              [liquidationPrice, "below"],
              [bankruptcyPrice, "bankrupt"],
            ] as const) {
              if (!inside(price) || price === NEVER) continue;
              expect(at(market, price)[what]).to.equal(true, `${what} at ${price}`);
              if (!inside(price + better)) continue;
              expect(at(market, price + better)[what]).to.equal(false, `${what} a wei better than ${price}`);
              ++seen;
            }
          }
        }
      }),
    );
    expect(seen).to.be.above(100);
  });
});

describe("negative equity exposure", () => {
  it("is the sum of all deficits, and zero where nobody has one", () => {
    fc.assert(
      fc.property(world, ({ house, accounts }) => {
        const opened = openMarkets(house);
        const portfolios = accounts.map((account) => openAccount(opened, account));
        const { exposure, defaults } = exposureAt(opened, portfolios, new Map());
        const deficits = portfolios.map((account) => -healthOf(account, opened.books).equity).filter((x) => x > 0n);
        expect(exposure).to.equal(deficits.reduce((all, each) => all + each, 0n));
        expect(defaults).to.equal(deficits.length);
      }),
    );
  });
});

function moved(book: Book, mark: bigint): Book {
  const copy = copyBook(book);
  copy.mark = mark;
  revalue(copy);
  return copy;
}

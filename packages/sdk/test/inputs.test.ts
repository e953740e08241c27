/** What comes from outside: numbers that no clearing house can have answered are refused, with the number in the error. */
import { expect } from "chai";
import {
  exposureAt,
  MarketStatus,
  maximumSize,
  openAccount,
  openMarkets,
  OutOfRange,
  previewFill,
  previewLiquidation,
  initialMarginAfter,
  type StoredHouse,
} from "../src/index.ts";
import { NOW, ONE, storedAccount, storedHouse, storedMarket } from "./plainHouse.ts";

const MARK = 2_000n * ONE;
const market = (changed: Parameters<typeof storedMarket>[3]) => storedMarket(0, MARK, 10n * ONE, changed);
const withMarket = (changed: Parameters<typeof storedMarket>[3]) => storedHouse([market(changed)]);
const opened = openMarkets(withMarket({}));
const flat = openAccount(opened, storedAccount("flat", ONE, []));
const other = openAccount(opened, storedAccount("other", ONE, []));

describe("numbers out of range", () => {
  const houses: Record<string, StoredHouse> = {
    "-1": withMarket({ state: { pool: -1n } }),
    [String(1n << 112n)]: withMarket({ state: { pool: 1n << 112n } }),
    "71": withMarket({ state: { scale: 71n } }),
    "0": withMarket({ state: { longBase: 0n } }),
    [String((1n << 126n) + 1n)]: withMarket({ state: { shortBase: (1n << 126n) + 1n } }),
    [String(1n << 84n)]: withMarket({ state: { mark: 1n << 84n } }),
    [String(NOW + 1n)]: withMarket({ state: { acceptedAt: NOW + 1n } }),
    [String(NOW + 2n)]: withMarket({ state: { accruedAt: NOW + 2n } }),
    [String(NOW + 3n)]: withMarket({ price: { price: ONE, publishedAt: NOW + 3n } }),
    "500001": withMarket({ risk: { maintenanceMargin: 500_001n } }),
    "49999": withMarket({ risk: { initialMargin: 49_999n } }),
    "25000": withMarket({ risk: { incentiveMax: 20_000n, fundFee: 25_000n } }),
    "1000001": withMarket({ fundGap: 1_000_001n }),
    [String(1n << 104n)]: withMarket({ haircutLimit: { longLeft: 1n << 104n, shortLeft: 0n, markAcceptedAt: 0n } }),
    [String(-(1n << 111n) - 1n)]: withMarket({ state: { longCash: -(1n << 111n) - 1n } }),
    [String(1n << 32n)]: { ...withMarket({}), time: 1n << 32n },
  };
  for (const [number, house] of Object.entries(houses)) {
    it(`${number} in a market`, () => {
      expect(() => openMarkets(house)).to.throw(OutOfRange, `not ${number}`);
    });
  }

  it("a number that is no bigint", () => {
    const house = withMarket({ state: { pool: 5 as unknown as bigint } });
    expect(() => openMarkets(house)).to.throw(TypeError, "pool of market 0 must be a bigint, not 5");
  });

  it("markets that are not in order", () => {
    const markets = [storedMarket(1, MARK, 0n), storedMarket(0, MARK, 0n)];
    expect(() => openMarkets(storedHouse(markets))).to.throw(OutOfRange, "not 0");
    expect(() => openMarkets(storedHouse([storedMarket(128, MARK, 0n)]))).to.throw(OutOfRange, "not 128");
  });

  it("in an account", () => {
    const of = (collateral: bigint, size: bigint) =>
      openAccount(opened, storedAccount("somebody", collateral, [{ market: 0, size, price: MARK }]));
    expect(() => of(-1n, ONE)).to.throw(OutOfRange, "collateral of somebody must be from 0");
    expect(() => of(1n << 112n, ONE)).to.throw(OutOfRange, String(1n << 112n));
    expect(() => of(0n, 1n << 111n)).to.throw(OutOfRange, String(1n << 111n));
    const stored = storedAccount("somebody", 0n, []);
    const position = { shares: ONE, paidValue: 0n, generation: 1n, hasOwed: false, owed: 0n };
    const later = { ...stored, markets: 1n, positions: new Map([[0, position]]) };
    expect(() => openAccount(opened, later)).to.throw(OutOfRange, "not 1");
  });

  it("in what is asked", () => {
    const trade = { buyer: flat, seller: other, market: 0, size: ONE, price: MARK, buyerFee: 0n, sellerFee: 0n };
    expect(() => previewFill(opened, { ...trade, size: -1n })).to.throw(OutOfRange, "not -1");
    expect(() => previewFill(opened, { ...trade, price: -2n })).to.throw(OutOfRange, "not -2");
    expect(() => previewFill(opened, { ...trade, sellerFee: 1n << 24n })).to.throw(OutOfRange, "not 16777216");
    expect(() => previewLiquidation(opened, flat, 0, -3n)).to.throw(OutOfRange, "not -3");
    expect(() => initialMarginAfter(opened, 0, 10n ** 30n + 1n)).to.throw(OutOfRange, String(10n ** 30n + 1n));
    const wish = { account: flat, market: 0, isBuy: true, price: MARK, venueFee: 10_001n };
    expect(() => maximumSize(opened, wish)).to.throw(OutOfRange, "not 10001");
    expect(() => exposureAt(opened, [flat], new Map([[0, -1n]]))).to.throw(OutOfRange, "not -1");
    expect(() => exposureAt(opened, [flat], new Map([[0, 0n]]))).to.throw(OutOfRange, "mark of market 0");
    expect(() => exposureAt(opened, [flat], new Map([[0, 10n ** 26n]]))).to.throw(OutOfRange, "mark of market 0");
  });

  it("a jump of a final price", () => {
    const ended = openMarkets(withMarket({ risk: { status: MarketStatus.Settled } }));
    expect(() => exposureAt(ended, [], new Map([[0, ONE / 2n]]))).to.throw(OutOfRange, "has ended");
    expect(exposureAt(ended, [], new Map([[0, ONE]])).exposure).to.equal(0n);
  });
});

describe("what has not been read", () => {
  it("is missed, not taken for zero", () => {
    const stranger = storedAccount("stranger", 0n, [{ market: 3, size: ONE, price: MARK }]);
    expect(() => openAccount(opened, stranger)).to.throw("stranger is in markets that have not been read: 8");
    const unread = { ...stranger, markets: 1n };
    expect(() => openAccount(opened, unread)).to.throw("the position of stranger in market 0 has not been read");
    expect(() => previewLiquidation(opened, flat, 7, ONE)).to.throw("market 7 has not been read");
    const slept = openMarkets(withMarket({ state: { generation: 2n } }));
    const sleeper = storedAccount("sleeper", 0n, [{ market: 0, size: ONE, price: MARK }]);
    expect(() => openAccount(slept, sleeper)).to.throw("generation 0 of market 0 has not been read");
  });
});

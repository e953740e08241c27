/** The worked examples of docs/mechanism.md, to the last digit. */
import { expect } from "chai";
import {
  accountHealth,
  bankruptcyPrice,
  exposureAt,
  liquidationPrice,
  LiquidationTerms,
  maximumSize,
  NEVER,
  openAccount,
  openMarkets,
  previewDeleverage,
  previewFill,
} from "../src/index.ts";
import { ONE, storedAccount, storedHouse, storedMarket } from "./plainHouse.ts";

describe("the worked examples", () => {
  it("1: the whole waterfall", () => {
    const market = storedMarket(0, 1_700n * ONE, 10n * ONE, {
      fundAvailable: 1_000n * ONE,
      state: { high: 2_000n * ONE, previousHigh: 2_000n * ONE },
    });
    const opened = openMarkets(storedHouse([market], 400n * ONE));
    const alice = openAccount(
      opened,
      storedAccount("alice", 2_000n * ONE, [{ market: 0, size: 10n * ONE, price: 2_000n * ONE }]),
    );
    const storedBob = storedAccount("bob", 20_000n * ONE, [{ market: 0, size: -10n * ONE, price: 2_000n * ONE }]);
    expect(accountHealth(opened, alice).equity).to.equal(-1_000n * ONE);
    expect(exposureAt(opened, [alice], new Map())).to.deep.equal({
      exposure: 1_000n * ONE,
      defaults: 1,
      liquidatable: 0,
    });

    const { resolved, allocations, opened: after } = previewDeleverage(opened, [alice]);
    expect(allocations).to.deep.equal([
      {
        market: 0,
        deficit: 1_000n * ONE,
        bounty: 0n,
        insured: 400n * ONE,
        byLongs: 0n,
        byShorts: 600n * ONE,
        shortfall: 0n,
        longClosed: 0n,
        shortClosed: 10n * ONE,
      },
    ]);
    expect(resolved[0]?.account).to.include({ collateral: 0n, markets: 0n });
    expect(after.fundAssets).to.equal(0n);
    expect(after.books[0]).to.include({ pool: 2_400n * ONE, generation: 1n });
    const bob = accountHealth(after, openAccount(after, storedBob));
    expect(bob).to.include({ collateral: 20_000n * ONE, unsettled: 2_400n * ONE, equity: 22_400n * ONE });
  });

  it("2: one share's A and B", () => {
    const market = storedMarket(0, 100n * ONE, 100n * ONE, { fundAvailable: 20n * ONE });
    const opened = openMarkets(storedHouse([market], 1_000n * ONE));
    const long = storedAccount("long", 50n * ONE, [{ market: 0, size: 10n * ONE, price: 110n * ONE }]);
    const short = storedAccount("short", 80n * ONE, [{ market: 0, size: -7n * ONE, price: 100n * ONE }]);
    const { allocations, opened: after } = previewDeleverage(opened, [openAccount(opened, long)]);
    expect(allocations[0]).to.include({ deficit: 50n * ONE, insured: 20n * ONE, byShorts: 30n * ONE });
    const left = openAccount(after, short);
    expect(accountHealth(after, left).equity).to.equal((779n * ONE) / 10n);
    expect(left.holdings[0]?.shares).to.equal(7n * ONE);
    expect(after.books[0]?.short.base).to.equal(((1n << 126n) * 9n) / 10n);
  });

  it("3: defaults on both sides, in any order", () => {
    const opened = openMarkets(storedHouse([storedMarket(0, 100n * ONE, 20n * ONE)]));
    const a = storedAccount("A", 50n * ONE, [{ market: 0, size: 10n * ONE, price: 110n * ONE }]);
    const b = storedAccount("B", 30n * ONE, [{ market: 0, size: -6n * ONE, price: 90n * ONE }]);
    const c = storedAccount("C", 400n * ONE, [{ market: 0, size: -14n * ONE, price: 100n * ONE }]);
    const d = storedAccount("D", 400n * ONE, [{ market: 0, size: 10n * ONE, price: 100n * ONE }]);
    for (const list of [
      [a, b],
      [b, a],
    ]) {
      const { opened: after } = previewDeleverage(
        opened,
        list.map((account) => openAccount(opened, account)),
      );
      const equityOf = (account: typeof a) => accountHealth(after, openAccount(after, account)).equity;
      // Charged up: a wei at most.
      expect(equityOf(c)).to.be.within(350n * ONE - 1n, 350n * ONE);
      expect(equityOf(d)).to.be.within(370n * ONE - 1n, 370n * ONE);
      expect(after.books[0]?.short.base).to.equal(((1n << 126n) * 4n) / 14n);
    }
  });

  it("4: a liquidation", () => {
    const { risk } = storedMarket(0, 100n * ONE, 0n);
    const health = { equity: 400n * ONE, secured: 400n * ONE, initialMargin: 0n, maintenanceMargin: 500n * ONE };
    const terms = LiquidationTerms.agree(health, 100n * ONE, 100n * ONE, risk, 100n * ONE, 400n * ONE);
    expect(terms.size).to.equal(43_478_260_869_565_217_391n);
    const penalty = terms.incentive + terms.fundFee;
    expect(penalty).to.equal(60_869_565_217_391_304_347n);
    expect(terms.fundFee).to.equal(21_739_130_434_782_608_695n);
  });

  it("prices at which an account is at its end, and what it may open", () => {
    const opened = openMarkets(storedHouse([storedMarket(0, 2_000n * ONE, 10n * ONE)], 0n));
    const entered = [{ market: 0, size: 10n * ONE, price: 2_000n * ONE }];
    const long = openAccount(opened, storedAccount("long", 2_000n * ONE, entered));
    expect(bankruptcyPrice(opened, long, 0)).to.equal(1_800n * ONE - 1n);
    // 2,000 + 10 · (p − 2,000) < 5 % · 10 · p
    expect(liquidationPrice(opened, long, 0)).to.equal((18_000n * ONE * 100n) / 950n);
    const flat = openAccount(opened, storedAccount("flat", 1_000n * ONE, []));
    expect(liquidationPrice(opened, flat, 0)).to.equal(0n);
    const wish = { account: flat, market: 0, isBuy: true, price: 2_000n * ONE, venueFee: 0n };
    expect(maximumSize(opened, wish)).to.equal(5n * ONE);
    const trade = { buyer: flat, seller: long, market: 0, price: 2_000n * ONE, buyerFee: 0n, sellerFee: 0n };
    const filled = previewFill(opened, { ...trade, size: 5n * ONE });
    if (!filled.accepted) throw new Error(filled.refusal.name);
    expect(filled.buyer).to.deep.include({ size: 5n * ONE, increases: true, protocolFee: 0n, venueFee: 0n });
    expect(filled.seller).to.deep.include({ size: 5n * ONE, increases: false });
    const refused = previewFill(opened, { ...trade, size: 5n * ONE + 1n });
    expect(refused).to.deep.equal({
      accepted: false,
      refusal: {
        name: "InsufficientMargin",
        args: { account: "flat", secured: 1_000n * ONE, required: 1_000n * ONE + 200n },
      },
    });
    const rich = openAccount(
      opened,
      storedAccount("rich", 10n ** 30n, [{ market: 0, size: -ONE, price: 2_000n * ONE }]),
    );
    expect(bankruptcyPrice(opened, rich, 0)).to.equal(NEVER);
  });
});

/** The executable specification in `test/model/`: right by itself, and bit for bit what the contracts do. */
import { expect } from "chai";
import { settle, sizeOf, unsettled } from "../model/account.ts";
import { compare, open, replay, RISK, START } from "../model/agreement.ts";
import {
  deleverage as deleverageBoth,
  fill as fillBoth,
  movePrice,
  nextBlock,
  setRisk,
  settle as settleBoth,
} from "../model/calls.ts";
import type { Chain } from "../model/chain.ts";
import { deleverage } from "../model/deleverage.ts";
import type { Limit } from "../model/fund.ts";
import { endMarket } from "../model/governance.ts";
import {
  accountOf,
  accrueFunding,
  attempt,
  deposit,
  fill,
  FUND,
  liquidate,
  marketOf,
  newHouse,
  openInterestLimit,
  publish,
  settleAll,
  type House,
} from "../model/house.ts";
import { COLLECTS_FOR, initialMarginRate } from "../model/market.ts";
import { ONE, sum } from "../model/math.ts";
import type { Risk } from "../model/risk.ts";
import type { Call, Model } from "../model/calls.ts";

const RUNS = 25;
const SEED = 20;
const SECONDS = 300;

/** Without fees, bounties and minimum. */
const PLAIN: Risk = {
  status: "Active",
  isolatedOnly: false,
  initialMargin: 100_000n,
  initialMarginAtCap: 100_000n,
  volatilityMargin: 0n,
  maintenanceMargin: 50_000n,
  incentiveMin: 5_000n,
  incentiveMax: 15_000n,
  fundFee: 5_000n,
  tradeFee: 0n,
  priceBand: 50_000n,
  buffer: 1_200_000n,
  openInterestCap: 10n ** 33n,
  minNotional: 0n,
  shortfallLimit: 0n,
  maxFundingRate: 0n,
  bountyRate: 0n,
  bountyCap: 0n,
};

const UNLIMITED: Limit = { capacity: 10n ** 33n, refillPerSecond: 0n, gap: 0n };

describe("the worked examples, on the model alone", () => {
  function houseAt(price: bigint, risk: Risk = PLAIN, fundLimit: Limit = UNLIMITED): House {
    const listing = { risk, maxPrice: 10n ** 24n, maxAge: 86_400n, fundLimit };
    return newHouse([{ ...listing, price: price * ONE }], 1n, 1_000_000n);
  }
  const give = (house: House, money: Record<string, bigint>) => {
    for (const [name, amount] of Object.entries(money)) deposit(house, name, amount * ONE);
  };
  const trade = (house: House, buyer: string, seller: string, size: bigint) => {
    const price = marketOf(house, 0).mark;
    fill(house, { buyer, seller, market: 0, size: size * ONE, price, feeTo: "", buyerFee: 0n, sellerFee: 0n });
  };
  const priceIs = (house: House, price: bigint) => {
    house.now += 1n;
    publish(house, 0, price * ONE);
    accrueFunding(house, 0);
    // Fills wait a block where it has jumped.
    house.now += 1n;
  };
  const size = (house: House, name: string) => sizeOf(accountOf(house, name), marketOf(house, 0));
  const settled = (house: House, name: string) => {
    settle(accountOf(house, name), house.markets);
    expect(unsettled(accountOf(house, name), marketOf(house, 0)), "nothing waits").to.equal(0n);
    return accountOf(house, name).collateral;
  };

  it("1: the whole waterfall", () => {
    const house = houseAt(2_000n);
    give(house, { alice: 2_000n, bob: 20_000n, [FUND]: 400n });
    trade(house, "alice", "bob", 10n);
    priceIs(house, 1_700n);
    deleverage(house, ["alice"], "keeper", undefined);
    expect(marketOf(house, 0).pool).to.equal(2_400n * ONE);
    expect(size(house, "bob")).to.equal(0n);
    expect(settled(house, "bob")).to.equal(22_400n * ONE);
    expect(settled(house, "alice")).to.equal(0n);
    expect(accountOf(house, FUND).collateral).to.equal(0n);
    expect(marketOf(house, 0)).to.include({ pool: 0n, shortfall: 0n });
    expect(sum([...house.accounts.values()].map(({ collateral }) => collateral))).to.equal(22_400n * ONE);
  });

  it("2: a haircut and a closing over every short", () => {
    const house = houseAt(120n, {
      ...PLAIN,
      initialMargin: 50_000n,
      maintenanceMargin: 25_000n,
      priceBand: 25_000n,
    });
    give(house, { defaulter: 150n, longs: 10_000n, shorts: 10_000n, seven: 80n, [FUND]: 20n });
    trade(house, "defaulter", "shorts", 10n);
    trade(house, "longs", "shorts", 90n);
    priceIs(house, 100n);
    trade(house, "shorts", "seven", 7n);
    deleverage(house, ["defaulter"], "keeper", undefined);
    // A is rounded down, so the closing takes a size-wei more.
    expect(size(house, "seven")).to.equal((-63n * ONE) / 10n + 1n);
    expect(settled(house, "seven")).to.equal((779n * ONE) / 10n);
    expect(accountOf(house, FUND).collateral).to.equal(0n);
  });

  for (const order of [
    ["a", "b"],
    ["b", "a"],
  ])
    it(`3: defaults on both sides, ${order.join(" before ")}`, () => {
      const house = houseAt(120n);
      give(house, { a: 150n, b: 90n, c: 400n, d: 600n, gone: 10_000n });
      trade(house, "a", "gone", 10n);
      trade(house, "d", "gone", 10n);
      priceIs(house, 80n);
      trade(house, "gone", "b", 6n);
      priceIs(house, 100n);
      trade(house, "gone", "c", 14n);
      deleverage(house, order, "keeper", undefined);
      settle(accountOf(house, "c"), house.markets);
      expect(settled(house, "d")).to.equal(370n * ONE);
      expect(size(house, "d")).to.equal(4n * ONE - 1n);
      // Fifty fourteenths a unit are rounded up.
      expect(settled(house, "c")).to.equal(350n * ONE - 1n);
      expect(size(house, "c")).to.equal(-4n * ONE + 1n);
    });

  it("4: a liquidation that restores the buffer", () => {
    const house = houseAt(110n);
    give(house, { long: 1_400n, other: 100_000n, keeper: 10_000n });
    trade(house, "long", "other", 100n);
    priceIs(house, 100n);
    liquidate(house, "long", 0, 10n ** 30n, "keeper");
    expect(size(house, "keeper")).to.equal(43_478260869565217391n);
    expect(accountOf(house, "long").collateral).to.equal(339_130434782608695653n);
    expect(accountOf(house, "keeper").collateral).to.equal(10_039_130434782608695652n);
    expect(accountOf(house, FUND).collateral).to.equal(21_739130434782608695n);
  });

  it("5: the initial margin where open interest is at half of its cap", () => {
    const house = houseAt(100n, { ...PLAIN, initialMarginAtCap: 200_000n, openInterestCap: 20_000n * ONE });
    give(house, { long: 1_500n, poor: 1_499n, other: 100_000n });
    expect(initialMarginRate(marketOf(house, 0))).to.equal(100_000n);
    const buys = (buyer: string) =>
      attempt(house, (after) => {
        trade(after, buyer, "other", 100n);
      });
    // A hundred at 100 are 10,000, and 15 % of that is asked for after the fill.
    expect(buys("poor").refused).to.equal("InsufficientMargin");
    const { house: after, refused } = buys("long");
    expect(refused).to.equal(undefined);
    expect(initialMarginRate(marketOf(after, 0))).to.equal(150_000n);
  });

  it("6: the open interest that a drained fund bears", () => {
    const house = houseAt(100n, PLAIN, { capacity: 100_000n * ONE, refillPerSecond: 0n, gap: 50_000n });
    give(house, { [FUND]: 250_000n, long: 120_000n, other: 1_000_000n, third: 1_000_000n });
    const limit = () => openInterestLimit(house, marketOf(house, 0)) / ONE;
    expect(limit()).to.equal(2_000_000n);
    trade(house, "long", "other", 10_000n);
    trade(house, "third", "other", 4_000n);
    priceIs(house, 84n);
    // A loss of 160,000 of which the fund bears 40,000; 60,000 are left to draw.
    deleverage(house, ["long"], "keeper", undefined);
    expect(accountOf(house, FUND).collateral).to.equal(210_000n * ONE);
    expect(limit()).to.equal(1_200_000n);
    // 4,000 at 84 are 336,000; what may be added are 864,000.
    const buys = (units: bigint) =>
      attempt(house, (after) => {
        trade(after, "third", "other", units);
      });
    expect(buys(10_287n).refused).to.equal("OpenInterestAboveCap");
    expect(buys(10_285n).refused).to.equal(undefined);
  });

  for (const order of [
    ["seven", "three"],
    ["three", "seven"],
  ])
    it(`7: a market ended with a shortfall, ${order.join(" paid before ")}`, () => {
      const house = houseAt(100n);
      give(house, { long: 130n, seven: 1_000n, three: 1_000n, late: 120n });
      trade(house, "long", "seven", 7n);
      trade(house, "long", "three", 3n);
      priceIs(house, 50n);
      // The winners leave with gains of 350 and 150 that wait, and one comes who has not gained.
      trade(house, "seven", "late", 7n);
      trade(house, "three", "late", 3n);
      deleverage(house, ["long"], "keeper", undefined);
      // The haircut of 370 is more than the newcomer has, and nobody is left to pay the rest.
      deleverage(house, ["late"], "keeper", undefined);
      expect(marketOf(house, 0)).to.include({ pool: 250n * ONE, shortfall: 250n * ONE });
      endMarket(house, 0);
      settleAll(house, order);
      expect(accountOf(house, "seven").collateral).to.equal(1_000n * ONE);
      house.now += COLLECTS_FOR;
      settleAll(house, order.slice(0, 1));
      settleAll(house, order.slice(1));
      expect(accountOf(house, "seven").collateral).to.equal(1_175n * ONE);
      expect(accountOf(house, "three").collateral).to.equal(1_075n * ONE);
      expect(marketOf(house, 0)).to.include({ pool: 0n, shortfall: 0n });
    });
});

describe("the model and the contracts", () => {
  it("agree on everything after random commands", async () => {
    const { tally, failure } = await compare({ runs: RUNS, seed: SEED, seconds: SECONDS });
    expect(failure, failure).to.equal(undefined);
    const times = (what: string) => tally.get(what) ?? 0;
    // Commands that are refused show little.
    expect(times("done") / times("commands"), "part that is done").to.be.above(0.6);
    for (const what of [
      ...[
        "fill",
        "withdraw",
        "liquidate",
        "deleverage",
        "settle",
        "accrueFunding",
        "leaveFund",
        "batch",
        "setRisk",
      ].map((kind) => `${kind} done`),
      ...["insured", "haircut", "shortfall", "TakenOver", "BountyPaid", "GenerationEnded"],
    ])
      expect(times(what), what).to.be.above(0);
  }).timeout(SECONDS * 1_000);

  /** What the model once did otherwise than the contracts, because the documentation did not say enough. */
  describe("agree where they once did not", () => {
    let opened: { model: Model; chain: Chain };
    let restore: () => Promise<void>;
    before(async () => {
      opened = await open();
      const snapshot = await opened.chain.snapshot();
      restore = () => snapshot.restore();
    });

    const trade = (buyer: string, seller: string, milli: bigint, price: bigint, market = 0): Call =>
      tradeWei(buyer, seller, (milli * ONE) / 1_000n, price, market);
    const tradeWei = (buyer: string, seller: string, size: bigint, price: bigint, market: number): Call =>
      fillBoth({
        buyer,
        seller,
        market,
        size,
        price: price * ONE,
        feeTo: "",
        buyerFee: 0n,
        sellerFee: 0n,
      });
    let seconds = 0n;
    const price = (market: number, to: bigint): Call => movePrice(market, to * ONE, START + ++seconds);
    /** Fills wait a block where it has jumped. */
    const priceAndBlock = (market: number, to: bigint): Call[] => [
      price(market, to),
      nextBlock(market, START + seconds++),
    ];

    const cases: Record<string, () => Call[]> = {
      "fees are swept in every market of a list, though nobody in it is in default": () => [
        trade("ann", "bob", 40_000n, 2_000n),
        deleverageBoth(["ann"], undefined),
      ],
      "a buyer and a seller with gains and too small a pool: the seller is paid first": () => [
        trade("ann", "cat", 10_000n, 2_000n),
        ...priceAndBlock(0, 2_400n),
        trade("dan", "bob", 10_000n, 2_400n),
        ...priceAndBlock(0, 2_200n),
        trade("ann", "bob", 1_000n, 2_200n),
      ],
      "a fill brings a position that slept through a generation in another market up to date": () => [
        trade("ann", "bob", 44_000n, 2_000n),
        price(0, 1_000n),
        deleverageBoth(["ann"], undefined),
        trade("bob", "cat", 1_000n, 100n, 1),
      ],
      "a listed account that is not in default is not written": () => [
        trade("ann", "bob", 44_000n, 2_000n),
        price(0, 1_000n),
        deleverageBoth(["ann"], undefined),
        deleverageBoth(["bob"], undefined),
      ],
      "the bound of a haircut is shifted with the shares, and saturates": () => [
        trade("ann", "bob", 44_000n, 2_000n),
        trade("cat", "bob", 20n, 2_000n),
        price(0, 1_000n),
        deleverageBoth(["ann"], undefined),
        settleBoth(["bob", "cat"]),
      ],
      "a premium from before the clamp was lowered counts up to it": () => [
        trade("ann", "bob", 10_000n, 2_010n),
        setRisk(0, { ...RISK, maxFundingRate: 0n }),
        trade("cat", "dan", 10_000n, 2_000n),
      ],
      "who has unpaid losses pays no fee for reducing": () => [
        trade("ann", "bob", 30_000n, 2_000n),
        trade("ann", "cat", 500_000n, 100n, 1),
        ...priceAndBlock(0, 1_600n),
        price(1, 150n),
        trade("bob", "ann", 1_000n, 1_600n),
      ],
      "shares that have become too small for a size stay where the position is not written": () => [
        tradeWei("ann", "bob", 1n, 100n, 1),
        trade("cat", "bob", 500_000n, 100n, 1),
        trade("cat", "dan", 1_000_000n, 100n, 1),
        price(1, 112n),
        deleverageBoth(["dan"], undefined),
        trade("ann", "bob", 1_000n, 2_000n),
      ],
    };
    for (const [what, calls] of Object.entries(cases))
      it(what, async () => {
        await restore();
        seconds = 0n;
        opened.chain.setClock(START);
        const model = { house: structuredClone(opened.model.house) };
        expect(await replay(model, opened.chain, calls()), "calls that were refused").to.equal(0);
      });
  });
});

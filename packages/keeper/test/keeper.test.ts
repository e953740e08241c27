/** Whole passes against a house on a real node, which includes what it is sent when it is told to. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { accountId, ONE, ownerOf } from "zerofloor";
import { type SignedOrder, signOrder } from "zerofloor/ethers";
import { startAnvil } from "../../../test/system/anvil.ts";
import type { ChainConfig } from "../src/config.ts";
import type { Keeper } from "../src/keeper.ts";
import { folderOf } from "./support/deployment.ts";
import { buildHouse, type House, type Position, PYTH_ID } from "./support/house.ts";
import { startRecorder } from "./support/recorder.ts";
import { configOf, newKey, startKeeper } from "./support/running.ts";

const PRICES = [100_000n * ONE, 2_000n * ONE];
const ETH = 1;
const LIQUIDATION = { account: 0n, maximumLeverage: 10 };
const [HEALTHY, LIQUIDATABLE] = [0, 1];
/** Longs of one ETH: below its margin of 2.5 % and below zero at these prices. */
const CROWD: Position[] = [1n, 2n, 3n, 4n, 5n, 6n].map((number) => ({
  ...{ number, market: ETH, size: ONE, collateral: (100n + 60n * number) * ONE },
}));
const NUMBERS = CROWD.map(({ number }) => number);

describe("keeper", function () {
  this.timeout(30_000);
  let house: House;
  let snapshot: unknown;
  const files = folderOf();
  const closing: (() => Promise<void>)[] = [];
  const send = (method: string, ...params: unknown[]): Promise<unknown> => house.node.provider.send(method, params);
  const mine = () => send("evm_mine");

  before(async () => {
    const node = await startAnvil({ chainId: 31_337n, gasLimit: 60_000_000n, baseFee: 10n ** 9n });
    house = await buildHouse(node, PRICES, { pyth: false });
    await house.open(CROWD);
  });
  beforeEach(async () => {
    snapshot = await send("evm_snapshot");
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await send("evm_setAutomine", true);
    await send("evm_revert", snapshot);
  });
  after(async () => {
    files.remove();
    await house.node.stop();
  });

  /** A keeper with money and gas, which has seen the present block. */
  async function keeperWith(
    change: Partial<ChainConfig> = {},
    money = 10_000n * ONE,
    ...more: Parameters<typeof startKeeper> extends [unknown, ...infer Rest] ? Rest : never
  ) {
    const { key, address } = newKey();
    await house.endow(address, money);
    const running = await startKeeper(configOf(house, key, change), ...more);
    closing.push(running.close);
    await running.keeper.pass();
    return { ...running, address, key };
  }

  /** A file with an order of somebody who wants to buy. */
  async function restingOrder(size: bigint, price: bigint): Promise<string> {
    const buyer = Wallet.createRandom(house.node.provider);
    await house.endow(buyer.address, 10_000n * ONE);
    await house.client.house.connect(buyer).setOperator(0, house.deployed.contracts.settlement, 1);
    const order = {
      ...{ account: accountId(buyer.address), market: ETH, isBuy: true, reduceOnly: false, size, price },
      ...{ nonce: 0n, epoch: 0n, expiry: 2_000_000_000, fee: 0 },
    };
    const signed: SignedOrder = await signOrder(house.client, order, buyer);
    const text = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);
    const path = join(files.folder, "resting.json");
    writeFileSync(path, JSON.stringify([signed], text));
    return path;
  }

  /** A keeper without money, whose orders may be filled. */
  async function seller(orders: string) {
    const found = await keeperWith({ liquidation: { ...LIQUIDATION, orders } }, 0n);
    const wallet = new Wallet(found.key, house.node.provider);
    await house.client.house.connect(wallet).setOperator(0, house.deployed.contracts.settlement, 1);
    return found;
  }

  const sent = async (address: string) => Number(await send("eth_getTransactionCount", address, "latest"));

  it("finds everybody, and does nothing where nothing is to be done", async () => {
    const { keeper, address, told } = await keeperWith({ liquidation: LIQUIDATION });
    expect(keeper.accounts).to.equal(CROWD.length + 1);
    expect([await sent(address), told.filter(({ level }) => level !== "debug")]).to.deep.equal([0, []]);
  });

  it("liquidates who is below margin, and deleverages who is below zero", async () => {
    const { keeper, address } = await keeperWith({ liquidation: LIQUIDATION });
    // Collateral 160, 220, 280, …; at 1,700 a loss of 300 and a margin of 42.5.
    await house.setPrice(ETH, 1_700n * ONE);
    expect(await house.standings(NUMBERS)).to.deep.equal([2, 2, 2, 1, 0, 0]);
    await keeper.pass();
    await mine();
    expect(await house.standings(NUMBERS)).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect(await sent(address)).to.equal(2);
    await keeper.pass();
    await mine();
    await keeper.pass();
    expect(await sent(address)).to.equal(2);
    // The bounties, and the incentive.
    const { equity } = await house.client.lens.accountHealth(accountId(address));
    expect(equity > 10_000n * ONE).to.equal(true);
  });

  it("needs no capital for those below zero, and leaves the others to those who have some", async () => {
    const { keeper } = await keeperWith({ liquidation: LIQUIDATION }, 0n);
    await house.setPrice(ETH, 1_700n * ONE);
    await keeper.pass();
    expect(await house.standings(NUMBERS)).to.deep.equal([0, 0, 0, 1, 0, 0]);
  });

  it("sends nothing on a dry run", async () => {
    const { keeper, address, texts } = await keeperWith({ liquidation: LIQUIDATION }, 10_000n * ONE, { dryRun: true });
    await house.setPrice(ETH, 1_700n * ONE);
    await keeper.pass();
    expect(texts()).to.include("dry run: would be sent");
    expect(await sent(address)).to.equal(0);
  });

  it("sends nothing as long as the stop file is there", async () => {
    const stopFile = files.file("STOP", "");
    const { keeper, address, texts } = await keeperWith({ liquidation: LIQUIDATION, stopFile });
    await house.setPrice(ETH, 1_700n * ONE);
    await keeper.pass();
    expect(texts()).to.include("STOP is there: nothing is sent");
    expect(await sent(address)).to.equal(0);
  });

  it("does what does not pay for its gas at any cost only", async () => {
    const gas = { ...configOf(house, newKey().key).gas, coinPrice: 10n ** 9n * ONE };
    const stingy = await keeperWith({ liquidation: LIQUIDATION, gas });
    await house.setPrice(ETH, 1_700n * ONE);
    await stingy.keeper.pass();
    expect(stingy.texts()).to.include("not sent: does not pay for its gas");
    expect(await sent(stingy.address)).to.equal(0);
    const generous = await keeperWith({ liquidation: LIQUIDATION, gas }, 10_000n * ONE, { atAnyCost: true });
    expect(await sent(generous.address)).to.equal(2);
  });

  it("counts the coin at the price of a market", async () => {
    const gasIn = (market: string) => ({ ...configOf(house, newKey().key).gas, coinPrice: { market } });
    const [dear, cheap] = [await keeperWith({ gas: gasIn("BTC") }), await keeperWith({ gas: gasIn("ETH") })];
    await house.setPrice(ETH, 1_700n * ONE);
    // Bounties of 2.55 in all, for about half a million of gas at 2 gwei: 100 at the one price and 1.7 at the other.
    await dear.keeper.pass();
    await cheap.keeper.pass();
    expect([await sent(dear.address), await sent(cheap.address)], cheap.texts()).to.deep.equal([0, 1]);
  });

  it("does no harm beside another one: everybody is dealt with once, and nobody minds who was second", async () => {
    const one = await keeperWith({ liquidation: LIQUIDATION });
    const two = await keeperWith({ liquidation: LIQUIDATION });
    await house.setPrice(ETH, 1_700n * ONE);
    await send("evm_setAutomine", false);
    await Promise.all([one.keeper.pass(), two.keeper.pass()]);
    const from = Number(await send("eth_blockNumber"));
    await mine();
    expect(await house.standings(NUMBERS)).to.deep.equal([0, 0, 0, 0, 0, 0]);
    for (let n = 0; n < 3; ++n) {
      await Promise.all([one.keeper.pass(), two.keeper.pass()]);
      await mine();
    }
    const { house: contract } = house.client;
    const liquidated = await contract.queryFilter(contract.filters.Liquidated(), from);
    const deleveraged = await contract.queryFilter(contract.filters.Deleveraged(), from);
    expect([liquidated.length, deleveraged.length]).to.deep.equal([1, 3]);
    expect([await sent(one.address), await sent(two.address)]).to.deep.equal([2, 2]);
    const loud = [...one.told, ...two.told].filter(({ level }) => level === "warn" || level === "error");
    expect(loud).to.deep.equal([]);
  });

  it("sends nothing about whom somebody else has dealt with", async () => {
    const one = await keeperWith({ liquidation: LIQUIDATION });
    await house.setPrice(ETH, 1_700n * ONE);
    await house.client.house.deleverage(
      NUMBERS.slice(0, 3).map((number) => house.idOf(number)),
      `0x${"0".repeat(64)}`,
      { gasLimit: 5_000_000n },
    );
    await one.keeper.pass();
    expect(await sent(one.address)).to.equal(1);
  });

  it("takes over and sells on in one transaction, without capital", async () => {
    const path = await restingOrder(5n * ONE, 1_750n * ONE);
    const { keeper, address, texts } = await seller(path);
    await house.setPrice(ETH, 1_700n * ONE);
    // A mark that has jumped: fills wait until somebody has accepted it, and for the next block.
    await keeper.pass();
    expect(await house.standings(NUMBERS)).to.deep.equal([0, 0, 0, 1, 0, 0]);
    await mine();
    await keeper.pass();
    expect(await house.standings(NUMBERS), texts()).to.deep.equal([0, 0, 0, 0, 0, 0]);
    const [own] = await house.client.lens.healths([accountId(address)]);
    expect([own?.maintenanceMargin, (own?.equity ?? 0n) > 0n]).to.deep.equal([0n, true]);
  });

  it("has a mark accepted where that lets resting orders be filled", async () => {
    const path = await restingOrder(5n * ONE, 1_950n * ONE);
    const { keeper, address, texts } = await seller(path);
    // The first has 160 − 120, against 47: the others have more. Five per cent have not passed: this is no default.
    await house.setPrice(ETH, 1_880n * ONE);
    await keeper.pass();
    expect((await house.client.lens.marketOf(ETH)).mark, texts()).to.equal(1_880n * ONE);
    expect(await sent(address)).to.equal(2);
    await mine();
    await keeper.pass();
    expect(await house.standings(NUMBERS), texts()).to.deep.equal([0, 0, 0, 0, 0, 0]);
  });

  it("warns once whoever comes near margin", async () => {
    const marginCalls = { webhook: "http://127.0.0.1/", level: 1_500_000n };
    const { keeper, posted } = await keeperWith({ marginCalls });
    // The first has 160; at 1,890 it has 50 against a margin of 47.25.
    await house.setPrice(ETH, 1_890n * ONE);
    await keeper.pass();
    await keeper.idle();
    await mine();
    await keeper.pass();
    await keeper.idle();
    const [call] = posted.map((body) => JSON.parse(body) as { account: string; owner: string });
    expect([posted.length, call?.account]).to.deep.equal([1, house.idOf(1n)]);
    expect(call?.owner).to.equal(ownerOf(house.idOf(1n)));
    expect(await house.standings([1n])).to.deep.equal([HEALTHY]);
    await house.setPrice(ETH, 1_880n * ONE);
    expect(await house.standings([1n])).to.deep.equal([LIQUIDATABLE]);
    await keeper.pass();
    await keeper.idle();
    expect(posted).to.have.length(1);
  });

  it("lets nobody wait for a webhook that does not answer", async () => {
    const marginCalls = { webhook: "http://127.0.0.1/", level: 1_500_000n };
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    const post = (_: string, body: string) => {
      asked.push(body);
      return new Promise<void>((resolve) => answers.push(resolve));
    };
    const { keeper, address } = await keeperWith({ marginCalls, liquidation: LIQUIDATION }, undefined, {}, { post });
    await house.setPrice(ETH, 1_890n * ONE);
    await keeper.pass();
    await house.setPrice(ETH, 1_880n * ONE);
    await keeper.pass();
    expect([asked.length, answers.length, await sent(address)]).to.deep.equal([1, 1, 1]);
    for (const answer of answers) answer();
    await keeper.idle();
  });

  it("hands transactions in where it is told to, and nothing else there", async () => {
    const [reading, sending] = [await startRecorder(house.node.url), await startRecorder(house.node.url)];
    try {
      const change = { rpc: reading.url, sendRpc: sending.url, liquidation: LIQUIDATION };
      const { keeper, address } = await keeperWith(change);
      await house.setPrice(ETH, 1_880n * ONE);
      await keeper.pass();
      expect(await sent(address)).to.equal(1);
      expect(reading.methods).to.include("eth_call").and.not.include("eth_sendRawTransaction");
      expect(sending.methods).to.deep.equal(["eth_sendRawTransaction"]);
    } finally {
      await reading.close();
      await sending.close();
    }
  });

  it("settles losers, so that winners can be paid", async () => {
    await house.setPrice(ETH, 1_950n * ONE);
    const { address } = await keeperWith({ settlement: { minimumLoss: 10n * ONE, everySeconds: 3_600 } });
    expect(await sent(address)).to.equal(1);
    // Six of them have lost 50 each; fees were there before.
    const { pool } = await house.client.lens.marketSummary(ETH);
    expect(pool >= 300n * ONE).to.equal(true);
  });

  it("takes back what a reorganisation of three blocks has taken back", async () => {
    const { keeper } = await keeperWith({ liquidation: LIQUIDATION });
    await mine();
    const before = await send("evm_snapshot");
    await house.open([{ number: 9n, market: ETH, size: ONE, collateral: 200n * ONE }]);
    await keeper.pass();
    expect(keeper.accounts).to.equal(CROWD.length + 2);
    await send("evm_revert", before);
    for (let n = 0; n < 5; ++n) await mine();
    await keeper.pass();
    expect(keeper.accounts).to.equal(CROWD.length + 1);
  });
});

describe("keeper of a market with Pyth's prices", function () {
  this.timeout(30_000);
  let house: House;
  let snapshot: unknown;
  const mine = (): Promise<unknown> => house.node.provider.send("evm_mine", []);

  before(async () => {
    const node = await startAnvil({ chainId: 31_337n, gasLimit: 60_000_000n, baseFee: 10n ** 9n });
    house = await buildHouse(node, PRICES, { pyth: true });
    await house.open(CROWD);
  });
  beforeEach(async () => {
    snapshot = await house.node.provider.send("evm_snapshot", []);
  });
  afterEach(() => house.node.provider.send("evm_revert", [snapshot]));
  after(() => house.node.stop());

  /** A keeper whose key lets prices come with its calls, and a server whose price can be changed. */
  async function withServer(
    test: (keeper: Keeper, address: string, publish: (price: bigint) => Promise<void>) => Promise<void>,
  ) {
    const { key, address } = newKey();
    await house.endow(address, 10_000n * ONE);
    const wallet = new Wallet(key, house.node.provider);
    await house.client.house.connect(wallet).setOperator(0, house.pythKeeper, 1);
    let price = 2_000n * ONE;
    const prices = {
      latest: async () => {
        const publishedAt = ((await house.node.provider.getBlock("latest"))?.timestamp ?? 0) - 1;
        const found = new Map([[ETH, { price, publishedAt: BigInt(publishedAt) }]]);
        return { prices: found, data: [await house.update(price, publishedAt)] };
      },
    };
    const pyth = { keeper: house.pythKeeper, endpoint: "http://127.0.0.1/", feeds: { ETH: PYTH_ID } };
    const { keeper, close } = await startKeeper(
      configOf(house, key, { liquidation: LIQUIDATION, pyth }),
      {},
      { prices },
    );
    try {
      await keeper.pass();
      await test(keeper, address, async (next) => {
        price = next;
        await mine();
      });
    } finally {
      await close();
    }
  }

  const sentBy = (address: string) => house.node.provider.getTransactionCount(address);

  it("brings a price at which somebody is below margin with the liquidation, and pays for it", async () => {
    await withServer(async (keeper, address, publish) => {
      const nonce = await sentBy(address);
      await publish(1_880n * ONE);
      expect(await house.standings(NUMBERS)).to.deep.equal([0, 0, 0, 0, 0, 0]);
      await keeper.pass();
      expect(await sentBy(address)).to.equal(nonce + 1);
      const { house: contract } = house.client;
      const [event, ...others] = await contract.queryFilter(contract.filters.Liquidated(), "latest");
      expect([event?.args.account, event?.args.mark, others.length]).to.deep.equal([house.idOf(1n), 1_880n * ONE, 0]);
      expect(await contract.sizeOf(accountId(address), ETH)).to.equal(event?.args.size);
    });
  });

  it("brings a price at which somebody is below zero with the deleveraging, and goes on from there", async () => {
    await withServer(async (keeper, address, publish) => {
      const nonce = await sentBy(address);
      await publish(1_700n * ONE);
      expect(await house.standings(NUMBERS)).to.deep.equal([0, 0, 0, 0, 0, 0]);
      await keeper.pass();
      expect(await sentBy(address)).to.equal(nonce + 1);
      expect((await house.client.lens.marketSummary(ETH)).mark).to.equal(1_700n * ONE);
      for (let n = 0; n < 3; ++n) {
        await keeper.pass();
        await mine();
      }
      expect(await house.standings(NUMBERS)).to.deep.equal([0, 0, 0, 0, 0, 0]);
      expect(await house.client.house.sizeOf(accountId(address), ETH)).not.to.equal(0n);
    });
  });
});

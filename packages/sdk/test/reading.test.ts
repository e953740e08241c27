/** Reading a clearing house slot by slot, through either library, against what the lens's getters answer in the same state. */
import { expect } from "chai";
import { createPublicClient, custom } from "viem";
import { connect, readHouse } from "../src/ethers/index.ts";
import { readHouse as readWithViem } from "../src/viem/index.ts";
import type { ReadHouse } from "../src/client/readHouse.ts";
import type { StoredAccount, StoredHouse } from "../src/periphery/ledgerPreview.ts";
import { startChain, type Chain } from "./differential/chain.ts";
import { openScene } from "./differential/compare.ts";
import { accountHealth, openAccount, openMarkets } from "../src/index.ts";

const MARKETS = 3;
const START = 1_800_000_000n;

describe("reading a clearing house", function () {
  this.timeout(120_000);
  let chain: Chain;
  let untouched: string;

  before(async () => {
    chain = await startChain(MARKETS, 12, 6);
  });
  beforeEach(async () => {
    untouched = await chain.snapshot();
  });
  afterEach(() => chain.revert(untouched));
  after(() => chain.close());

  /** The same through the getters, account by account. */
  async function expected(ids: readonly string[]): Promise<{ house: StoredHouse; accounts: StoredAccount[] }> {
    const accounts = [];
    for (const id of ids) accounts.push(await chain.readAccount(id));
    return { house: await chain.readHouse(), accounts };
  }

  const readers: [string, (accounts: readonly string[]) => Promise<ReadHouse>][] = [
    ["ethers", (accounts) => readHouse(connect(chain, chain.runner), { accounts, markets: [0, 1, 2] })],
    [
      "viem",
      (accounts) => {
        const client = createPublicClient({ transport: custom(chain.provider) });
        return readWithViem(client, chain, { accounts, markets: [0, 1, 2] });
      },
    ],
  ];
  for (const [name, read] of readers) {
    it(`finds with ${name} what the getters answer, in random states`, async () => {
      let positions = 0;
      for (let seed = 1n; seed <= 12n; ++seed) {
        const before = await chain.snapshot();
        await openScene(chain, seed, START + seed, MARKETS);
        const { house, accounts } = await read(chain.ids);
        const theirs = await expected(chain.ids);

        expect(accounts).to.deep.equal(theirs.accounts);
        expect(house.time).to.equal(theirs.house.time);
        expect([house.fundAssets, house.tokenUnit]).to.deep.equal([theirs.house.fundAssets, theirs.house.tokenUnit]);
        for (const [i, { endedGenerations, ...market }] of house.markets.entries()) {
          const { endedGenerations: all, ...same } = theirs.house.markets[i] ?? expect.fail();
          expect(market).to.deep.equal(same);
          for (const [generation, end] of endedGenerations) expect(end).to.deep.equal(all.get(generation));
        }
        // It is enough to open them with.
        const [ours, whole] = [openMarkets(house), openMarkets(theirs.house)];
        for (const account of accounts) {
          positions += account.positions.size;
          expect(accountHealth(ours, openAccount(ours, account))).to.deep.equal(
            accountHealth(whole, openAccount(whole, account)),
          );
        }
        await chain.revert(before);
      }
      expect(positions).to.be.above(100);
    });
  }

  it("reads the markets that accounts are in, those that are named, or all", async () => {
    const client = connect(chain, chain.runner);
    const numbers = async (...wanted: Parameters<typeof readHouse> extends [unknown, ...infer Rest] ? Rest : never) =>
      (await readHouse(client, ...wanted)).house.markets.map(({ market }) => market);
    expect(await numbers()).to.deep.equal([0, 1, 2]);
    expect(await numbers({ markets: [2] })).to.deep.equal([2]);
    expect(await numbers({ accounts: [] })).to.deep.equal([]);
  });

  it("knows a refusal of the oracle from a connection that fails", async () => {
    await chain.writePrice(1, undefined);
    const { house } = await readHouse(connect(chain, chain.runner));
    expect(house.markets[1]?.price).to.equal(undefined);
    expect(house.markets[0]?.price).to.not.equal(undefined);

    const broken = new Proxy(chain.runner, {
      get: (target, key): unknown =>
        key === "call" ? () => Promise.reject(new Error("the line is dead")) : Reflect.get(target, key),
    });
    const fails = await readHouse(connect(chain, broken)).catch((error: unknown) => String(error));
    expect(fails).to.equal("Error: the line is dead");
  });
});

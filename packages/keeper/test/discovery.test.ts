import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { AdaptiveRange } from "../src/adaptiveRange.ts";
import { discover, Lost } from "../src/discovery.ts";
import type { Store } from "../src/store.ts";
import { FakeEvents, newStore } from "./support/fakes.ts";

const id = (number: number) => `0x${number.toString(16).padStart(64, "0")}`;
const own = (number: number) => [id(number)];

describe("AdaptiveRange", () => {
  it("halves down to one and grows up to the most", () => {
    const range = new AdaptiveRange(5, 8);
    expect([range.halve(), range.size, range.halve(), range.size, range.halve()]).to.deep.equal([
      true,
      2,
      true,
      1,
      false,
    ]);
    for (let n = 0; n < 20; ++n) range.grow();
    expect(range.size).to.equal(8);
  });
});

describe("discover", () => {
  let chain: FakeEvents;
  let store: Store;
  let range: AdaptiveRange;
  const go = () => discover(chain, store, range, 3);

  beforeEach(() => {
    [chain, store, range] = [new FakeEvents(), newStore(), new AdaptiveRange(10, 1_000)];
  });
  afterEach(() => {
    store.close();
  });

  it("begins where the deployment began, in ranges that grow", async () => {
    chain.mine(50, "", own);
    const found = await go();
    expect(chain.asked).to.deep.equal([
      [3, 12],
      [13, 25],
      [26, 42],
      [43, 49],
    ]);
    expect([...(found?.touched ?? [])]).to.deep.equal(Array.from({ length: 47 }, (_, n) => id(n + 3)));
    expect(store.accounts()).to.have.length(47);
    expect(store.checkpoint()).to.deep.equal({ number: 49, hash: "0x49" });
  });

  it("asks for nothing where nothing is new", async () => {
    chain.mine(50);
    await go();
    chain.asked.length = 0;
    expect((await go())?.touched.size).to.equal(0);
    expect(chain.asked).to.deep.equal([]);
  });

  it("asks for half where the node refuses, until it answers", async () => {
    chain.mine(20, "", own);
    chain.widest = 3;
    const found = await go();
    expect(chain.asked.slice(0, 4)).to.deep.equal([
      [3, 12],
      [3, 7],
      [3, 4],
      [5, 7],
    ]);
    expect(found?.touched.size).to.equal(17);
  });

  it("gives up a pass after some refusals, and keeps what it had read", async () => {
    chain.mine(40, "", own);
    await go();
    chain.mine(100, "", own);
    chain.widest = 0;
    const error: unknown = await go().catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Lost);
    expect(store.checkpoint()?.number).to.equal(39);
    chain.widest = Infinity;
    expect((await go())?.touched.size).to.equal(100);
  });

  it("goes on from the checkpoint after a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "keeper-"));
    try {
      const path = join(folder, "keeper.sqlite");
      chain.mine(20, "", own);
      const before = newStore(path);
      await discover(chain, before, range, 3);
      before.close();
      chain.asked.length = 0;
      chain.mine(2, "", own);
      const after = newStore(path);
      const found = await discover(chain, after, range, 3);
      expect(chain.asked).to.deep.equal([[20, 21]]);
      expect([...(found?.touched ?? [])]).to.deep.equal([id(20), id(21)]);
      expect(after.accounts()).to.have.length(19);
      after.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("steps back to the common ancestor of a reorganisation of three blocks", async () => {
    chain.mine(20, "", own);
    for (let n = 0; n < 10; ++n) {
      chain.mine(1, "", own);
      await go();
    }
    chain.asked.length = 0;
    chain.reorganise(3, "b", (number) => [id(number + 1_000)]);
    const found = await go();
    expect(found?.reorganised).to.equal(3);
    expect(chain.asked).to.deep.equal([[27, 30]]);
    // What the lost blocks have touched, and what the new ones have.
    expect([...(found?.touched ?? [])].sort()).to.deep.equal([27, 28, 29, 1027, 1028, 1029, 1030].map(id).sort());
    expect(store.checkpoint()).to.deep.equal({ number: 30, hash: "0x30b" });
    expect((await go())?.reorganised).to.equal(0);
  });

  it("steps back further than it must where it knows no hash in between, and loses nothing", async () => {
    chain.mine(20, "", own);
    await go();
    chain.mine(10, "", own);
    await go();
    chain.reorganise(3, "b", own);
    const found = await go();
    expect(found?.reorganised).to.equal(10);
    expect(store.checkpoint()?.hash).to.equal("0x30b");
    expect(found?.touched.size).to.equal(11);
  });

  it("reads everything again where no block is known any more", async () => {
    chain.mine(20, "", own);
    await go();
    chain.reorganise(19, "b", own);
    const found = await go();
    expect(found?.touched.size).to.equal(18);
    expect(store.checkpoint()?.hash).to.equal("0x20b");
  });

  it("waits for a node that is behind", async () => {
    chain.mine(20);
    await go();
    const [last] = chain.blocks.splice(-1);
    expect(await go()).to.equal(undefined);
    expect(store.checkpoint()?.number).to.equal(19);
    if (last !== undefined) chain.blocks.push(last);
    expect((await go())?.reorganised).to.equal(0);
  });

  it("steps back where the chain has become shorter and another", async () => {
    chain.mine(18);
    await go();
    chain.mine(1);
    await go();
    chain.mine(1);
    await go();
    chain.blocks.splice(-2);
    chain.mine(1, "b");
    const found = await go();
    expect([found?.reorganised, store.checkpoint()]).to.deep.equal([2, { number: 18, hash: "0x18b" }]);
  });

  it("does not keep events of a block that was replaced while they were read", async () => {
    chain.mine(20, "", own);
    await go();
    chain.mine(1, "", own);
    chain.meanwhile = () => {
      chain.meanwhile = () => undefined;
      chain.reorganise(1, "b", () => []);
    };
    // Refused, and asked for again: by then the answer is that of the new chain.
    await go().catch(() => undefined);
    const found = await go();
    expect(store.checkpoint()?.hash).to.equal("0x21b");
    expect(store.accounts()).not.to.include(id(20));
    expect(found?.head.hash).to.equal("0x21b");
  });
});

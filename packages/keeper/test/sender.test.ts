import { expect } from "chai";
import { Sender, type SendLimits } from "../src/sender.ts";
import { silent } from "../src/log.ts";
import type { Store } from "../src/store.ts";
import { FakeClock, FakeNode, GWEI, newStore, recordingAlerts } from "./support/fakes.ts";

const LIMITS: SendLimits = { maximumPrice: 10n * GWEI, tip: GWEI, dailyCap: 10n ** 18n, patience: 3 };
const order = (subject: string, data = "0x01") => ({
  ...{ kind: "liquidate", subjects: [subject], gas: 100_000n },
  call: { to: `0x${"2".repeat(40)}`, data, value: 0n },
});

describe("Sender", () => {
  let node: FakeNode;
  let store: Store;
  let clock: FakeClock;
  let raised: string[];
  const senderWith = (limits: Partial<SendLimits> = {}) => {
    const { alerts, raised: found } = recordingAlerts(clock);
    raised = found;
    return new Sender(store, node, { ...LIMITS, ...limits }, clock, alerts, silent);
  };

  beforeEach(() => {
    [node, store, clock] = [new FakeNode(), newStore(), new FakeClock()];
  });
  afterEach(() => {
    store.close();
  });

  it("numbers transactions itself, and says how they ended", async () => {
    const sender = senderWith();
    for (const subject of ["a", "b", "c"]) expect(await sender.send(order(subject), node.head())).to.equal(undefined);
    expect([...sender.busy(node.number)]).to.deep.equal(["a", "b", "c"]);
    const outcomes = await sender.tend(node.mine());
    expect(outcomes.map(({ subjects, succeeded }) => [subjects[0], succeeded])).to.deep.equal([
      ["a", true],
      ["b", true],
      ["c", true],
    ]);
    expect(sender.pending).to.equal(0);
    expect(sender.spentToday()).to.equal(3n * 50_000n * GWEI);
  });

  it("calls a subject busy until the block that has dealt with it has been read", async () => {
    const sender = senderWith();
    await sender.send(order("a"), node.head());
    await sender.tend(node.mine());
    expect([...sender.busy(node.number - 1)]).to.deep.equal(["a"]);
    expect([...sender.busy(node.number)]).to.deep.equal([]);
  });

  it("takes it that somebody else was first for no mistake", async () => {
    const sender = senderWith();
    await sender.send(order("a"), node.head());
    const [outcome] = await sender.tend(node.mine(false));
    expect([outcome?.succeeded, raised]).to.deep.equal([false, []]);
  });

  it("sends the same again where the answer was lost, under the same nonce", async () => {
    const sender = senderWith();
    node.answer = "loses the answer";
    expect(await sender.send(order("a"), node.head())).to.equal(undefined);
    node.answer = "accepts";
    await sender.send(order("b", "0x02"), node.head());
    await sender.tend(node.mine());
    expect(node.included.map(({ data, nonce }) => [data, nonce])).to.deep.equal([
      ["0x01", 0],
      ["0x02", 1],
    ]);
  });

  it("sends the same again where it never arrived", async () => {
    const sender = senderWith();
    node.answer = "drops";
    await sender.send(order("a"), node.head());
    expect(node.pool.size).to.equal(0);
    node.answer = "accepts";
    await sender.tend(node.mine());
    expect(node.pool.size).to.equal(1);
    await sender.tend(node.mine());
    expect(node.included).to.have.length(1);
  });

  it("uses no nonce for what was refused", async () => {
    const sender = senderWith();
    node.answer = "refuses";
    expect(await sender.send(order("a"), node.head())).to.equal("not accepted");
    expect(sender.pending).to.equal(0);
    node.answer = "accepts";
    await sender.send(order("b"), node.head());
    await sender.tend(node.mine());
    expect(node.included).to.have.length(1);
  });

  it("goes on after a restart with what it had written down", async () => {
    node.answer = "drops";
    await senderWith().send(order("a"), node.head());
    node.answer = "accepts";
    const sender = senderWith();
    expect([...sender.busy(node.number)]).to.deep.equal(["a"]);
    await sender.send(order("b", "0x02"), node.head());
    await sender.tend(node.mine());
    await sender.tend(node.mine());
    expect(node.included.map(({ data }) => data)).to.deep.equal(["0x01", "0x02"]);
  });

  it("believes neither a nonce that is too low nor, once, one that is too high", async () => {
    const sender = senderWith();
    await sender.send(order("a"), node.head());
    await sender.tend(node.mine());
    const nonce = node.nonce.bind(node);
    for (const wrong of [0, 7]) {
      let asked = 0;
      node.nonce = () => (asked++ === 0 ? Promise.resolve(wrong) : nonce());
      await sender.send(order(`${wrong}`), node.head());
    }
    node.nonce = nonce;
    await sender.tend(node.mine());
    expect(node.included.map((each) => each.nonce)).to.deep.equal([0, 1, 2]);
  });

  it("fills a nonce that was lost", async () => {
    const sender = senderWith();
    const nonce = node.nonce.bind(node);
    node.nonce = () => Promise.resolve(2);
    await sender.send(order("a"), node.head());
    node.nonce = nonce;
    for (let n = 0; n < 4; ++n) await sender.tend(node.mine());
    expect(node.included.map(({ data }) => data)).to.deep.equal(["0x", "0x", "0x01"]);
  });

  it("offers more for what is not included, after some blocks, until it is", async () => {
    const sender = senderWith();
    node.dearest = GWEI + GWEI / 4n;
    await sender.send(order("a"), node.head());
    const outcomes = [];
    let blocks = 0;
    for (; node.included.length === 0 && blocks < 20; ++blocks) outcomes.push(...(await sender.tend(node.mine())));
    // An eighth more, twice: 1.27 gwei.
    expect(blocks).to.equal(2 * LIMITS.patience + 1);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(["liquidate"]);
    expect(sender.pending).to.equal(0);
  });

  it("offers no more than the operator wants to pay", async () => {
    const sender = senderWith({ maximumPrice: 3n * GWEI });
    node.dearest = 100n * GWEI;
    await sender.send(order("a"), node.head());
    for (let n = 0; n < 20; ++n) await sender.tend(node.mine());
    const most = [...node.signed.values()].map(({ fees }) => fees.maxFeePerGas);
    expect(most.every((fee) => fee <= 3n * GWEI)).to.equal(true);
    expect(raised).to.deep.equal(["stuck"]);
  });

  it("replaces by nothing what has become of no use", async () => {
    const sender = senderWith();
    node.dearest = GWEI + 1n;
    await sender.send(order("a", "0x05"), node.head());
    node.refused.add("0x05");
    for (let n = 0; n < 5; ++n) await sender.tend(node.mine());
    expect(node.included.map(({ data }) => data)).to.deep.equal(["0x"]);
    expect([...sender.busy(node.number)]).to.deep.equal([]);
  });

  it("sends again what a reorganisation has undone, as it was", async () => {
    const sender = senderWith();
    await sender.send(order("a"), node.head());
    await sender.send(order("b", "0x02"), node.head());
    await sender.tend(node.mine());
    node.undo(2);
    await sender.tend(node.mine());
    expect([...sender.busy(node.number)]).to.deep.equal(["a", "b"]);
    await sender.tend(node.mine());
    expect(node.included.map(({ data, nonce }) => [data, nonce])).to.deep.equal([
      ["0x01", 0],
      ["0x02", 1],
    ]);
  });

  it("calls busy what a reorganisation may have undone, before the node has been asked", async () => {
    const sender = senderWith();
    await sender.send(order("a"), node.head());
    await sender.tend(node.mine());
    store.advance({ number: node.number - 1, hash: "0x" }, new Map());
    expect([...sender.busy(node.number)]).to.deep.equal([]);
    store.stepBack(node.number - 1);
    expect([...sender.busy(node.number)]).to.deep.equal(["a"]);
    // It was included all the same: nothing else is sent.
    await sender.tend(node.mine());
    expect([sender.pending, node.included.length]).to.deep.equal([0, 1]);
  });

  it("waits for a receipt that a slow node does not know yet, and for nothing else", async () => {
    const sender = senderWith();
    await sender.send(order("a"), node.head());
    node.mine();
    const known = new Map(node.receipts);
    node.receipts.clear();
    for (let n = 0; n < 3; ++n) expect(await sender.tend(node.mine())).to.deep.equal([]);
    for (const [hash, receipt] of known) node.receipts.set(hash, receipt);
    expect(await sender.tend(node.mine())).to.have.length(1);
    expect(raised).to.deep.equal([]);
  });

  it("notices that somebody else has the key", async () => {
    const sender = senderWith();
    await sender.send(order("a"), node.head());
    node.included.push({ hash: "another", data: "", nonce: 0 });
    for (let n = 0; n < 6; ++n) await sender.tend(node.mine());
    expect([raised, sender.pending]).to.deep.equal([["nonce"], 0]);
  });

  it("stops at the daily cap, counting what is on its way, and goes on the next day", async () => {
    // 100,000 gas at up to 3 gwei each.
    const sender = senderWith({ dailyCap: 650_000n * GWEI });
    expect(await sender.send(order("a"), node.head())).to.equal(undefined);
    expect(await sender.send(order("b"), node.head())).to.equal(undefined);
    expect(await sender.send(order("c"), node.head())).to.equal("daily cap");
    expect(raised).to.deep.equal(["daily cap"]);
    // They have cost 50,000 each.
    await sender.tend(node.mine());
    expect(await sender.send(order("c"), node.head())).to.equal(undefined);
    for (let n = 0; n < 12; ++n) {
      await sender.tend(node.mine());
      await sender.send(order("d"), node.head());
    }
    expect(await sender.send(order("e"), node.head())).to.equal("daily cap");
    await sender.tend(node.mine());
    clock.milliseconds += 86_400_000;
    expect(await sender.send(order("e"), node.head())).to.equal(undefined);
  });

  it("sends nothing where gas is too dear", async () => {
    const sender = senderWith({ maximumPrice: 2n * GWEI - 1n });
    expect(await sender.send(order("a"), node.head())).to.equal("gas price");
    expect([node.broadcasts, raised]).to.deep.equal([0, ["gas price"]]);
  });

  it("forgets what no reorganisation can undo", async () => {
    const sender = senderWith();
    for (const subject of ["a", "b"]) await sender.send(order(subject), node.head());
    await sender.tend(node.mine());
    node.number += 100;
    await sender.tend(node.mine());
    expect(store.mined().map(({ nonce }) => nonce)).to.deep.equal([1]);
    await sender.send(order("c"), node.head());
    await sender.tend(node.mine());
    expect(node.included.at(-1)?.nonce).to.equal(2);
  });
});

/** `bench/peers.json`, and what is refused in it. */
import { expect } from "chai";
import { readCommitted } from "../../../bench/committed.ts";
import { bestFor, Peers, peerText, ranked, readPeers, type Peer } from "../../../bench/peers.ts";

const peer: Peer = { protocol: "A", gas: 2, transactions: 1, source: "measured" };
const operation = { name: "deposit", ours: ["deposit again"], comparable: "all of it", peers: [peer] };
const valid = { rules: "Cancun", sources: { measured: "by us" }, operations: [operation] };

describe("figures of peers", () => {
  it("stand beside figures that are committed, under Cancun rules", () => {
    const { rules, operations } = readPeers();
    expect(rules).to.equal("Cancun");
    const known = Object.keys(readCommitted()["gas"] ?? {});
    expect(known).to.include.members(operations.flatMap(({ ours }) => ours));
  });

  it("are all there", () => {
    const count = readPeers().operations.map(({ name, peers }) => `${name}: ${peers.length}`);
    expect(count).to.deep.equal([
      "deposit again: 2",
      "withdraw with a position: 2",
      "fill, both sides open: 2",
      "fill, both sides close: 2",
      "partial liquidation: 1",
      "full liquidation: 5",
      "deficit paid by insurance: 3",
      "auto-deleveraging: 2",
      "100 liquidations in one transaction: 1",
    ]);
  });

  const wrong: [string, unknown][] = [
    ["a figure that is no number", { ...valid, operations: [{ ...operation, peers: [{ ...peer, gas: "61.7k" }] }] }],
    ["gas of zero", { ...valid, operations: [{ ...operation, peers: [{ ...peer, gas: 0 }] }] }],
    ["a source that is not explained", { ...valid, sources: {} }],
    ["an operation without peers", { ...valid, operations: [{ ...operation, peers: [] }] }],
    ["an operation that stands beside nothing", { ...valid, operations: [{ ...operation, ours: [] }] }],
    ["an operation twice", { ...valid, operations: [operation, operation] }],
    ["a field that nobody knows", { ...valid, operations: [{ ...operation, remark: "no" }] }],
    ["a missing rule", { ...valid, rules: undefined }],
  ];
  it("are taken where all of this is right", () => {
    expect(Peers.safeParse(valid).success).to.be.true;
  });
  for (const [what, json] of wrong) {
    it(`are refused with ${what}`, () => {
      expect(Peers.safeParse(json).success).to.be.false;
    });
  }

  it("are ranked by gas, and the best is the one to compare with", () => {
    const worse = { ...peer, protocol: "B", gas: 3 };
    expect(ranked([worse, peer])).to.deep.equal([peer, worse]);
    const peers = Peers.parse({ ...valid, operations: [{ ...operation, peers: [worse, peer] }] });
    expect(bestFor(peers, "deposit again")).to.deep.equal(peer);
    expect(bestFor(peers, "withdraw")).to.be.undefined;
  });

  it("say what must be known to compare", () => {
    expect(peerText(peer)).to.equal("A");
    expect(peerText({ ...peer, transactions: 2, note: "with a fee" })).to.equal("A, two transactions, with a fee");
    expect(peerText({ ...peer, signatures: 1 })).to.equal("A, one signature");
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SetupError } from "../src/setupError.ts";
import { Store } from "../src/store.ts";
import { newStore } from "./support/fakes.ts";

const sent = (nonce: number, hash: string, subjects: string[] = []) => ({
  ...{ nonce, hash, raw: `raw ${hash}`, kind: "liquidate", subjects },
  ...{ mostCost: 10n ** 20n, sentAt: 7 },
});

describe("Store", () => {
  let folder: string;
  const path = () => join(folder, "keeper.sqlite");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keeper-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("remembers what was sent until nothing can undo it", () => {
    const before = newStore(path());
    before.addSent(sent(4, "0xa", ["x"]));
    before.addSent(sent(4, "0xb", ["x"]));
    before.addSent(sent(5, "0xc", ["y"]));
    before.close();
    const store = newStore(path());
    expect(store.pending().map(({ hash }) => hash)).to.deep.equal(["0xa", "0xb", "0xc"]);
    expect(store.pending()[0]).to.deep.equal(sent(4, "0xa", ["x"]));
    store.addMined({ nonce: 4, hash: "0xb", block: 9 });
    expect(store.pending().map(({ hash }) => hash)).to.deep.equal(["0xc"]);
    expect(store.includedAbove(8).map(({ hash }) => hash)).to.deep.equal(["0xa", "0xb"]);
    expect(store.includedAbove(9)).to.deep.equal([]);
    store.removeMined(4);
    expect(store.pending()).to.have.length(3);
    store.addMined({ nonce: 4, hash: "0xb", block: 9 });
    store.addMined({ nonce: 5, hash: "0xc", block: 9 });
    store.finish(4);
    store.finish(5);
    expect([store.pending(), store.mined().map(({ nonce }) => nonce)]).to.deep.equal([[], [5]]);
    // The highest nonce stays, whatever is forgotten.
    expect(store.nextNonce()).to.equal(6);
    store.close();
  });

  it("adds up what each day has cost", () => {
    const store = newStore();
    store.spend("2026-01-31", 10n ** 18n);
    store.spend("2026-01-31", 10n ** 19n);
    expect([store.spentOn("2026-01-31"), store.spentOn("2026-02-01")]).to.deep.equal([11n * 10n ** 18n, 0n]);
    store.close();
  });

  it("keeps as many hashes as a reorganisation may be deep", () => {
    const store = newStore();
    for (let number = 0; number < 600; ++number) store.advance({ number, hash: `0x${number}` }, new Map());
    expect([store.hashOf(87), store.hashOf(88), store.before(300)?.number]).to.deep.equal([undefined, "0x88", 299]);
    store.close();
  });

  it("is for one process at a time", () => {
    const store = newStore(path());
    expect(() => newStore(path())).to.throw(SetupError, "another keeper is using it");
    store.close();
    newStore(path()).close();
  });

  it("is for one deployment and one key", () => {
    newStore(path()).close();
    expect(() => new Store(path(), { chain: "2" })).to.throw(SetupError, "is of chain 1, not of 2");
  });

  it("says so where the file is none of its own", () => {
    writeFileSync(path(), "x".repeat(10_000));
    expect(() => newStore(path())).to.throw(SetupError, "cannot be opened: file is not a database");
    expect(() => newStore(join(folder, "no", "file"))).to.throw(SetupError, "cannot be opened");
  });
});

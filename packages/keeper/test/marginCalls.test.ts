import { expect } from "chai";
import { type AccountId, accountId, type Portfolio, Standing } from "zerofloor";
import { silent } from "../src/log.ts";
import { deliverCalls, levelToWatch, noteCrossings } from "../src/marginCalls.ts";
import type { Seen } from "../src/roster.ts";
import type { Store } from "../src/store.ts";
import { newStore } from "./support/fakes.ts";

const LEVEL = 1_250_000n;
const ID = accountId(`0x${"a".repeat(40)}`, 3n);

function seen(equity: bigint, id: AccountId = ID): Seen {
  const now = equity < 0n ? Standing.InDefault : equity < 100n ? Standing.Liquidatable : Standing.Healthy;
  const account: Portfolio = { id, collateral: 0n, markets: 1n, holdings: [] };
  return { account, equity, secured: equity, maintenanceMargin: 100n, standing: now };
}

describe("margin calls", () => {
  let store: Store;
  let posted: string[];
  let fails: boolean;
  const deliver = () =>
    deliverCalls(
      store,
      "http://127.0.0.1/",
      (_, body) => {
        if (fails) return Promise.reject(new Error("503"));
        posted.push(body);
        return Promise.resolve();
      },
      silent,
    );
  const pass = async (...all: Seen[]) => {
    noteCrossings(store, all, LEVEL, { chainId: 1, block: 9 });
    await deliver();
    return posted.length;
  };

  beforeEach(() => {
    [store, posted, fails] = [newStore(), [], false];
  });
  afterEach(() => {
    store.close();
  });

  it("come once for each crossing", async () => {
    expect(await pass(seen(126n))).to.equal(0);
    expect(await pass(seen(124n))).to.equal(1);
    expect(await pass(seen(110n))).to.equal(1);
    // Not yet far enough above the level.
    expect(await pass(seen(126n))).to.equal(1);
    expect(await pass(seen(120n))).to.equal(1);
    expect(await pass()).to.equal(1);
    expect(await pass(seen(120n))).to.equal(2);
    expect(JSON.parse(posted[0] ?? "")).to.deep.equal({
      ...{ account: ID, owner: `0x${"a".repeat(40)}`, equity: "124", maintenanceMargin: "100", level: "1250000" },
      ...{ chainId: 1, block: 9 },
    });
  });

  it("do not come where it is too late for them", async () => {
    expect(await pass(seen(90n))).to.equal(0);
    // Liquidated, and back at the buffer.
    expect(await pass(seen(120n))).to.equal(0);
    expect(await pass()).to.equal(0);
    expect(await pass(seen(120n))).to.equal(1);
  });

  it("are tried again until they are delivered, after a restart, too", async () => {
    fails = true;
    expect(await pass(seen(124n))).to.equal(0);
    fails = false;
    expect(await pass(seen(123n))).to.equal(1);
    expect(await pass(seen(122n))).to.equal(1);
  });

  it("are watched for up to where they may come again", () => {
    expect(levelToWatch(LEVEL)).to.equal(1_275_000n);
  });
});

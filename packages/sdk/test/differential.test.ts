/**
 * Random states in the SDK and in the contracts, side by side, every figure equal to the wei. `ACCOUNTS=20000` and `SEED=7`
 * look at more and at others; `packages/sdk/test/fuzz.ts` at as many as one likes, and says what of.
 */
import { expect } from "chai";
import { openAccount, openMarkets, previewFill, previewLiquidation } from "../src/index.ts";
import { NO_ACCOUNT, startChain } from "./differential/chain.ts";
import { run } from "./differential/run.ts";

const ACCOUNTS = Number(process.env["ACCOUNTS"] ?? 2_000);
const SEED = BigInt(process.env["SEED"] ?? 1);
const SECONDS_EACH = 0.2;

describe("the SDK and the contracts", () => {
  it(`agree on ${ACCOUNTS} random accounts`, async function () {
    this.timeout((60 + ACCOUNTS * SECONDS_EACH) * 1000);
    const tally = await run({ accounts: ACCOUNTS, seed: SEED });
    expect(tally.get("accounts")).to.be.at.least(ACCOUNTS);
    // A run that met nothing would agree on everything; a short one may.
    if (ACCOUNTS < 1_000) return;
    const met = [
      "standing 0",
      "standing 1",
      "standing 2",
      "fills accepted",
      "liquidations accepted",
      "liquidations previewed",
      "accounts resolved",
    ];
    for (const what of met) expect(tally.get(what) ?? 0).to.be.above(0, what);
  });

  it("refuse a market that is not listed", async function () {
    this.timeout(60_000);
    const chain = await startChain(1, 2, 6);
    try {
      const read = await chain.readHouse();
      const house = { ...read, markets: [...read.markets, await chain.readMarket(3)] };
      const opened = openMarkets(house);
      const accounts = [];
      for (const id of chain.ids) accounts.push(openAccount(opened, await chain.readAccount(id)));
      const [first, second] = accounts;
      if (first === undefined || second === undefined) throw new Error("nobody is there");
      const trade = { market: 3, size: 1n, price: 1n, buyerFee: 0n, sellerFee: 0n };
      const call = { ...trade, buyer: first.id, seller: second.id, feeTo: NO_ACCOUNT };
      const refusal = { name: "UnknownMarket", args: { market: 3n } };
      expect(previewFill(opened, { ...trade, buyer: first, seller: second })).to.deep.include({ refusal });
      expect(await chain.send(house.time + 1n, "fill", [call])).to.deep.equal({ refusal });
      expect(previewLiquidation(opened, first, 3, 1n)).to.deep.include({ refusal });
      expect(await chain.view("previewLiquidation", [first.id, 3, 1n])).to.deep.equal({ refusal });
    } finally {
      await chain.close();
    }
  });
});

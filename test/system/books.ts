/** The checks of a simulation can fail, and agree with the lens where both look. */
import { expect } from "chai";
import { exposure, isAccounted, readBooks } from "../../scripts/simulation/books.ts";
import { startChain, type Chain } from "../../scripts/simulation/chain.ts";
import { ONE, sum } from "../../scripts/simulation/fixedPoint.ts";
import { insure, openAccount, type Account } from "../../scripts/simulation/opening.ts";
import { expiryAfter, openPositions } from "../../scripts/simulation/orders.ts";

const OPENING = Date.UTC(2025, 0, 1) / 1000;
const PRICES = [2_000n * ONE];
const FALLEN = [1_700n * ONE];
const path = {
  title: "one step",
  markets: ["ETH"],
  steps: [
    { time: OPENING, prices: PRICES },
    { time: OPENING + 60, prices: FALLEN },
  ],
};

describe("the books of a simulation", () => {
  let chain: Chain;
  let accounts: Account[];
  let ids: string[];

  before(async () => {
    chain = await startChain(path, 3);
    await chain.publish(OPENING, PRICES);
    const [alice, bob, backer] = chain.people;
    if (alice === undefined || bob === undefined || backer === undefined) throw new Error("too few people");
    accounts = [await openAccount(chain, alice, 2_100n * ONE), await openAccount(chain, bob, 20_000n * ONE)];
    ids = accounts.map(({ id }) => id);
    await insure(chain, backer, 400n * ONE);
    const leg = { market: 0, size: 10n * ONE, profitAt: 5n, profitPart: 50n };
    await openPositions(
      chain,
      [
        { deposit: 2_100n * ONE, legs: [{ ...leg, isLong: true }] },
        { deposit: 20_000n * ONE, legs: [{ ...leg, isLong: false }] },
      ],
      accounts,
      PRICES,
      expiryAfter(OPENING + 60),
      () => undefined,
    );
  });

  it("finds every claim, and misses one that is left out", async () => {
    const { sheet: whole } = await readBooks(chain, ids);
    expect(isAccounted(whole)).to.be.true;
    expect(isAccounted((await readBooks(chain, ids.slice(1))).sheet)).to.be.false;
    expect(isAccounted({ ...whole, ledger: whole.ledger + 1n, tokens: whole.tokens + 1n })).to.be.false;
    expect(isAccounted({ ...whole, tokens: whole.ledger - 1n })).to.be.false;
    expect(isAccounted({ ...whole, tokens: whole.ledger + 1n })).to.be.true;
  });

  it("agrees with the lens", async () => {
    const { sheet: found } = await readBooks(chain, ids);
    const sheet = await chain.lens.balanceSheet();
    expect(found.ledger).to.equal(sheet.ledger);
    expect(sum(found.collateral)).to.equal(sheet.collateral);
    expect(found.collateral.at(-1)).to.equal(sheet.fundAssets);
    expect(found.pools).to.deep.equal(sheet.markets.map(({ pool }) => pool));
    expect(found.tokens).to.equal(sheet.tokenBalance * chain.tokenUnit);
    // 400, and 0.05 % of 20,000 from either side: with the fund or still with the market.
    expect(sheet.fundAssets + sheet.pools).to.equal(420n * ONE);
  });

  it("shows an account below zero when nobody acts", async () => {
    await chain.publish(OPENING + 60, FALLEN);
    const { healths, sheet } = await readBooks(chain, ids);
    // 2,100 − 10 of fees − 10 · 300
    expect(exposure(healths)).to.deep.equal({ worst: -910n * ONE, negative: 910n * ONE });
    expect(isAccounted(sheet)).to.be.true;
  });
});

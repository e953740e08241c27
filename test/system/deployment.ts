/** What the Ignition modules leave behind: everything wired, and nobody able to do more than their role. */
import { expect } from "chai";
import type { Result } from "ethers";
import { startChain, type Chain } from "../../scripts/simulation/chain.ts";
import { october2025 } from "../../scripts/demo/october2025.ts";
import type { RiskParametersStruct } from "../../typechain/contracts/MarketGovernor.js";

const REDUCE_ONLY = 2n;

describe("a local deployment", () => {
  let chain: Chain;

  before(async () => {
    chain = await startChain(october2025(), 1);
  });

  it("lists the markets in order, each with a price and a limit of the fund", async () => {
    const { house, lens, fund } = chain;
    expect(await house.marketCount()).to.equal(3n);
    const summaries = await lens.marketSummaries();
    expect(summaries.map(({ mark }) => mark / 10n ** 18n)).to.deep.equal([117_000n, 4_010n, 206n]);
    expect(summaries.map(({ status }) => status)).to.deep.equal([1n, 1n, 1n]);
    expect(await fund.available(2)).to.equal(100_000n * 10n ** 18n);
  });

  it("lets the guardian restrict a market at once, and nobody else", async () => {
    const { governor, guardian, deployer, people } = chain;
    const [stranger] = people;
    for (const caller of [deployer, stranger ?? deployer]) {
      await expect(governor.connect(caller).restrictMarket(1))
        .to.be.revertedWithCustomError(governor, "AccessManagedUnauthorized")
        .withArgs(caller.address);
    }
    await governor.connect(guardian).restrictMarket(1);
    expect((await governor.riskParametersOf(1)).status).to.equal(REDUCE_ONLY);
  });

  it("lets only the risk role set parameters, feeds and limits", async () => {
    const { governor, guardian, deployer, fund } = chain;
    const found: unknown = await governor.riskParametersOf(1);
    const parameters = { ...((found as Result).toObject() as RiskParametersStruct), status: 1n };
    await expect(governor.connect(guardian).setRiskParameters(1, parameters))
      .to.be.revertedWithCustomError(governor, "AccessManagedUnauthorized")
      .withArgs(guardian.address);
    await expect(fund.connect(guardian).setLimit(0, { capacity: 0n, refillPerSecond: 0n }))
      .to.be.revertedWithCustomError(fund, "AccessManagedUnauthorized")
      .withArgs(guardian.address);

    await governor.connect(deployer).setRiskParameters(1, parameters);
    await fund.connect(deployer).setLimit(0, { capacity: 1n, refillPerSecond: 0n });
    expect((await governor.riskParametersOf(1)).status).to.equal(1n);
    expect(await fund.available(0)).to.equal(1n);
  });
});

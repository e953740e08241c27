/** What the Ignition modules leave behind: everything wired, and nobody able to do more than their role. */
import { expect } from "chai";
import type { Result } from "ethers";
import { startChain, type Chain } from "../../scripts/simulation/chain.ts";
import { october2025 } from "../../scripts/demo/october2025.ts";
import type { RiskParametersStruct } from "../../typechain/contracts/MarketGovernor.js";

const REDUCE_ONLY = 2n;
const SETTLED = 3n;

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
    expect(await fund.available(2)).to.equal(250_000n * 10n ** 18n);
  });

  it("lets each market grow to its cap where the fund is full, and to nothing where it is empty", async () => {
    const { lens, fund, governor } = chain;
    for (const { market, openInterestLimit } of await lens.marketSummaries()) {
      const { openInterestCap } = await governor.riskParametersOf(market);
      expect(openInterestLimit).to.equal(0n);
      expect(await fund.openInterestLimit(market, 250_000n * 10n ** 18n)).to.equal(openInterestCap);
    }
  });

  it("asks in an empty market for the lowest initial margin, and for twice that at the cap", async () => {
    const { lens, governor } = chain;
    for (const { market, mark, initialMargin } of await lens.marketSummaries()) {
      const parameters = await governor.riskParametersOf(market);
      expect(initialMargin).to.equal(parameters.initialMargin);
      const full = (parameters.openInterestCap * 10n ** 18n) / mark + 1n;
      expect(await lens.initialMarginAfter(market, full)).to.equal(2n * parameters.initialMargin);
    }
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
    await expect(fund.connect(guardian).setLimit(0, { capacity: 0n, refillPerSecond: 0n, gap: 0n }))
      .to.be.revertedWithCustomError(fund, "AccessManagedUnauthorized")
      .withArgs(guardian.address);

    await governor.connect(deployer).setRiskParameters(1, parameters);
    await fund.connect(deployer).setLimit(0, { capacity: 1n, refillPerSecond: 0n, gap: 0n });
    expect((await governor.riskParametersOf(1)).status).to.equal(1n);
    expect(await fund.available(0)).to.equal(1n);
  });

  it("lets only the risk role end a market, for good", async () => {
    const { governor, guardian, deployer, lens } = chain;
    const SOL = 2;
    await expect(governor.connect(guardian).endMarket(SOL))
      .to.be.revertedWithCustomError(governor, "AccessManagedUnauthorized")
      .withArgs(guardian.address);
    await governor.connect(deployer).endMarket(SOL);
    expect((await lens.marketSummary(SOL)).status).to.equal(SETTLED);
    await expect(governor.connect(guardian).restrictMarket(SOL))
      .to.be.revertedWithCustomError(governor, "MarketEnded")
      .withArgs(SOL);
  });

  it("lets anybody take the steps of a maintenance margin that rises", async () => {
    const { governor, deployer, people, provider } = chain;
    const found: unknown = await governor.riskParametersOf(1);
    const parameters = (found as Result).toObject() as RiskParametersStruct & { maintenanceMargin: bigint };
    const { maintenanceMargin } = parameters;
    await governor
      .connect(deployer)
      .setRiskParameters(1, { ...parameters, maintenanceMargin: (maintenanceMargin * 3n) / 2n });
    expect((await governor.riskParametersOf(1)).maintenanceMargin).to.equal(maintenanceMargin);
    await provider.send("evm_increaseTime", [3_600]);
    await governor.connect(people[0] ?? deployer).raiseMaintenanceMargin(1);
    expect((await governor.riskParametersOf(1)).maintenanceMargin).to.equal((maintenanceMargin * 101n) / 100n);
  });
});

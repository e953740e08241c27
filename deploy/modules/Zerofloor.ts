import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { NamedArtifactContractDeploymentFuture } from "@nomicfoundation/ignition-core";
import { ZeroAddress } from "ethers";
import type { ParameterFile } from "../parameterFile.ts";

/**
 * Every contract, and where a test chain lacks them a token and feeds. The clearing house deploys vault, insurance fund and
 * governor with itself. Nothing here needs a role, so a deployment can be taken up again, with another market too, whoever
 * has the roles by then.
 *
 * One module and not one for each contract, because what the world has, and which markets there are, stands in the file.
 */
export function zerofloorModule({ token: money, sequencer, fundCooldown, fundWindow, markets }: ParameterFile) {
  return buildModule("Zerofloor", (m) => {
    const manager = m.contract("AccessManager", [m.getAccount(0)]);
    const token =
      "address" in money
        ? m.contractAt("PermitToken", money.address)
        : m.contract("PermitToken", [money.name, money.symbol, money.decimals]);
    const oracle = m.contract("PriceOracle", [manager, sequencer?.feed ?? ZeroAddress, sequencer?.grace ?? 0n]);
    const house = m.contract("ClearingHouse", [token, oracle, manager, fundCooldown, fundWindow]);
    const lens = m.contract("ClearingHouseLens", [house]);
    const settlement = m.contract("OrderSettlement", [house]);

    const feeds: Record<string, NamedArtifactContractDeploymentFuture<string>> = {};
    for (const [name, { feed }] of Object.entries(markets)) {
      const source = (at: string | NamedArtifactContractDeploymentFuture<string>) =>
        m.contract("ChainlinkSource", [at], { id: sourceOf(name) });
      if ("address" in feed) {
        feeds[sourceOf(name)] = source(feed.address);
      } else {
        // A feed as Chainlink runs one, whose answers anyone may set.
        const id = aggregatorOf(name);
        const aggregator = m.contract("ChainlinkAggregator", [feed.decimals, feed.description], { id });
        feeds[id] = aggregator;
        feeds[sourceOf(name)] = source(m.contract("ChainlinkProxy", [aggregator], { id: `${name}Proxy` }));
      }
    }
    return { manager, token, oracle, house, lens, settlement, ...feeds };
  });
}

/** What the module calls the price source of a market. */
export function sourceOf(market: string): string {
  return `${market}Source`;
}

/** The same for what sets a test feed's answers. */
export function aggregatorOf(market: string): string {
  return `${market}Aggregator`;
}

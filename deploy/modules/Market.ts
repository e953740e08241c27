import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";
import type { IgnitionModule, NamedArtifactContractDeploymentFuture } from "@nomicfoundation/ignition-core";
import Roles, { RISK } from "./Roles.ts";

interface MarketContracts extends Record<string, NamedArtifactContractDeploymentFuture<string>> {
  aggregator: NamedArtifactContractDeploymentFuture<"ChainlinkAggregator">;
  source: NamedArtifactContractDeploymentFuture<"ChainlinkSource">;
}
type MarketModule = IgnitionModule<string, string, MarketContracts>;

/**
 * A market with a feed of its own, listed under the next free number. Its parameters stand under its name in the
 * parameter file.
 *
 * @param number That number: markets are listed in order, so a module waits for the one before it.
 */
function marketModule(name: string, number: number, previous: MarketModule | undefined): MarketModule {
  return buildModule(name, (m) => {
    const { manager, oracle, governor, fund } = m.useModule(Roles);
    const listed = previous === undefined ? [] : [previous];

    // A feed as Chainlink runs one, with the answers of a test in it. Its first answer is dated with the one moment of
    // this chain that a contract tells: since when the deployer has had its role.
    const aggregator = m.contract("ChainlinkAggregator", [m.getParameter("feedDecimals"), `${name} / USD`]);
    const now = m.staticCall(manager, "getAccess", [RISK, m.getAccount(0)], "since", { after: [Roles] });
    const answered = m.call(aggregator, "setAnswer", [m.getParameter("firstAnswer"), now]);
    const proxy = m.contract("ChainlinkProxy", [aggregator]);
    const source = m.contract("ChainlinkSource", [proxy]);

    const feed = {
      primary: source,
      maxAge: m.getParameter("maxAge"),
      maxConfidence: 0,
      maxMove: m.getParameter("maxMove"),
      second: ZeroAddress,
      secondMaxAge: 0,
      maxDeviation: 0,
      lowest: m.getParameter("lowestPrice"),
      highest: m.getParameter("highestPrice"),
    };
    const fed = m.call(oracle, "setFeed", [number, feed], { after: [Roles, answered, ...listed] });
    m.call(governor, "listMarket", [m.getParameter("risk"), m.getParameter("maxPrice")], { after: [fed] });
    m.call(fund, "setLimit", [number, m.getParameter("fundLimit")], { after: [Roles] });
    return { aggregator, source };
  });
}

/** One module per market, in the order of their numbers. */
export function marketModules(names: readonly string[]): MarketModule[] {
  const modules: MarketModule[] = [];
  for (const [number, name] of names.entries()) modules.push(marketModule(name, number, modules.at(-1)));
  return modules;
}

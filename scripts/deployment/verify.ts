/** Sources for an explorer: every contract with what it was constructed with. */
import { verifyContract } from "@nomicfoundation/hardhat-verify/verify";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { ChainlinkSource__factory } from "../../typechain/index.js";
import { deployedBy } from "./questions/wiring.ts";
import { watch } from "./connection.ts";
import { deploymentPath } from "./contracts.ts";
import { deploymentOf, type Chosen } from "./options.ts";

export async function verify({ network, id, parameters }: Chosen): Promise<void> {
  const connection = await watch(network, parameters.chainId);
  const { contracts: at, deployer, markets } = deploymentOf(deploymentPath(id), parameters.chainId);
  const { token, sequencer, fundCooldown, fundWindow } = parameters;
  const sources = await Promise.all(
    markets.map(async ({ source }) => {
      const feed = await ChainlinkSource__factory.connect(source, connection.ethers.provider).feed();
      return ["contracts/oracles/ChainlinkSource.sol:ChainlinkSource", source, [feed]] as const;
    }),
  );
  const published: (readonly [string, string, readonly unknown[]])[] = [
    ["@openzeppelin/contracts/access/manager/AccessManager.sol:AccessManager", at.manager, [deployer]],
    ...("address" in token
      ? []
      : [
          [
            "test/mocks/tokens/PermitToken.sol:PermitToken",
            at.token,
            [token.name, token.symbol, token.decimals],
          ] as const,
        ]),
    [
      "contracts/PriceOracle.sol:PriceOracle",
      at.oracle,
      [at.manager, sequencer?.feed ?? ZeroAddress, sequencer?.grace ?? 0n],
    ],
    [
      "contracts/ClearingHouse.sol:ClearingHouse",
      at.house,
      [at.token, at.oracle, at.manager, fundCooldown, fundWindow],
    ],
    ["contracts/periphery/Courier.sol:Courier", deployedBy(at.house).courier, []],
    ["contracts/CollateralVault.sol:CollateralVault", at.vault, [at.token]],
    ["contracts/InsuranceFund.sol:InsuranceFund", at.fund, [at.vault, at.manager, fundCooldown, fundWindow]],
    ["contracts/MarketGovernor.sol:MarketGovernor", at.governor, [at.manager]],
    ["contracts/periphery/ClearingHouseLens.sol:ClearingHouseLens", at.lens, [at.house]],
    ["contracts/venues/OrderSettlement.sol:OrderSettlement", at.settlement, [at.house]],
    ...sources,
  ];
  for (const [contract, address, constructorArgs] of published) {
    console.log(`${contract} at ${address}`);
    try {
      await verifyContract({ contract, address, constructorArgs: [...constructorArgs] }, hre);
    } catch (cause) {
      console.error(`✗ ${cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "refused"}`);
      process.exitCode = 1;
    }
  }
}

/**
 * Writes what the SDK has of the contracts and of the deployments: ABIs out of the artifacts, addresses out of
 * `deploy/deployments`. Part of `npm run build`; what it writes is not committed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { deploymentFolder, deploymentPath, readDeployment } from "../../../scripts/deployment/contracts.ts";

/** What is exported, and where it is compiled. */
const CONTRACTS = {
  clearingHouse: "contracts/ClearingHouse.sol/ClearingHouse",
  clearingHouseLens: "contracts/periphery/ClearingHouseLens.sol/ClearingHouseLens",
  collateralVault: "contracts/CollateralVault.sol/CollateralVault",
  insuranceFund: "contracts/InsuranceFund.sol/InsuranceFund",
  marketGovernor: "contracts/MarketGovernor.sol/MarketGovernor",
  orderSettlement: "contracts/venues/OrderSettlement.sol/OrderSettlement",
  priceOracle: "contracts/PriceOracle.sol/PriceOracle",
  pythKeeper: "contracts/periphery/PythKeeper.sol/PythKeeper",
  permitToken: "test/mocks/tokens/PermitToken.sol/PermitToken",
  accessManager: "@openzeppelin/contracts/access/manager/AccessManager.sol/AccessManager",
};

/** What else a call can be refused with. */
const REFUSERS = [
  "contracts/interfaces/Errors.sol/Errors",
  "contracts/oracles/ChainlinkSource.sol/ChainlinkSource",
  "contracts/oracles/MedianSource.sol/MedianSource",
  "contracts/oracles/PythSource.sol/PythSource",
  "@pythnetwork/pyth-sdk-solidity/MockPyth.sol/MockPyth",
];

const Fragment = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  inputs: z.array(z.looseObject({ type: z.string() })).optional(),
});
const Artifact = z.looseObject({ abi: z.array(Fragment) });
type Fragment = z.infer<typeof Fragment>;

const root = fileURLToPath(new URL("../../../", import.meta.url));
const generated = fileURLToPath(new URL("../src/generated/", import.meta.url));

function abiOf(artifact: string): Fragment[] {
  return Artifact.parse(JSON.parse(readFileSync(`${root}artifacts/${artifact}.json`, "utf8"))).abi;
}

/** Each error once, whoever declares it. */
function errorsOf(abis: Fragment[][]): Fragment[] {
  const found = new Map<string, Fragment>();
  for (const fragment of abis.flat()) {
    if (fragment.type !== "error") continue;
    found.set(`${fragment.name ?? ""}(${(fragment.inputs ?? []).map(({ type }) => type).join()})`, fragment);
  }
  return [...found.entries()].sort(([a], [b]) => a.localeCompare(b, "en")).map(([, fragment]) => fragment);
}

function writeModule(name: string, lines: readonly string[]): void {
  mkdirSync(generated, { recursive: true });
  writeFileSync(`${generated}${name}.ts`, `/** Written by packages/sdk/scripts/bind.ts. */\n${lines.join("\n")}\n`);
}

const abis = Object.entries(CONTRACTS).map(([name, artifact]) => [name, abiOf(artifact)] as const);
const errors = errorsOf([...abis.map(([, abi]) => abi), ...REFUSERS.map(abiOf)]);
writeModule("abis", [
  ...abis.map(([name, abi]) => `export const ${name}Abi = ${JSON.stringify(abi)} as const;`),
  "/** Every error that a call can be refused with, whichever contract it comes from. */",
  `export const errorsAbi = ${JSON.stringify(errors)} as const;`,
]);

const folder = `${root}${deploymentFolder("")}`;
const deployed = existsSync(folder) ? readdirSync(folder).sort() : [];
const deployments = deployed
  .filter((name) => name !== "local" && !name.startsWith("rehearsal-") && existsSync(root + deploymentPath(name)))
  .map((name) => {
    const { chainId, startBlock, contracts, markets } = readDeployment(root + deploymentPath(name));
    return `  ${JSON.stringify(name)}: ${JSON.stringify({ chainId, startBlock, contracts, markets })},`;
  });
writeModule("deployments", [
  'import type { Deployment } from "../client/deployment.ts";',
  "/** Of the public chains, by the name of the network. */",
  "export const deployments: Readonly<Record<string, Deployment>> = {",
  ...deployments,
  "};",
]);
console.log(`bindings of ${abis.length} contracts, ${errors.length} errors, ${deployments.length} public deployments`);

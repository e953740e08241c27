/** Where everything is that a deployment consists of: written beside Ignition's journal, read by whoever looks at a chain. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ContractRunner } from "ethers";
import { z } from "zod";
import { readJson } from "../../deploy/parameterFile.ts";
import {
  AccessManager__factory,
  ClearingHouse__factory,
  ClearingHouseLens__factory,
  CollateralVault__factory,
  InsuranceFund__factory,
  MarketGovernor__factory,
  OrderSettlement__factory,
  PermitToken__factory,
  PriceOracle__factory,
} from "../../typechain/index.js";

const Deployment = z.strictObject({
  chainId: z.int(),
  deployer: z.string(),
  /** The first contract stands in this block: nothing before it is of interest. */
  startBlock: z.int(),
  contracts: z.strictObject({
    manager: z.string(),
    token: z.string(),
    oracle: z.string(),
    house: z.string(),
    vault: z.string(),
    fund: z.string(),
    governor: z.string(),
    lens: z.string(),
    settlement: z.string(),
  }),
  /** Their price sources, in the order of their numbers. */
  markets: z.array(z.strictObject({ name: z.string(), source: z.string() })),
});

export type Deployment = z.infer<typeof Deployment>;
export type Contracts = ReturnType<typeof contractsAt>;

/** Ignition's folder of a deployment. */
export function deploymentFolder(id: string): string {
  return `deploy/deployments/${id}`;
}

export function deploymentPath(id: string): string {
  return `${deploymentFolder(id)}/deployment.json`;
}

export function readDeployment(path: string): Deployment {
  return readJson(path, Deployment);
}

export function writeDeployment(path: string, deployment: Deployment): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(deployment, null, 2)}\n`);
}

/** The contracts, to be called by `runner`. */
export function contractsAt({ contracts: at }: Pick<Deployment, "contracts">, runner: ContractRunner) {
  return {
    manager: AccessManager__factory.connect(at.manager, runner),
    token: PermitToken__factory.connect(at.token, runner),
    oracle: PriceOracle__factory.connect(at.oracle, runner),
    house: ClearingHouse__factory.connect(at.house, runner),
    vault: CollateralVault__factory.connect(at.vault, runner),
    fund: InsuranceFund__factory.connect(at.fund, runner),
    governor: MarketGovernor__factory.connect(at.governor, runner),
    lens: ClearingHouseLens__factory.connect(at.lens, runner),
    settlement: OrderSettlement__factory.connect(at.settlement, runner),
  };
}

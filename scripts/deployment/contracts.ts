/** Where everything is that a deployment consists of: written beside Ignition's journal, read by whoever looks at a chain. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { readJson } from "../../deploy/parameterFile.ts";

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

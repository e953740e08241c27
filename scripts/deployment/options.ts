/** What deploying, handing over and checking have in common: a network, its parameter file, and the folder of the deployment. */
import { parameterPath, readParameterFile, type ParameterFile } from "../../deploy/parameterFile.ts";
import { InputError } from "../commandLine.ts";
import { readDeployment, type Deployment } from "./contracts.ts";

export const OPTIONS = {
  network: { type: "string" },
  parameters: { type: "string" },
  deployment: { type: "string" },
} as const;

export const OPTIONS_USAGE = `  --network NAME     one of hardhat.config.ts: local, sepolia, base-sepolia, arbitrum-sepolia
  --parameters FILE  the numbers (deploy/parameters/NAME.json)
  --deployment ID    the folder in deploy/deployments/ (NAME)`;

export interface Given {
  network?: string | undefined;
  parameters?: string | undefined;
  deployment?: string | undefined;
}

export interface Chosen {
  readonly network: string;
  /** The folder of the deployment. */
  readonly id: string;
  readonly path: string;
  readonly parameters: ParameterFile;
}

export function choose({ network, parameters, deployment }: Given): Chosen {
  if (network === undefined) throw new InputError("names no --network (--help shows the options)");
  const id = deployment ?? network;
  if (!/^[A-Za-z][\w-]*$/.test(id))
    throw new InputError(`--deployment must be a name of letters, digits, - and _, not "${id}"`);
  const path = parameters ?? parameterPath(network);
  return { network, id, path, parameters: readParameterFile(path) };
}

/** What the deployment has left behind, which must be of the same chain. */
export function deploymentOf(path: string, chainId: bigint): Deployment {
  const deployment = readDeployment(path);
  if (BigInt(deployment.chainId) !== chainId)
    throw new InputError(`${path}: is of chain ${deployment.chainId}, the parameter file of chain ${chainId}`);
  return deployment;
}

/** To whom everything is handed over, which nobody but the deployer can fill in. */
export function handoverOf({ path, parameters }: Chosen) {
  const { multisig, guardian, riskDelay, adminDelay } = parameters.handover;
  if (multisig === undefined || guardian === undefined)
    throw new InputError(`${path}: handover: names no ${multisig === undefined ? "multisig" : "guardian"}`);
  return { multisig, guardian, riskDelay, adminDelay };
}

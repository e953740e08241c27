/** Where Zerofloor is deployed on public chains. */
import type { Deployment } from "./client/deployment.ts";
import { deployments } from "./generated/deployments.ts";

export type { Address, Contracts, Deployment } from "./client/deployment.ts";
export { deployments };

/** The deployment on a chain; undefined where there is none. */
export function deploymentOn(chainId: number): Deployment | undefined {
  return Object.values(deployments).find((one) => one.chainId === chainId);
}

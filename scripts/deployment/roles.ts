/** Which role may call what, and the calls of the AccessManager that make it so. */
import type { Interface } from "ethers";
import type { Client } from "../../packages/sdk/src/ethers/client.ts";

/** Gives and takes roles. OpenZeppelin's own number. */
export const ADMIN = 0n;
/** Lists and ends markets, and sets parameters, feeds and limits. */
export const RISK = 1n;
/** Makes markets reduce-only, and nothing else. */
export const GUARDIAN = 2n;

export const ROLE_NAMES = new Map([
  [ADMIN, "ADMIN"],
  [RISK, "RISK"],
  [GUARDIAN, "GUARDIAN"],
]);

/** What only a role may call. */
export interface Restricted {
  readonly contract: "oracle" | "governor" | "fund";
  readonly name: string;
  readonly role: bigint;
}

export const RESTRICTED: readonly Restricted[] = [
  { contract: "oracle", name: "setFeed", role: RISK },
  { contract: "governor", name: "listMarket", role: RISK },
  { contract: "governor", name: "setRiskParameters", role: RISK },
  { contract: "governor", name: "endMarket", role: RISK },
  { contract: "fund", name: "setLimit", role: RISK },
  { contract: "governor", name: "restrictMarket", role: GUARDIAN },
];

export function selectorOf(contracts: Client, { contract, name }: Restricted): string {
  const known: Interface = contracts[contract].interface;
  const found = known.getFunction(name);
  if (found === null) throw new Error(`${contract} has no ${name}`);
  return found.selector;
}

/** What opens the restricted functions to their roles, and gives the deployer RISK, without a delay, to list markets. */
export async function roleCalls(contracts: Client, deployer: string): Promise<string[]> {
  const { manager } = contracts;
  const calls: string[] = [];
  for (const restricted of RESTRICTED) {
    const target = await contracts[restricted.contract].getAddress();
    const selector = selectorOf(contracts, restricted);
    if ((await manager.getTargetFunctionRole(target, selector)) === restricted.role) continue;
    calls.push(manager.interface.encodeFunctionData("setTargetFunctionRole", [target, [selector], restricted.role]));
  }
  if (calls.length > 0) {
    calls.push(manager.interface.encodeFunctionData("labelRole", [RISK, "RISK"]));
    calls.push(manager.interface.encodeFunctionData("labelRole", [GUARDIAN, "GUARDIAN"]));
  }
  if (!(await manager.hasRole(RISK, deployer)).isMember)
    calls.push(manager.interface.encodeFunctionData("grantRole", [RISK, deployer, 0]));
  return calls;
}

/**
 * What hands everything over: RISK with its delay and GUARDIAN without one to their new holders, a delay on what the admin
 * changes about a contract, then the admin's role, and last the deployer's own. One transaction, so all of it or nothing.
 */
export async function handoverCalls(
  contracts: Client,
  deployer: string,
  to: { multisig: string; guardian: string; riskDelay: bigint; adminDelay: bigint },
): Promise<string[]> {
  const { manager, oracle, governor, fund } = contracts;
  const encode = manager.interface.encodeFunctionData.bind(manager.interface);
  const targets = await Promise.all([oracle, governor, fund].map((contract) => contract.getAddress()));
  return [
    encode("grantRole", [RISK, to.multisig, to.riskDelay]),
    encode("revokeRole", [RISK, deployer]),
    encode("grantRole", [GUARDIAN, to.guardian, 0]),
    ...targets.map((target) => encode("setTargetAdminDelay", [target, to.adminDelay])),
    encode("grantRole", [ADMIN, to.multisig, to.adminDelay]),
    encode("revokeRole", [ADMIN, deployer]),
  ];
}

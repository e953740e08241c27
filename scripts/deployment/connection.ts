/** A way to a chain: to look at it, or to sign with the deployer's key. Every reason why there is none is one line. */
import { HardhatError } from "@nomicfoundation/hardhat-errors";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { config, network as networks } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { InputError } from "../commandLine.ts";

/** To look, without a key. */
export async function watch(network: string, chainId: bigint): Promise<NetworkConnection> {
  const found = config.networks[network];
  if (found === undefined) {
    const known = Object.keys(config.networks).join(", ");
    throw new InputError(`--network ${network}: not in hardhat.config.ts, which has ${known}`);
  }
  const override = found.type === "http" ? { accounts: "remote" as const } : {};
  return reach(network, chainId, await clearly(network, () => networks.create({ network, override })));
}

/** To sign as well. */
export async function sign(
  network: string,
  chainId: bigint,
): Promise<{ connection: NetworkConnection; deployer: HardhatEthersSigner }> {
  // First without a key, which nobody need give to a node that does not answer or is of another chain.
  await (await watch(network, chainId)).close();
  const connection = await clearly(network, () => networks.create({ network }));
  const [deployer] = await clearly(network, () => connection.ethers.getSigners());
  if (deployer === undefined) throw new InputError(`${network}: the node has no account to sign with`);
  return { connection, deployer };
}

async function reach(network: string, chainId: bigint, connection: NetworkConnection): Promise<NetworkConnection> {
  const found = await clearly(network, () => connection.ethers.provider.send("eth_chainId", []) as Promise<string>);
  if (BigInt(found) !== chainId) {
    throw new InputError(`${network}: the node is of chain ${BigInt(found)}, the parameter file of chain ${chainId}`);
  }
  return connection;
}

/** What Hardhat says is wrong with a network, in one line and without its address, which may have a key in it. */
async function clearly<T>(network: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (HardhatError.isHardhatError(cause, HardhatError.ERRORS.CORE.GENERAL.ENV_VAR_NOT_FOUND)) {
      const name = String(cause.messageArguments.name);
      throw new InputError(`${name} is not set: npx hardhat keystore set ${name}, or in the environment`, { cause });
    }
    if (HardhatError.isHardhatError(cause, HardhatError.ERRORS.CORE.NETWORK.CONNECTION_REFUSED))
      throw new InputError(`${network}: no node answers at its address`, { cause });
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "unknown";
    throw new InputError(`${network}: ${why.replace(/^HHE\d+: /, "")}`, { cause });
  }
}

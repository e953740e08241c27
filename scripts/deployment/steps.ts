/** What the commands do, once it is understood what is asked. */
import { existsSync } from "node:fs";
import { HardhatError } from "@nomicfoundation/hardhat-errors";
import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { listTransactions } from "@nomicfoundation/ignition-core";
import type { Provider } from "ethers";
import { artifacts } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { InputError } from "../commandLine.ts";
import { terminalProgress } from "../simulation/progress.ts";
import { check } from "./check.ts";
import { sign, watch } from "./connection.ts";
import { connect } from "../../packages/sdk/src/ethers/client.ts";
import { deploymentFolder, deploymentPath, writeDeployment, type Deployment } from "./contracts.ts";
import { answerTestFeeds, configure, deployContracts, scheduled, throughManager, type Unlisted } from "./deploy.ts";
import { deploymentOf, handoverOf, type Chosen } from "./options.ts";
import { rehearse, requireBalance, requireChain, requireHolder, requireWorld } from "./preflight.ts";
import { membersAfter, membersBefore } from "./questions/members.ts";
import { report } from "./report.ts";
import { ADMIN, handoverCalls } from "./roles.ts";

/** Brings the chain to what the parameter file says, as far as the deployer may, and checks it. */
export async function deployTo(chosen: Chosen): Promise<void> {
  const { network, id, parameters } = chosen;
  const { connection, deployer } = await sign(network, parameters.chainId);
  const { provider } = connection.ethers;
  say(`deployer ${deployer.address} on ${network}`);
  say("looking at feeds and token");
  const answers = await requireWorld(provider, parameters);
  say("rehearsing on a chain inside this process");
  const gas = await rehearse(parameters, answers);
  const path = deploymentPath(id);
  if (existsSync(path)) await requireChain(provider, path, deploymentOf(path, parameters.chainId));
  // One that was broken off has paid a part already.
  else if (!existsSync(deploymentFolder(id))) await requireBalance(deployer, gas);

  say(`contracts, at most ${gas} gas with all the rest`);
  const displayUi = process.stdout.isTTY;
  const found = await stoppingClearly(() =>
    deployContracts(connection, parameters, { deploymentId: id, displayUi, say }),
  );
  const deployment = { ...(await begunBy(connection, id)), contracts: found.contracts, markets: found.markets };
  writeDeployment(path, { chainId: Number(parameters.chainId), ...deployment });
  await answerTestFeeds(deployer, parameters, found.aggregators);
  const unlisted = await stoppingClearly(() => configure(deployer, parameters, found, say));
  for (const market of unlisted) await sayHowToList(connection, found, market);

  const { isMember } = await connect(found, provider).manager.hasRole(ADMIN, deployer);
  await checkOf(provider, chosen, { chainId: Number(parameters.chainId), ...deployment }, isMember);
  if (isMember) say(`${deployer.address} still holds everything: npm run handover -- --network ${network}`);
}

/** Gives every role away, in one transaction, and checks that nothing is left. */
export async function handOver(chosen: Chosen): Promise<void> {
  const { network, id, parameters } = chosen;
  const to = handoverOf(chosen);
  const { connection, deployer } = await sign(network, parameters.chainId);
  const { provider } = connection.ethers;
  const deployment = deploymentOf(deploymentPath(id), parameters.chainId);
  await requireChain(provider, deploymentPath(id), deployment);
  const contracts = connect(deployment, deployer);
  if ((await contracts.manager.hasRole(ADMIN, deployer)).isMember) {
    await requireHolder(provider, deployer, to);
    say(`handing over to ${to.multisig}`);
    const calls = await handoverCalls(contracts, deployer.address, to);
    await stoppingClearly(async () => (await contracts.manager.multicall(calls)).wait());
  } else {
    say(`${deployer.address} is not admin: nothing to hand over`);
  }
  await checkOf(provider, chosen, deployment, false);
}

/** Reads the chain and compares. */
export async function checkChain(chosen: Chosen, addresses: string, beforeHandover: boolean): Promise<void> {
  const connection = await watch(chosen.network, chosen.parameters.chainId);
  const deployment = deploymentOf(addresses, chosen.parameters.chainId);
  await checkOf(connection.ethers.provider, chosen, deployment, beforeHandover);
}

async function checkOf(provider: Provider, chosen: Chosen, deployment: Deployment, before: boolean): Promise<void> {
  const { parameters } = chosen;
  const to = before ? undefined : handoverOf(chosen);
  const members = to === undefined ? membersBefore(deployment) : membersAfter(to);
  report(await check(provider, parameters, deployment, members, to?.adminDelay ?? 0n, terminalProgress()));
}

/** Who has deployed the first contract, and in which block: out of Ignition's journal. */
async function begunBy({ ethers }: NetworkConnection, id: string): Promise<{ deployer: string; startBlock: number }> {
  const sent = await listTransactions(deploymentFolder(id), new HardhatArtifactResolver(artifacts));
  const first = sent.find(({ name }) => name === "AccessManager");
  const receipt = first === undefined ? null : await ethers.provider.getTransactionReceipt(first.txHash);
  if (receipt === null) throw new InputError(`${deploymentFolder(id)}: its transactions are not on this chain`);
  return { deployer: receipt.from, startBlock: receipt.blockNumber };
}

/** For the holder of RISK: what to send, as a multisig takes it. */
async function sayHowToList(
  { ethers }: NetworkConnection,
  found: Pick<Deployment, "contracts">,
  { name, calls }: Unlisted,
): Promise<void> {
  const contracts = connect(found, ethers.provider);
  const { manager } = contracts;
  const encode = (parts: string[]) => manager.interface.encodeFunctionData("multicall", [parts]);
  console.log(
    `market ${name} is for the holder of RISK to list, with two transactions to ${await manager.getAddress()}:`,
  );
  console.log(`  schedule  ${encode(scheduled(contracts, calls))}`);
  console.log(`  execute   ${encode(throughManager(contracts, calls))}`);
}

/** What a chain refuses is for the deployer to put right. Ignition's reasons are long: the last line has the reason. */
async function stoppingClearly<T>(deploy: () => Promise<T>): Promise<T> {
  try {
    return await deploy();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const lines = cause.message.split("\n").filter((line) => line.trim() !== "");
    const reason = HardhatError.isHardhatError(cause) ? lines.at(-1) : lines[0];
    throw new InputError(`the deployment has stopped: ${(reason ?? "").replace(/^[\s*-]+/, "")}`, { cause });
  }
}

function say(what: string): void {
  console.log(what);
}

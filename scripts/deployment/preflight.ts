/** What must be so before anything is sent. Each thing that is not is one line that names what differs. */
import { HardhatError } from "@nomicfoundation/hardhat-errors";
import { formatEther, parseUnits, type Provider, type Signer } from "ethers";
import { network } from "hardhat";
import type { MarketParameters, ParameterFile } from "../../deploy/parameterFile.ts";
import { AggregatorV3Interface__factory, TestToken__factory } from "../../typechain/index.js";
import { InputError } from "../commandLine.ts";
import type { Deployment } from "./contracts.ts";
import { answerTestFeeds, configure, deployContracts } from "./deploy.ts";

const MONEY_DECIMALS = 18;
/** Fees rise while one waits, and a rollup asks for the data as well. */
const FEE_ROOM = 2n;

/** What the world must be like: the feeds and the token that the parameter file names. Answers what the feeds say. */
export async function requireWorld(provider: Provider, { token, markets }: ParameterFile): Promise<bigint[]> {
  if ("address" in token) {
    await requireCode(provider, "token", token.address);
    const found = await ask("token", () => TestToken__factory.connect(token.address, provider).decimals());
    requireSame("token: decimals", Number(found), token.decimals);
  }
  const answers: bigint[] = [];
  for (const [name, market] of Object.entries(markets)) answers.push(await requireFeed(provider, name, market));
  return answers;
}

async function requireFeed(provider: Provider, name: string, market: MarketParameters): Promise<bigint> {
  if (!("address" in market.feed)) return market.feed.firstAnswer;
  const what = `feed of ${name}`;
  const { address, description, decimals } = market.feed;
  await requireCode(provider, what, address);
  const feed = AggregatorV3Interface__factory.connect(address, provider);
  requireSame(`${what}: description`, await ask(what, () => feed.description()), description);
  requireSame(`${what}: decimals`, Number(await ask(what, () => feed.decimals())), decimals);
  const { answer, updatedAt } = await ask(what, () => feed.latestRoundData());
  if (answer <= 0n) throw new InputError(`${what}: its answer is ${answer}, which is no price`);
  const now = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
  if (now - updatedAt > market.maxAge)
    throw new InputError(`${what}: its answer is ${now - updatedAt} s old, and maxAge is ${market.maxAge} s`);
  const price = answer * 10n ** BigInt(MONEY_DECIMALS - decimals);
  if (price < market.lowestPrice || price > market.highestPrice)
    throw new InputError(`${what}: its price ${price} lies outside ${market.lowestPrice} to ${market.highestPrice}`);
  return answer;
}

async function requireCode(provider: Provider, what: string, address: string): Promise<void> {
  if ((await provider.getCode(address)) === "0x") throw new InputError(`${what}: no contract at ${address}`);
}

function requireSame(what: string, found: string | number, expected: string | number): void {
  if (found !== expected)
    throw new InputError(`${what}: is "${found}" on the chain, "${expected}" in the parameter file`);
}

async function ask<T>(what: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    throw new InputError(`${what}: does not answer as one`, { cause });
  }
}

/**
 * Deploys all of it on a chain inside this process, with the newest rules, and with stand-ins that say what the feeds say now:
 * so it is the contracts themselves that judge the numbers. Answers the gas.
 */
export async function rehearse(parameters: ParameterFile, answers: readonly bigint[]): Promise<bigint> {
  const markets = Object.entries(parameters.markets).map(([name, market], i) => {
    const { description, decimals } = market.feed;
    return [name, { ...market, feed: { description, decimals, firstAnswer: answers[i] ?? 0n } }] as const;
  });
  const { decimals } = parameters.token;
  const standIns: ParameterFile = {
    ...parameters,
    token: { name: "", symbol: "", decimals },
    sequencer: undefined,
    markets: Object.fromEntries(markets),
  };
  const connection = await network.create({ network: "default", override: { hardfork: "osaka" } });
  try {
    const [deployer] = await connection.ethers.getSigners();
    if (deployer === undefined) throw new Error("the chain has no accounts");
    const deployed = await deployContracts(connection, standIns);
    await answerTestFeeds(deployer, standIns, deployed.aggregators);
    await configure(deployer, standIns, deployed);
    const { provider } = connection.ethers;
    let gas = 0n;
    for (let number = await provider.getBlockNumber(); number > 0; number--)
      gas += (await provider.getBlock(number))?.gasUsed ?? 0n;
    return gas;
  } catch (cause) {
    throw new InputError(`the contracts refuse these parameters: ${reasonOf(cause)}`, { cause });
  } finally {
    await connection.close();
  }
}

/** The line of a long message that says what was refused. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown";
  const { message } = cause;
  const [, revert] = /reverted with (?:custom error|reason)(?: string)? '?(.*?)'?$/m.exec(message) ?? [];
  return revert ?? (HardhatError.isHardhatError(cause) ? message.split("\n").slice(-2).join(" ") : message).trim();
}

/** A folder of another chain, or of a node that has been thrown away. */
export async function requireChain(provider: Provider, path: string, { contracts }: Deployment): Promise<void> {
  if ((await provider.getCode(contracts.manager)) === "0x")
    throw new InputError(`${path}: its contracts are not on this chain; without the folder, all begins anew`);
}

/** Roles given to nobody, or to the deployer again, could not be taken back. */
export async function requireHolder(
  provider: Provider,
  { address }: { address: string },
  { multisig, guardian }: { multisig: string; guardian: string },
): Promise<void> {
  await requireCode(provider, "handover: multisig", multisig);
  for (const [who, holder] of Object.entries({ multisig, guardian }))
    if (holder === address) throw new InputError(`handover: ${who} is the deployer itself`);
}

/** What the deployment costs at today's fees, with room. */
export async function requireBalance(deployer: Signer, gas: bigint): Promise<void> {
  const { provider } = deployer;
  if (provider === null) throw new Error("the deployer has no chain");
  const { maxFeePerGas, gasPrice } = await provider.getFeeData();
  const needed = gas * (maxFeePerGas ?? gasPrice ?? parseUnits("1", "gwei")) * FEE_ROOM;
  const address = await deployer.getAddress();
  const found = await provider.getBalance(address);
  if (found < needed)
    throw new InputError(`deployer ${address}: has ${formatEther(found)} ETH, needs ${formatEther(needed)}`);
}

/** Puts everything on a chain: contracts through Ignition, then roles and markets, of each only what the chain lacks. */
import { setTimeout } from "node:timers/promises";
import { HardhatError } from "@nomicfoundation/hardhat-errors";
import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { wipe } from "@nomicfoundation/ignition-core";
import type { Signer } from "ethers";
import { artifacts } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { aggregatorOf, sourceOf, zerofloorModule } from "../../deploy/modules/Zerofloor.ts";
import type { ParameterFile } from "../../deploy/parameterFile.ts";
import { ChainlinkAggregator__factory, ClearingHouse__factory } from "../../typechain/index.js";
import { connect, type Client } from "../../packages/sdk/src/ethers/client.ts";
import { deploymentFolder, type Deployment } from "./contracts.ts";
import { listingCalls, type Call } from "./markets.ts";
import { ADMIN, RISK, roleCalls } from "./roles.ts";

type Found = Pick<Deployment, "contracts" | "markets">;

/** Where Ignition keeps its journal, and what a person is told. Without an id nothing is remembered of a chain inside this process. */
interface Telling {
  readonly deploymentId?: string;
  readonly displayUi?: boolean;
  readonly say?: (what: string) => void;
}

/** A market that RISK has to list: its transactions, in order. */
export interface Unlisted {
  readonly name: string;
  readonly calls: readonly Call[];
}

const MILLISECONDS_BETWEEN_TRIES = 1_000;
/** Ignition's five blocks take a minute on the slowest chain. */
const MOST_TRIES = 180;

/** Everything that needs no role. Goes on where the journal ends. */
export async function deployContracts(
  connection: NetworkConnection,
  parameters: ParameterFile,
  { say = () => undefined, ...journal }: Telling = {},
): Promise<Found & { aggregators: string[] }> {
  const deployed = await persistently(
    () => connection.ignition.deploy(zerofloorModule(parameters), journal),
    journal.deploymentId,
    say,
  );
  const addressOf = async (name: string): Promise<string> => {
    const contract = (deployed as Record<string, { getAddress(): Promise<string> } | undefined>)[name];
    if (contract === undefined) throw new Error(`the deployment has no ${name}`);
    return contract.getAddress();
  };
  const house = ClearingHouse__factory.connect(await addressOf("house"), connection.ethers.provider);
  const markets = Object.entries(parameters.markets);
  return {
    contracts: {
      manager: await addressOf("manager"),
      token: await addressOf("token"),
      oracle: await addressOf("oracle"),
      house: await addressOf("house"),
      vault: await house.vault(),
      fund: await house.insuranceFund(),
      governor: await house.governor(),
      lens: await addressOf("lens"),
      settlement: await addressOf("settlement"),
    },
    markets: await Promise.all(markets.map(async ([name]) => ({ name, source: await addressOf(sourceOf(name)) }))),
    aggregators: await Promise.all(
      markets.filter(([, { feed }]) => !("address" in feed)).map(([name]) => addressOf(aggregatorOf(name))),
    ),
  };
}

/** Ignition refuses to go on beside the deployer's young transactions, which get older, and after one way of being killed. */
async function persistently<T>(
  deploy: () => Promise<T>,
  deploymentId: string | undefined,
  say: (what: string) => void,
): Promise<T> {
  const { WAITING_FOR_CONFIRMATIONS, WAITING_FOR_NONCE, NONCE_TOO_HIGH } = HardhatError.ERRORS.IGNITION.EXECUTION;
  const young = [WAITING_FOR_CONFIRMATIONS, WAITING_FOR_NONCE, NONCE_TOO_HIGH];
  for (let tries = 0; ; tries++) {
    try {
      return await deploy();
    } catch (error) {
      if (tries < MOST_TRIES && young.some((descriptor) => HardhatError.isHardhatError(error, descriptor))) {
        if (tries === 0) say("waiting until the deployer's last transactions are a few blocks old");
        await setTimeout(MILLISECONDS_BETWEEN_TRIES);
      } else {
        const planned = plannedStep(error);
        if (planned === undefined || deploymentId === undefined) throw error;
        say(`${planned} had been planned and not sent: planned again`);
        await wipe(deploymentFolder(deploymentId), new HardhatArtifactResolver(artifacts), planned);
      }
    }
  }
}

/**
 * The step that Ignition had written down when it was killed, before it had written down a transaction for it. A hack: it
 * calls this state impossible, and only its message names the step. Gone as soon as it goes on from there by itself.
 */
function plannedStep(error: unknown): string | undefined {
  return error instanceof Error
    ? /Unable to find network interaction for (\S+) when/.exec(error.message)?.[1]
    : undefined;
}

/** Test feeds answer, as of now, what the parameter file says. */
export async function answerTestFeeds(
  deployer: Signer,
  parameters: ParameterFile,
  aggregators: readonly string[],
): Promise<void> {
  const now = (await deployer.provider?.getBlock("latest"))?.timestamp ?? 0;
  const answers = Object.values(parameters.markets).flatMap(({ feed }) =>
    "address" in feed ? [] : [feed.firstAnswer],
  );
  for (const [i, aggregator] of aggregators.entries()) {
    const feed = ChainlinkAggregator__factory.connect(aggregator, deployer);
    await (await feed.setAnswer(answers[i] ?? 0n, now)).wait();
  }
}

/** Roles as long as the deployer is admin, and markets as long as it has RISK. Answers the markets that it may not list. */
export async function configure(
  deployer: Signer,
  parameters: ParameterFile,
  found: Found,
  say: (what: string) => void = () => undefined,
): Promise<Unlisted[]> {
  await requireNothingPending(deployer);
  const contracts = connect(found, deployer);
  const self = await deployer.getAddress();
  if ((await contracts.manager.hasRole(ADMIN, self)).isMember) {
    const calls = await roleCalls(contracts, self);
    if (calls.length > 0) {
      say("roles");
      await (await contracts.manager.multicall(calls)).wait();
    }
  }
  const mayList = (await contracts.manager.hasRole(RISK, self)).isMember;
  const unlisted = await unlistedMarkets(contracts, parameters, found);
  if (!mayList) return unlisted;
  for (const { name, calls } of unlisted) {
    say(`market ${name}`);
    // Through the manager, so that feed, listing and limit of a market come together or not at all.
    await (await contracts.manager.multicall(throughManager(contracts, calls))).wait();
  }
  return [];
}

export function throughManager({ manager }: Client, calls: readonly Call[]): string[] {
  return calls.map(({ target, data }) => manager.interface.encodeFunctionData("execute", [target, data]));
}

/** The same announced: the manager lets them through when the delay has passed. */
export function scheduled({ manager }: Client, calls: readonly Call[]): string[] {
  return calls.map(({ target, data }) => manager.interface.encodeFunctionData("schedule", [target, data, 0]));
}

async function unlistedMarkets(contracts: Client, parameters: ParameterFile, found: Found): Promise<Unlisted[]> {
  const listed = Number(await contracts.house.marketCount());
  const markets = Object.entries(parameters.markets);
  return Promise.all(
    markets.slice(listed).map(async ([name, market], i) => {
      const source = found.markets[listed + i]?.source ?? "";
      return { name, calls: await listingCalls(contracts, listed + i, market, source) };
    }),
  );
}

/** A call that is on its way must not be sent again: a market would be listed twice. */
async function requireNothingPending(deployer: Signer): Promise<void> {
  while ((await deployer.getNonce("pending")) !== (await deployer.getNonce("latest")))
    await setTimeout(MILLISECONDS_BETWEEN_TRIES);
}

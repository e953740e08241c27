/** A chain inside this process with everything deployed on it, as the Ignition modules say. */
import { fileURLToPath } from "node:url";
import { id, type ContractTransactionReceipt, type ContractTransactionResponse } from "ethers";
import { network } from "hardhat";
import { readParameterFile, type MarketParameters, type ParameterFile } from "../../deploy/parameterFile.ts";
import { ChainlinkAggregator__factory } from "../../typechain/index.js";
import { connect } from "../../packages/sdk/src/ethers/client.ts";
import { answerTestFeeds, configure, deployContracts } from "../deployment/deploy.ts";
import { GUARDIAN } from "../deployment/roles.ts";
import { DECIMALS, max, min, ONE } from "./fixedPoint.ts";
import type { PricePath } from "./path.ts";
import { Reverted } from "./reverted.ts";

const PARAMETER_FILE = fileURLToPath(new URL("../../deploy/parameters/local.json", import.meta.url));
/** A market that the parameter file does not know is taken to be as wild as this one. */
const STRANGER = "SOL";
/** A price may rise by this above the highest of the path before its market refuses it. */
const PRICE_ROOM = 4n;
const HIGHEST_PRICE = 10n ** 9n * ONE;
/** The deployment comes this long before the first step. */
const SETUP_SECONDS = 600;
/** From one block to the next, where something waits for that. Shorter than the steps of any path. */
const BLOCK_SECONDS = 12;
/** Transactions are not estimated first: that would run each of them twice. */
const GAS = { gasLimit: 60_000_000n };

/** Rates are parts per million, the rest is money. */
export interface Market {
  readonly name: string;
  readonly feedDecimals: number;
  /** Of an empty market. */
  readonly initialMargin: bigint;
  readonly initialMarginAtCap: bigint;
  readonly maintenanceMargin: bigint;
  readonly openInterestCap: bigint;
  readonly minNotional: bigint;
  /** Of open interest, what the insurance fund must hold for it. */
  readonly gap: bigint;
}

/** @param market By its place in the path. */
export type Change = (market: number, found: MarketParameters) => MarketParameters;

export type Chain = Awaited<ReturnType<typeof startChain>>;
export type Signer = Chain["people"][number];
export type Overrides = typeof GAS;

/**
 * @param people How many more accounts with a key the chain has, besides the deployer and the guardian.
 * @param change What of a market's parameters is to be otherwise than the file says.
 */
export async function startChain(path: PricePath, people: number, change: Change = (_, found) => found) {
  const { parameters, markets, tokenDecimals } = readParameters(path, change);
  const opening = path.steps[0]?.time ?? 0;
  const connection = await network.create({
    network: "default",
    override: {
      initialDate: new Date((opening - SETUP_SECONDS) * 1000),
      // Many transactions belong to one minute of the path.
      allowBlocksWithSameTimestamp: true,
      initialBaseFeePerGas: 0,
      blockGasLimit: GAS.gasLimit,
      // Deriving as many keys from a phrase takes seconds; listing them takes none.
      accounts: Array.from({ length: people + 2 }, (_, i) => ({
        privateKey: id(`zerofloor ${i}`),
        balance: 1_000n * ONE,
      })),
    },
  });
  const { ethers, provider } = connection;
  const [deployer, guardian, ...others] = await ethers.getSigners();
  if (deployer === undefined || guardian === undefined) throw new Error("the chain has no accounts");
  const deployed = await deployContracts(connection, parameters);
  await answerTestFeeds(deployer, parameters, deployed.aggregators);
  await configure(deployer, parameters, deployed);
  const contracts = connect(deployed, deployer);
  await contracts.manager.grantRole(GUARDIAN, guardian, 0);
  const feeds = deployed.aggregators.map((aggregator) => ChainlinkAggregator__factory.connect(aggregator, deployer));
  const { house } = contracts;

  let now = opening;
  let published: readonly bigint[] = [];
  /** Sends a transaction at the present moment of the path and waits for it. */
  async function send(
    transaction: (overrides: Overrides) => Promise<ContractTransactionResponse>,
  ): Promise<ContractTransactionReceipt> {
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [now] });
    const sent = await transaction(GAS).catch((cause: unknown) => {
      throw new Reverted(cause);
    });
    const receipt = await sent.wait();
    if (receipt === null) throw new Error("a transaction was not mined");
    return receipt;
  }

  /** What everybody sees at a price: an answer for every feed, and every market opened at it. */
  async function carry(prices: readonly bigint[]): Promise<void> {
    const calls = await Promise.all(
      feeds.map(async (feed, i) => {
        const answer = answerOf(prices[i] ?? 0n, markets[i]?.feedDecimals ?? DECIMALS);
        return [
          { target: await feed.getAddress(), data: feed.interface.encodeFunctionData("setAnswer", [answer, now]) },
          { target: await house.getAddress(), data: house.interface.encodeFunctionData("accrueFunding", [i]) },
        ];
      }),
    );
    await send((overrides) => house.batch(calls.flat(), overrides));
  }

  return {
    markets,
    tokenUnit: 10n ** BigInt(DECIMALS - tokenDecimals),
    chainId: (await ethers.provider.getNetwork()).chainId,
    provider: ethers.provider,
    guardian,
    deployer,
    people: others,
    feeds,
    ...contracts,
    fundAccount: await house.fundAccount(),
    send,
    /**
     * Moves the clock to `time` and publishes a price (18 decimals) for every market. Each is taken at once: in a market
     * that lives, somebody always trades.
     */
    async publish(time: number, prices: readonly bigint[]): Promise<void> {
      now = time;
      published = markets.map(({ feedDecimals }, i) => {
        const tick = 10n ** BigInt(DECIMALS - feedDecimals);
        return ((prices[i] ?? 0n) / tick) * tick;
      });
      await carry(prices);
    },
    /** What comes now comes a block later, at the same prices. */
    nextBlock(): void {
      now += BLOCK_SECONDS;
    },
    /** Lets go of the chain and all its blocks. */
    close: () => connection.close(),
    /** What `publish` has published last, 18 decimals. */
    published: () => published,
  };
}

/** The committed parameters, with the path's first prices, and a stranger's for a market that the file does not know. */
function readParameters(path: PricePath, change: Change) {
  const file = readParameterFile(PARAMETER_FILE);
  const stranger = file.markets[STRANGER];
  if (stranger === undefined) throw new Error(`${PARAMETER_FILE} has no ${STRANGER}`);
  const parameters: ParameterFile = { ...file, markets: {} };
  const markets: Market[] = path.markets.map((name, i) => {
    const known = Object.hasOwn(file.markets, name) ? file.markets[name] : undefined;
    const found = change(i, known ?? stranger);
    const prices = path.steps.map((step) => step.prices[i] ?? 0n);
    const highest = min(prices.reduce(max, 0n) * PRICE_ROOM, HIGHEST_PRICE);
    const feedDecimals = known?.feed.decimals ?? DECIMALS;
    parameters.markets[name] = {
      ...found,
      feed: {
        firstAnswer: answerOf(prices[0] ?? 0n, feedDecimals),
        description: `${name} / USD`,
        decimals: feedDecimals,
      },
      maxPrice: known === undefined ? highest : max(found.maxPrice, highest),
    };
    return { name, feedDecimals, gap: found.fundLimit.gap, ...found.risk };
  });
  return { parameters, markets, tokenDecimals: file.token.decimals };
}

/** A price as a feed with fewer decimals publishes it: what it cannot hold is cut off. */
function answerOf(price: bigint, feedDecimals: number): bigint {
  return price / 10n ** BigInt(DECIMALS - feedDecimals);
}

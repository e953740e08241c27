/** Real node processes that stand in for public test networks, and feeds at the addresses that the parameter files name. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { JsonRpcProvider, type JsonRpcSigner, Network, NonceManager, type Signer } from "ethers";
import type { ParameterFile } from "../../deploy/parameterFile.ts";
import { ChainlinkAggregator__factory, ChainlinkProxy__factory, TestToken__factory } from "../../typechain/index.js";

const ANVIL = fileURLToPath(new URL("../../node_modules/.bin/anvil", import.meta.url));

/** Where an estimate falls short: a proxy carries on without entering the aggregator's list, and a market asks for no second price in a block. */
export const ENOUGH_GAS = { gasLimit: 1_000_000n };

/** What makes a node look like one of a public chain. */
export interface Likeness {
  readonly chainId: bigint;
  readonly gasLimit: bigint;
  readonly baseFee: bigint;
  /** Seconds. Without it a block comes with every transaction. */
  readonly blockTime?: number;
}

export interface Node {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  /** With money, and nothing else. */
  readonly somebody: JsonRpcSigner;
  readonly stop: () => Promise<void>;
}

export async function startAnvil({ chainId, gasLimit, baseFee, blockTime }: Likeness): Promise<Node> {
  const flags = { "--chain-id": chainId, "--gas-limit": gasLimit, "--base-fee": baseFee, "--block-time": blockTime };
  const args = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [name, value.toString()]));
  const port = await freePort();
  const child = spawn(ANVIL, ["--silent", "--host", "127.0.0.1", "--port", port.toString(), ...args], {
    stdio: "ignore",
  });
  const gone = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  while (!(await listens(port))) await setTimeout(20);
  const options = { staticNetwork: Network.from(chainId), cacheTimeout: -1, polling: true, pollingInterval: 100 };
  const provider = new JsonRpcProvider(url, chainId, options);
  return {
    url,
    provider,
    somebody: await provider.getSigner(0),
    stop: async () => {
      provider.destroy();
      // Not at once: what was started is a script, which hands this on to the node.
      child.kill();
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Puts a feed as Chainlink runs it behind every address that the file names, answering `answers` as of now. */
export async function placeFeeds(
  { provider, somebody }: Node,
  { markets }: ParameterFile,
  answers: Readonly<Record<string, bigint>>,
): Promise<void> {
  const sender = new NonceManager(somebody);
  const like = await new ChainlinkProxy__factory(sender).deploy(await newAggregator(sender, 8, "", 1n));
  const code = await provider.getCode(await (await like.waitForDeployment()).getAddress());
  for (const [name, { feed }] of Object.entries(markets)) {
    if (!("address" in feed)) continue;
    await provider.send("anvil_setCode", [feed.address, code]);
    const aggregator = await newAggregator(sender, feed.decimals, feed.description, answers[name] ?? 0n);
    await (await ChainlinkProxy__factory.connect(feed.address, sender).setAggregator(aggregator, ENOUGH_GAS)).wait();
  }
}

/** Puts a token behind an address, as one that others have deployed. */
export async function placeToken({ provider, somebody }: Node, address: string, decimals: number): Promise<void> {
  const token = await new TestToken__factory(somebody).deploy("", "", decimals);
  const code = await provider.getCode(await (await token.waitForDeployment()).getAddress());
  await provider.send("anvil_setCode", [address, code]);
}

/** Its answer is dated with the newest block, unless it is said to be older. */
export async function newAggregator(
  sender: Signer,
  decimals: number,
  description: string,
  answer: bigint,
  age = 0,
): Promise<string> {
  const aggregator = await new ChainlinkAggregator__factory(sender).deploy(decimals, description);
  await aggregator.waitForDeployment();
  const now = (await sender.provider?.getBlock("latest"))?.timestamp ?? 0;
  await (await aggregator.setAnswer(answer, now - age)).wait();
  return aggregator.getAddress();
}

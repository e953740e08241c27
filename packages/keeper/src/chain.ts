/** A way to one chain: to read it, and to hand signed transactions in. Every reason why there is none is one line. */
import {
  FetchRequest,
  formatEther,
  type GetUrlResponse,
  type JsonRpcPayload,
  JsonRpcProvider,
  type JsonRpcResult,
  type Log,
  Network,
  toQuantity,
  Wallet,
} from "ethers";
import { ClearingHouse__factory, type Client, connect } from "zerofloor/ethers";
import type { ChainConfig } from "./config.ts";
import type { Block, EventSource, Touch } from "./discovery.ts";
import { reasonOf, SetupError } from "./setupError.ts";

export interface Chain {
  readonly client: Client;
  readonly provider: JsonRpcProvider;
  readonly wallet: Wallet;
  readonly events: EventSource;
  /** Hands a signed transaction in. */
  broadcast(raw: string): Promise<void>;
  close(): void;
}

/** How often a question is asked that finds no answer. */
const TRIES = 3;

/** Asks again where an answer is lost on the way. What is sent is not asked: whoever sends it must know that it was twice. */
class PatientProvider extends JsonRpcProvider {
  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const isSent = [payload].flat().some(({ method }) => method === "eth_sendRawTransaction");
    for (let tries = 1; ; ++tries) {
      try {
        return await super._send(payload);
      } catch (error) {
        if (isSent || tries === TRIES) throw error;
      }
    }
  }
}

/** Requests that go out together. */
const BATCH = { batchMaxCount: 50, batchStallTime: 1 };

export function reach(config: ChainConfig): Chain {
  const { deployed } = config;
  const provider = providerOf(config, config.rpc);
  const sending = config.sendRpc === undefined ? provider : providerOf(config, config.sendRpc);
  const wallet = new Wallet(config.key, provider);
  return {
    client: connect(deployed, wallet),
    provider,
    wallet,
    events: eventsOf(provider, deployed.contracts.house),
    broadcast: async (raw) => {
      await sending.send("eth_sendRawTransaction", [raw]);
    },
    close: () => {
      provider.destroy();
      if (sending !== provider) sending.destroy();
    },
  };
}

function providerOf({ deployed, timeoutMilliseconds }: ChainConfig, url: string): JsonRpcProvider {
  const request = new FetchRequest(url);
  request.timeout = timeoutMilliseconds;
  request.getUrlFunc = getUrl;
  request.setThrottleParams({ maxAttempts: 2 });
  const staticNetwork = Network.from(deployed.chainId);
  return new PatientProvider(request, staticNetwork, { staticNetwork, cacheTimeout: -1, ...BATCH });
}

/** As ethers would, but that a request which takes too long is ended: its own would stay open, and the process with it. */
async function getUrl({ url, method, headers, body, timeout }: FetchRequest): Promise<GetUrlResponse> {
  try {
    const signal = AbortSignal.timeout(timeout);
    const answer = await fetch(url, { method, headers, body: body === null ? null : new Uint8Array(body), signal });
    return {
      statusCode: answer.status,
      statusMessage: answer.statusText,
      headers: Object.fromEntries(answer.headers),
      body: new Uint8Array(await answer.arrayBuffer()),
    };
  } catch (cause) {
    // What `fetch` says is that it has failed; why, says the cause.
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw new Error(reasonOf(why), { cause });
  }
}

/** Whether the node is there, of the right chain, and whether the keeper could do anything on it. */
export async function requireReady(
  { provider, client, wallet }: Chain,
  config: ChainConfig,
  { withBalance }: { readonly withBalance: boolean },
): Promise<void> {
  const { name, deployed, gas } = config;
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question();
    } catch (cause) {
      throw new SetupError(`chain ${name}: the node does not answer: ${reasonOf(cause)}`, { cause });
    }
  };
  const found = Number(await ask(() => provider.send("eth_chainId", []) as Promise<string>));
  if (found !== deployed.chainId)
    throw new SetupError(`chain ${name}: the node is of chain ${found}, the deployment of chain ${deployed.chainId}`);
  const code = await ask(() => provider.getCode(deployed.contracts.house));
  if (code === "0x") throw new SetupError(`chain ${name}: there is no clearing house at ${deployed.contracts.house}`);
  const listed = Number(await ask(() => client.house.marketCount()));
  const unlisted = deployed.markets[listed];
  if (unlisted !== undefined)
    throw new SetupError(`chain ${name}: market ${unlisted.name} is unknown: the clearing house has ${listed}`);
  if (!withBalance) return;
  const balance = await ask(() => provider.getBalance(wallet.address));
  if (balance >= gas.minimumBalance) return;
  const [has, needs] = [formatEther(balance), formatEther(gas.minimumBalance)];
  throw new SetupError(`chain ${name}: ${wallet.address} has ${has}, and gas.minimumBalance asks for ${needs}`);
}

// ---------------------------------------------------------------------- events

const house = ClearingHouse__factory.createInterface();

/** Of each event, which of its topics name accounts. */
const ACCOUNTS = new Map<string, readonly number[]>([
  [house.getEvent("Deposited").topicHash, [1]],
  [house.getEvent("Withdrawn").topicHash, [1]],
  [house.getEvent("Settled").topicHash, [1]],
  [house.getEvent("Filled").topicHash, [2, 3]],
  [house.getEvent("Liquidated").topicHash, [1, 3]],
  [house.getEvent("Deleveraged").topicHash, [1]],
  [house.getEvent("TakenOver").topicHash, [2]],
  [house.getEvent("BountyPaid").topicHash, [1]],
]);
/** Of each event that concerns everybody in a market, which topic names it. */
const MARKETS = new Map<string, number>([
  [house.getEvent("GenerationEnded").topicHash, 1],
  [house.getEvent("MarketWoundUp").topicHash, 1],
]);

function eventsOf(provider: JsonRpcProvider, address: string): EventSource {
  return {
    block: async (number) => {
      const found = await provider.getBlock(number);
      return found?.hash ? blockOf(found, found.hash) : undefined;
    },
    touches: async (first, last) => {
      const topics = [[...ACCOUNTS.keys(), ...MARKETS.keys()]];
      const filter = { address, topics, fromBlock: toQuantity(first), toBlock: toQuantity(last) };
      // As the node says it: of an event only its topics are of interest.
      return ((await provider.send("eth_getLogs", [filter])) as RawLog[]).map(touchOf);
    },
  };
}

type Found = Pick<Block, "number" | "timestamp"> & { readonly baseFeePerGas: bigint | null };

function blockOf({ number, timestamp, baseFeePerGas }: Found, hash: string): Block {
  return { number, hash, timestamp, baseFee: baseFeePerGas ?? 0n };
}

type RawLog = Pick<Log, "topics" | "blockHash"> & { readonly blockNumber: string };

function touchOf({ topics, blockNumber, blockHash }: RawLog): Touch {
  const block = { number: Number(blockNumber), hash: blockHash };
  const kind = topics[0] ?? "";
  const accounts = (ACCOUNTS.get(kind) ?? []).flatMap((i) => topics[i]?.toLowerCase() ?? []);
  const market = MARKETS.get(kind);
  return market === undefined ? { block, accounts } : { block, accounts, endedIn: Number(topics[market]) };
}

/**
 * The command in a crash, as it will be met: a node whose answers are lost, late, wrong and out of order, a reorganisation,
 * a machine that loses its power with a transaction on its way. Says what became of everybody; asserts nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TransactionReceipt } from "ethers";
import { ONE } from "zerofloor";
import { chunks } from "../../src/plan/action.ts";
import { folderOf } from "./deployment.ts";
import type { House } from "./house.ts";
import { type Fault, startProxy } from "./proxy.ts";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const [BTC, ETH] = [0, 1];
/** Of BTC in ETH, all the way down. */
const RATIO = 50n;
const MOST_BLOCKS_PER_PRICE = 150;
const DEPTH = 3;
/** Standings in one question. */
const AT_ONCE = 500;

export interface Crash {
  /** Everybody's number in the crowd. */
  readonly numbers: readonly bigint[];
  /** Prices of ETH, whole. At least three. */
  readonly path: readonly bigint[];
  /** Of the keeper, with gas and money. */
  readonly key: string;
  readonly address: string;
  readonly millisecondsPerBlock: number;
  readonly timeoutMilliseconds: number;
  /** Told of each price that has been gone through. */
  readonly onPrice?: () => void;
}

export interface Rehearsed {
  readonly faults: ReadonlyMap<Fault, number>;
  /** How often the process was killed, and how many blocks were replaced under it. */
  readonly kills: number;
  readonly replaced: number;
  /** Whether the keeper has said that it stepped back. */
  readonly steppedBack: boolean;
  /** Exit status after SIGTERM, and of a last pass that finds nothing to do. */
  readonly statuses: readonly (number | null)[];
  /** Accounts that were below margin or zero at a price: by the lens, before the keeper could do anything … */
  readonly due: number;
  /** … and of those, the ones that still were after so many blocks. */
  readonly missed: number;
  readonly liquidated: number;
  readonly deleveraged: number;
  /** The same done twice to the same account at the same prices. */
  readonly twice: number;
  /** Transactions that reverted, or did nothing for anybody, but for those that take the place of a lost nonce. */
  readonly inVain: readonly string[];
  readonly transactions: number;
}

interface Line {
  readonly msg: string;
  readonly block?: number;
}

export async function rehearse(house: House, crash: Crash): Promise<Rehearsed> {
  const { numbers, path, key, address, millisecondsPerBlock, timeoutMilliseconds } = crash;
  const { provider, url } = house.node;
  const send = (method: string, ...params: unknown[]): Promise<unknown> => provider.send(method, params);
  const files = folderOf(house.deployed);
  const proxy = await startProxy(url, 7);
  const lines: Line[] = [];
  let child: ChildProcess | undefined;
  /** Whether the next transaction is the last thing that it does. */
  let isDoomed = false;
  const counts = { kills: 0, replaced: 0, due: 0, missed: 0 };

  const config = files.file("config.json", {
    log: "debug",
    chains: [
      {
        ...{ name: "anvil", deployment: "deployment.json", rpc: proxy.url, key: "$KEEPER_KEY", stopFile: "STOP" },
        ...{ database: "keeper.sqlite", pollMilliseconds: 40, timeoutMilliseconds },
        gas: {
          ...{ maximumPrice: "100", tip: "1", dailyCap: "5", coinPrice: "1", minimumProfit: "0" },
          ...{ minimumBalance: "0.1", patience: 3 },
        },
        liquidation: { account: "0", maximumLeverage: 10 },
      },
    ],
  });
  // An account whose equity is 0 earns nobody anything: only somebody who does not ask for that leaves none.
  const command = (...options: string[]) =>
    spawn(process.execPath, ["--import", "tsx", CLI, "--config", config, "--at-any-cost", ...options], {
      env: { ...process.env, KEEPER_KEY: key },
      stdio: ["ignore", "pipe", "inherit"],
    });

  /** Starts the command; from when it has started on, everything goes wrong that can. */
  async function startCommand(): Promise<void> {
    proxy.quiet = true;
    const started = command();
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.once("exit", (status) => {
        reject(new Error(`it has ended with ${status ?? "a signal"}`));
      });
      createInterface(started.stdout).on("line", (text) => {
        const line = JSON.parse(text) as Line;
        lines.push(line);
        if (line.msg === "started") resolve();
        if (line.msg === "sent" && isDoomed) started.kill("SIGKILL");
      });
    });
    proxy.quiet = false;
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child?.exitCode !== null || child.signalCode !== null) return null;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  async function mine(): Promise<void> {
    await send("evm_mine");
    await setTimeout(millisecondsPerBlock);
  }

  const count = async (at: "latest" | "pending") => Number(await send("eth_getTransactionCount", address, at));
  const isWaiting = async () => (await count("pending")) > (await count("latest"));
  async function below(): Promise<number> {
    let found = 0;
    for (const part of chunks(numbers, AT_ONCE))
      found += (await house.standings(part)).filter((standing) => standing !== 0).length;
    return found;
  }

  /** Publishes a price, lets blocks pass until nobody is left below margin, and does something on the way. */
  async function walk(price: bigint, meanwhile: () => Promise<boolean> = () => Promise.resolve(true)): Promise<void> {
    await house.setPrice(ETH, price * ONE);
    await house.setPrice(BTC, price * RATIO * ONE);
    let [blocks, isDone] = [0, false];
    let left: number;
    do {
      await mine();
      if (blocks === 0) counts.due += await below();
      isDone ||= await meanwhile();
      left = isDone && blocks > 0 && !(await isWaiting()) ? await below() : Infinity;
    } while (left > 0 && ++blocks < MOST_BLOCKS_PER_PRICE);
    counts.missed += left === Infinity ? await below() : left;
    crash.onPrice?.();
  }

  /** The machine loses its power with a transaction on its way, and comes back. */
  async function loseThePower(): Promise<boolean> {
    if (child?.signalCode !== "SIGKILL") return false;
    isDoomed = false;
    ++counts.kills;
    await startCommand();
    return true;
  }

  /** Blocks are replaced by others that have the price, and nothing that the keeper has sent and knows to be included. */
  async function reorganise(price: bigint, begun: number): Promise<boolean> {
    const included = lines.findLast(({ msg }) => msg === "included")?.block ?? 0;
    // It must have read what is replaced.
    const looked = lines.findLast(({ msg }) => msg === "looked")?.block ?? 0;
    if (included <= begun || looked < included) return false;
    const depth = Math.max(DEPTH, (await provider.getBlockNumber()) - included + 1);
    const calls = [await house.priceCall(ETH, price * ONE), await house.priceCall(BTC, price * RATIO * ONE)];
    const from = house.node.somebody.address;
    const pairs = calls.map(({ to, data }) => [{ from, to, data, gas: "0xf4240" }, 0]);
    const before = await count("latest");
    await send("anvil_reorg", depth, pairs);
    if ((await count("latest")) >= before) throw new Error("the reorganisation has taken nothing back");
    counts.replaced += depth;
    return true;
  }

  try {
    const first = await provider.getBlockNumber();
    await startCommand();
    const [one = 0n, two = 0n, three = 0n, ...others] = path;
    await walk(one);
    isDoomed = true;
    await walk(two, loseThePower);
    for (let n = 0; n <= DEPTH; ++n) await mine();
    const begun = await provider.getBlockNumber();
    await walk(three, () => reorganise(three, begun));
    for (const price of others) await walk(price);
    for (let n = 0; n < 5; ++n) await mine();
    const statuses = [await end("SIGTERM")];
    const { faults } = proxy;
    proxy.quiet = true;
    const single = command("--once");
    single.stdout.resume();
    statuses.push(((await once(single, "exit")) as [number | null])[0]);
    const steppedBack = lines.some(({ msg }) => msg.startsWith("a reorganisation"));
    return { ...counts, faults, steppedBack, statuses, ...(await account(house, address, first)) };
  } finally {
    await end("SIGKILL");
    await proxy.close();
    files.remove();
  }
}

/** What the keeper's transactions since a block have done, by the chain itself. */
async function account({ node: { provider }, client }: House, address: string, first: number) {
  const done = new Set<string>();
  const counts = { liquidated: 0, deleveraged: 0, twice: 0, transactions: 0 };
  const inVain: string[] = [];
  const marks = new Map<number, string>();
  for (const receipt of await receiptsOf(provider, address, first)) {
    ++counts.transactions;
    const events = receipt.logs.flatMap((log) => client.house.interface.parseLog(log) ?? []);
    const useful = events.filter(({ name }) => name === "Liquidated" || name === "Deleveraged");
    if (receipt.status !== 1 || (useful.length === 0 && receipt.to !== address)) inVain.push(receipt.hash);
    const { blockNumber: blockTag } = receipt;
    const known =
      marks.get(blockTag) ?? (await client.lens.marketSummaries({ blockTag })).map(({ mark }) => mark).join();
    marks.set(blockTag, known);
    for (const { name, args } of useful) {
      const what = `${name} ${String(args["account"])} ${known}`;
      if (done.has(what)) ++counts.twice;
      done.add(what);
      ++counts[name === "Liquidated" ? "liquidated" : "deleveraged"];
    }
  }
  return { ...counts, inVain };
}

async function receiptsOf(
  provider: House["node"]["provider"],
  sender: string,
  first: number,
): Promise<TransactionReceipt[]> {
  const found: TransactionReceipt[] = [];
  for (let number = await provider.getBlockNumber(); number > first; --number) {
    const block = await provider.getBlock(number, true);
    for (const { hash, from } of block?.prefetchedTransactions ?? []) {
      const receipt = from === sender ? await provider.getTransactionReceipt(hash) : null;
      if (receipt !== null) found.push(receipt);
    }
  }
  return found;
}

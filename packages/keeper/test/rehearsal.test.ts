/** The command in a crash, as it will be met: an unreliable node, a reorganisation, a machine that loses its power. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { TransactionReceipt } from "ethers";
import { ONE } from "zerofloor";
import { startAnvil } from "../../../test/system/anvil.ts";
import { folderOf } from "./support/deployment.ts";
import { buildHouse, type House, type Position } from "./support/house.ts";
import { type Proxy, startProxy } from "./support/proxy.ts";
import { newKey } from "./support/running.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const ETH = 1;
const PRICES = [100_000n * ONE, 2_000n * ONE];
/** Every one of them is below its margin before it is below zero at some price of the path, or jumps over that. */
const CROWD: Position[] = Array.from({ length: 60 }, (_, n) => ({
  ...{ number: BigInt(n + 1), market: n % 5 === 0 ? 0 : ETH },
  ...(n % 5 === 0 ? { size: ONE / 50n } : { size: ONE }),
  collateral: BigInt(120 + 12 * n) * ONE,
}));
const NUMBERS = CROWD.map(({ number }) => number);
const PATH = [1_960n, 1_880n, 1_790n, 1_700n, 1_560n, 1_380n];
const MILLISECONDS_PER_BLOCK = 120;
const MOST_BLOCKS_PER_PRICE = 120;

describe("rehearsal of a keeper", function () {
  this.timeout(120_000);
  let house: House;
  let proxy: Proxy;
  let config: string;
  let child: ChildProcess | undefined;
  /** Whether the next transaction is the last thing that it does. */
  let isDoomed = false;
  const { key, address } = newKey();
  const files = folderOf({});
  const lines: { level: number; msg: string; hash?: string; block?: number }[] = [];
  const send = (method: string, ...params: unknown[]): Promise<unknown> => house.node.provider.send(method, params);

  before(async () => {
    const node = await startAnvil({ chainId: 31_337n, gasLimit: 60_000_000n, baseFee: 10n ** 9n });
    house = await buildHouse(node, PRICES);
    await house.open(CROWD);
    await house.endow(address, 1_000_000n * ONE);
    await send("evm_setAutomine", false);
    proxy = await startProxy(node.url, 7);
    files.file("deployment.json", house.deployed);
    config = files.file("config.json", {
      log: "debug",
      chains: [
        {
          ...{ name: "anvil", deployment: "deployment.json", rpc: proxy.url, key: "$KEEPER_KEY", stopFile: "STOP" },
          ...{ database: "keeper.sqlite", pollMilliseconds: 40, timeoutMilliseconds: 400 },
          gas: {
            ...{ maximumPrice: "100", tip: "1", dailyCap: "5", coinPrice: "1", minimumProfit: "0" },
            ...{ minimumBalance: "0.1", patience: 3 },
          },
          liquidation: { account: "0", maximumLeverage: 10 },
        },
      ],
    });
  });
  after(async () => {
    child?.kill("SIGKILL");
    await proxy.close();
    await house.node.stop();
    files.remove();
  });

  /** Starts the command; from when it has started on, everything goes wrong that can. */
  async function startCommand(): Promise<void> {
    proxy.quiet = true;
    const started = spawn(process.execPath, ["--import", "tsx", CLI, "--config", config], {
      env: { ...process.env, KEEPER_KEY: key },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.once("exit", (status) => {
        reject(new Error(`it has ended with ${status ?? "a signal"}`));
      });
      createInterface(started.stdout).on("line", (line) => {
        lines.push(JSON.parse(line) as { level: number; msg: string });
        const said = lines.at(-1)?.msg;
        if (said === "started") resolve();
        if (said === "sent" && isDoomed) started.kill("SIGKILL");
      });
    });
    proxy.quiet = false;
  }

  async function kill(signal: NodeJS.Signals): Promise<number | null> {
    if (child === undefined) return null;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  async function mine(): Promise<void> {
    await send("evm_mine");
    await setTimeout(MILLISECONDS_PER_BLOCK);
  }

  const mined = async () => Number(await send("eth_getTransactionCount", address, "latest"));
  const waiting = async () => Number(await send("eth_getTransactionCount", address, "pending")) - (await mined());
  const isQuiet = async () => (await house.standings(NUMBERS)).every((standing) => standing === 0);

  /** Publishes a price, lets blocks pass until nobody is left below margin, and does something on the way. */
  async function walk(price: bigint, meanwhile: () => Promise<boolean> = () => Promise.resolve(true)): Promise<void> {
    await house.setPrice(ETH, price * ONE);
    await house.setPrice(0, price * 50n * ONE);
    let [blocks, isDone] = [0, false];
    do {
      await mine();
      isDone ||= await meanwhile();
      expect(++blocks, `blocks at ${price}`).to.be.below(MOST_BLOCKS_PER_PRICE);
    } while (!isDone || blocks < 2 || !(await isQuiet()) || (await waiting()) > 0);
  }

  it("leaves nobody below margin at any price of a crash", async () => {
    await startCommand();
    const [first = 0n, second = 0n, third = 0n, ...others] = PATH;
    await walk(first);

    // The machine loses its power with a transaction on its way.
    isDoomed = true;
    await walk(second, async () => {
      if (child?.signalCode !== "SIGKILL") return false;
      isDoomed = false;
      await startCommand();
      return true;
    });

    // Three blocks are replaced, or a few more: by the price, and nothing that the keeper has sent and knows to be included.
    for (let n = 0; n < 4; ++n) await mine();
    const begun = await house.node.provider.getBlockNumber();
    await walk(third, async () => {
      const included = lines.findLast(({ msg }) => msg === "included")?.block ?? 0;
      // It must have read what is replaced.
      const looked = lines.findLast(({ msg }) => msg === "looked")?.block ?? 0;
      if (included <= begun || looked < included) return false;
      const [count, head] = [await mined(), await house.node.provider.getBlockNumber()];
      const calls = [await house.priceCall(ETH, third * ONE), await house.priceCall(0, third * 50n * ONE)];
      const sender = house.node.somebody.address;
      const pairs = calls.map(({ to, data }) => [{ from: sender, to, data, gas: "0xf4240" }, 0]);
      await send("anvil_reorg", Math.max(3, head - included + 1), pairs);
      expect(await mined()).to.be.below(count);
      return true;
    });

    for (const price of others) await walk(price);
    for (let n = 0; n < 5; ++n) await mine();
    expect(await kill("SIGTERM")).to.equal(0);
  });

  it("has met every kind of fault", () => {
    const met = ["behind", "drop", "hang", "noReceipt", "reordered", "tooManyLogs", "wrongNonce"];
    expect([...proxy.faults.keys()].sort()).to.deep.equal(met);
    expect(lines.some(({ msg }) => msg.startsWith("a reorganisation"))).to.equal(true);
  });

  it("has nothing left to do, and says so once", async () => {
    proxy.quiet = true;
    const single = spawn(process.execPath, ["--import", "tsx", CLI, "--config", config, "--once"], {
      env: { ...process.env, KEEPER_KEY: key },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [status] = (await once(single, "exit")) as [number];
    expect([status, await waiting()]).to.deep.equal([0, 0]);
  });

  it("has sent nothing in vain and nothing twice", async () => {
    const { house: contract } = house.client;
    const done = new Set<string>();
    const counts = { Liquidated: 0, Deleveraged: 0 };
    for (const receipt of await receiptsOf(house, address)) {
      const about = JSON.stringify(lines.filter(({ hash }) => hash === receipt.hash));
      expect(receipt.status, about).to.equal(1);
      const events = receipt.logs.flatMap((log) => contract.interface.parseLog(log) ?? []);
      const useful = events.filter(({ name }) => name === "Liquidated" || name === "Deleveraged");
      // But for an empty transaction where a nonce was missing.
      if (receipt.to !== address) expect(useful.length, receipt.hash).to.be.above(0);
      const summaries = await house.client.lens.marketSummaries({ blockTag: receipt.blockNumber });
      const marks = summaries.map(({ mark }) => mark).join();
      for (const { name, args } of useful) {
        const what = `${name} ${String(args["account"])} ${marks}`;
        expect(done.has(what), what).to.equal(false);
        done.add(what);
        counts[name as keyof typeof counts] += 1;
      }
    }
    expect(counts.Liquidated).to.be.above(10);
    expect(counts.Deleveraged).to.be.above(15);
  });
});

async function receiptsOf({ node: { provider } }: House, sender: string): Promise<TransactionReceipt[]> {
  const found: TransactionReceipt[] = [];
  for (let number = await provider.getBlockNumber(); number > 0; --number) {
    const block = await provider.getBlock(number, true);
    for (const { hash, from } of block?.prefetchedTransactions ?? []) {
      const receipt = from === sender ? await provider.getTransactionReceipt(hash) : null;
      if (receipt !== null) found.push(receipt);
    }
  }
  return found;
}

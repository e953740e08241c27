/** One process for two chains, and what is left of it when one of them is gone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { ONE } from "zerofloor";
import { startAnvil } from "../../../test/system/anvil.ts";
import { folderOf } from "./support/deployment.ts";
import { buildHouse, type House, type Position } from "./support/house.ts";
import { newKey } from "./support/running.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const ETH = 1;
const PRICES = [100_000n * ONE, 2_000n * ONE];
const CHAINS = [31_337, 31_338];
/** Below its margin at 1,880 and at 1,750. */
const CROWD: Position[] = [160n, 280n].map((money, n) => ({
  ...{ number: BigInt(n + 1), market: ETH, size: ONE, collateral: money * ONE },
}));

describe("a keeper of two chains", function () {
  this.timeout(60_000);
  const files = folderOf();
  const houses: House[] = [];
  const { key, address } = newKey();
  after(async () => {
    files.remove();
    for (const house of houses) await house.node.stop();
  });

  const liquidations = async ({ client: { house } }: House) =>
    (await house.queryFilter(house.filters.Liquidated(), 0)).length;
  /** Blocks pass until there have been so many. */
  async function until(house: House, count: number): Promise<void> {
    for (let tries = 0; (await liquidations(house)) < count; ++tries) {
      expect(tries, "blocks").to.be.below(100);
      await setTimeout(100);
    }
  }

  it("looks after both, and after the other one where a node has died", async () => {
    for (const chainId of CHAINS) {
      const node = await startAnvil({ chainId: BigInt(chainId), gasLimit: 60_000_000n, baseFee: 10n ** 9n });
      const house = await buildHouse(node, PRICES);
      houses.push(house);
      await house.open(CROWD);
      await house.endow(address, 10_000n * ONE);
      files.file(`${chainId}.json`, house.deployed);
    }
    const [first, second] = houses;
    if (first === undefined || second === undefined) throw new Error("no houses");
    const gas = {
      maximumPrice: "100",
      tip: "1",
      dailyCap: "5",
      coinPrice: "1",
      minimumProfit: "0",
      minimumBalance: "0.1",
    };
    const config = files.file("config.json", {
      chains: houses.map(({ node, deployed: { chainId } }) => ({
        ...{ name: `chain-${chainId}`, deployment: `${chainId}.json`, rpc: node.url, key: "$KEY", gas },
        ...{ database: `${chainId}.sqlite`, stopFile: "STOP", pollMilliseconds: 50, timeoutMilliseconds: 1_000 },
        liquidation: { account: "0", maximumLeverage: 10 },
      })),
    });
    const child = spawn(process.execPath, ["--import", "tsx", CLI, "--config", config], {
      env: { ...process.env, KEY: key },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const gone = once(child, "exit");
    try {
      for (const house of houses) await house.setPrice(ETH, 1_880n * ONE);
      for (const house of houses) await until(house, 1);
      await second.node.stop();
      houses.pop();
      await first.setPrice(ETH, 1_750n * ONE);
      await until(first, 2);
      expect(await first.standings([1n, 2n])).to.deep.equal([0, 0]);
    } finally {
      child.kill("SIGTERM");
      await gone;
    }
    expect(child.exitCode).to.equal(0);
  });
});

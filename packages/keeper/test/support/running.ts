/** A keeper in this process, beside a house on a node. */
import { Wallet } from "ethers";
import { systemClock } from "../../src/clock.ts";
import type { ChainConfig } from "../../src/config.ts";
import type { Options } from "../../src/keeper.ts";
import type { Log } from "../../src/log.ts";
import { newMetrics } from "../../src/metrics.ts";
import type { PriceServer } from "../../src/pyth.ts";
import { type Running, start } from "../../src/start.ts";
import type { Post } from "../../src/webhooks.ts";
import type { House } from "./house.ts";

export const GWEI = 10n ** 9n;
const ONE = 10n ** 18n;

export interface Told {
  readonly level: keyof Log;
  readonly text: string;
  readonly fields: Record<string, unknown>;
}

/** What is configured unless a test says otherwise: everything cheap, nothing that is optional. */
export function configOf({ node, deployed }: House, key: string, change: Partial<ChainConfig> = {}): ChainConfig {
  return {
    ...{ name: "test", deployment: "", rpc: node.url, key, database: ":memory:", stopFile: "/nowhere/STOP" },
    ...{ pollMilliseconds: 50, timeoutMilliseconds: 5_000, deployed },
    gas: {
      ...{ maximumPrice: 1_000n * GWEI, tip: GWEI, dailyCap: 100n * ONE, coinPrice: ONE, minimumProfit: 0n },
      ...{ minimumBalance: ONE / 10n, patience: 3 },
    },
    ...change,
  };
}

export async function startKeeper(
  config: ChainConfig,
  options: Partial<Options> = {},
  given: { readonly prices?: PriceServer; readonly post?: Post } = {},
): Promise<Running & { readonly told: Told[]; readonly posted: string[]; readonly texts: () => string }> {
  const told: Told[] = [];
  const write = (level: keyof Log) => (fields: object, text: string) => {
    told.push({ level, text, fields: fields as Record<string, unknown> });
  };
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const posted: string[] = [];
  const running = await start(
    config,
    { dryRun: false, atAnyCost: false, ...options },
    {
      ...{ log, clock: systemClock, alertUrl: undefined, metrics: newMetrics().of("test") },
      post: (_, body) => {
        posted.push(body);
        return Promise.resolve();
      },
      ...given,
    },
  );
  return { ...running, told, posted, texts: () => told.map(({ text }) => text).join("\n") };
}

export function newKey(): { readonly key: string; readonly address: string } {
  const { privateKey: key, address } = Wallet.createRandom();
  return { key, address };
}

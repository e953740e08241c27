/** Puts a keeper together, and lets it run until it is told to stop. */
import { type Chain, reach, requireReady } from "./chain.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type ChainConfig, marketOf } from "./config.ts";
import { Keeper, type Options } from "./keeper.ts";
import type { Log } from "./log.ts";
import type { ChainMetrics } from "./metrics.ts";
import { OrderFile } from "./orders.ts";
import { outletOf } from "./outlet.ts";
import { hermes, type PriceServer } from "./pyth.ts";
import { Sender } from "./sender.ts";
import { reasonOf, withoutUrls } from "./setupError.ts";
import { Store } from "./store.ts";
import { Alerts, type Post, post } from "./webhooks.ts";

/** What a keeper is given from outside. */
export interface Surroundings {
  readonly log: Log;
  readonly metrics: ChainMetrics;
  /** Who is told that something needs a person. */
  readonly alertUrl: string | undefined;
  readonly clock?: Clock;
  readonly post?: Post;
  /** In place of the configured server. */
  readonly prices?: PriceServer;
}

export interface Running {
  readonly keeper: Keeper;
  readonly chain: Chain;
  readonly config: ChainConfig;
  readonly close: () => Promise<void>;
}

/** @throws SetupError Where the chain or the files are not as the configuration says. */
export async function start(config: ChainConfig, options: Options, around: Surroundings): Promise<Running> {
  const { log, metrics, clock = systemClock, post: deliver = post } = around;
  const { deployed, gas, liquidation, pyth } = config;
  const chain = reach(config);
  let store: Store | undefined;
  try {
    await requireReady(chain, config, { withBalance: !options.dryRun });
    const orders = liquidation?.orders === undefined ? undefined : new OrderFile(liquidation.orders, log);
    orders?.load();
    const about = { chain: deployed.chainId.toString(), house: deployed.contracts.house, key: chain.wallet.address };
    store = new Store(config.database, about);
    const alerts = new Alerts(around.alertUrl, log, clock, deliver);
    const outlet = outletOf(chain, deployed.chainId);
    const sender = new Sender(store, outlet, gas, clock, alerts, log);
    const feeds = Object.entries(pyth?.feeds ?? {}).map(([name, id]) => [marketOf(config, name), id] as const);
    const prices = around.prices ?? (pyth && hermes(pyth.endpoint, new Map(feeds)));
    const parts = { config, chain, store, outlet, sender, alerts, metrics, clock, log, post: deliver, orders, prices };
    const opened = store;
    const keeper = new Keeper(parts, options);
    const close = async () => {
      await keeper.idle();
      chain.close();
      opened.close();
    };
    return { keeper, chain, config, close };
  } catch (error) {
    chain.close();
    store?.close();
    throw error;
  }
}

/** After this long without a pass that succeeds, somebody is told. */
const PATIENCE_MILLISECONDS = 60_000;
const LONGEST_PAUSE = 16;

/** What makes passes, and how often. */
interface Passing {
  readonly keeper: Pick<Keeper, "pass">;
  readonly config: Pick<ChainConfig, "name" | "pollMilliseconds">;
}

/** Passes until `signal` is aborted. What goes wrong in one is for the next one to do better. */
export async function keep({ keeper, config }: Passing, around: Surroundings, signal: AbortSignal): Promise<void> {
  const { log, metrics, clock = systemClock } = around;
  const alerts = new Alerts(around.alertUrl, log, clock, around.post);
  let [failures, succeededAt] = [0, clock.now()];
  while (!signal.aborted) {
    try {
      await keeper.pass();
      [failures, succeededAt] = [0, clock.now()];
      alerts.clear("failing");
    } catch (error) {
      ++failures;
      metrics.failed();
      log.warn(
        { failures, cause: error instanceof Error ? withoutUrls(error.stack ?? "") : undefined },
        reasonOf(error),
      );
      if (clock.now() - succeededAt > PATIENCE_MILLISECONDS)
        alerts.raise("failing", `chain ${config.name}: nothing has worked for a minute: ${reasonOf(error)}`);
    }
    // A node in trouble is not asked the more.
    await clock.sleep(config.pollMilliseconds * Math.min(LONGEST_PAUSE, 2 ** failures), signal);
  }
}

/** The keeper as a library: put one together with `start`, and call `pass` or `keep`. */
export { type ChainConfig, type Environment, readConfig, type ReadConfig } from "./config.ts";
export { type Clock, systemClock } from "./clock.ts";
export { Keeper, type Options } from "./keeper.ts";
export { jsonLog, type Log, silent } from "./log.ts";
export type { MarginCall } from "./marginCalls.ts";
export { type ChainMetrics, type Metrics, newMetrics } from "./metrics.ts";
export { hermes, type PriceServer, type PriceUpdate } from "./pyth.ts";
export { serve, type Server } from "./server.ts";
export { SetupError } from "./setupError.ts";
export { keep, type Running, start, type Surroundings } from "./start.ts";
export type { Post } from "./webhooks.ts";

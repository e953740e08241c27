#!/usr/bin/env node
/**
 * The command. The only place that reads the environment.
 *
 * Exit status: 0 if it was told to stop, or had done what was asked once; 1 if that went wrong; 2 if something must be put
 * right first.
 */
import { parseArgs } from "node:util";
import { systemClock } from "./clock.ts";
import { readConfig } from "./config.ts";
import { jsonLog } from "./log.ts";
import { newMetrics } from "./metrics.ts";
import { type Server, serve } from "./server.ts";
import { reasonOf, SetupError } from "./setupError.ts";
import { keep, type Running, start, type Surroundings } from "./start.ts";

const USAGE = `Usage: zerofloor-keeper --config FILE [options]

Looks after the accounts of a Zerofloor clearing house: liquidates, deleverages, settles, warns.

  --config FILE  what to do, where and with what (see config.example.json)
  --dry-run      sends nothing: says what it would send
  --once         one pass over every chain, and no server
  --at-any-cost  acts where that earns less than its gas, too
  --help         shows this`;

const OPTIONS = {
  config: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  once: { type: "boolean", default: false },
  "at-any-cost": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    throw new SetupError(`${reasonOf(cause).split(/\.\s/)[0] ?? ""} (--help shows the options)`, { cause });
  }
}

async function main(args: readonly string[]): Promise<void> {
  const values = parse(args);
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.config === undefined) throw new SetupError("names no --config (--help shows the options)");
  const config = readConfig(values.config, process.env);
  const metrics = newMetrics();
  const options = { dryRun: values["dry-run"], atAnyCost: values["at-any-cost"] };
  const running: { readonly one: Running; readonly around: Surroundings }[] = [];
  let server: Server | undefined;
  try {
    for (const chain of config.chains) {
      const log = jsonLog(config.log, { chain: chain.name });
      const around = { log, metrics: metrics.of(chain.name), alertUrl: config.alerts };
      running.push({ one: await start(chain, options, around), around });
      log.info({ chainId: chain.deployed.chainId, house: chain.deployed.contracts.house, ...options }, "started");
    }
    if (values.once) {
      for (const { one } of running) await one.keeper.pass();
      return;
    }
    const patients = running.map(({ one }) => ({ name: one.config.name, lookedAt: () => one.keeper.head?.timestamp }));
    if (config.server) server = await serve(config.server, patients, metrics.registry, systemClock);
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"])
      process.once(signal, () => {
        stop.abort();
      });
    await Promise.all(running.map(({ one, around }) => keep(one, around, stop.signal)));
  } finally {
    await server?.close();
    for (const { one } of running) await one.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`zerofloor-keeper: ${reasonOf(error)}`);
  process.exitCode = error instanceof SetupError ? 2 : 1;
}

/**
 * Random commands on the reference model and on the contracts, side by side, for as long as one likes.
 *
 *   npm run test:model -- --runs N --seed S
 */
import { parseArgs } from "node:util";
import { InputError } from "./demo/errors.ts";
import { terminalProgress } from "./demo/progress.ts";

process.env["HARDHAT_NETWORK"] = "default";
const { compare } = await import("../test/model/agreement.ts");

const HIGHEST_SEED = 2 ** 31 - 1;

function parseOptions() {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: "string", default: "100" },
        seed: { type: "string", default: "1" },
        seconds: { type: "string", default: "3600" },
        path: { type: "string" },
        replay: { type: "string" },
      },
    });
    return {
      runs: parseWhole("--runs", values.runs, 1, 1_000_000),
      seed: parseWhole("--seed", values.seed, -HIGHEST_SEED - 1, HIGHEST_SEED),
      seconds: parseWhole("--seconds", values.seconds, 1, 1_000_000),
      path: values.path,
      replay: values.replay,
    };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function parseWhole(option: string, text: string, lowest: number, highest: number): number {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value >= lowest && value <= highest))
    throw new InputError(`${option} must be a whole number from ${lowest} to ${highest}, not "${text}"`);
  return value;
}

async function main(): Promise<void> {
  const options = parseOptions();
  const progress = terminalProgress();
  progress.stage("runs", options.runs);
  const { tally, failure } = await compare({
    ...options,
    onRun: () => {
      progress.advance();
    },
  });
  progress.end();
  for (const [what, times] of [...tally].sort()) console.log(`${String(times).padStart(8)}  ${what}`);
  console.log(`${tally.get("commands") ?? 0} commands in ${options.runs} runs of seed ${options.seed}`);
  if (failure === undefined) return;
  console.error(failure);
  process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

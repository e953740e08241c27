/**
 * Random sequences and random books until a given number of handler calls has been made: rounds of the suites in
 * test/invariant and test/property, each with a seed of its own. What is done is kept, so that a run can be broken off and
 * taken up again.
 */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { SingleBar } from "cli-progress";
import { z } from "zod";
import { command, parseCount } from "./commandLine.ts";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { addCalls, callTable, forgetCalls, nothing } from "./verification/calls.js";

const USAGE = `Usage: npm run test:deep -- [options]

Random sequences and random books, in rounds with a seed each, until so many calls of handlers have been made. What is
done is kept: a run that was broken off goes on where it was.

  --calls N      how many calls (default 1000000)
  --seed N       only the round of this seed, which is how a failure is repeated; keeps nothing
  --restart      forgets what was done
  --report FILE  also writes the result there, as Markdown
  --help         shows this

Exit status: 0 if nothing was found, 1 if something was, 2 if the command is wrong.`;

const STATE = fileURLToPath(new URL("../cache/deep.json", import.meta.url));
const FOLDERS = ["test/invariant", "test/property"];
/** Runs of a suite in a round, and calls in a run: fifteen rounds are a million calls. */
const ROUND = { runs: 66, depth: 256, fuzzRuns: 32 };

const State = z.object({
  seeds: z.array(z.number()),
  seconds: z.number(),
  tests: z.number(),
  counts: z.object({
    handlerCalls: z.number(),
    actions: z.record(z.string(), z.object({ calls: z.number(), done: z.number() })),
    seen: z.record(z.string(), z.number()),
    lost: z.number().default(0),
  }),
});
type State = z.infer<typeof State>;

const Summary = z.object({
  success: z.boolean(),
  value: z.object({ summary: z.object({ passed: z.number() }) }).optional(),
  error: z.object({ summary: z.object({ failureOutput: z.string().optional() }) }).optional(),
});

let hre: HardhatRuntimeEnvironment;
let files: string[];

await command(
  USAGE,
  {
    options: {
      calls: { type: "string", default: "1000000" },
      seed: { type: "string" },
      restart: { type: "boolean", default: false },
      report: { type: "string" },
    },
  },
  async ({ values }) => {
    const calls = parseCount("--calls", values.calls);
    const seed = values.seed === undefined ? undefined : parseCount("--seed", values.seed);
    if (values.restart) await rm(STATE, { force: true });
    // Not before the question is understood.
    process.env["HARDHAT_NETWORK"] = "default";
    ({ default: hre } = await import("hardhat"));
    await hre.tasks.getTask("build").run({});
    files = await suites();
    if (seed === undefined) {
      process.exitCode = await untilEnough(calls, values.report);
      return;
    }
    const { failure } = await round(seed);
    console.log(failure ?? `seed ${seed}: nothing found`);
    process.exitCode = failure === undefined ? 0 : 1;
  },
);

async function untilEnough(wanted: number, file: string | undefined): Promise<number> {
  const state = await known();
  const bar = new SingleBar({
    format: "{bar} {value} of {total} calls of handlers, seed {seed}, {eta_formatted} to go",
    etaBuffer: 3,
  });
  bar.start(wanted, Math.min(state.counts.handlerCalls, wanted), { seed: state.seeds.length + 1 });
  let failure: string | undefined;
  while (state.counts.handlerCalls < wanted && failure === undefined) {
    const seed = state.seeds.length + 1;
    bar.update(Math.min(state.counts.handlerCalls, wanted), { seed });
    const began = Date.now();
    const found = await round(seed);
    failure = found.failure;
    if (failure !== undefined) break;
    state.seeds.push(seed);
    state.tests = found.passed;
    state.seconds += (Date.now() - began) / 1000;
    await addCalls(state.counts);
    await writeFile(STATE, JSON.stringify(state));
  }
  bar.update(Math.min(state.counts.handlerCalls, wanted));
  bar.stop();
  const text = report(state);
  console.log(text);
  if (file !== undefined) await writeFile(file, text);
  if (failure === undefined) return 0;
  const seed = state.seeds.length + 1;
  console.error(`${failure}\nfound with seed ${seed}: npm run test:deep -- --seed ${seed}`);
  return 1;
}

/** All suites once, with one seed for everything that is random. */
async function round(seed: number): Promise<{ passed: number; failure: string | undefined }> {
  const profile = hre.config.test.solidity.profiles["default"];
  if (profile === undefined) throw new Error("no Solidity test profile");
  profile.fuzz = { ...profile.fuzz, runs: ROUND.fuzzRuns, seed: `0x${seed.toString(16).padStart(64, "0")}` };
  profile.invariant = { ...profile.invariant, runs: ROUND.runs, depth: ROUND.depth };
  await forgetCalls();
  const task = hre.tasks.getTask(["test", "solidity"]);
  const found = Summary.parse(
    await quietly(() => task.run({ noCompile: true, testFiles: files, testSummaryIndex: 1 })),
  );
  const passed = found.value?.summary.passed ?? 0;
  if (found.success && passed > 0) return { passed, failure: undefined };
  return { passed, failure: found.error?.summary.failureOutput ?? "no test ran" };
}

/** The runner prints each test that passes; here the bar is enough. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const write = process.stdout.write.bind(process.stdout);
  // Whoever writes is told that it is done, or would wait forever.
  process.stdout.write = (_: unknown, encoding?: unknown, done?: () => void) => {
    (typeof encoding === "function" ? (encoding as () => void) : done)?.();
    return true;
  };
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

async function suites(): Promise<string[]> {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const found: string[] = [];
  for (const folder of FOLDERS) {
    // Handlers as well: the engine finds what a test has deployed among the files that it is given.
    for (const file of await readdir(`${root}${folder}`, { recursive: true })) {
      if (file.endsWith(".sol")) found.push(`${root}${folder}/${file}`);
    }
  }
  return found;
}

async function known(): Promise<State> {
  const text = await readFile(STATE, "utf8").catch(() => undefined);
  if (text !== undefined) return State.parse(JSON.parse(text));
  return { seeds: [], seconds: 0, tests: 0, counts: nothing() };
}

function report({ seeds, seconds, tests, counts }: State): string {
  const minutes = (seconds / 60).toFixed(1);
  return [
    "",
    `${counts.handlerCalls.toLocaleString("en")} calls of handlers in ${seeds.length} rounds of ${tests} tests (seeds 1 to ${seeds.length}),`,
    `${ROUND.runs} runs of ${ROUND.depth} calls and ${ROUND.fuzzRuns} random books a test; ${minutes} minutes on ${cpus().length} processors`,
    "",
    callTable(counts),
    "",
  ].join("\n");
}

/** Runs every test, Solidity and TypeScript, and closes with one line that counts both. */
import { globSync } from "node:fs";
import { z } from "zod";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { command } from "./commandLine.ts";
import { addCalls, callTable, forgetCalls, nothing } from "./verification/calls.js";

const USAGE = `Usage: npm run test:only -- [options]

Runs every test, Solidity and TypeScript, and closes with one line that counts both.

  --grep TEXT  those whose name contains TEXT
  --help       shows this`;

const Result = z.object({
  summary: z.object({
    passed: z.number(),
    failed: z.number(),
    skipped: z.number(),
    failureOutput: z.string().optional(),
  }),
});
const Outcome = z.discriminatedUnion("success", [
  z.object({ success: z.literal(true), value: Result }),
  z.object({ success: z.literal(false), error: Result }),
]);

/** What mocha runs. It can be called once only, so that of the packages is in the same call. */
const TYPESCRIPT = ["test/system/**/*.ts", "packages/*/test/**/*.test.ts"];

async function run(hre: HardhatRuntimeEnvironment, runner: string, options: Record<string, unknown>) {
  const found: unknown = await hre.tasks.getTask(["test", runner]).run({ noCompile: true, ...options });
  const outcome = Outcome.parse(found);
  return { ok: outcome.success, ...(outcome.success ? outcome.value : outcome.error).summary };
}

async function test(grep: string | undefined): Promise<void> {
  const named = grep === undefined ? {} : { grep };
  // The Solidity runner takes its hardfork from the network that is named, and the newest one if none is.
  process.env["HARDHAT_NETWORK"] = "default";
  const { default: hre } = await import("hardhat");
  await hre.tasks.getTask("build").run({});
  await forgetCalls();
  // An index above zero makes the Solidity runner hand its counts and its failures back, instead of printing them.
  const solidity = await run(hre, "solidity", { ...named, testSummaryIndex: 1 });
  const mocha = await run(hre, "mocha", { ...named, testFiles: globSync(TYPESCRIPT).sort() });

  const counts = await addCalls(nothing());
  if (counts.handlerCalls > 0) console.log(`\nInvariants: what random sequences called\n${callTable(counts)}\n`);

  const passed = solidity.passed + mocha.passed;
  const failed = solidity.failed + mocha.failed;
  const skipped = solidity.skipped + mocha.skipped;

  if (solidity.failureOutput) console.log(`Failures in Solidity:\n${solidity.failureOutput}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (!solidity.ok || !mocha.ok || failed > 0 || passed === 0) process.exitCode = 1;
}

await command(USAGE, { options: { grep: { type: "string" } } }, ({ values }) => test(values.grep));

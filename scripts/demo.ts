/**
 * The clearing house in a crash, from deployment to balance sheet. See `npm start -- --help`.
 *
 * Exit status: 0 if every property held at every step, 1 if one failed, 2 if the command or a file is wrong.
 */
import { writeFileSync } from "node:fs";
import { pathFromFiles } from "./simulation/candles.ts";
import { attempt, requireWritable } from "./commandLine.ts";
import { october2025 } from "./demo/october2025.ts";
import { parseOptions, USAGE, type Options } from "./demo/options.ts";
import { asJson, page } from "./demo/page.ts";
import { terminalProgress } from "./simulation/progress.ts";

async function main(options: Options): Promise<void> {
  const path = options.prices.length === 0 ? october2025(options.every) : pathFromFiles(options.prices);
  if (options.json !== undefined) requireWritable(options.json);
  // Hardhat takes a second to load: not before the question is understood.
  const { holds, run } = await import("./simulation/run.ts");
  const progress = terminalProgress();
  const result = await run({ ...options, path }, progress).finally(() => {
    progress.end();
  });
  console.log(page(result));
  if (options.json !== undefined) writeFileSync(options.json, asJson(result));
  process.exitCode = holds(result) ? 0 : 1;
}

await attempt(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await main(options);
});

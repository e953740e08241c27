/**
 * A scenario, walked: who would have paid what. See `npm run stress -- --help`.
 *
 * Exit status: 0 if nobody was left below zero and, where the contracts were asked, they came to the same as the model; 1 if
 * not; 2 if the command or a file is wrong.
 */
import { command } from "./commandLine.ts";
import { terminalProgress } from "./simulation/progress.ts";
import { CONFIG, type Options, optionsFrom, USAGE } from "./stress/options.ts";

async function stress(options: Options): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => {
    stop.abort();
  });
  // Hardhat takes a second to load: not before the question is understood.
  const { stressed } = await import("./stress/lab.ts");
  const { summary } = await import("./stress/report/text.ts");
  const { writeReport } = await import("./stress/report/write.ts");
  const progress = terminalProgress();
  const say = (text: string) => {
    progress.end();
    console.log(text);
  };
  const result = await stressed(options, progress, stop.signal, say).finally(() => {
    progress.end();
  });
  const written = writeReport(result, options.out);
  console.log(summary(result));
  console.log(`\n  Report: ${written[0]}, and the same beside it as JSON and CSV`);
  process.exitCode = result.belowZero === 0 ? 0 : 1;
}

await command(USAGE, CONFIG, (given) => stress(optionsFrom(given)));

/** Random commands on the reference model and on the contracts, side by side, for as long as one likes. */
import { command, parseCount } from "./commandLine.ts";
import { terminalProgress } from "./simulation/progress.ts";

const USAGE = `Usage: npm run test:model -- [options]

Random commands on the reference model and on the contracts, side by side; everything is compared after each.

  --runs N       how many sequences (default 100)
  --seed S       others (default 1)
  --seconds N    breaks the search, or the shrinking of what it has found, off after so long (default 3600)
  --path TEXT    as a failure has printed it, to see it again
  --replay TEXT  the same
  --help         shows this

Exit status: 0 if model and contracts agree, 1 if not, 2 if the command is wrong.`;

const HIGHEST_SEED = 2 ** 31 - 1;

await command(
  USAGE,
  {
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      seconds: { type: "string", default: "3600" },
      path: { type: "string" },
      replay: { type: "string" },
    },
  },
  async ({ values: { path, replay, ...values } }) => {
    const runs = parseCount("--runs", values.runs, 1, 1_000_000);
    const seed = parseCount("--seed", values.seed, -HIGHEST_SEED - 1, HIGHEST_SEED);
    const seconds = parseCount("--seconds", values.seconds, 1, 1_000_000);
    process.env["HARDHAT_NETWORK"] = "default";
    const { compare } = await import("../test/model/agreement.ts");
    const progress = terminalProgress();
    progress.stage("runs", runs);
    const onRun = () => {
      progress.advance();
    };
    const { tally, failure } = await compare({ runs, seed, seconds, path, replay, onRun });
    progress.end();
    for (const [what, times] of [...tally].sort()) console.log(`${String(times).padStart(8)}  ${what}`);
    console.log(`${tally.get("commands") ?? 0} commands in ${runs} runs of seed ${seed}`);
    if (failure === undefined) return;
    console.error(failure);
    process.exitCode = 1;
  },
);

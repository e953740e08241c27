/** Random accounts in the SDK and in the contracts, side by side, as many as one likes. */
import { command, parseCount } from "../../../scripts/commandLine.ts";
import { terminalProgress } from "../../../scripts/simulation/progress.ts";

const USAGE = `Usage: node --import tsx packages/sdk/test/fuzz.ts [options]

Random states of a clearing house, written into its storage; what the SDK says of them is compared with the contracts.

  --accounts N   how many accounts at least (default 100000)
  --seed S       others (default 1)
  --help         shows this

Exit status: 0 if every figure is equal to the wei, 1 if not, 2 if the command is wrong.`;

/** Where nobody sees a bar, a line after so many accounts. */
const EVERY = 1_000;

await command(
  USAGE,
  { options: { accounts: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } } },
  async ({ values }) => {
    const accounts = parseCount("--accounts", values.accounts);
    const seed = BigInt(parseCount("--seed", values.seed));
    const { run } = await import("./differential/run.ts");
    const progress = terminalProgress();
    progress.stage("accounts", accounts);
    const begun = performance.now();
    const seconds = () => ((performance.now() - begun) / 1000).toFixed(0);
    let done = 0;
    const onState = (had: number) => {
      for (let i = 0; i < had; ++i) progress.advance();
      done += had;
      if (!process.stderr.isTTY && done % EVERY === 0) console.log(`${done} accounts, ${seconds()} s`);
    };
    const tally = await run({ accounts, seed, onState });
    progress.end();
    for (const [what, times] of [...tally].sort()) console.log(`${String(times).padStart(9)}  ${what}`);
    console.log(`equal to the wei, in ${seconds()} s`);
  },
);

/**
 * Gives every role of the deployer away, for good. See `npm run handover -- --help`.
 *
 * Exit status: 0 if everything is handed over and checked, 1 if the check found a difference, 2 if something must be put right first.
 */
import { command } from "./commandLine.ts";
import { choose, handoverOf, OPTIONS, OPTIONS_USAGE } from "./deployment/options.ts";

const USAGE = `Usage: npm run handover -- --network NAME [options]

Gives RISK, GUARDIAN and the admin's role to whom the parameter file names, with its delays, and takes the deployer's own:
one transaction, which cannot be taken back. Then checks everything.

${OPTIONS_USAGE}
  --help             shows this`;

await command(USAGE, { options: OPTIONS }, async ({ values }) => {
  const chosen = choose(values);
  handoverOf(chosen);
  const { handOver } = await import("./deployment/steps.ts");
  await handOver(chosen);
});

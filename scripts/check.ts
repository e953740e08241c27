/**
 * Whether a chain holds what a parameter file says. See `npm run check -- --help`.
 *
 * Exit status: 0 if so, 1 if anything differs, 2 if the command or a file is wrong.
 */
import { command } from "./commandLine.ts";
import { deploymentPath } from "./deployment/contracts.ts";
import { choose, handoverOf, OPTIONS, OPTIONS_USAGE } from "./deployment/options.ts";

const USAGE = `Usage: npm run check -- --network NAME [options]

Compares a deployment with this checkout and its parameter file, from the chain alone: the code of every contract to the last
byte, who holds which role and after which delay, which function needs which role, and every parameter. Needs no key.

${OPTIONS_USAGE}
  --addresses FILE   where the contracts are (deployment.json of that folder)
  --before-handover  the deployer still holds its roles, and nobody else does
  --help             shows this`;

const options = {
  ...OPTIONS,
  addresses: { type: "string" },
  "before-handover": { type: "boolean", default: false },
} as const;

await command(USAGE, { options }, async ({ values }) => {
  const chosen = choose(values);
  const before = values["before-handover"];
  if (!before) handoverOf(chosen);
  const { checkChain } = await import("./deployment/steps.ts");
  await checkChain(chosen, values.addresses ?? deploymentPath(chosen.id), before);
});

/**
 * Brings a chain to what a parameter file says. See `npm run deploy -- --help`.
 *
 * Exit status: 0 if everything is there and checked, 1 if the check found a difference, 2 if something must be put right first.
 */
import { command } from "./commandLine.ts";
import { OPTIONS, OPTIONS_USAGE, choose } from "./deployment/options.ts";

const USAGE = `Usage: npm run deploy -- --network NAME [options]

Brings a chain to what its parameter file says: contracts, roles, markets. Looks at everything first and sends nothing if
something is wrong. Started again, it goes on where it was broken off, and adds markets that the file has got since.

${OPTIONS_USAGE}
  --help             shows this

The key is DEPLOYER_KEY, the node's address SEPOLIA_RPC_URL and so on: npx hardhat keystore set NAME, or in the environment.`;

await command(USAGE, { options: OPTIONS }, async ({ values }) => {
  const chosen = choose(values);
  // Hardhat takes a second to load: not before the question is understood.
  const { deployTo } = await import("./deployment/steps.ts");
  await deployTo(chosen);
});

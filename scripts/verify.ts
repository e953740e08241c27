/**
 * Publishes the sources of a deployment. See `npm run verify -- --help`.
 *
 * Exit status: 0 if all are published, 1 if an explorer refused one, 2 if the command or a file is wrong.
 */
import { command } from "./commandLine.ts";
import { choose, OPTIONS, OPTIONS_USAGE } from "./deployment/options.ts";

const USAGE = `Usage: npm run verify -- --network NAME [options]

Publishes the source of every contract of a deployment on the chain's explorer. The key to it is ETHERSCAN_API_KEY.

${OPTIONS_USAGE}
  --help             shows this`;

await command(USAGE, { options: OPTIONS }, async ({ values }) => {
  const chosen = choose(values);
  // What Hardhat's verifier connects to.
  process.env["HARDHAT_NETWORK"] = chosen.network;
  const { verify } = await import("./deployment/verify.ts");
  await verify(chosen);
});

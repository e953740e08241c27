import { fileURLToPath } from "node:url";
import hardhatToolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";
import { type HardhatPlugin } from "hardhat/types/plugins";

const compiler = {
  version: "0.8.37",
  // The pinned npm package: building downloads nothing.
  path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
  // `default` and `production` must agree in everything that Hardhat hashes (down to the order of the settings:
  // optimizer first), or going from one to the other compiles everything again.
  isolated: false,
  preferWasm: false,
  toolVersionsInBuildInfo: true,
};

const settings = {
  optimizer: {
    enabled: true,
    runs: 200,
    // The compiler's own sequence without FunctionSpecializer (F), and inlining (vg) once more early on: 7 % less code for
    // the clearing house, for half a percent more gas in a fill.
    details: {
      yulDetails: {
        optimizerSteps:
          "dhfoDgvulfnTUtnIf[xa[r]EscLMVcul [j]Trpeulvgu xa[r]cL gvifCTUca[r]LSsTOtfDnca[r]Iulc]jmul[jul] VcTOcul jmul:fDnTOcmu",
      },
    },
  },
  evmVersion: "cancun",
};

/** What is deployed, tested and measured. */
const shipped = { ...compiler, settings: { ...settings, viaIR: true } };

/** Holds back the compiler's warnings about files of other people; ours are still shown. */
const onlyOurWarnings: HardhatPlugin = {
  id: "zerofloor:only-our-warnings",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            getCompilationJobErrors: async (context, job, output, next) => {
              const errors = await next(context, job, output);
              return errors.filter(
                ({ severity, formattedMessage }) =>
                  severity === "error" || formattedMessage?.includes("--> ./node_modules/") !== true,
              );
            },
          }),
      }),
  },
};

export default defineConfig({
  plugins: [hardhatToolbox, onlyOurWarnings],
  solidity: {
    // Deployed as it comes.
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    profiles: {
      default: shipped, // hardhat build, test, run
      production: shipped, // hardhat ignition deploy
    },
  },
  networks: {
    // Name it on the command line (`--network default`): without it, Solidity tests run on the newest hardfork.
    default: { type: "edr-simulated", chainType: "l1", hardfork: "cancun" },
  },
  paths: {
    sources: ["contracts", "test/mocks"],
    tests: { solidity: "test", mocha: "test/system" },
    ignition: "deploy",
  },
  typechain: { outDir: "typechain" },
  coverage: { skipFiles: ["test/**"] },
  test: {
    // The runner counts a pending test as passed, so there must be none.
    mocha: { timeout: 120_000, forbidPending: true, forbidOnly: process.env["CI"] !== undefined },
    solidity: {
      // Each call of a test is a transaction of its own, as on a chain: transient storage ends with it.
      isolate: true,
      fuzz: { runs: 256 },
      invariant: { runs: 32, depth: 64, failOnRevert: true },
    },
  },
});

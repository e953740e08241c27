import { readdirSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import hardhatToolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";
import type { HttpNetworkUserConfig } from "hardhat/types/config";
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

/**
 * The tests themselves, which take most of the time: without the optimizer it is a quarter of it. They get what they test
 * out of the artifacts (`vm.getCode`), so that is still what is shipped; libraries alone they have inside them.
 */
const tests = { ...shipped, settings: { ...shipped.settings, optimizer: { enabled: false } } };

const testFiles = readdirSync(fileURLToPath(new URL("test", import.meta.url)), { recursive: true, encoding: "utf8" })
  .map((file) => `test/${file.replaceAll(sep, "/")}`)
  // Mocks are contracts that a test deploys, and one of them has a part of what is shipped inside it.
  .filter((file) => file.endsWith(".sol") && !file.startsWith("test/mocks/"));

/** Random sequences run for so long that optimising them pays, twice over. A compilation of their own. */
const compilerOf = (file: string) => (file.startsWith("test/invariant/") ? { ...shipped } : tests);

const profile = {
  compilers: [shipped],
  overrides: Object.fromEntries(testFiles.map((file) => [file, compilerOf(file)])),
  isolated: shipped.isolated,
  preferWasm: shipped.preferWasm,
  toolVersionsInBuildInfo: shipped.toolVersionsInBuildInfo,
};

/** Contracts and tests are compiled side by side. Without this every test would be a compilation of its own, one by one. */
const fewCompilations: HardhatPlugin = {
  id: "zerofloor:few-compilations",
  hookHandlers: {
    config: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            resolveUserConfig: async (userConfig, variables, next) => {
              const config = await next(userConfig, variables);
              // Hardhat compiles files together whose compiler is the same object.
              for (const { overrides } of Object.values(config.solidity.profiles)) {
                const known = new Map<string, (typeof overrides)[string]>();
                for (const [file, one] of Object.entries(overrides)) {
                  // Unit tests apart from the others: all of them together are more than the compiler has memory for.
                  const settings = JSON.stringify([file.startsWith("test/unit/"), one]);
                  overrides[file] = known.get(settings) ?? one;
                  known.set(settings, overrides[file]);
                }
              }
              return config;
            },
          }),
      }),
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            build: (context, roots, options, next) => next(context, roots, { ...options, concurrency: 2 }),
          }),
      }),
  },
};

/** Whether coverage is measured: what is instrumented for that must not be taken for what is shipped, nor the other way. */
const measuring = process.env["HARDHAT_COVERAGE"] === "true" || process.argv.includes("--coverage");

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

/**
 * Tests take any number for what they need. What an engine collects from state and bytecode comes in no certain order, and
 * with it a seed would not repeat what it has drawn.
 */
const fromTheSeedAlone = { dictionaryWeight: 0, includeStorage: false, includePushBytes: false };

/** A public chain: where it is reached, and whose key signs, come from the keystore or from the environment. */
const publicChain = (name: string, chainType: "l1" | "generic"): HttpNetworkUserConfig => ({
  type: "http",
  chainType,
  url: configVariable(`${name}_RPC_URL`),
  accounts: [configVariable("DEPLOYER_KEY")],
});

export default defineConfig({
  plugins: [hardhatToolbox, onlyOurWarnings, fewCompilations],
  solidity: {
    // The first is deployed as it comes; the others stand in for what a chain has.
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@chainlink/contracts/src/v0.8/l2ep/dev/Flags.sol",
      "@chainlink/contracts/src/v0.8/l2ep/dev/arbitrum/ArbitrumSequencerUptimeFeed.sol",
      "@chainlink/contracts/src/v0.8/shared/access/SimpleWriteAccessController.sol",
      "@pythnetwork/pyth-sdk-solidity/MockPyth.sol",
    ],
    profiles: {
      default: profile, // hardhat build, test, run
      production: profile, // hardhat ignition deploy
    },
  },
  networks: {
    // Name it on the command line (`--network default`): without it, Solidity tests run on the newest hardfork.
    default: { type: "edr-simulated", chainType: "l1", hardfork: "cancun" },
    // A node on this machine, with its own keys.
    local: { type: "http", url: "http://127.0.0.1:8545" },
    sepolia: publicChain("SEPOLIA", "l1"),
    "base-sepolia": publicChain("BASE_SEPOLIA", "generic"),
    "arbitrum-sepolia": publicChain("ARBITRUM_SEPOLIA", "generic"),
  },
  verify: { etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") } },
  paths: {
    ...(measuring ? { artifacts: "coverage/artifacts", cache: "coverage/cache" } : {}),
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
      // What invariant runs called, for the table at the end.
      fsPermissions: { writeFile: [fileURLToPath(new URL("cache/invariant-calls.tsv", import.meta.url))] },
      // Hardhat's seed is the same every time: what fails has been broken by the change. `npm run test:deep` takes others.
      fuzz: { runs: 256, ...fromTheSeedAlone },
      invariant: { runs: 32, depth: 64, failOnRevert: true, ...fromTheSeedAlone },
    },
  },
});

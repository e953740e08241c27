/** Solidity tests in Hardhat's engine, without Hardhat around it: artifacts in memory in, the first failing test out. */
import { stripVTControlCharacters } from "node:util";
import {
  type Artifact,
  EdrContext,
  L1_CHAIN_TYPE,
  type SolidityTestRunnerConfigArgs,
  type SuiteResult,
  TestStatus,
  l1SolidityTestRunnerFactory,
} from "@nomicfoundation/edr";
import { ROOT } from "./compiler.ts";

const FUZZ_RUNS = 32;
const FUZZ_SEED = "0x7727ea51af0441c20da14dcd68a15dac8c9ebd589c5be8fa8c87c1d3720450bc";

/** A mutant may loop for ever. The thirstiest test needs a tenth of it. */
const GAS_LIMIT = 1n << 33n;

export interface Failure {
  readonly test: string;
  readonly reason: string;
}

export class Engine {
  readonly #context: EdrContext;

  private constructor(context: EdrContext) {
    this.#context = context;
  }

  static async start(): Promise<Engine> {
    const context = new EdrContext();
    await context.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());
    return new Engine(context);
  }

  /**
   * @param unfit Names of tests that are not run.
   * @return The first test of the suite that fails.
   */
  async firstFailure(artifacts: Artifact[], suite: Artifact, unfit: readonly string[]): Promise<Failure | undefined> {
    const config: SolidityTestRunnerConfigArgs = {
      projectRoot: ROOT,
      hardfork: "cancun",
      isolate: true,
      gasLimit: GAS_LIMIT,
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      fuzz: { runs: FUZZ_RUNS, seed: FUZZ_SEED },
      ...(unfit.length > 0 ? { excludeTestPattern: `\\b(${unfit.join("|")})\\b` } : {}),
    };
    const { testResults } = await new Promise<SuiteResult>((resolve, reject) => {
      this.#context
        .runSolidityTests(L1_CHAIN_TYPE, artifacts, [suite.id], config, {}, resolve)
        .catch((cause: unknown) => {
          reject(new Error(`${suite.id.source}: the tests did not run`, { cause }));
        });
    });
    if (testResults.length === 0 && unfit.length === 0) throw new Error(`${suite.id.source}: no test was run`);
    const failed = testResults.find(({ status }) => status === TestStatus.Failure);
    return failed && { test: failed.name.replace(/\(.*/, ""), reason: stripVTControlCharacters(failed.reason ?? "") };
  }
}

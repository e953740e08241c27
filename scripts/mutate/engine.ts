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

/** A mutant may loop for ever. No fast test needs a half of it. */
const GAS_LIMIT = 1n << 28n;

/** Why a test fails, by its name; and what it used. */
export interface Outcome {
  readonly test: string;
  readonly failure: string | undefined;
  readonly gas: bigint;
}

/** Which tests of a suite are run. */
export interface Filter {
  readonly only?: readonly string[];
  readonly without?: readonly string[];
}

function pattern(names: readonly string[]): string {
  return `\\b(${names.join("|")})\\b`;
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

  async run(artifacts: Artifact[], suite: Artifact, { only = [], without = [] }: Filter): Promise<Outcome[]> {
    const config: SolidityTestRunnerConfigArgs = {
      projectRoot: ROOT,
      hardfork: "cancun",
      isolate: true,
      gasLimit: GAS_LIMIT,
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      fuzz: { runs: FUZZ_RUNS, seed: FUZZ_SEED },
      ...(only.length > 0 ? { testPattern: pattern(only) } : {}),
      ...(without.length > 0 ? { excludeTestPattern: pattern(without) } : {}),
    };
    const { testResults } = await new Promise<SuiteResult>((resolve, reject) => {
      this.#context
        .runSolidityTests(L1_CHAIN_TYPE, artifacts, [suite.id], config, {}, resolve)
        .catch((cause: unknown) => {
          reject(new Error(`${suite.id.source}: the tests did not run`, { cause }));
        });
    });
    return testResults.map(({ name, status, reason, kind }) => ({
      test: name.replace(/\(.*/, ""),
      failure: status === TestStatus.Failure ? stripVTControlCharacters(reason ?? "") : undefined,
      gas: "consumedGas" in kind ? kind.consumedGas : "meanGas" in kind ? kind.meanGas : 0n,
    }));
  }
}

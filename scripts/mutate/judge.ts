/** A worker: takes mutants of one file at a time and says what became of each. Ends with its parent. */
import { type Artifact } from "@nomicfoundation/edr";
import { CANONICAL, type Compiled, type Sources, build, check, closure } from "./compiler.ts";
import { Engine, type Filter } from "./engine.ts";
import { type Mutable, type Mutant, mutantsOf } from "./mutants.ts";
import { OUT_OF_MEMORY, type Report, type Verdict, type Work } from "./protocol.ts";
import { choose, embed, embeds, typed } from "./schema.ts";
import { type Built, type Stage, type Suite, stagesOf } from "./suites.ts";

/** The engine traces a test that fails step by step, in memory: of one that needs more gas than this, gigabytes. */
const HEAVY = 20_000_000n;
/** So does a mutant that loops for ever. */
const MOST_MEMORY = 3 * 2 ** 30;

function tell(report: Report): void {
  process.send?.(report);
}

async function artifacts(): Promise<Built[]> {
  const { default: hre } = await import("hardhat");
  const names = [...(await hre.artifacts.getAllFullyQualifiedNames())];
  return Promise.all(
    names.map(async (name) => {
      const { abi, bytecode, contractName, deployedBytecode, deployedLinkReferences, linkReferences, ...found } =
        await hre.artifacts.readArtifact(name);
      const source = found.inputSourceName ?? found.sourceName;
      return {
        file: found.sourceName,
        artifact: {
          id: { name: contractName, source, solcVersion: "0.8.37" },
          contract: { abi: JSON.stringify(abi), bytecode, deployedBytecode, deployedLinkReferences, linkReferences },
        },
      };
    }),
  );
}

interface Inspected {
  /** Tests in all. */
  readonly count: number;
  /** Names of those that fail without a mutant, because what is not optimised needs more gas than they allow. */
  readonly unfit: readonly string[];
  /** Names of those that are asked last. */
  readonly heavy: readonly string[];
}

const NOT_INSPECTED: Inspected = { count: Infinity, unfit: [], heavy: [] };

class Judge {
  readonly #engine: Engine;
  readonly #built: readonly Built[];
  /** How many mutants each test file has killed: who killed last is asked first. */
  readonly #kills = new Map<string, number>();
  /** What a run without a mutant has shown of each suite. */
  readonly #tests = new Map<Suite, Inspected>();

  constructor(engine: Engine, built: readonly Built[]) {
    this.#engine = engine;
    this.#built = built;
  }

  async judge({ file, mutants: chosen, compare }: Work): Promise<void> {
    const mutable = await mutantsOf(file);
    const numbers = new Map(mutable.mutants.map((mutant, i) => [mutant, i]));
    const wanted = new Set(chosen);
    const mutants = mutable.mutants.filter((_, i) => wanted.has(i));
    const say = (mutant: Mutant, verdict: Verdict, by = "") => {
      tell({ type: "judged", mutant: numbers.get(mutant) ?? -1, verdict, by });
    };
    const begin = (mutant?: Mutant) => {
      const number = mutant && numbers.get(mutant);
      tell(number === undefined ? { type: "begun" } : { type: "begun", mutant: number });
    };

    const stages = stagesOf(file, this.#built);
    const together = mutants.filter((mutant) => embeds(mutable, mutant));
    let pending = await this.#valid(mutable, together, say);
    for (const stage of stages) pending = await this.#run(stage, mutable, pending, say, begin);

    for (const mutant of mutants) {
      if (embeds(mutable, mutant)) continue;
      begin();
      const sources = { ...closure(file), [file]: typed(mutable, mutant) };
      if ((await check(sources)).errors.length > 0) say(mutant, "invalid");
      else {
        let left = [mutant];
        for (const stage of stages)
          if (left.length > 0) left = await this.#runTyped(stage, mutable, mutant, say, begin);
        pending.push(...left);
      }
    }
    if (compare) await this.#tellSurvivors(stages, mutable, pending, say, begin);
    else for (const mutant of pending) say(mutant, "survived");
  }

  /** Leaves out what the compiler refuses: it says where, and that is in the text of a mutant. */
  async #valid(mutable: Mutable, mutants: readonly Mutant[], say: (m: Mutant, v: Verdict) => void): Promise<Mutant[]> {
    const { file } = mutable;
    let valid = [...mutants];
    while (valid.length > 0) {
      const { source, ranges } = embed(mutable, valid);
      const { errors } = await check({ ...closure(file), [file]: source });
      if (errors.length === 0) break;
      const refused = new Set(
        ranges
          .filter(({ start, end }) => errors.some((e) => e.file === file && start <= e.start && e.end <= end))
          .map(({ mutant }) => mutant),
      );
      if (refused.size === 0) throw new Error(`${file}: ${errors[0]?.message ?? ""}`);
      for (const mutant of refused) say(mutant, "invalid");
      valid = valid.filter((mutant) => !refused.has(mutant));
    }
    return valid;
  }

  async #run(
    stage: Stage,
    mutable: Mutable,
    mutants: Mutant[],
    say: (m: Mutant, v: Verdict, by?: string) => void,
    begin: (m?: Mutant) => void,
  ): Promise<Mutant[]> {
    if (mutants.length === 0) return [];
    begin();
    const { source } = embed(mutable, mutants);
    const compiled = await this.#compile(stage, { [mutable.file]: source });
    const plain = this.#deploy(compiled, 0);
    for (const suite of stage.suites) await this.#inspect(plain, suite);
    const left: Mutant[] = [];
    for (const [i, mutant] of mutants.entries()) {
      begin(mutant);
      const by = await this.#killer(stage, this.#deploy(compiled, i + 1));
      if (by === undefined) left.push(mutant);
      else say(mutant, "killed", by);
    }
    return left;
  }

  /** Runs a suite without a mutant, to know what can be asked of it. */
  async #inspect(plain: Artifact[], suite: Suite): Promise<void> {
    const outcomes = await this.#engine.run(plain, this.#in(plain, suite), {});
    if (outcomes.length === 0) throw new Error(`${suite.file}: no test was run`);
    const unfit = outcomes.filter(({ failure }) => failure !== undefined);
    for (const { test, failure = "" } of unfit) tell({ type: "unfit", test: `${suite.file} ${test}`, reason: failure });
    this.#tests.set(suite, {
      count: outcomes.length,
      unfit: unfit.map(({ test }) => test),
      heavy: outcomes.filter(({ failure, gas }) => failure === undefined && gas > HEAVY).map(({ test }) => test),
    });
  }

  async #runTyped(
    stage: Stage,
    mutable: Mutable,
    mutant: Mutant,
    say: (m: Mutant, v: Verdict, by?: string) => void,
    begin: (m?: Mutant) => void,
  ): Promise<Mutant[]> {
    begin();
    const plain = [...this.#built.map(({ artifact }) => artifact)];
    for (const suite of stage.suites) if (!this.#tests.has(suite)) await this.#inspect(plain, suite);
    const compiled = await this.#compile(stage, { [mutable.file]: typed(mutable, mutant) });
    begin(mutant);
    const by = await this.#killer(stage, this.#deploy(compiled, 0));
    if (by === undefined) return [mutant];
    say(mutant, "killed", by);
    return [];
  }

  /** Heavy tests last. */
  async #killer(stage: Stage, deployed: Artifact[]): Promise<string | undefined> {
    const kills = ({ file }: Suite) => this.#kills.get(file) ?? 0;
    const suites = [...stage.suites].sort((a, b) => kills(b) - kills(a));
    const asked = suites.map((suite) => ({ suite, ...(this.#tests.get(suite) ?? NOT_INSPECTED) }));
    // The engine never ends a suite of which no test is left.
    const light = asked
      .map(({ suite, count, unfit, heavy }) => ({ suite, count, filter: { without: [...unfit, ...heavy] } }))
      .filter(({ count, filter }) => filter.without.length < count);
    const heavy = asked.flatMap(({ suite, heavy: only }) => (only.length > 0 ? [{ suite, filter: { only } }] : []));
    const rounds: { suite: Suite; filter: Filter }[] = [...light, ...heavy];
    for (const { suite, filter } of rounds) {
      const outcomes = await this.#engine.run(deployed, this.#in(deployed, suite), filter);
      const failed = outcomes.find(({ failure }) => failure !== undefined);
      if (!failed) continue;
      this.#kills.set(suite.file, kills(suite) + 1);
      return `${suite.file} ${failed.test}: ${failed.failure ?? ""}`;
    }
    return undefined;
  }

  async #compile({ targets }: Stage, changed: Sources, details?: Parameters<typeof build>[2]): Promise<Compiled> {
    const compiled = await build({ ...closure(...targets), ...changed }, targets, details);
    const [error] = compiled.errors;
    if (error) throw new Error(error.message);
    return compiled;
  }

  /** All artifacts, those that were compiled in place of those that were built. */
  #deploy({ contracts }: Compiled, number: number): Artifact[] {
    return this.#built.map(({ file, artifact }) => {
      const found = contracts.get(`${file}:${artifact.id.name}`);
      if (!found) return artifact;
      const [bytecode, deployedBytecode] = [choose(found.creation, number), choose(found.runtime, number)];
      return {
        id: artifact.id,
        contract: { ...artifact.contract, bytecode: `0x${bytecode}`, deployedBytecode: `0x${deployedBytecode}` },
      };
    });
  }

  #in(deployed: readonly Artifact[], { artifact }: Suite): Artifact {
    const found = deployed.find(({ id }) => id.source === artifact.id.source && id.name === artifact.id.name);
    return found ?? artifact;
  }

  /** Optimised, some mutants are what they came from, in every contract that is shipped with the file: they are none. */
  async #tellSurvivors(
    stages: readonly Stage[],
    mutable: Mutable,
    survivors: readonly Mutant[],
    say: (m: Mutant, v: Verdict, by?: string) => void,
    begin: (m?: Mutant) => void,
  ): Promise<void> {
    const { file } = mutable;
    const shipped = [...new Set(stages.flatMap(({ targets }) => targets))].filter((t) => t.startsWith("contracts/"));
    for (const mutant of survivors) {
      let same = shipped.length > 0;
      for (const target of shipped) {
        begin();
        const stage = { targets: [target], suites: [] };
        const original = await this.#original(stage);
        const { contracts } = await this.#compile(stage, { [file]: typed(mutable, mutant) }, CANONICAL);
        same = [...contracts].every(([name, { creation }]) => original.contracts.get(name)?.creation === creation);
        if (!same) break;
      }
      say(mutant, same ? "equivalent" : "survived");
    }
  }

  readonly #originals = new Map<string, Compiled>();

  async #original(stage: Stage): Promise<Compiled> {
    const key = stage.targets.join();
    const found = this.#originals.get(key) ?? (await this.#compile(stage, {}, CANONICAL));
    this.#originals.set(key, found);
    return found;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message + (error.cause === undefined ? "" : `: ${describe(error.cause)}`);
}

const judge = new Judge(await Engine.start(), await artifacts());
process.on("message", (work: Work) => {
  judge.judge(work).then(
    () => {
      tell({ type: "done" });
    },
    (error: unknown) => {
      tell({ type: "failed", message: describe(error) });
    },
  );
});
// The pool reads this status as the verdict of the mutant that is being run, and goes on with another process.
setInterval(() => {
  if (process.memoryUsage.rss() > MOST_MEMORY) process.exit(OUT_OF_MEMORY);
}, 200);
// Without the pool there is nobody to judge for: broken off there, this ends too.
process.on("disconnect", () => process.exit());
tell({ type: "ready" });

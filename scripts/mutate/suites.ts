/**
 * Which tests judge a file, and what must be compiled for them. A test deploys what it tests by artifact, so it is compiled once
 * and only the artifacts change; tests of libraries have them inside and are compiled with the mutants.
 */
import { posix } from "node:path";
import { type Artifact } from "@nomicfoundation/edr";
import { closure } from "./compiler.ts";

export interface Suite {
  /** From the root of the repository. */
  readonly file: string;
  readonly artifact: Artifact;
}

/** What is compiled together, and the tests that can then be run. */
export interface Stage {
  /** Files whose contracts contain the mutants. */
  readonly targets: readonly string[];
  readonly suites: readonly Suite[];
}

export interface Built {
  readonly file: string;
  readonly artifact: Artifact;
}

/** The fast ones: all of them take a second. */
const FOLDERS = ["test/unit/", "test/regression/", "test/scenario/"];

const DEPLOYED = /"(\w+\.sol):(\w+)"/g;

/** Files of the contracts that a test deploys, itself or through what it inherits. */
function deployedBy(test: string, built: readonly Built[]): string[] {
  const wanted = new Set(
    Object.values(closure(test)).flatMap((text) =>
      [...text.matchAll(DEPLOYED)].map(([, file, name]) => `${file}:${name}`),
    ),
  );
  return built
    .filter(({ file, artifact }) => wanted.has(`${posix.basename(file)}:${artifact.id.name}`))
    .map(({ file }) => file);
}

/** contracts/modules/Trading.sol is what test/unit/modules/Trading.t.sol and TradingHealth.t.sol are about. */
function mirrors(test: string, file: string): boolean {
  return test.startsWith(file.replace("contracts/", "test/unit/").replace(/\.sol$/, ""));
}

function isTest({ abi, bytecode }: Artifact["contract"]): boolean {
  return (bytecode ?? "0x") !== "0x" && abi.includes('"name":"test');
}

/** In the order in which they are likely to find something, and cheap stages first. */
export function stagesOf(file: string, built: readonly Built[]): Stage[] {
  const stages = new Map<string, { targets: string[]; suites: Suite[] }>();
  for (const { file: test, artifact } of built) {
    if (!FOLDERS.some((folder) => test.startsWith(folder)) || !isTest(artifact.contract)) continue;
    const deployed = deployedBy(test, built);
    const targets = deployed.length === 0 ? [test] : deployed;
    const affected = [...new Set(targets)].filter((target) => file in closure(target)).sort();
    if (affected.length === 0) continue;
    // Tests of the file itself have a stage for themselves; all others with the same targets are run together.
    const inside = deployed.length === 0;
    const key = inside ? (mirrors(test, file) ? "mirror" : "inside") : affected.join();
    const stage = stages.get(key) ?? { targets: [], suites: [] };
    stage.targets = [...new Set([...stage.targets, ...affected])];
    stage.suites.push({ file: test, artifact });
    stages.set(key, stage);
  }
  const rank = ({ file: test }: Suite) =>
    mirrors(test, file) ? -1 : FOLDERS.findIndex((folder) => test.startsWith(folder));
  for (const { suites } of stages.values()) suites.sort((a, b) => rank(a) - rank(b));
  const cost = ({ targets, suites }: Stage) =>
    (suites.some((suite) => rank(suite) === -1) ? 0 : 1000) +
    (targets.some((t) => t.startsWith("contracts/")) ? 100 : 0) +
    targets.length;
  // What has been judged inside one contract is not judged there again: a later stage is about the others.
  const done = new Set<string>();
  return [...stages.values()]
    .sort((a, b) => cost(a) - cost(b))
    .map(({ targets, suites }) => {
      const fresh = targets.filter((target) => !done.has(target));
      for (const target of targets) done.add(target);
      return { targets: fresh.length > 0 ? fresh : targets, suites };
    });
}

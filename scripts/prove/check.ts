/** Asks the compiler's SMTChecker about the assertions of one file, in a thread: it needs a stack that the main one lacks. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import solc from "solc";
import { z } from "zod";
import { onIntegers } from "./integers.ts";
import { onlyReachable } from "./reachable.ts";

export type Verdict = "safe" | "violated" | "undecided";

/** What the compiler says of one assertion. */
export interface Finding {
  /** Where in the file the assertion begins. */
  start: number;
  verdict: Verdict;
  /** Values that violate it, one a line: `name = value`. */
  counterexample: string[];
}

export type Report = { kind: "query"; verdict: Verdict } | { kind: "done"; findings: Finding[] };

export const Task = z.object({ file: z.string(), source: z.string(), contract: z.string(), effort: z.number() });

/**
 * Ways of asking z3. None is the best for products of unknowns, so they take turns, first with little effort. Effort is z3's
 * own count of steps, about half a million a second, so that an answer does not depend on what else a machine does.
 */
const STRATEGIES = [[], ["smt.arith.solver=2"], ["smt.random_seed=7"], ["smt.random_seed=23", "smt.arith.solver=2"]];
const LITTLE = 1;
/** Of a processor, and not of the clock, because z3 does not count every step. */
const LONGEST_SECONDS = 300;
const LIMITED_Z3 = 'ulimit -t "$0"; exec z3 "$@"';

const VERDICTS: Record<string, Verdict> = { unsat: "safe", sat: "violated" };

function ask(query: string, strategy: string[], effort: number): string {
  try {
    const given = ["-in", "-smt2", `rlimit=${effort * 1_000_000}`, ...strategy];
    return execFileSync("sh", ["-c", LIMITED_Z3, String(LONGEST_SECONDS), ...given], {
      input: query,
      encoding: "utf8",
      maxBuffer: 1 << 30,
      stdio: "pipe",
    });
  } catch (error) {
    // z3 exits with 1 where it was asked for the values of something that cannot be, and says nothing where time is over.
    return z.object({ stdout: z.string() }).parse(error).stdout;
  }
}

function solve(query: string, effort: number): { answer: string; verdict: Verdict } {
  const forms = onIntegers(query);
  for (const limit of new Set([LITTLE, effort])) {
    for (const strategy of STRATEGIES) {
      for (const text of forms) {
        const answer = ask(text, strategy, limit);
        const verdict = VERDICTS[answer.slice(0, answer.indexOf("\n"))];
        if (verdict) return { answer, verdict };
      }
    }
  }
  return { answer: "unknown\n", verdict: "undecided" };
}

const Output = z.object({
  errors: z
    .array(
      z.object({
        severity: z.string(),
        errorCode: z.string().optional(),
        message: z.string(),
        formattedMessage: z.string(),
        sourceLocation: z.object({ file: z.string(), start: z.number() }).optional(),
      }),
    )
    .default([]),
  sources: z.record(z.string(), z.object({ ast: z.unknown().optional() })).default({}),
});

/** The compiler's numbers for what BMC says of an assertion: that it holds, fails, cannot be decided, that z3 failed. */
const CODES: Record<string, Verdict> = { 2961: "safe", 4661: "violated", 7812: "undecided", 1823: "undecided" };

const root = new URL("../../", import.meta.url);

function read(path: string): string {
  for (const folder of ["", "node_modules/"]) {
    const url = new URL(folder + path, root);
    if (existsSync(url)) return readFileSync(url, "utf8");
  }
  throw new Error(`${path} not found`);
}

interface Callbacks {
  import?: (path: string) => { contents: string };
  smtSolver?: (query: string) => { contents: string };
}

const runCompiler = solc.compile as (input: string, callbacks: Callbacks) => string;

function compile(sources: Map<string, string>, settings: object, callbacks: Callbacks): z.infer<typeof Output> {
  const content = Object.fromEntries([...sources].map(([file, text]) => [file, { content: text }]));
  const input = { language: "Solidity", sources: content, settings };
  const output = Output.parse(JSON.parse(runCompiler(JSON.stringify(input), callbacks)));
  const broken = output.errors.find(({ severity }) => severity === "error");
  if (broken) throw new Error(broken.formattedMessage);
  return output;
}

/** A file with all that it imports, without what its lemmas do not call. */
function sourcesOf(file: string, source: string): Map<string, string> {
  const sources = new Map([[file, source]]);
  const load = (path: string) => {
    const contents = read(path);
    sources.set(path, contents);
    return { contents };
  };
  const { sources: found } = compile(sources, { outputSelection: { "*": { "": ["ast"] } } }, { import: load });
  return onlyReachable(sources, new Map(Object.entries(found).map(([path, { ast }]) => [path, ast])), file);
}

function check({ file, source, contract, effort }: z.infer<typeof Task>, report: (made: Report) => void): Finding[] {
  const modelChecker = {
    // Without loops, BMC decides the same question as CHC, in a tenth of the time: it puts every function that is called in
    // its place.
    engine: "bmc",
    contracts: { [file]: [contract] },
    targets: ["assert"],
    solvers: ["smtlib2"],
    showProvedSafe: true,
    showUnproved: true,
  };
  const smtSolver = (query: string) => {
    const { answer, verdict } = solve(query, effort);
    report({ kind: "query", verdict });
    return { contents: answer };
  };
  const { errors } = compile(sourcesOf(file, source), { modelChecker }, { smtSolver });
  const bytes = Buffer.from(source);
  return errors.flatMap(({ errorCode, message, formattedMessage, sourceLocation }) => {
    const verdict = CODES[errorCode ?? ""];
    if (verdict === undefined || sourceLocation?.file !== file || !message.startsWith("BMC")) return [];
    const start = bytes.subarray(0, sourceLocation.start).toString().length;
    const counterexample = [...formattedMessage.matchAll(/^ {2}\S.* = .*$/gm)].map(([line]) => line.trim());
    return [{ start, verdict, counterexample }];
  });
}

if (parentPort) {
  const port = parentPort;
  const report = (made: Report) => {
    port.postMessage(made);
  };
  report({ kind: "done", findings: check(Task.parse(workerData), report) });
}

/** The pinned compiler without Hardhat around it: sources in, syntax tree or bytecode out. */
import { readFileSync } from "node:fs";
import { posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Source by its path from the root of the repository, or as it is imported from a package. */
export type Sources = Readonly<Record<string, string>>;

const IMPORT = /^\s*(?:import|\})[^"\n]*"([^"]+)";/gm;

const known = new Map<string, { text: string; imports: string[] }>();

function read(file: string): { text: string; imports: string[] } {
  const found = known.get(file);
  if (found) return found;
  const text = readFileSync(resolve(ROOT, file.startsWith("@") ? `node_modules/${file}` : file), "utf8");
  const imports = [...text.matchAll(IMPORT)].map(([, path = ""]) =>
    path.startsWith(".") ? posix.join(posix.dirname(file), path) : path,
  );
  known.set(file, { text, imports });
  return { text, imports };
}

/** The files and everything that they import. */
export function closure(...files: string[]): Sources {
  const found: Record<string, string> = {};
  const open = [...files];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (file in found) continue;
    const { text, imports } = read(file);
    found[file] = text;
    open.push(...imports);
  }
  return found;
}

/** A path as it is known here, whatever the person's directory and separators are. */
export function fromRoot(path: string): string {
  return relative(ROOT, resolve(path)).replaceAll(sep, "/");
}

const Output = z.object({
  errors: z
    .array(
      z.object({
        severity: z.string(),
        formattedMessage: z.string(),
        sourceLocation: z.object({ file: z.string(), start: z.number(), end: z.number() }).optional(),
      }),
    )
    .default([]),
  sources: z.record(z.string(), z.object({ ast: z.unknown().optional() })).default({}),
  contracts: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.object({
          evm: z.object({
            bytecode: z.object({ object: z.string() }),
            deployedBytecode: z.object({ object: z.string() }),
          }),
        }),
      ),
    )
    .default({}),
});

export interface CompilerError {
  readonly message: string;
  readonly file: string | undefined;
  readonly start: number;
  readonly end: number;
}

export interface Compiled {
  readonly errors: readonly CompilerError[];
  /** Syntax trees by file. */
  readonly trees: ReadonlyMap<string, unknown>;
  /** Bytecode by `file:contract`, as hexadecimal digits. */
  readonly contracts: ReadonlyMap<string, { readonly creation: string; readonly runtime: string }>;
}

/**
 * How mutants are compiled: nothing that could fold the number of the mutant away, and all code that cannot be reached is
 * dropped first, which halves the time.
 */
export const FAST = {
  peephole: false,
  inliner: false,
  jumpdestRemover: false,
  orderLiterals: false,
  deduplicate: false,
  cse: false,
  constantOptimizer: false,
  yul: true,
  yulDetails: { stackAllocation: true, optimizerSteps: "u:" },
};

/** Enough of the optimizer to see that two programs are one. */
export const CANONICAL = {
  ...FAST,
  yulDetails: { stackAllocation: true, optimizerSteps: "dhfoDgvulfnTUtnIfxa[r]EscLMcul:fDnTOcmu" },
};

let compile: ((input: string) => string) | undefined;

async function load(): Promise<(input: string) => string> {
  if (compile) return compile;
  const { default: wrapper } = await import("solc/wrapper.js");
  const soljson: unknown = await import("solc/soljson.js");
  const module = z.object({ default: z.unknown() }).parse(soljson).default;
  const text = z.object({ compile: z.custom<(input: string) => string>() }).parse(wrapper(module));
  compile = (input) => text.compile(input);
  return compile;
}

async function run(sources: Sources, details: typeof FAST, outputSelection: unknown): Promise<Compiled> {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([file, content]) => [file, { content }])),
    settings: {
      evmVersion: "cancun",
      viaIR: true,
      optimizer: { enabled: true, runs: 1, details },
      metadata: { bytecodeHash: "none", appendCBOR: false },
      debug: { debugInfo: [] },
      outputSelection,
    },
  };
  const output = Output.parse(JSON.parse((await load())(JSON.stringify(input))));
  const contracts = Object.entries(output.contracts).flatMap(([file, named]) =>
    Object.entries(named).map(([name, { evm }]): [string, { creation: string; runtime: string }] => [
      `${file}:${name}`,
      { creation: evm.bytecode.object, runtime: evm.deployedBytecode.object },
    ]),
  );
  return {
    errors: output.errors
      .filter(({ severity }) => severity === "error")
      .map(({ formattedMessage, sourceLocation }) => ({
        message: formattedMessage,
        file: sourceLocation?.file,
        start: sourceLocation?.start ?? -1,
        end: sourceLocation?.end ?? -1,
      })),
    trees: new Map(Object.entries(output.sources).map(([file, { ast }]) => [file, ast])),
    contracts: new Map(contracts),
  };
}

/** Only what the type checker says: takes a tenth of a second to one. */
export function check(sources: Sources): Promise<Compiled> {
  return run(sources, FAST, {});
}

export function parse(file: string): Promise<Compiled> {
  return run(closure(file), FAST, { [file]: { "": ["ast"] } });
}

/** @param files Those whose contracts are wanted. */
export function build(sources: Sources, files: readonly string[], details = FAST): Promise<Compiled> {
  const outputs = ["evm.bytecode.object", "evm.deployedBytecode.object"];
  return run(sources, details, Object.fromEntries(files.map((file) => [file, { "*": outputs }])));
}

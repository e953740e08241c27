/**
 * Changes the contracts, one small thing at a time, and asks the fast Solidity tests whether they notice. See
 * `npm run mutate -- --help`.
 */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Presets, SingleBar } from "cli-progress";
import { z } from "zod";
import { command, InputError, type parse, parseCount } from "./commandLine.ts";
import { Random } from "./simulation/random.ts";
import { ROOT, fromRoot } from "./mutate/compiler.ts";
import type { Verdict, Work } from "./mutate/protocol.ts";
import { Memory } from "./mutate/memory.ts";
import { type Mutable, type Mutant, mutantsOf } from "./mutate/mutants.ts";
import { judgeAll } from "./mutate/pool.ts";
import { type Judged, asMarkdown, asText, score } from "./mutate/report.ts";

const USAGE = `Usage: npm run mutate -- [FILE …] [options]

Changes the contracts, one small thing at a time, and asks the fast Solidity tests (unit, regression, scenario)
whether they notice. What was judged is kept in cache/mutation.jsonl until a contract or a test changes.

  FILE           a contract, or a folder of them (default: contracts/math, logic, types and modules)
  --sample N     only so many mutants, taken at random
  --seed S       another sample (default 1)
  --quick        leaves out the slowest part: whether a survivor's optimised bytecode differs from the original's at all
  --floor P      the score, in percent, below which the exit status is 1 (default 92)
  --report FILE  also writes the result there, as Markdown
  --help         shows this

Exit status: 0 if the score is not below the floor, 1 if it is, 2 if the command or a file is wrong.

Survivors that behave like the original are explained in test/mutation/explained.json.`;

const DEFAULT_FILES = ["math", "logic", "types", "modules"].map((folder) => `contracts/${folder}`);
const EXPLAINED = "test/mutation/explained.json";
/** Bytes of mutated functions that are compiled at once: half as much as the clearing house has itself. */
const MOST_TOGETHER = 60_000;

const Explanations = z.array(
  z.strictObject({ file: z.string(), within: z.string(), change: z.string(), why: z.string().min(1) }),
);

function contractsIn(path: string): string[] {
  const file = path.startsWith("contracts/") ? path : fromRoot(path);
  const absolute = resolve(ROOT, file);
  if (!file.startsWith("contracts") || !existsSync(absolute))
    throw new InputError(`${path}: no contract or folder in contracts/`);
  if (!statSync(absolute).isDirectory()) {
    if (!file.endsWith(".sol")) throw new InputError(`${path}: not a Solidity file`);
    return [file];
  }
  return readdirSync(absolute, { recursive: true, encoding: "utf8" })
    .map((name) => `${file.replace(/\/$/, "")}/${name.replaceAll("\\", "/")}`)
    .filter((name) => name.endsWith(".sol"))
    .sort();
}

/** Pieces that one compilation can take; constructors, modifiers and initial values cannot share one anyway. */
function divide({ file, units, mutants }: Mutable, numbers: readonly number[], compare: boolean): Work[] {
  const works: Work[] = [];
  let piece: number[] = [];
  let size = 0;
  for (const number of numbers) {
    const unit = units[mutants[number]?.unit ?? -1];
    const length = unit ? unit.body.end - unit.body.start : 0;
    if (piece.length > 0 && size + length > MOST_TOGETHER) {
      works.push({ file, mutants: piece, compare });
      [piece, size] = [[], 0];
    }
    piece.push(number);
    size += length;
  }
  if (piece.length > 0) works.push({ file, mutants: piece, compare });
  return works;
}

const OPTIONS = {
  allowPositionals: true,
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    floor: { type: "string", default: "92" },
    report: { type: "string" },
    quick: { type: "boolean", default: false },
  },
} as const;

async function main({ values, positionals }: ReturnType<typeof parse<typeof OPTIONS>>): Promise<void> {
  const files = [...new Set((positionals.length > 0 ? positionals : DEFAULT_FILES).flatMap(contractsIn))];
  const sample = values.sample === undefined ? undefined : parseCount("--sample", values.sample);
  const seed = parseCount("--seed", values.seed, 0);
  const floor = parseCount("--floor", values.floor, 0, 100);
  const explanations = Explanations.parse(JSON.parse(readFileSync(resolve(ROOT, EXPLAINED), "utf8")));

  const mutables = new Map<string, Mutable>();
  for (const file of files) mutables.set(file, await mutantsOf(file));
  const all = [...mutables.values()].flatMap(({ mutants }) => mutants);
  if (all.length === 0) throw new InputError("nothing in these files can be mutated");
  const chosen = new Set(sample === undefined ? all : new Random(BigInt(seed)).shuffle(all).slice(0, sample));

  const memory = new Memory();
  const judged = new Map<Mutant, { verdict: Verdict; by: string }>();
  const works: Work[] = [];
  for (const mutable of mutables.values()) {
    const open: number[] = [];
    for (const [number, mutant] of mutable.mutants.entries()) {
      if (!chosen.has(mutant)) continue;
      const known = memory.recall(mutant, !values.quick);
      if (known) judged.set(mutant, known);
      else open.push(number);
    }
    works.push(...divide(mutable, open, !values.quick));
  }
  const remembered = judged.size;

  const unfit = new Map<string, string>();
  const begun = Date.now();
  if (works.length > 0) {
    // The tests, and what they deploy that no mutant is in.
    const { default: hre } = await import("hardhat");
    await hre.tasks.getTask("build").run({ quiet: true });
    const bar = new SingleBar(
      {
        format: "  {bar} {value}/{total}  {eta_formatted}  {file}",
        hideCursor: true,
        barsize: 40,
        stream: process.stderr,
      },
      Presets.shades_classic,
    );
    bar.start(chosen.size, remembered, { file: "" });
    await judgeAll(works, {
      judged(file, number, verdict, by) {
        const mutant = mutables.get(file)?.mutants[number];
        if (!mutant || judged.has(mutant)) return;
        judged.set(mutant, { verdict, by });
        memory.remember(mutant, verdict, by, !values.quick);
        bar.increment(1, { file });
      },
      unfit(test, reason) {
        unfit.set(test, reason);
      },
    }).finally(() => {
      bar.stop();
    });
  }
  const seconds = (Date.now() - begun) / 1000;

  for (const [test, reason] of unfit)
    console.log(`not asked, because it fails without the optimizer: ${test}: ${reason}`);
  const used = new Set<unknown>();
  const results = [...judged].map(([mutant, { verdict, by }]): Judged => {
    const found = explanations.find(
      ({ file, within, change }) => file === mutant.file && within === mutant.within && change === mutant.change,
    );
    if (!found || verdict !== "survived") return { mutant, verdict, by };
    used.add(found);
    return { mutant, verdict: "explained", by: found.why };
  });
  if (sample === undefined) {
    for (const explanation of explanations) {
      if (!files.includes(explanation.file) || used.has(explanation)) continue;
      console.log(`${EXPLAINED}: does not survive: ${explanation.file} ${explanation.within}: ${explanation.change}`);
    }
  }

  const total = score(results);
  const fresh = results.length - remembered;
  const of = sample === undefined ? `${chosen.size} mutants` : `${chosen.size} of ${all.length} mutants, seed ${seed}`;
  const header = `Score ${total.toFixed(1)} %: ${of}, ${fresh} judged now in ${seconds.toFixed(0)} s`;
  console.log(asText(results, header));
  if (values.report !== undefined) writeFileSync(values.report, asMarkdown(results, header));
  if (total < floor) {
    console.error(`below the floor of ${floor} %`);
    process.exitCode = 1;
  }
}

await command(USAGE, OPTIONS, main);

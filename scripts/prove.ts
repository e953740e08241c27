/** Proves the lemmas of test/proof/ about the arithmetic of contracts/, for all inputs, with the compiler's SMTChecker and z3. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { SingleBar } from "cli-progress";
import { command, InputError, parseCount } from "./commandLine.ts";
import { type Finding, type Report, type Task, type Verdict } from "./prove/check.ts";
import { type z } from "zod";

const USAGE = `Usage: npm run prove -- [options]

Proves the lemmas of test/proof/ about the arithmetic of contracts/, for all inputs (docs/proofs.md). Needs z3.

  --grep TEXT  those whose name contains TEXT
  --effort N   how many million steps each way of asking z3 may take (default 10)
  --help       shows this

Exit status: 0 if every lemma is proved that is not marked as open, 1 if one is not, is refuted, or assumes what cannot
be, 2 if the command is wrong or z3 is missing.`;

const FOLDER = "test/proof";
/** The compiler walks expressions recursively, and ours are deep. */
const STACK_MEGABYTES = 256;

interface Lemma {
  file: string;
  name: string;
  /** Why z3 cannot decide it, and what checks it instead; absent where a proof is expected. */
  open: string | undefined;
  /** The function in its file, from `function` to the closing bracket. */
  start: number;
  end: number;
}

const LEMMA = /((?:^ *\/\/\/.*\n)*)^ {4}function (lemma_\w+)[^]*?^ {4}\}$/gm;

function lemmasOf(file: string, source: string): Lemma[] {
  return [...source.matchAll(LEMMA)].map((match) => {
    const [whole, comment = "", name = ""] = match;
    const open = /@custom:open ([^]*)$/
      .exec(comment)?.[1]
      ?.replaceAll(/\s*\n\s*\/\/\/\s*/g, " ")
      .trim();
    return { file, name, open, start: match.index + comment.length, end: match.index + whole.length };
  });
}

const ASSERTION = /assert\([^]*?\);/g;

/**
 * The same with `assert(false)` for the first assertion of a lemma, and no others: it fails, unless nothing fulfils what the
 * lemma requires. Of the same length, so that places stay what they are.
 */
function withoutConclusions(source: string, lemmas: Lemma[]): string {
  return lemmas.reduce((changed, { start, end }) => {
    let isFirst = true;
    const body = changed.slice(start, end).replaceAll(ASSERTION, (assertion) => {
      const instead = isFirst ? "assert(false);" : "";
      isFirst = false;
      return instead.padEnd(assertion.length);
    });
    return changed.slice(0, start) + body + changed.slice(end);
  }, source);
}

/** The same without the lemmas that were not asked for. */
function without(source: string, lemmas: Lemma[]): string {
  return lemmas.reduce((changed, { start, end }) => {
    const blank = changed.slice(start, end).replaceAll(/[^\n]/g, " ");
    return changed.slice(0, start) + blank + changed.slice(end);
  }, source);
}

function check(task: z.infer<typeof Task>, progress: () => void): Promise<Finding[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("prove/check.ts", import.meta.url), {
      workerData: task,
      resourceLimits: { stackSizeMb: STACK_MEGABYTES },
    });
    worker.on("error", reject);
    worker.on("message", (report: Report) => {
      if (report.kind === "query") progress();
      else resolve(report.findings);
    });
  });
}

/** Of several, the worst. */
function together(verdicts: Verdict[]): Verdict {
  if (verdicts.includes("violated")) return "violated";
  return verdicts.length === 0 || verdicts.includes("undecided") ? "undecided" : "safe";
}

interface Result {
  conclusions: Verdict;
  /** `violated` as it should be; `safe` where nothing fulfils them, which would prove anything. */
  assumptions: Verdict;
  counterexample: string[];
}

const root = new URL("../", import.meta.url);

interface Subject extends z.infer<typeof Task> {
  lemmas: Lemma[];
}

/** What is handed to the compiler at once. */
function subjectsOf(grep: string, effort: number): Subject[] {
  const files = readdirSync(new URL(FOLDER, root)).filter((file) => file.endsWith(".sol"));
  return files.flatMap((name) => {
    const file = `${FOLDER}/${name}`;
    const source = readFileSync(new URL(file, root), "utf8");
    const all = lemmasOf(file, source);
    // Open lemmas by themselves, because they get no more than a try.
    return [false, true].map((open) => {
      const isAsked = (lemma: Lemma) => lemma.name.includes(grep) && (lemma.open !== undefined) === open;
      const rest = all.filter((lemma) => !isAsked(lemma));
      const contract = name.replace(/\.sol$/, "");
      return { file, source: without(source, rest), contract, effort: open ? 1 : effort, lemmas: all.filter(isAsked) };
    });
  });
}

/** Only what the lemma itself names: the compiler lists the variables of everything that is called, too. */
function ofLemma(text: string, values: string[]): string[] {
  const words = new Set(text.match(/\w+/g));
  return [...new Set(values)].filter((line) => /^[a-z]/.test(line) && words.has(line.split(/[ .[]/)[0] ?? ""));
}

const counts = { proved: 0, open: 0, failed: 0 };

/** One lemma: what came of it, and why where it is not proved. */
function conclude({ name, open }: Lemma, { conclusions, assumptions, counterexample }: Result): void {
  const [sign, result] =
    conclusions === "violated"
      ? ["✗", "refuted"]
      : assumptions === "safe"
        ? ["✗", "nothing fulfils what it requires"]
        : conclusions === "safe" && assumptions === "violated"
          ? ["✓", open === undefined ? "proved" : "proved, no longer open"]
          : open !== undefined
            ? ["–", "open"]
            : ["✗", conclusions === "safe" ? "whether anything fulfils what it requires: not decided" : "not decided"];
  counts[sign === "✓" ? "proved" : sign === "✗" ? "failed" : "open"] += 1;
  console.log(`  ${sign} ${name.padEnd(64)} ${result}`);
  if (sign === "–") console.log(`      ${open ?? ""}`);
  for (const line of counterexample) console.log(`      ${line}`);
}

async function prove(grep: string, effort: number): Promise<void> {
  const subjects = subjectsOf(grep, effort);
  const total = subjects
    .flatMap(({ source, lemmas }) =>
      lemmas.map(({ start, end }) => source.slice(start, end).match(ASSERTION)?.length ?? 0),
    )
    .reduce((sum, assertions) => sum + assertions + 1, 0);
  if (total === 0) throw new InputError(`no lemma's name contains ${grep}`);
  let done = 0;
  let printed = "";
  const bar = new SingleBar({ format: "{bar} {value}/{total} {subject}", clearOnComplete: true, hideCursor: true });
  for (const { lemmas, ...subject } of subjects) {
    if (lemmas.length === 0) continue;
    bar.start(total, done, { subject: subject.contract });
    const progress = () => {
      done += 1;
      bar.increment();
    };
    const found = await check(subject, progress);
    const reached = await check({ ...subject, source: withoutConclusions(subject.source, lemmas) }, progress);
    bar.stop();
    if (subject.file !== printed) console.log(subject.file);
    printed = subject.file;
    for (const lemma of lemmas) {
      const inside = ({ start }: Finding) => start >= lemma.start && start < lemma.end;
      const own = found.filter(inside);
      const values = own.flatMap(({ counterexample }) => counterexample);
      conclude(lemma, {
        conclusions: together(own.map(({ verdict }) => verdict)),
        assumptions: together(reached.filter(inside).map(({ verdict }) => verdict)),
        counterexample: ofLemma(subject.source.slice(lemma.start, lemma.end), values),
      });
    }
  }
  console.log(`${counts.proved} proved, ${counts.open} open, ${counts.failed} failed`);
  if (counts.failed > 0) process.exitCode = 1;
}

await command(
  USAGE,
  { options: { grep: { type: "string", default: "" }, effort: { type: "string", default: "10" } } },
  async ({ values }) => {
    const effort = parseCount("--effort", values.effort, 1, 4_000);
    if (spawnSync("z3", ["--version"]).error)
      throw new InputError("z3 is not installed: apt-get install z3, or its package elsewhere");
    await prove(values.grep, effort);
  },
);

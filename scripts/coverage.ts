/**
 * Runs the Solidity tests on instrumented contracts and prints the line coverage of contracts/, with every line that no test
 * reached. Fails where a test fails or the coverage is below the floor.
 *
 * Hardhat's own report, in coverage/, counts every line between the first statement of a file and the last, comments apart:
 * fields of structs, constants and closing brackets too. Here a line counts where a statement begins on it, and is covered
 * if all that begin there have run.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { command, parseCount } from "./commandLine.ts";

const USAGE = `Usage: npm run coverage -- [options]

Runs the Solidity tests on instrumented contracts and prints the line coverage of contracts/, with every line that no
test reached.

  --floor PERCENT  fails below it (default 97)
  --help           shows this`;

/** What Hardhat knows after the run. Not a public interface, so it is looked at closely. */
const Statement = z.object({ tag: z.string(), startUtf16: z.number(), endUtf16: z.number() });
const Measured = z.object({
  _coverage: z.object({
    filesMetadata: z.map(z.string(), z.map(z.string(), Statement)),
    data: z.map(z.string(), z.number()),
  }),
});

/** A statement's range begins with the blanks and comments before it. */
const BEFORE = /^(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/;

function lineOf(source: string, { startUtf16, endUtf16 }: z.infer<typeof Statement>): number {
  const [skipped = ""] = BEFORE.exec(source.slice(startUtf16, endUtf16)) ?? [];
  return source.slice(0, startUtf16 + skipped.length).split("\n").length;
}

/** "3, 7-9": ascending numbers as ranges. */
function ranges(numbers: number[]): string {
  const found: [number, number][] = [];
  for (const n of numbers) {
    const last = found.at(-1);
    if (last?.[1] === n - 1) last[1] = n;
    else found.push([n, n]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}

async function measure(floor: number): Promise<void> {
  // As if on the command line: hardhat.config.ts and the runner read them.
  process.env["HARDHAT_NETWORK"] = "default";
  process.env["HARDHAT_COVERAGE"] = "true";
  const { default: hre } = await import("hardhat");
  const { success } = z.object({ success: z.boolean() }).parse(await hre.tasks.getTask(["test", "solidity"]).run({}));
  const { _coverage: known } = Measured.parse(hre);
  let [lines, covered] = [0, 0];
  for (const [file, statements] of [...known.filesMetadata].sort()) {
    const source = await readFile(file, "utf8");
    const reached = new Map<number, boolean>();
    for (const statement of statements.values()) {
      const line = lineOf(source, statement);
      reached.set(line, known.data.has(statement.tag) && (reached.get(line) ?? true));
    }
    const missed = [...reached].filter(([, hit]) => !hit).map(([line]) => line);
    lines += reached.size;
    covered += reached.size - missed.length;
    if (missed.length > 0) console.log(`not covered: ${file}:${ranges(missed.sort((a, b) => a - b))}`);
  }

  const percent = (100 * covered) / lines;
  console.log(`line coverage of contracts/: ${percent.toFixed(2)} % (${covered} of ${lines} lines)`);
  if (!success) console.error("a test failed");
  if (!(percent >= floor)) console.error(`below the floor of ${floor} %`);
  if (!success || !(percent >= floor)) process.exitCode = 1;
}

await command(USAGE, { options: { floor: { type: "string", default: "97" } } }, ({ values }) =>
  measure(parseCount("--floor", values.floor, 0, 100)),
);

/** What was judged before, so that a run that was interrupted goes on where it stopped. */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { ROOT, closure } from "./compiler.ts";
import type { Verdict } from "./protocol.ts";
import type { Mutant } from "./mutants.ts";

const FILE = resolve(ROOT, "cache/mutation.jsonl");

const Entry = z.object({
  /** Hash of all contracts with the mutant among them. */
  contracts: z.string(),
  /** Hash of the tests that the verdict rests on: the one that killed it, or all. */
  tests: z.string(),
  verdict: z.enum(["killed", "survived", "invalid", "equivalent", "timed out"]),
  by: z.string(),
  /** Of a survivor: whether its bytecode has been compared with the original's. */
  compared: z.boolean(),
  /** For whoever reads the file. */
  mutant: z.string(),
});
type Entry = z.infer<typeof Entry>;

function hash(...parts: readonly string[]): string {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(`${part.length}:${part}`);
  return sum.digest("hex").slice(0, 32);
}

function solidityIn(folder: string): string[] {
  return readdirSync(resolve(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".sol"))
    .sort();
}

function hashOf(...files: readonly string[]): string {
  return hash(...Object.entries(closure(...files)).flat());
}

export class Memory {
  readonly #entries = new Map<string, Entry>();
  readonly #contracts = hashOf(...solidityIn("contracts"));
  readonly #tests = hashOf(...solidityIn("test"));
  readonly #test = new Map<string, string>();

  constructor() {
    const lines = existsSync(FILE) ? readFileSync(FILE, "utf8").split("\n") : [];
    for (const line of lines.filter((text) => text !== "")) {
      const entry = Entry.parse(JSON.parse(line));
      this.#entries.set(entry.contracts, entry);
    }
  }

  /** @param compare Whether a survivor counts only if its bytecode has been compared. */
  recall(mutant: Mutant, compare: boolean): Entry | undefined {
    const entry = this.#entries.get(this.#key(mutant));
    if (compare && entry?.verdict === "survived" && !entry.compared) return undefined;
    return entry?.tests === (entry && this.#hashOfTests(entry)) ? entry : undefined;
  }

  remember(mutant: Mutant, verdict: Verdict, by: string, compared: boolean): void {
    const name = `${mutant.file}:${mutant.line} ${mutant.within}: ${mutant.change}`;
    const entry = { contracts: this.#key(mutant), tests: "", verdict, by, compared, mutant: name };
    entry.tests = this.#hashOfTests(entry);
    this.#entries.set(entry.contracts, entry);
    mkdirSync(dirname(FILE), { recursive: true });
    appendFileSync(FILE, `${JSON.stringify(entry)}\n`);
  }

  #key({ file, start, end, text }: Mutant): string {
    return hash(this.#contracts, file, `${start}-${end}`, text);
  }

  #hashOfTests({ verdict, by }: Pick<Entry, "verdict" | "by">): string {
    if (verdict === "invalid" || verdict === "equivalent") return "";
    if (verdict !== "killed") return this.#tests;
    const [test = ""] = by.split(" ");
    if (!existsSync(resolve(ROOT, test))) return "gone";
    const found = this.#test.get(test) ?? hashOf(test);
    this.#test.set(test, found);
    return found;
  }
}

/** What became of the mutants: a table by file, and every survivor with its place. */
import Table from "cli-table3";
import { type Mutant } from "./mutants.ts";
import type { Verdict } from "./protocol.ts";

export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict | "explained";
  /** The test that killed it; why it may live. */
  readonly by: string;
}

const COLUMNS = ["mutants", "killed", "timed out", "survived", "explained", "equivalent", "invalid"] as const;

type Counts = Record<(typeof COLUMNS)[number], number>;

function count(judged: readonly Judged[]): Counts {
  const of = (wanted: Judged["verdict"]) => judged.filter(({ verdict }) => verdict === wanted).length;
  return {
    mutants: judged.length,
    killed: of("killed") + of("timed out"),
    "timed out": of("timed out"),
    survived: of("survived"),
    explained: of("explained"),
    equivalent: of("equivalent"),
    invalid: of("invalid"),
  };
}

/** Killed among those that a test could have killed, in percent. */
export function score(judged: readonly Judged[]): number {
  const { killed, survived } = count(judged);
  return killed + survived === 0 ? 100 : (100 * killed) / (killed + survived);
}

function rows(judged: readonly Judged[]): string[][] {
  const files = [...new Set(judged.map(({ mutant }) => mutant.file))].sort();
  const folder = (file: string) => file.slice(0, file.lastIndexOf("/"));
  const row = (name: string, of: readonly Judged[]) => {
    const counts = count(of);
    return [name, ...COLUMNS.map((column) => String(counts[column])), `${score(of).toFixed(1)} %`];
  };
  const folders = [...new Set(files.map(folder))].sort();
  return [
    ...files.map((file) =>
      row(
        file,
        judged.filter(({ mutant }) => mutant.file === file),
      ),
    ),
    ...folders.map((name) =>
      row(
        `${name}/`,
        judged.filter(({ mutant }) => folder(mutant.file) === name),
      ),
    ),
    row("all", judged),
  ];
}

const HEAD = ["", ...COLUMNS, "score"];

function place({ file, line, within }: Mutant): string {
  return `${file}:${line} ${within}`;
}

function sorted(judged: readonly Judged[], wanted: Judged["verdict"]): Judged[] {
  return judged
    .filter(({ verdict }) => verdict === wanted)
    .sort(({ mutant: a }, { mutant: b }) => a.file.localeCompare(b.file) || a.start - b.start);
}

export function asText(judged: readonly Judged[], header: string): string {
  const table = new Table({
    head: HEAD,
    style: { head: [], border: [] },
    colAligns: ["left", ...COLUMNS.map(() => "right" as const), "right"],
  });
  table.push(...rows(judged));
  const survivors = sorted(judged, "survived").map(({ mutant }) => `survived: ${place(mutant)}: ${mutant.change}`);
  return [...survivors, header, table.toString()].join("\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

export function asMarkdown(judged: readonly Judged[], header: string): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const table = [line(HEAD), line(HEAD.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows(judged).map(line)];
  const list = (wanted: Judged["verdict"]) =>
    sorted(judged, wanted).map(({ mutant, by }) => `- ${place(mutant)}: ${code(mutant.change)}${by ? `: ${by}` : ""}`);
  const section = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : ["", `## ${title}`, "", ...items];
  return [
    "# Mutation testing",
    "",
    header,
    "",
    "Score: killed / (killed + survived). A mutant that the compiler refuses is invalid; one whose optimised bytecode is the original's is equivalent; explained ones behave alike, for the reason given. None of these three counts.",
    "",
    ...table,
    ...section("Survivors", list("survived")),
    ...section("Explained", list("explained")),
    "",
  ].join("\n");
}

/** What invariant runs called: each run appends its counts to a file (test/invariant/Invariants.sol), here they are added up. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";

const CALLS = fileURLToPath(new URL("../../cache/invariant-calls.tsv", import.meta.url));

export interface Counts {
  /** Calls of handlers by the engine. */
  handlerCalls: number;
  /** What handlers tried, and how often it was done. The rest was refused, by name. */
  actions: Record<string, { calls: number; done: number }>;
  /** What happened on the way. */
  seen: Record<string, number>;
  /** Lines that runs which ended at the same moment have written into one another: what they count is missing. */
  lost: number;
}

export const nothing = (): Counts => ({ handlerCalls: 0, actions: {}, seen: {}, lost: 0 });

const LINE = /^(calls|action|seen)\t([^\t]*)\t(\d+)\t(\d+)$/;

/** Before a run: an empty file where the engine may write. */
export async function forgetCalls(): Promise<void> {
  await mkdir(new URL("../../cache/", import.meta.url), { recursive: true });
  await rm(CALLS, { force: true });
}

/** Adds what runs have called since. */
export async function addCalls(counts: Counts): Promise<Counts> {
  const text = await readFile(CALLS, "utf8").catch(() => "");
  for (const line of text.replaceAll("\0", "").split("\n")) {
    if (line === "") continue;
    const [, kind, name = "", calls, done] = LINE.exec(line) ?? [];
    if (kind === undefined) counts.lost += 1;
    if (kind === "calls") counts.handlerCalls += Number(calls);
    if (kind === "seen") counts.seen[name] = (counts.seen[name] ?? 0) + Number(calls);
    if (kind !== "action") continue;
    const action = (counts.actions[name] ??= { calls: 0, done: 0 });
    action.calls += Number(calls);
    action.done += Number(done);
  }
  return counts;
}

/** Calls, successes and refusals by action, for people. */
export function callTable({ actions, seen, handlerCalls, lost }: Counts): string {
  const table = new Table({
    head: ["action", "calls", "done", "refused", "done %"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  let [calls, done] = [0, 0];
  for (const [name, outcome] of Object.entries(actions).sort(([a], [b]) => a.localeCompare(b))) {
    calls += outcome.calls;
    done += outcome.done;
    table.push(row(name, outcome.calls, outcome.done));
  }
  table.push(row("all", calls, done));
  const sights = Object.entries(seen)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([what, times]) => `${what} ${times.toLocaleString("en")}`)
    .join(", ");
  const missing = lost === 0 ? "" : `; lines of counts that were garbled and are missing: ${lost}`;
  return `${table.toString()}\n${handlerCalls.toLocaleString("en")} calls of handlers; seen: ${sights}${missing}`;
}

function row(name: string, calls: number, done: number): string[] {
  const percent = calls === 0 ? "" : ((100 * done) / calls).toFixed(1);
  return [name, ...[calls, done, calls - done].map((n) => n.toLocaleString("en")), percent];
}

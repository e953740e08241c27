/** Writes a report. Whatever breaks a run off, the files that are there are whole. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../commandLine.ts";
import type { Result } from "../result.ts";
import { payersCsv, policiesCsv, stepsCsv } from "./csv.ts";
import { toJson } from "./json.ts";
import { page } from "./page.ts";

const FILES: Readonly<Record<string, (result: Result) => string>> = {
  "report.html": page,
  "result.json": toJson,
  "steps.csv": stepsCsv,
  "payers.csv": payersCsv,
  "policies.csv": policiesCsv,
};

/**
 * Each file is written beside its place and then moved there, all of them after the last is complete. Nothing here waits, so
 * that a signal is heard before or after it.
 * @returns Where the files are, the page first.
 */
export function writeReport(result: Result, folder: string): string[] {
  const files = Object.entries(FILES).map(([name, make]) => {
    const path = join(folder, name);
    return { path, beside: `${path}.${process.pid}.tmp`, text: make(result) };
  });
  try {
    mkdirSync(folder, { recursive: true });
    try {
      for (const { beside, text } of files) writeFileSync(beside, text);
      for (const { beside, path } of files) renameSync(beside, path);
    } finally {
      for (const { beside } of files) rmSync(beside, { force: true });
    }
  } catch (cause) {
    throw new InputError(`${folder}: the report cannot be written there`, { cause });
  }
  return files.map(({ path }) => path);
}

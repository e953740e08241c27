/**
 * The benchmark. See `npm run bench -- --help`.
 *
 * Exit status: 0 if nothing is worse than committed, 1 if something is, is new or is missing, 2 if the command is wrong.
 */
import { writeFileSync } from "node:fs";
import { command, InputError, requireWritable } from "../scripts/commandLine.ts";
import { terminalProgress } from "../scripts/simulation/progress.ts";
import { compare, readCommitted, updated, writeCommitted } from "./committed.ts";
import { PART_NAMES, PARTS, type PartName } from "./parts.ts";
import { readPeers } from "./peers.ts";
import { asJson } from "./report/json.ts";
import { page } from "./report/page.ts";
import type { Found } from "./report/run.ts";
import { partText } from "./report/text.ts";

const USAGE = `Usage: npm run bench -- [options]

Gas of every operation beside other protocols, what grows with what, and how fast the SDK and the keeper are: as tables, as
plots, and beside the committed figures. Fails where a figure is worse than bench/committed.json by more than its tolerance.
What depends on the machine has a wide one, of 300 % where it is a speed or a time: a quarter as fast, four times as long.
Nothing else should run beside that.

  --only PART  one of ${PART_NAMES.join(", ")}; repeat it for more of them (default: all)
  --update     writes what was measured to bench/committed.json; tolerances and targets stay
  --html FILE  where the page goes (default bench.html)
  --json FILE  also writes the figures there
  --help       shows this

Exit status: 0 if no figure is worse, new or missing, 1 if one is, 2 if the command is wrong.`;

const OPTIONS = {
  only: { type: "string", multiple: true, default: [] as string[] },
  update: { type: "boolean", default: false },
  html: { type: "string", default: "bench.html" },
  json: { type: "string" },
} as const;

interface Options {
  readonly parts: readonly PartName[];
  readonly isUpdate: boolean;
  readonly html: string;
  readonly json: string | undefined;
}

async function bench({ parts, isUpdate, html, json }: Options): Promise<void> {
  for (const file of [html, json]) if (file !== undefined) requireWritable(file);
  const peers = readPeers();
  let committed = readCommitted();
  const progress = terminalProgress();
  const found: Found[] = [];
  for (const part of parts) {
    const started = Date.now();
    const figures = await PARTS[part].measure(progress).finally(() => {
      progress.end();
    });
    const seconds = Math.round((Date.now() - started) / 1000);
    const one = { part, outcome: compare(figures, committed[part] ?? {}), seconds };
    found.push(one);
    console.log(partText(one, peers));
    if (isUpdate) committed = updated(committed, part, figures);
    // After each, so that a run that is broken off leaves what it has.
    writeFileSync(html, page({ found, peers }));
    if (json !== undefined) writeFileSync(json, asJson({ found, peers }));
  }
  console.log(`\n  Plots: ${html}`);
  if (isUpdate) {
    writeCommitted(committed);
    console.log("  wrote bench/committed.json");
  } else if (found.some(({ outcome }) => outcome.fails)) {
    console.error("Figures differ from bench/committed.json; where that is meant: npm run bench -- --update");
    process.exitCode = 1;
  }
}

function partsFrom(names: readonly string[]): PartName[] {
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) throw new InputError(`--only must be one of ${PART_NAMES.join(", ")}, not "${unknown}"`);
  return PART_NAMES.filter((name) => names.length === 0 || names.includes(name));
}

await command(USAGE, { options: OPTIONS }, ({ values: { only, update, html, json } }) =>
  bench({ parts: partsFrom(only), isUpdate: update, html, json }),
);

/**
 * How fast a keeper is, and how reliable. See `npm run bench:keeper -- --help`.
 *
 * Exit status: 0 if every target is met, 1 if not, 2 if the command is wrong.
 */
import { command } from "../../../scripts/commandLine.ts";
import { terminalProgress } from "../../../scripts/simulation/progress.ts";
import { measureBook } from "./book.ts";
import { measureCrash } from "./crash.ts";
import { ACCOUNTS, withCrowd } from "./crowd.ts";
import { measureFaults, PATH } from "./faults.ts";
import { type Figure, isMet } from "./figures.ts";

const USAGE = `Usage: npm run bench:keeper -- [--json]

How fast a keeper is, and how reliable, in three parts: the book alone with 100,000 accounts, passes over a crash with
10,000 accounts on a node of this machine, and the same accounts in a crash with an unreliable node, a loss of power and a
reorganisation. Times depend on the machine; nothing else should run beside it.

  --json  lines of JSON for another program: how far it is, and the figures that can be compared with committed ones
  --help  shows this

Exit status: 0 if every target is met, 1 if not.`;

const BLOCKS = 30;

interface Part {
  readonly title: string;
  readonly stage: string;
  readonly steps: number;
  readonly measure: (onStep: () => void) => Figure[] | Promise<Figure[]>;
}

const MANY = ACCOUNTS.toLocaleString("en");
const PARTS: readonly Part[] = [
  {
    title: "The book: 100,000 accounts, cross-margined over three markets",
    stage: "book",
    steps: 1,
    measure: measureBook,
  },
  {
    title: `A crash: ${MANY} accounts, 30 % in ${BLOCKS} blocks`,
    ...{ stage: "crash", steps: BLOCKS },
    measure: (onStep) => withCrowd((crowded) => measureCrash(crowded, onStep)),
  },
  {
    title: `Everything goes wrong: ${MANY} accounts, 31 % in ${PATH.length} prices`,
    ...{ stage: "faults", steps: PATH.length },
    measure: (onStep) => withCrowd((crowded) => measureFaults(crowded, onStep)),
  },
];

/** For people: each part as soon as it is known. */
async function show(): Promise<void> {
  const progress = terminalProgress();
  const misses: string[] = [];
  for (const { title, stage, steps, measure } of PARTS) {
    progress.stage(stage, steps);
    const figures = await measure(() => {
      progress.advance();
    });
    progress.end();
    console.log(`\n${title}`);
    for (const found of figures) console.log(lineOf(found));
    misses.push(...figures.filter((found) => !isMet(found)).map(({ what }) => what));
  }
  for (const miss of misses) console.log(`missed: ${miss}`);
  process.exitCode = misses.length === 0 ? 0 : 1;
}

function lineOf({ what, found, unit, target }: Figure): string {
  const aim = target && `${target.isFloor ? "at least" : "at most"} ${target.value.toLocaleString("en")}`;
  const number = Math.round(found).toLocaleString("en").padStart(12);
  return `  ${what.padEnd(56)} ${number} ${unit.padEnd(9)} ${aim ?? ""}`.trimEnd();
}

/** For `npm run bench`. */
async function write(): Promise<void> {
  const line = (written: object) => {
    console.log(JSON.stringify(written));
  };
  const figures: object[] = [];
  for (const { stage, steps, measure } of PARTS) {
    line({ stage: `keeper: ${stage}`, total: steps });
    for (const { what, found, unit, target, tolerance } of await measure(() => {
      line({ advance: 1 });
    })) {
      if (tolerance === undefined) continue;
      const better = target?.isFloor === true || unit === "at most" ? "higher" : "lower";
      figures.push({ name: `${stage}: ${what}`, value: found, unit, better, tolerance });
    }
  }
  line({ figures });
}

await command(USAGE, { options: { json: { type: "boolean", default: false } } }, ({ values }) =>
  values.json ? write() : show(),
);

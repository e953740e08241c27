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

const USAGE = `Usage: npm run bench:keeper

How fast a keeper is, and how reliable, in three parts: the book alone with 100,000 accounts, passes over a crash with
10,000 accounts on a node of this machine, and the same accounts in a crash with an unreliable node, a loss of power and a
reorganisation. Times depend on the machine; nothing else should run beside it.

  --help  shows this

Exit status: 0 if every target is met, 1 if not.`;

const BLOCKS = 30;

async function measure(): Promise<void> {
  const progress = terminalProgress();
  const parts: [string, () => Figure[] | Promise<Figure[]>][] = [
    ["The book: 100,000 accounts, cross-margined over three markets", measureBook],
    [
      `A crash: ${ACCOUNTS.toLocaleString("en")} accounts, 30 % in ${BLOCKS} blocks`,
      () =>
        withCrowd((crowded) => {
          progress.stage("blocks", BLOCKS);
          return measureCrash(crowded, () => {
            progress.advance();
          });
        }),
    ],
    [
      `Everything goes wrong: ${ACCOUNTS.toLocaleString("en")} accounts, 31 % in ${PATH.length} prices`,
      () =>
        withCrowd((crowded) => {
          progress.stage("prices", PATH.length);
          return measureFaults(crowded, () => {
            progress.advance();
          });
        }),
    ],
  ];
  const misses: string[] = [];
  for (const [title, part] of parts) {
    const figures = await part();
    progress.end();
    console.log(`\n${title}`);
    for (const found of figures) console.log(lineOf(found));
    misses.push(...figures.filter((found) => !isMet(found)).map(({ what }) => what));
  }
  for (const miss of misses) console.log(`missed: ${miss}`);
  process.exitCode = misses.length === 0 ? 0 : 1;
}

function lineOf({ what, found, target }: Figure): string {
  const aim = target && `   ${target.isFloor ? "at least" : "at most"} ${target.value.toLocaleString("en")}`;
  return `  ${what.padEnd(58)} ${Math.round(found).toLocaleString("en").padStart(12)}${aim ?? ""}`;
}

await command(USAGE, { options: {} }, measure);

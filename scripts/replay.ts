/**
 * Recorded crashes, walked with the limits on. See `npm run replay -- --help`.
 *
 * Exit status: 0 if every property held at every step of every event, 1 if one failed, 2 if the command or a file is wrong.
 */
import { writeFileSync } from "node:fs";
import { command, InputError, requireWritable } from "./commandLine.ts";
import { eventsFrom } from "./replay/events.ts";
import { CONFIG, optionsFrom, USAGE, type Options } from "./replay/options.ts";
import { eventText, summaryText } from "./replay/text.ts";
import type { Replay } from "./replay/tables.ts";
import { terminalProgress } from "./simulation/progress.ts";

async function replay({ files, html, ...crowd }: Options): Promise<void> {
  if (files.length === 0) throw new InputError("names no price file (--help shows the options)");
  const events = eventsFrom(files);
  requireWritable(html);
  // Hardhat takes a second to load: not before the question is understood.
  const { holds, run } = await import("./simulation/run.ts");
  const progress = terminalProgress();
  const replays: Replay[] = [];
  for (const [i, { name, path }] of events.entries()) {
    const place = events.length === 1 ? "" : `${i + 1}/${events.length} `;
    const started = Date.now();
    const result = await run(
      { ...crowd, path },
      {
        ...progress,
        stage: (label, total) => {
          progress.stage(`${place}${name}: ${label}`, total);
        },
      },
    ).finally(() => {
      progress.end();
    });
    const replay = { name, result, seconds: Math.round((Date.now() - started) / 1000) };
    console.log(eventText(replay));
    replays.push(replay);
  }
  console.log(summaryText(replays));
  const { page } = await import("./replay/page.ts");
  writeFileSync(html, page(replays));
  console.log(`\n  Plots: ${html}`);
  process.exitCode = replays.every(({ result }) => holds(result)) ? 0 : 1;
}

await command(USAGE, CONFIG, (given) => replay(optionsFrom(given)));

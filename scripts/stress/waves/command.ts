/** 10 October 2025 as a schedule. See `npm run stress:waves -- --help`. */
import { writeFileSync } from "node:fs";
import { command, InputError, requireWritable } from "../../commandLine.ts";
import { wavesPage } from "./page.ts";
import { reproduce } from "./reproduce.ts";
import { readSchedule, SCHEDULE } from "./schedule.ts";
import { wavesText } from "./text.ts";

const USAGE = `Usage: npm run stress:waves -- [FILE] [options]

What was needed in each wave of auto-deleveraging on 10 October 2025, and by how much ours and other policies miss it at the
fill, at several sizes of opposing open interest. FILE is the schedule; without it, the one beside the checkout:

  ${SCHEDULE}

  --html FILE  where the page goes (default waves.html)
  --help       shows this

Exit status: 0, or 2 if the command or the file is wrong.`;

await command(
  USAGE,
  { options: { html: { type: "string", default: "waves.html" } }, allowPositionals: true },
  ({ positionals, values: { html } }) => {
    if (positionals.length > 1) throw new InputError("names more than one file (--help shows the options)");
    const results = reproduce(readSchedule(positionals[0]));
    requireWritable(html);
    writeFileSync(html, wavesPage(results));
    console.log(wavesText(results));
    console.log(`\n  Page: ${html}`);
  },
);

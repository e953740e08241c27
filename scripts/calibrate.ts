/**
 * Margins, fund and open interest from recorded crashes. See `npm run calibrate -- --help`.
 *
 * Exit status: 0 if done, 2 if the command or a file is wrong.
 */
import { writeFileSync } from "node:fs";
import { command, requireWritable } from "./commandLine.ts";
import { calibrate } from "./calibrate/calibration.ts";
import { toJson } from "./calibrate/json.ts";
import { CONFIG, optionsFrom, USAGE, type Options } from "./calibrate/options.ts";
import { page } from "./calibrate/page.ts";
import { text } from "./calibrate/text.ts";

function run(options: Options): void {
  const calibration = calibrate(options);
  for (const file of [options.html, options.json]) if (file !== undefined) requireWritable(file);
  console.log(text(calibration));
  writeFileSync(options.html, page(calibration));
  if (options.json !== undefined) writeFileSync(options.json, toJson(calibration));
  console.log(`\n  Curves: ${options.html}`);
}

await command(USAGE, CONFIG, (given) => {
  run(optionsFrom(given));
});

#!/usr/bin/env node
/**
 * The pinned compiler of npm as a program, for forge: `solc.js --version`, or `solc.js --standard-json` with the input on
 * stdin. All sources are in the input, so no file is read and nothing is downloaded.
 */
import { readFileSync } from "node:fs";
import solc from "solc";

function compile(text) {
  const input = JSON.parse(text);
  // forge hands the steps of the optimizer to the profile without it, too, and the compiler refuses them there.
  if (input.settings.optimizer?.enabled === false) delete input.settings.optimizer.details;
  return solc.compile(JSON.stringify(input));
}

const isVersion = process.argv.includes("--version");
process.stdout.write(isVersion ? `Version: ${solc.version()}\n` : compile(readFileSync(0, "utf8")));

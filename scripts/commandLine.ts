/** What all commands have in common: options, `--help`, and one clear line for what cannot be taken. */
import { closeSync, openSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";

/** What the person who started the program can put right: one line on stderr and exit status 2, never a stack trace. */
export class InputError extends Error {
  override readonly name = "InputError";
}

const HELP = { help: { type: "boolean", short: "h" } } as const;

/** `parseArgs`, whose complaint is for people. */
export function parse<const Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (cause) {
    // The first sentence says what is wrong; the rest is advice that does not fit here.
    const why = cause instanceof Error ? (cause.message.split(/\.\s|\n/)[0] ?? "") : "unknown";
    throw new InputError(`${why.replace(/\.$/, "")} (--help shows the options)`, { cause });
  }
}

export function parseWhole(option: string, text: string, lowest: bigint, highest: bigint): bigint {
  const value = /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value < lowest || value > highest)
    throw new InputError(`${option} must be a whole number from ${lowest} to ${highest}, not "${text}"`);
  return value;
}

/** The same for what is counted. */
export function parseCount(option: string, text: string, lowest = 1, highest = 1_000_000_000): number {
  return Number(parseWhole(option, text, BigInt(lowest), BigInt(highest)));
}

/** Whether a file can be written: asked before a run, not after it. */
export function requireWritable(file: string): void {
  try {
    closeSync(openSync(file, "a"));
  } catch (cause) {
    throw new InputError(`${file}: cannot be written`, { cause });
  }
}

/** Runs what a command does, or says what is wrong with what was asked. */
export async function attempt(main: () => void | Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`zerofloor: ${error.message}`);
    process.exitCode = 2;
  }
}

/** The same for a command whose options are read from the command line, and shown with `--help`. */
export function command<const Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
  main: (args: ReturnType<typeof parse<Config>>) => void | Promise<void>,
): Promise<void> {
  return attempt(() => {
    if (parseArgs({ options: HELP, strict: false }).values.help === true) console.log(usage);
    else return main(parse(config));
  });
}

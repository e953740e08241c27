/** What the person asked for, checked once. */
import { InputError, parse, parseCount } from "../commandLine.ts";
import { CROWD_OPTIONS, parseCrowd } from "../simulation/options.ts";
import type { Settings } from "../simulation/run.ts";

export const USAGE = `Usage: npm start -- [options]

Opens a few hundred accounts on a chain inside this process, walks a price path, and shows who bore what.

  --prices FILE       candles of one market as CSV (timestamp,open,high,low,close,… or Binance's klines);
                      repeat it for more markets; without it: the crash of 10 October 2025
  --every MINUTES     without --prices: from one price, and one visit of keepers, to the next, 1 to 20 (default 1);
                      with 5, prices jump further than the limits foresee
  --insurance AMOUNT  what the insurance fund starts with; with less, limits let less be opened (default: what
                      they ask for the opening positions)
  --accounts N        how many traders, 20 to 2000 (default 320)
  --seed N            another crowd of traders (default 1)
  --json FILE         also writes the result there
  --help              shows this

Exit status: 0 if no account stayed below zero and every token was accounted for at every step, 1 if not, 2 if the
command or a file is wrong.`;

export interface Options extends Omit<Settings, "path"> {
  readonly help: boolean;
  readonly prices: readonly string[];
  /** Minutes. */
  readonly every: number;
  readonly json: string | undefined;
}

const DEFAULT_ACCOUNTS = 320;
const LONGEST_EVERY = 20;

export function parseOptions(args: readonly string[]): Options {
  const { values } = parse({
    args: [...args],
    strict: true,
    options: {
      prices: { type: "string", multiple: true },
      every: { type: "string" },
      ...CROWD_OPTIONS,
      json: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.every !== undefined && values.prices !== undefined)
    throw new InputError("--every is for the crash of 10 October 2025, and goes with no --prices");
  return {
    help: values.help ?? false,
    prices: values.prices ?? [],
    every: parseCount("--every", values.every ?? "1", 1, LONGEST_EVERY),
    ...parseCrowd(values, { accounts: DEFAULT_ACCOUNTS }),
    json: values.json,
  };
}

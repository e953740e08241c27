/** What the person asked for, checked once. */
import type { parse } from "../commandLine.ts";
import { CROWD_OPTIONS, parseCrowd } from "../simulation/options.ts";
import type { Settings } from "../simulation/run.ts";

export const USAGE = `Usage: npm run replay -- FILE… [options]

Walks recorded prices with the limits on, each event on a chain of its own inside this process, with the crowd and the
keepers of \`npm start\`. Prints tables and writes one page with plots.

  FILE…               candles of one market each as CSV: timestamp,open,high,low,close,… or Binance's klines.
                      Files in one folder whose names differ in the market only are one event with several markets,
                      and walked through the time that they have in common: 2025-10-10_BTCUSDT_perp_5m.csv and
                      2025-10-10_ETHUSDT_perp_5m.csv are one event. Every other file is an event with one market
  --html FILE         where the page goes (default replay.html)
  --accounts N        how many traders, 20 to 2000 (default 100)
  --insurance AMOUNT  what the insurance fund starts with in each event; with less, limits let less be opened
                      (default: what they ask for the opening positions)
  --seed N            another crowd of traders (default 1)
  --help              shows this

A candle is three steps: first against its direction, then all the way back, then its close. 4,320 candles of a minute
take some minutes with 100 accounts.

Exit status: 0 if no account stayed below zero and every token was accounted for at every step, 1 if not, 2 if the
command or a file is wrong.`;

export const CONFIG = {
  allowPositionals: true,
  strict: true,
  options: {
    html: { type: "string", default: "replay.html" },
    ...CROWD_OPTIONS,
    help: { type: "boolean", short: "h" },
  },
} as const;

const DEFAULT_ACCOUNTS = 100;

export interface Options extends Omit<Settings, "path"> {
  readonly files: readonly string[];
  readonly html: string;
}

export function optionsFrom({ values, positionals }: ReturnType<typeof parse<typeof CONFIG>>): Options {
  return { files: positionals, html: values.html, ...parseCrowd(values, { accounts: DEFAULT_ACCOUNTS }) };
}

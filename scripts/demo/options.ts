/** What the person asked for, checked once. */
import { InputError, parse, parseCount, parseWhole } from "../commandLine.ts";
import { DECIMALS, ONE, parseFixed } from "../simulation/fixedPoint.ts";

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

export interface Options {
  readonly help: boolean;
  readonly prices: readonly string[];
  /** Minutes. */
  readonly every: number;
  /** 18 decimals. */
  readonly insurance: bigint | undefined;
  readonly accounts: number;
  readonly seed: bigint;
  readonly json: string | undefined;
}

const DEFAULTS = { every: "1", accounts: "320", seed: "1" };
const LONGEST_EVERY = 20;
const FEWEST_ACCOUNTS = 20n;
const MOST_ACCOUNTS = 2_000n;
const MOST_INSURANCE = 10n ** 12n * ONE;
/** The decimals of the token that the demo deploys. */
const TOKEN_DECIMALS = 6;

export function parseOptions(args: readonly string[]): Options {
  const { values } = parse({
    args: [...args],
    strict: true,
    options: {
      prices: { type: "string", multiple: true },
      every: { type: "string" },
      insurance: { type: "string" },
      accounts: { type: "string" },
      seed: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.every !== undefined && values.prices !== undefined)
    throw new InputError("--every is for the crash of 10 October 2025, and goes with no --prices");
  return {
    help: values.help ?? false,
    prices: values.prices ?? [],
    every: parseCount("--every", values.every ?? DEFAULTS.every, 1, LONGEST_EVERY),
    insurance: values.insurance === undefined ? undefined : parseInsurance(values.insurance),
    accounts: Number(parseWhole("--accounts", values.accounts ?? DEFAULTS.accounts, FEWEST_ACCOUNTS, MOST_ACCOUNTS)),
    seed: parseWhole("--seed", values.seed ?? DEFAULTS.seed, 0n, (1n << 64n) - 1n),
    json: values.json,
  };
}

function parseInsurance(text: string): bigint {
  const value = parseFixed(text);
  const tick = 10n ** BigInt(DECIMALS - TOKEN_DECIMALS);
  if (value === undefined || value < 0n || value > MOST_INSURANCE || value % tick !== 0n) {
    throw new InputError(
      `--insurance must be an amount from 0 to 1e12 with at most ${TOKEN_DECIMALS} decimals, not "${text}"`,
    );
  }
  return value;
}

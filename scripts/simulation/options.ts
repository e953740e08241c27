/** What whoever runs a simulation may choose about it, checked once. */
import { InputError, parseWhole } from "../commandLine.ts";
import { DECIMALS, ONE, parseFixed } from "./fixedPoint.ts";
import type { Settings } from "./run.ts";

export const CROWD_OPTIONS = {
  insurance: { type: "string" },
  accounts: { type: "string" },
  seed: { type: "string" },
} as const;

const FEWEST_ACCOUNTS = 20n;
const MOST_ACCOUNTS = 2_000n;
const MOST_INSURANCE = 10n ** 12n * ONE;
/** The decimals of the token that is deployed. */
const TOKEN_DECIMALS = 6;

interface Given {
  readonly insurance?: string | undefined;
  readonly accounts?: string | undefined;
  readonly seed?: string | undefined;
}

export function parseCrowd(given: Given, defaults: { accounts: number }): Omit<Settings, "path"> {
  const { insurance, accounts = `${defaults.accounts}`, seed = "1" } = given;
  return {
    insurance: insurance === undefined ? undefined : parseInsurance(insurance),
    accounts: Number(parseWhole("--accounts", accounts, FEWEST_ACCOUNTS, MOST_ACCOUNTS)),
    seed: parseWhole("--seed", seed, 0n, (1n << 64n) - 1n),
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

/** What the person asked for, checked once. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, type parse, parseCount } from "../commandLine.ts";
import { readScenario, type Scenario } from "./scenario.ts";

const SHIPPED = fileURLToPath(new URL("scenarios/", import.meta.url));

export const USAGE = `Usage: npm run stress -- SCENARIO [options]

Walks a scenario minute by minute: prices, people who react, keepers, the default waterfall. Says who would have paid what,
and what other deleveraging rules would have done in the same moments. Writes a page with plots, JSON and CSV.

  SCENARIO        a file, or the name of one of these:
                  ${shipped().join(", ")}
  --out FOLDER    where the report goes (default stress/NAME)
  --accounts N    another number of traders than the file says, 20 to 2000000; fund, its limits and keepers' capital in
                  proportion
  --seed N        other prices (where they are drawn) and another population
  --model         the SDK's exact model alone, whatever the number; without it the contracts do all of it as well, on a chain
                  inside this process, up to ${most().toLocaleString("en")} traders, and beyond that in a sample
  --no-policies   without the other deleveraging rules
  --help          shows this

Ctrl-C ends the walk and writes the report of what there is by then.

Exit status: 0 if no trader was left below zero, 1 if one was, 2 if the command or a file is wrong. A contract that came to
anything else than the model ends the run with an error that says what differs.`;

export const CONFIG = {
  allowPositionals: true,
  strict: true,
  options: {
    out: { type: "string" },
    accounts: { type: "string" },
    seed: { type: "string" },
    model: { type: "boolean", default: false },
    "no-policies": { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
} as const;

export interface Options {
  readonly scenario: Scenario;
  readonly file: string;
  readonly out: string;
  readonly withContracts: boolean;
  readonly withPolicies: boolean;
}

/** Traders up to which the contracts do everything, and up to which every rule is asked at every deleveraging. */
export function most(): number {
  return 25_000;
}

export function optionsFrom({ values, positionals }: ReturnType<typeof parse<typeof CONFIG>>): Options {
  const [name, ...others] = positionals;
  if (name === undefined) throw new InputError("names no scenario (--help shows the options)");
  if (others.length > 0) throw new InputError(`names more than one scenario: ${positionals.join(", ")}`);
  const file = existsSync(name) ? name : join(SHIPPED, `${name}.json`);
  if (!existsSync(file)) throw new InputError(`${name} is no file and none of ${shipped().join(", ")}`);
  const read = readScenario(file);
  const scaled =
    values.accounts === undefined ? read : scaledTo(read, parseCount("--accounts", values.accounts, 20, 2_000_000));
  const scenario = values.seed === undefined ? scaled : { ...scaled, seed: parseCount("--seed", values.seed, 0) };
  return {
    scenario,
    file,
    out: values.out ?? join("stress", basename(file, ".json")),
    withContracts: !values.model && scenario.population.accounts <= most(),
    withPolicies: !values["no-policies"] && scenario.population.accounts <= most(),
  };
}

/** The same with other traders, and everything that is money in proportion. */
export function scaledTo(scenario: Scenario, accounts: number): Scenario {
  const { population, keepers, fund, markets } = scenario;
  const scale = (money: bigint) => (money * BigInt(accounts)) / BigInt(population.accounts);
  return {
    ...scenario,
    population: { ...population, accounts },
    keepers: { ...keepers, capital: scale(keepers.capital) },
    fund: scale(fund),
    markets: markets.map((market) => ({ ...market, fundCapacity: scale(market.fundCapacity) })),
  };
}

export function folderOf(file: string): string {
  return dirname(file);
}

function shipped(): string[] {
  if (!existsSync(SHIPPED)) return [];
  return readdirSync(SHIPPED)
    .filter((name) => name.endsWith(".json"))
    .map((name) => basename(name, ".json"));
}

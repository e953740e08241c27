/** The command as somebody meets it who has never seen it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { InputError } from "../../../scripts/commandLine.ts";
import { type CONFIG, optionsFrom, scaledTo } from "../../../scripts/stress/options.ts";
import { readScenario } from "../../../scripts/stress/scenario.ts";

const COMMAND = fileURLToPath(new URL("../../../scripts/stress.ts", import.meta.url));
const SHIPPED = fileURLToPath(new URL("../../../scripts/stress/scenarios/", import.meta.url));
const NAMES = ["black-thursday", "flash", "grind", "million", "october-2025", "small"];

type Given = Parameters<typeof optionsFrom>[0];
type Values = { [Name in keyof typeof CONFIG.options]?: string | boolean };

function options(positionals: string[], values: Values = {}) {
  return optionsFrom({ positionals, values: { model: false, "no-policies": false, ...values } } as Given);
}

function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("npm run stress", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stress-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (json: unknown) => {
    const path = join(folder, "scenario.json");
    writeFileSync(path, typeof json === "string" ? json : JSON.stringify(json));
    return path;
  };
  const small = () => JSON.parse(readFileSync(join(SHIPPED, "small.json"), "utf8")) as Record<string, unknown>;

  it("takes every scenario that it ships, by its name", () => {
    for (const name of NAMES) expect(options([name]).scenario.title, name).to.not.equal("");
  });

  it("says in one line what it cannot take", () => {
    const cases: [() => unknown, RegExp | string][] = [
      [() => options([]), "names no scenario (--help shows the options)"],
      [() => options(["small", "flash"]), "names more than one scenario: small, flash"],
      [() => options(["large"]), `large is no file and none of ${NAMES.join(", ")}`],
      [
        () => options(["small"], { accounts: "many" }),
        '--accounts must be a whole number from 20 to 2000000, not "many"',
      ],
      [() => options(["small"], { accounts: "19" }), '--accounts must be a whole number from 20 to 2000000, not "19"'],
      [() => options(["small"], { seed: "-1" }), /^--seed must be a whole number/],
      [() => options([file("{")]), /scenario\.json: is not JSON$/],
      [
        () => options([file({ ...small(), fund: 5 })]),
        /scenario\.json: fund: Invalid input: expected string, received number$/,
      ],
      [() => options([file({ ...small(), fund: "-5" })]), /scenario\.json: fund: must be a decimal number in quotes/],
      [() => options([file({ ...small(), funds: "5" })]), /scenario\.json: Unrecognized key: "funds"$/],
      [
        () => options([file({ ...small(), markets: [{ name: "DOGE", fundCapacity: "5" }] })]),
        /scenario\.json: prices: DOGE has none$/,
      ],
    ];
    for (const [make, line] of cases) {
      const said = refusal(make);
      if (typeof line === "string") expect(said).to.equal(line);
      else expect(said).to.match(line);
    }
  });

  it("ends with status 2 then, and without a stack trace", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", COMMAND, "large"], {
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).to.deep.equal([
      ...[2, "", `zerofloor: large is no file and none of ${NAMES.join(", ")}\n`],
    ]);
  });

  it("takes another number of traders, with money in proportion", () => {
    const whole = readScenario(join(SHIPPED, "small.json"));
    const half = scaledTo(whole, 150);
    expect([half.population.accounts, half.fund * 2n, half.keepers.capital * 2n]).to.deep.equal([
      ...[150, whole.fund, whole.keepers.capital],
    ]);
    expect(options(["small"], { accounts: "150" }).scenario).to.deep.equal(half);
  });

  it("asks the contracts up to a number of traders, and not where the model alone is wanted", () => {
    expect(options(["small"]).withContracts).to.equal(true);
    expect(options(["million"]).withContracts).to.equal(false);
    expect(options(["small"], { model: true }).withContracts).to.equal(false);
    expect(options(["small"], { "no-policies": true }).withPolicies).to.equal(false);
  });
});

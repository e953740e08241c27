/** Gas of whole transactions, beside the committed figures. */
import { readFile, writeFile } from "node:fs/promises";
import Table from "cli-table3";
import { command } from "../scripts/commandLine.ts";
import type { Measured } from "./cases.js";

/** Signatures and addresses have zero bytes now and then: a figure may differ by this part and be the same. */
const TOLERANCE = 0.005;
const SNAPSHOT = new URL("gas.json", import.meta.url);
const USAGE = `Usage: npm run bench:gas -- [options]

Gas of whole transactions from a cold start, Cancun rules, price read through a Chainlink-shaped proxy and aggregator.
Compares with bench/gas.json and fails where a figure differs by more than half a percent.

  --update  writes bench/gas.json
  --help    shows this`;

async function measure(update: boolean): Promise<void> {
  const { cases } = await import("./cases.js");
  const measured: Measured[] = [];
  for (const run of cases) measured.push(...(await run()));

  const before = await readFile(SNAPSHOT, "utf8").then(
    (text) => JSON.parse(text) as Record<string, number>,
    (): Record<string, number> => ({}),
  );
  const table = new Table({
    head: ["transaction", "gas", "reach", "", "best peer", "committed"],
    colAligns: ["left", "right", "right", "left", "left", "right"],
    style: { head: [], border: [] },
  });
  let differs = 0;
  for (const { name, gas, reach, peer } of measured) {
    const committed = before[name];
    const same = committed !== undefined && Math.abs(committed - Number(gas)) <= committed * TOLERANCE;
    if (!same) ++differs;
    table.push([
      name,
      gas.toLocaleString("en"),
      reach?.toLocaleString("en") ?? "",
      reach === undefined ? "" : gas <= reach ? "ok" : "over",
      peer ?? "",
      committed === undefined ? "new" : same ? "same" : committed.toLocaleString("en"),
    ]);
  }
  console.log(table.toString());

  if (update) {
    const snapshot = Object.fromEntries(measured.map(({ name, gas }) => [name, Number(gas)]));
    await writeFile(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);
    console.log(`wrote bench/gas.json: ${measured.length} figures`);
  } else if (differs > 0 || Object.keys(before).length !== measured.length) {
    console.error(`${differs} of ${measured.length} figures differ from bench/gas.json; npm run bench:gas -- --update`);
    process.exitCode = 1;
  }
}

await command(USAGE, { options: { update: { type: "boolean", default: false } } }, ({ values }) =>
  measure(values.update),
);

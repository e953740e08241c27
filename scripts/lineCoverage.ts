/**
 * Prints the line coverage of contracts/ from the last `hardhat test --coverage`, and fails below the floor.
 *
 *   node --import tsx scripts/lineCoverage.ts [--floor PERCENT]
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { floor: { type: "string", default: "97" } } });
const floor = Number(values.floor);

let [found, hit] = [0, 0];
let file = "";
for (const line of (await readFile("coverage/lcov.info", "utf8")).split("\n")) {
  const [key, value = ""] = line.split(":", 2);
  if (key === "SF") file = value;
  if (!file.startsWith("contracts/")) continue;
  if (key === "LF") found += Number(value);
  if (key === "LH") hit += Number(value);
}

const percent = (100 * hit) / found;
console.log(`line coverage of contracts/: ${percent.toFixed(2)} % (${hit} of ${found} lines)`);
if (!(percent >= floor)) {
  console.error(`below the floor of ${floor} %`);
  process.exitCode = 1;
}

/** What a check has found, as a person reads it. */
import Table from "cli-table3";
import type { Line } from "./check.ts";

/** Prints all lines and what differs; the exit status says whether anything does. */
export function report(lines: readonly Line[]): void {
  const table = new Table({ head: ["", "what", "expected", "found"], style: { head: [], border: [], compact: true } });
  const different = lines.filter(({ expected, found }) => expected !== found);
  for (const line of lines) {
    const same = !different.includes(line);
    table.push([same ? "✓" : "✗", line.what, line.expected, same ? "the same" : line.found]);
  }
  console.log(table.toString());
  for (const { what, expected, found } of different) console.log(`✗ ${what}: expected ${expected}, found ${found}`);
  console.log(`${lines.length - different.length} of ${lines.length} as they must be`);
  if (different.length > 0) process.exitCode = 1;
}

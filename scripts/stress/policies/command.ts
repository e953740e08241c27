/** The policies side by side at the example moment: `node --import tsx scripts/stress/policies/command.ts`. */
import { ONE } from "../../../packages/sdk/src/types/price.ts";
import { command, parseCount, parseWhole } from "../../commandLine.ts";
import { compare } from "./compare.ts";
import { EXAMPLE, exampleMoment, SEVERE } from "./exampleMoment.ts";
import { comparisonText } from "./text.ts";

const USAGE = `Usage: node --import tsx scripts/stress/policies/command.ts [options]

Deleveraging policies at one drawn moment, and where ours loses.

  --seed N      another moment (1)
  --accounts N  how many hold the opposing side (120)
  --shorts      shorts default, not longs
  --severe      a move of 40 % before an empty fund, not of 15 %
  --kept        nobody has taken a gain out
  --help        shows this`;

const OPTIONS = {
  seed: { type: "string" },
  accounts: { type: "string" },
  shorts: { type: "boolean" },
  severe: { type: "boolean" },
  kept: { type: "boolean" },
} as const;

/** What the mark does afterwards, assumed: on by a third of the move after a minute, back by two thirds of it after five. */
const ONWARDS = 100n * ONE;
const BACK = 200n * ONE;

await command(USAGE, { options: OPTIONS }, ({ values }) => {
  const moment = exampleMoment({
    ...(values.severe === true ? SEVERE : EXAMPLE),
    seed: parseWhole("--seed", values.seed ?? "1", 0n, 2n ** 63n),
    opposing: parseCount("--accounts", values.accounts ?? String(EXAMPLE.opposing), 1, 100_000),
    ...(values.kept === true ? { takenOut: 0n } : {}),
    longsDefaulted: values.shorts !== true,
  });
  const up = moment.longsDefaulted ? 1n : -1n;
  const later = { oneMinute: moment.mark - up * ONWARDS, fiveMinutes: moment.mark + up * BACK };
  console.log(comparisonText(compare(moment, later)));
});

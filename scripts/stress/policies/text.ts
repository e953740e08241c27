/** The comparison as text for a terminal. */
import CliTable from "cli-table3";
import { formatFixed } from "../../simulation/fixedPoint.ts";
import { bare, indent, linesOf, percent } from "../../simulation/wording.ts";
import { type Comparison, CRITERIA, type Criterion } from "./compare.ts";
import { gasAssumptions } from "./metrics/gas.ts";
import { deficitOf, defaultedSize, neededOf } from "./moment.ts";

export function comparisonText({ moment, measures, losses }: Comparison): string {
  const table = new CliTable({
    head: ["", ...measures.map(({ allocation }) => allocation.policy)],
    colAligns: ["left", ...measures.map(() => "right" as const)],
    ...bare(),
  });
  for (const criterion of CRITERIA) {
    const cells = measures.map((one) => inUnits(criterion, criterion.of(one)));
    if (cells.some((cell) => cell !== "")) table.push([criterion.name, ...cells]);
  }
  const [clear, slight] = [losses.filter((loss) => !loss.slight), losses.filter((loss) => loss.slight)];
  const lost = clear.map(
    ({ criterion, ours, best, by }) =>
      `${criterion.name}: ours ${inUnits(criterion, ours)}, ${by.join(" and ")} ${inUnits(criterion, best)}`,
  );
  const little = slight.map(({ criterion }) => criterion.name).join("; ");
  return [
    `${moment.defaulters.length} ${moment.longsDefaulted ? "longs" : "shorts"} of ${formatFixed(defaultedSize(moment.defaulters))} in default at ${formatFixed(moment.mark)}, ${formatFixed(deficitOf(moment))} below zero; ${formatFixed(neededOf(moment))} needed after the fund`,
    "",
    ...linesOf(table),
    "",
    "Where ours loses",
    indent(...lost, ...(little === "" ? [] : [`by no more than rounding: ${little}`])),
    "",
    "Gas, what is assumed",
    indent(...Object.entries(gasAssumptions()).map(([policy, what]) => `${policy}: ${what}`)),
  ].join("\n");
}

function inUnits({ unit }: Criterion, value: bigint | undefined): string {
  if (value === undefined) return "";
  switch (unit) {
    case "money":
    case "size":
      return formatFixed(value);
    case "ppm":
      return percent(value);
    case "wei":
      return weiText(value);
    case "accounts":
    case "gas":
      return value.toLocaleString("en");
  }
}

/** Wei as they are; from a millionth of a token on, money. */
export function weiText(value: bigint): string {
  return value < 10n ** 12n ? `${value.toLocaleString("en")} wei` : formatFixed(value);
}

/** The scenario as it can be run again, and as a table. */
import type { Table } from "../../page/table.ts";
import type { Scenario } from "../scenario.ts";
import { decimal } from "./exact.ts";
import { amount, count, figureOf, number, percentage } from "./people.ts";

/** Every money of a scenario is written as a decimal in quotes. */
export function scenarioJson(scenario: Scenario): string {
  return JSON.stringify(scenarioValue(scenario), null, 2);
}

export function scenarioValue(scenario: Scenario): unknown {
  return JSON.parse(
    JSON.stringify(scenario, (_, value: unknown) => (typeof value === "bigint" ? decimal(value) : value)),
  );
}

export function scenarioTable({ seed, prices, population, keepers, fund }: Scenario): Table {
  const { collateral, leverage, reactions } = population;
  const path =
    prices.kind === "recorded"
      ? `recorded, from ${prices.from} UTC`
      : `made up${prices.crash === undefined ? "" : ", with a certain crash"}`;
  return {
    head: ["scenario", ""],
    rows: [
      ["prices", `${path}, ${count(prices.minutes)} minutes`],
      ["seed", `${seed}`],
      ["traders", `${count(population.accounts)}, ${percentage(population.long)} long`],
      ["collateral", `median ${amount(collateral.median)}, log-normal, σ ${number(collateral.sigma)}`],
      [
        "leverage",
        `${number(leverage.least)} to ${number(leverage.most)}, beta(${number(leverage.alpha)}, ${number(leverage.beta)})`,
      ],
      ["hedgers, cross-margined", `${percentage(population.hedgers)}, ${percentage(population.crossMargined)}`],
      [
        "reactions",
        `add margin ${percentage(reactions.addMargin)}, reduce ${percentage(reactions.reduce)}, close ${percentage(reactions.panic)}, below ${number(reactions.level)} × MM, ${count(reactions.delayMinutes)} min later`,
      ],
      [
        "keepers",
        `${count(keepers.count)} with ${amount(keepers.capital)} each, ${count(keepers.latencyMinutes)} min late`,
      ],
      ["insurance fund", amount(fund)],
    ],
  };
}

export function marketTable({ markets }: Scenario): Table {
  return {
    head: ["market", "weight", "may draw from the fund", "parameters other than the shipped ones"],
    words: [3],
    rows: markets.map(({ name, weight, fundCapacity, risk }) => [
      name,
      number(weight),
      amount(fundCapacity),
      Object.entries(risk)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key} ${typeof value === "bigint" ? figureOf(value) : percentage(value ?? 0)}`)
        .join(", ") || "none",
    ]),
  };
}

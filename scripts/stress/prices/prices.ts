/** The prices of a scenario, minute by minute. */
import type { PricePath } from "../../simulation/path.ts";
import type { Scenario } from "../scenario.ts";
import { recorded } from "./recorded.ts";
import { stochastic } from "./stochastic.ts";

/**
 * One step for each minute; the first one is where positions are opened.
 * @param folder Of the scenario's file.
 * @throws InputError Where a price file is missing or does not have the window.
 */
export function pricesOf(scenario: Scenario, folder: string): PricePath {
  const names = scenario.markets.map(({ name }) => name);
  const { prices } = scenario;
  return prices.kind === "recorded"
    ? recorded(prices, names, folder)
    : stochastic(prices, names, scenario.seed, scenario.title);
}

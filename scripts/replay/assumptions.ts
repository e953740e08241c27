/** What of a replay is recorded, and what is made up. */
import { formatFixed } from "../simulation/fixedPoint.ts";
import type { Result } from "../simulation/run.ts";

export function assumptions(results: readonly Result[]): string[] {
  const settings = results[0]?.settings;
  const funds = results.map(({ insurance }) => formatFixed(insurance, 0)).join(", ");
  return [
    "Recorded are the candles: where the price of each market was within a minute or five. Everything else is made up.",
    "The path within a candle: from its open against the direction in which it closed, all the way back, then to its close. Each is a step, at a third, two thirds and the end of the candle. At each step every market has a price, on time and true, and it is taken as the mark at once. What happened between these moments, and what a feed would have shown, is not known here.",
    `The crowd: ${settings?.accounts ?? 0} traders, drawn from seed ${settings?.seed ?? 0}, with deposits of 400 to 12,000. 64 of 100 are long with leverage up to what the margin of the filled market allows, the others short with 1.5 to 7 times their deposit. Where there are several markets, every fifth holds a second one on the same collateral. They open at the first price. Every five minutes, and whenever a price has jumped, one try for each 40 of them is made to open more, at mark; who has lost everything is replaced by somebody with the same deposit. Everybody rests an order that takes 20 to 60 % of the position off once the price has gone 3 to 20 % their way.`,
    `The keepers: ${results[0]?.keepers ?? 0} with a deposit of 18 % of the traders' together. They come after every price, take over the worst first as far as their own margin and four times their equity go, sell to resting orders and to whoever opens, and deleverage everybody below zero in every step. Where a price has jumped they sell in the next block.`,
    `The insurance fund: what the limits ask for the opening positions unless --insurance says otherwise (${funds}). Nobody adds to it or leaves it; fees and penalties go to it. Half of the maintenance margin is the gap that it is to bear alone: a jump of one and a half maintenance margins with everybody of one side at the edge.`,
    "Parameters are those of deploy/parameters/local.json; a market that the file does not know has SOL's. The margin for volatility is half of the range of marks, which is counted in steps of a twentieth.",
  ];
}

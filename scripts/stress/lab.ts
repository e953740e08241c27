/** A scenario from its file to its result: prices, people, the run, and the contracts beside it, all of it or in a sample. */
import type { PricePath } from "../simulation/path.ts";
import type { Progress } from "../simulation/run.ts";
import { startContracts } from "./engine/contracts.ts";
import { run } from "./engine/run.ts";
import { folderOf, type Options, scaledTo } from "./options.ts";
import { drawPeople } from "./population/draw.ts";
import { pricesOf } from "./prices/prices.ts";
import type { Result } from "./result.ts";
import type { Scenario } from "./scenario.ts";

/** Traders in the sample in which contracts are asked where there are too many for them. */
const SAMPLE = 1_000;

export async function stressed(
  options: Options,
  progress: Progress,
  stop: AbortSignal,
  say: (text: string) => void,
): Promise<Result> {
  const { scenario, file, withContracts } = options;
  const path = pricesOf(scenario, folderOf(file));
  const result = await runOf(scenario, path, options, progress, stop, say);
  const isWhole = withContracts || result.isPartial || scenario.population.accounts <= SAMPLE;
  if (isWhole) return result;
  say(`The contracts beside the model, with ${SAMPLE.toLocaleString("en")} traders`);
  const sample = scaledTo(scenario, SAMPLE);
  const settings = { ...options, withContracts: true, withPolicies: true };
  const { check, policies } = await runOf(sample, path, settings, progress, stop, say);
  return { ...result, check, policies: result.policies ?? policies };
}

async function runOf(
  scenario: Scenario,
  path: PricePath,
  { file, withContracts, withPolicies }: Options,
  progress: Progress,
  stop: AbortSignal,
  say: (text: string) => void,
): Promise<Result> {
  progress.stage("deploying", 1);
  const start = await startContracts(scenario, path);
  // What is not asked any more need not be kept.
  if (!withContracts) await start.contracts.close();
  progress.advance();
  try {
    progress.stage("drawing people", 1);
    const rates = start.house.markets.map(({ risk }) => risk.initialMarginAtCap);
    const people = drawPeople(scenario, start.contracts.answers(path.steps[0]?.prices ?? []), rates);
    progress.advance();
    return await run({ scenario, file, path, people, start, withContracts, withPolicies, stop, say }, progress);
  } finally {
    if (withContracts) await start.contracts.close();
  }
}

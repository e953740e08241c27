/** A result for programs: everything, in an order that does not change. */
import type { PolicyTable, Result, Step } from "../result.ts";
import { decimal } from "./exact.ts";
import { scenarioValue } from "./scenarioText.ts";

/** Grows when a key changes its meaning or goes; a further key does not count. */
export const FORMAT = 1;

export function toJson(result: Result): string {
  const { waterfall, check } = result;
  const value = {
    format: FORMAT,
    units:
      "Money and prices are decimals in quotes, in whole tokens; parts are ppm; time is Unix seconds, latency minutes. Edges of distributions are whole tokens.",
    scenario: scenarioValue(result.scenario),
    file: result.file,
    engine: result.engine,
    isPartial: result.isPartial,
    seconds: result.seconds,
    accounts: result.accounts,
    failed: result.failed,
    belowZero: result.belowZero,
    waterfall: {
      ownLosses: decimal(waterfall.ownLosses),
      incentives: decimal(waterfall.incentives),
      liquidationFees: decimal(waterfall.liquidationFees),
      deficit: decimal(waterfall.deficit),
      bounty: decimal(waterfall.bounty),
      insured: decimal(waterfall.insured),
      haircuts: decimal(waterfall.haircuts),
      shortfall: decimal(waterfall.shortfall),
    },
    check:
      check === undefined
        ? null
        : {
            traders: check.traders,
            accounts: check.accounts,
            markets: check.markets,
            comparisons: check.comparisons,
            transactions: check.transactions,
            gas: check.gas.toString(),
          },
    policies: result.policies === undefined ? null : policyValue(result.policies),
    before: { edges: result.before.edges, counts: result.before.counts },
    after: { edges: result.after.edges, counts: result.after.counts },
    latency: result.latency,
    haircutByLeverage: result.haircutByLeverage.map(groupValue),
    haircutByNotional: result.haircutByNotional.map(groupValue),
    payerCount: result.payerCount,
    payers: result.payers.map((payer) => ({
      account: payer.account,
      notional: decimal(payer.notional),
      equity: decimal(payer.equity),
      leverage: payer.leverage,
      haircut: decimal(payer.haircut),
      profit: decimal(payer.profit),
      isHedger: payer.isHedger,
    })),
    steps: result.steps.map(stepValue),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function policyValue({ traders, events, columns, rows, losses }: PolicyTable) {
  return {
    traders,
    events,
    columns: columns.map(({ key, title, unit, lowerIsBetter }) => ({ key, title, unit, lowerIsBetter })),
    rows: rows.map(({ policy, isOurs, values }) => ({ policy, isOurs, values: values.map((value) => value ?? null) })),
    losses,
  };
}

function groupValue({ upTo, median, payers }: Result["haircutByLeverage"][number]) {
  return { upTo, median, payers };
}

function stepValue(step: Step) {
  return {
    time: step.time,
    prices: step.prices.map(decimal),
    openInterest: step.openInterest.map(decimal),
    liquidatable: step.liquidatable,
    inDefault: step.inDefault,
    exposure: decimal(step.exposure),
    exposureAfter: decimal(step.exposureAfter),
    fund: decimal(step.fund),
    liquidations: step.liquidations,
    deleveragings: step.deleveragings,
    takenOver: decimal(step.takenOver),
    deficit: decimal(step.deficit),
    bounty: decimal(step.bounty),
    insured: decimal(step.insured),
    haircuts: decimal(step.haircuts),
    shortfall: decimal(step.shortfall),
    closed: decimal(step.closed),
    reactions: step.reactions,
  };
}

/** What of a result is measured, and what it takes for granted. */
import { gasAssumptions } from "../policies/metrics/gas.ts";
import type { Result } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import { amount, count, counted, listed, number, percentage } from "./people.ts";

export interface Assumed {
  readonly measured: readonly string[];
  readonly assumed: readonly string[];
}

export function assumedIn(result: Result): Assumed {
  const { scenario } = result;
  return {
    measured: [...engine(result), ...sums, ...comparison(result)],
    assumed: [
      prices(scenario),
      ...population(scenario),
      ...keepers(scenario),
      "Everybody trades at mark. One market maker takes the other side of every opening, of whoever reduces or closes, and of what keepers sell; it always has the capital and never refuses. It is not among the traders that are counted here.",
      "Every minute has one price, which the house takes as its mark at once: no price is late, missing or wrong. What happened between two minutes is not known here.",
      `Risk parameters that the scenario does not name are those of deploy/parameters/local.json. The insurance fund begins with ${amount(scenario.fund)}; nobody joins or leaves it, and fees go to it.`,
      ...payersKept(result),
      ...counterfactual(result),
    ],
  };
}

function engine({ engine: kind, check, accounts: all }: Result): string[] {
  if (check === undefined)
    return [
      "Figures are those of the SDK's model, which the contracts equal to the wei. In this run no contract was called; that the two agree is what the runs with contracts check.",
    ];
  const { traders, accounts, comparisons, transactions, gas } = check;
  const compared = `${counted(transactions, "transaction")} on a chain inside the process, ${gas.toLocaleString("en-US")} gas in all; ${counted(comparisons, "time")} all markets, the fund and ${counted(accounts, "account")} in all were compared with the model, each time equal to the wei`;
  if (kind === "contracts") return [`Figures are what the contracts did: ${compared}.`];
  return [
    `Figures are those of the SDK's model with ${counted(all, "trader")}. The contracts did the same scenario with ${counted(traders, "trader")} and money in proportion: ${compared}.`,
  ];
}

const sums = [
  "Equity, deficits, the fund's balance, liquidations, deleveragings, haircuts and shortfall: read after every minute, none of them estimated. In each minute, deficits + bounties = insurance fund + haircuts + shortfall.",
  "Negative equity exposure and accounts below MM: counted at the new price before anybody acts, and exposure once more after everybody has.",
  "Latency: from the minute in which an account was first below MM to the one in which somebody acted on it.",
];

function comparison({ policies }: Result): string[] {
  if (policies === undefined || policies.events === 0) return [];
  return [
    `The comparison of rules: each was given the same ${counted(policies.events, "deleveraging")} of a run with ${counted(policies.traders, "trader")}, with the accounts as they stood right before, and its outcome was worked out exactly.`,
  ];
}

function prices({ prices: path, markets }: Scenario): string {
  const names = listed(markets.map(({ name }) => name));
  if (path.kind === "recorded")
    return `Prices of ${names} are recorded candles, from ${path.from} UTC on, ${counted(path.minutes, "minute")}. Nothing that anybody does here moves them.`;
  const { volatility, jumps, crash, correlation, tails } = {
    ...path,
    volatility: markets.map(({ name }) => `${name} ${percentage((path.markets[name]?.volatility ?? 0) * 1e6)}`),
  };
  const parts = [
    `Prices are made up: ${counted(path.minutes, "minute")} of random moves with a yearly volatility of ${listed(volatility)}, correlated by ${number(correlation)}, shocks with ${number(tails)} degrees of freedom`,
    ...(jumps.expected === 0 ? [] : [`${number(jumps.expected)} jumps expected in the whole run`]),
    ...(crash === undefined
      ? []
      : [
          `a certain crash at minute ${count(crash.at)}, over ${counted(crash.minutes, "minute")}, in which the log price of the first market falls by ${number(crash.depth)} and the others' in proportion to their volatility, of which ${percentage(crash.recovery * 1e6)} comes back`,
        ]),
  ];
  return `${parts.join("; ")}. Nothing that anybody does here moves them. Another seed gives another path.`;
}

function population({ population: crowd, seed }: Scenario): string[] {
  const { collateral, leverage, reactions } = crowd;
  const idle = 1_000_000 - reactions.addMargin - reactions.reduce - reactions.panic;
  return [
    `The traders are drawn, with seed ${seed}: ${count(crowd.accounts)} of them, ${percentage(crowd.long)} long, collateral log-normal around a median of ${amount(collateral.median)} (deviation of the logarithm ${number(collateral.sigma)}), leverage between ${number(leverage.least)} and ${number(leverage.most)}. ${percentage(crowd.hedgers)} hold one leg of a hedge, ${percentage(crowd.crossMargined)} are in two markets or more. All open at the first price.`,
    `Reactions: when equity comes below ${number(reactions.level)} times MM, and ${counted(reactions.delayMinutes, "minute")} later, ${percentage(reactions.addMargin)} add margin once, ${percentage(reactions.reduce)} close half, ${percentage(reactions.panic)} close everything, and ${percentage(Math.max(idle, 0))} do nothing.`,
  ];
}

function keepers({ keepers: them }: Scenario): string[] {
  const { asleep, gas } = them;
  const sleep =
    asleep === undefined
      ? "none of them sleeps"
      : `${percentage(asleep.part)} of them are asleep from minute ${count(asleep.from)} on for ${counted(asleep.minutes, "minute")}, and nobody else does their work`;
  const costs =
    gas === undefined
      ? "gas costs them nothing"
      : `gas costs what the scenario says (a coin at ${amount(gas.coinPrice)}), and where a liquidation earns less than that nobody makes it`;
  return [
    `Keepers: ${count(them.count)} with ${amount(them.capital)} each, who hold at most ${number(them.leverage)} times their equity and come ${them.latencyMinutes === 0 ? "in the same minute" : `${counted(them.latencyMinutes, "minute")} late`}; ${sleep}; ${costs}. In each minute that allows it they sell ${percentage(them.sellOff)} of what they hold to the market maker, at mark.`,
  ];
}

function payersKept({ payers, payerCount }: Result): string[] {
  if (payers.length >= payerCount) return [];
  return [
    `Of ${counted(payerCount, "payer")} the ${count(payers.length)} with the largest haircuts are listed and drawn as dots. The medians are of all of them.`,
  ];
}

function counterfactual({ policies }: Result): string[] {
  if (policies === undefined || policies.events === 0) return [];
  const gas = gasAssumptions();
  const known = policies.rows.flatMap(({ policy }) =>
    gas[policy] === undefined ? [] : [`Gas of ${policy}: ${gas[policy]}.`],
  );
  return [
    "Other rules are judged one deleveraging at a time, from the state that this house's rule had led to. Had another one been in force from the beginning, the accounts it met later would have been others; that is not followed up.",
    "At each deleveraging every rule has the same amount to raise and the same size to close, after the insurance fund has paid. Rules are as they are published; where a publication leaves something open, the code says what was chosen.",
    ...known,
  ];
}

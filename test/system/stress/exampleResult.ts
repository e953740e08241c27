/** A result as a run would have it, made by hand: sizes are realistic, sums agree, and nothing of it has happened. */
import { formatEther, parseEther } from "ethers";
import { PPM, sum } from "../../../scripts/simulation/fixedPoint.ts";
import type { Distribution, Payer, PolicyTable, Result, Step } from "../../../scripts/stress/result.ts";
import { Scenario } from "../../../scripts/stress/scenario.ts";

const MARKETS = [
  { name: "BTC", price: 117_000, weight: 3, fall: 0.14 },
  { name: "ETH", price: 4_010, weight: 2, fall: 0.19 },
  { name: "SOL", price: 206, weight: 1, fall: 0.31 },
];
const START = Date.UTC(2025, 9, 10, 14) / 1_000;
const EDGES = [-100_000, -10_000, -1_000, -100, 0, 1, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
const ACCOUNTS = 50_000;

export function exampleScenario(
  minutes: number,
  title = "A crash like that of 10 October 2025, a small fund",
): Scenario {
  return Scenario.parse({
    title,
    description:
      "Longs at high leverage, an insurance fund of half of what the limits ask for, and a third of all keepers asleep.",
    seed: 7,
    markets: MARKETS.map(({ name, weight }) => ({
      ...{ name, weight, fundCapacity: "250000" },
      risk: name === "SOL" ? { maintenanceMargin: 40_000, openInterestCap: "12000000.5" } : {},
    })),
    prices: {
      ...{ kind: "stochastic", minutes, start: START },
      markets: Object.fromEntries(MARKETS.map(({ name, price }) => [name, { price, volatility: 0.6 }])),
      crash: {
        at: Math.floor(minutes / 2),
        minutes: Math.min(40, Math.floor(minutes / 2)),
        depth: 0.16,
        recovery: 0.5,
      },
    },
    population: {
      accounts: ACCOUNTS,
      collateral: { median: "2500", sigma: 1.6 },
      leverage: { least: 1, most: 20, alpha: 1.6, beta: 3 },
      ...{ hedgers: 80_000, crossMargined: 150_000 },
      reactions: { addMargin: 100_000, reduce: 150_000, panic: 50_000, level: 2, delayMinutes: 1 },
    },
    keepers: { count: 24, capital: "250000", asleep: { part: 333_333, from: Math.floor(minutes / 2), minutes: 15 } },
    fund: "500000",
  });
}

export function exampleResult({
  minutes = 720,
  payers = 2_000,
  title,
}: { minutes?: number; payers?: number; title?: string } = {}): Result {
  const steps = exampleSteps(minutes);
  const total = (pick: (step: Step) => bigint) => sum(steps.map(pick));
  const haircuts = total((step) => step.haircuts);
  const paid = examplePayers(payers, haircuts);
  return {
    scenario: exampleScenario(minutes, title),
    file: "scripts/stress/scenarios/october.json",
    engine: "contracts",
    isPartial: false,
    seconds: 1_834.2,
    accounts: ACCOUNTS,
    steps,
    before: distribution(2_500, 0),
    after: distribution(2_150, 3_180),
    waterfall: {
      ownLosses: parseEther("12345678.25"),
      incentives: parseEther("412345.5"),
      liquidationFees: parseEther("205000.125"),
      deficit: total((step) => step.deficit),
      bounty: total((step) => step.bounty),
      insured: total((step) => step.insured),
      haircuts,
      shortfall: total((step) => step.shortfall),
    },
    payers: paid,
    payerCount: payers === 0 ? 0 : 11_204,
    haircutByLeverage: tenths(paid, ({ leverage }) => leverage),
    haircutByNotional: tenths(paid, ({ notional }) => whole(notional)),
    latency: [2_410, 510, 180, 60, 22, 9, 4, 2, 0, 1, 0, 0, 3, 0, 0, 1],
    failed: 3_202,
    belowZero: 0,
    policies: examplePolicies(),
    check: {
      traders: ACCOUNTS,
      accounts: ACCOUNTS,
      markets: 3,
      comparisons: minutes,
      transactions: 9_876,
      gas: 2_345_678_901n,
    },
  };
}

/** Nobody was below maintenance margin in the only minute. */
export function quietResult(): Result {
  const quiet = exampleResult({ minutes: 2, payers: 0 });
  const steps = quiet.steps.slice(0, 1).map((step): Step => ({ ...step, liquidatable: 0, reactions: 0 }));
  const { before } = quiet;
  return {
    ...{ ...quiet, engine: "model", steps, after: before, isPartial: true, seconds: 0.4 },
    waterfall: {
      ...{ ownLosses: 0n, incentives: 0n, liquidationFees: 0n, deficit: 0n, bounty: 0n },
      ...{ insured: 0n, haircuts: 0n, shortfall: 0n },
    },
    ...{ haircutByLeverage: [], haircutByNotional: [], latency: [], failed: 0, policies: undefined, check: undefined },
  };
}

function exampleSteps(minutes: number): Step[] {
  const wave = (i: number, k: number) =>
    Math.sin(i / 7 + k * 2) + 0.6 * Math.sin(i / 2.3 + k) + 0.3 * Math.sin(i * 1.7 + 3 * k);
  const crash = Math.floor(minutes / 2);
  let fund = 500_000;
  let scale = 1;
  return Array.from({ length: minutes }, (_, i): Step => {
    const into = minutes < 10 ? 0 : i - crash;
    const depth = into < 0 ? 0 : into < 40 ? (into / 40) ** 1.4 : 0.45 + 0.55 * Math.exp(-(into - 40) / 60);
    const speed = into > 4 && into <= 40 ? (into / 40) ** 3 : 0;
    scale *= 1 - 0.011 * speed;
    const deficit = speed * 46_000 * (1 + 0.8 * Math.sin(i * 2.1));
    const bounty = deficit * 0.012;
    const insured = Math.min(fund * 0.7, (deficit + bounty) * 0.9);
    const shortfall = into === 38 ? (deficit + bounty - insured) * 0.06 : 0;
    fund += speed * 5_200 - insured + 4;
    const [deficitWei, bountyWei, insuredWei, shortfallWei] = [deficit, bounty, insured, shortfall].map(wei) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    return {
      time: START + 60 * i,
      prices: MARKETS.map(({ price, fall }, k) => wei(price * (1 - fall * depth) * (1 + 0.0025 * wave(i, k)))),
      openInterest: MARKETS.map(({ weight, fall }) => wei(9_200_000 * weight * scale * (1 - fall * depth))),
      liquidatable: Math.round(3 + Math.abs(wave(i, 5)) + speed * 420),
      inDefault: Math.round(speed * 160),
      exposure: wei(deficit * 1.1),
      exposureAfter: into === 38 ? wei(deficit * 0.1) : 0n,
      fund: wei(fund),
      liquidations: Math.round(speed * 380),
      deleveragings: Math.round(speed * 21),
      takenOver: wei(speed * 2_400_000),
      deficit: deficitWei,
      bounty: bountyWei,
      insured: insuredWei,
      haircuts: deficitWei + bountyWei - insuredWei - shortfallWei,
      shortfall: shortfallWei,
      closed: wei(speed * 610_000),
      reactions: Math.round(speed * 260),
    };
  });
}

/** Pro rata to notional, so that haircuts add up but for what rounding leaves. */
function examplePayers(many: number, haircuts: bigint): Payer[] {
  const random = uniform(11);
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const drawn = Array.from({ length: many }, (_, account) => {
    const equity = 2_500 * Math.exp(1.5 * normal());
    const leverage = 0.8 + 18 * random() ** 2.6;
    return {
      account: account * 7 + 3,
      equity,
      leverage,
      notional: equity * leverage,
      part: Math.exp(0.25 * normal()),
      isHedger: random() < 0.08,
    };
  });
  const weights = drawn.reduce((all, { notional, part }) => all + notional * part, 0);
  const share = (haircuts * 62n) / 100n;
  return drawn
    .map(({ account, equity, leverage, notional, part, isHedger }) => ({
      ...{ account, leverage, isHedger, notional: wei(notional), equity: wei(equity) },
      haircut: (share * BigInt(Math.round((1e12 * notional * part) / weights))) / 10n ** 12n,
      profit: wei(notional * 0.13 * (random() - 0.2)),
    }))
    .filter(({ haircut }) => haircut > 0n)
    .sort((a, b) => (a.haircut > b.haircut ? -1 : 1));
}

function tenths(payers: readonly Payer[], of: (payer: Payer) => number): Result["haircutByLeverage"] {
  const sorted = [...payers].sort((a, b) => of(a) - of(b));
  const groups = Array.from({ length: 10 }, (_, i) =>
    sorted.slice(Math.floor((i * sorted.length) / 10), Math.floor(((i + 1) * sorted.length) / 10)),
  );
  return groups.flatMap((group) => {
    const parts = group.map(({ haircut, equity }) => Number((haircut * PPM) / equity)).sort((a, b) => a - b);
    const last = group.at(-1);
    return last === undefined
      ? []
      : [{ upTo: of(last), median: parts[Math.floor(parts.length / 2)] ?? 0, payers: group.length }];
  });
}

function distribution(median: number, emptied: number): Distribution {
  const below = (edge: number) => (edge <= 0 ? 0 : 1 / (1 + Math.exp(-1.1 * Math.log(edge / median))));
  const counts = EDGES.slice(1).map((edge, i) =>
    Math.round((ACCOUNTS - emptied) * (below(edge) - below(EDGES[i] ?? 0))),
  );
  return { edges: EDGES, counts: counts.map((many, i) => many + (EDGES[i] === 0 ? emptied : 0)) };
}

/** With the names and the widest titles that there are. */
function examplePolicies(): PolicyTable {
  const policies = ["ours", "queue", "profit pro rata", "water-filling", "funding index", "integer pro rata"];
  const lines: [key: string, title: string, unit: string, values: (number | undefined)[]][] = [
    ["undershoot", "undershoot at the fill", "money", [0, 0, 18_230.5, 0, 0, 0]],
    [
      "forgone5",
      "forgone by who was closed, 5 minutes",
      "money",
      [-4_210.25, 12_800.75, 9_100, 15_300.5, undefined, -4_100],
    ],
    ["touched", "accounts touched", "accounts", [11_204, 93, 8_310, 402, 22_408, 10_870]],
    ["fullyClosed", "fully closed", "accounts", [0, 92, 0, 3, 0, 41]],
    ["pushedBelowMargin", "pushed below maintenance margin", "accounts", [3, 41, 0, 118, 2, 3]],
    ["newDeficit", "their new deficit", "money", [0, 20_415.125, 0, 61_220.75, 0, 0]],
    ["beyondProfit", "charged beyond the payer's profit", "money", [9_312.5, 22_118.25, 0, 58_001, 15_300, 9_312.5]],
    ["tenLargest", "share of the ten largest payers", "ppm", [81_234, 612_000, 92_110, 401_000, 40_617, 81_300]],
    ["gini", "Gini of charges", "ppm", [712_000, 996_000, 731_500, 988_100, 712_400, 713_000]],
    [
      "nextShock",
      "next-shock deficit at 20 %",
      "money",
      [1_234_567.5, 1_190_000, 1_230_000, 702_500.25, 1_390_000, 1_234_600],
    ],
    ["unhedged", "hedgers unhedged", "accounts", [896, 4, 702, 12, 0, 870]],
    ["gas", "gas", "gas", [2_118_340, 13_301_790, 1.19e9, 57_498_060, 4_698_900, 1.55e9]],
  ];
  const best = (values: readonly (number | undefined)[]) => Math.min(...values.flatMap((value) => value ?? []));
  return {
    columns: lines.map(([key, title, unit]) => ({ key, title, unit, lowerIsBetter: true })),
    rows: policies.map((policy, i) => ({ policy, isOurs: i === 0, values: lines.map(([, , , values]) => values[i]) })),
    traders: ACCOUNTS,
    events: 212,
    losses: lines.flatMap(([, title, , values]) => {
      const least = best(values);
      const by = policies.filter((_, i) => values[i] === least).join(" and ");
      return (values[0] ?? 0) > least ? [`${title}: ours ${values[0] ?? ""}, ${by} ${least}`] : [];
    }),
  };
}

function wei(value: number): bigint {
  return BigInt(Math.round(value * 1e6)) * 10n ** 12n;
}

function whole(value: bigint): number {
  return Number(formatEther(value));
}

/** The same numbers on every machine. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

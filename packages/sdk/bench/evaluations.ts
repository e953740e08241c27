/**
 * How many accounts a second the SDK evaluates, cross-margined over three markets:
 * `node --import tsx packages/sdk/bench/evaluations.ts`. With `--json`, a line of JSON for each step, and the figures in the
 * last one.
 */
import { onThisMachine, ratio, type Figure } from "../../../bench/figure.ts";
import { type Health, measure } from "../src/logic/health.ts";
import { openAccount, openMarkets, type StoredAccount } from "../src/periphery/ledgerPreview.ts";
import { standing } from "../src/periphery/clearingHouseLens.ts";
import { revalue } from "../src/types/book.ts";
import { ONE, storedHouse, storedAccount as holding, storedMarket } from "../test/plainHouse.ts";

const ONE_BASE = 1n << 126n;
const PRICES = [60_000n * ONE, 2_500n * ONE, 150n * ONE];
const ACCOUNTS = 100_000;
const ROUNDS = 5;
/** An evaluation consists of such steps, more or less: counted in them, it hardly depends on the machine. */
const STEPS = 50_000;
/** Of so many, in each round: the shortest of all is what the machine can do. */
const STEP_SAMPLES = 20;

/** One side of each has been deleveraged, so that A ≠ 1; there has been funding; margins depend on open interest. */
const MARKETS = PRICES.map((price, market) =>
  storedMarket(market, price, 10n ** 24n, {
    state: {
      flags: 1n,
      fundingIndex: 12_345n << 60n,
      longBase: ONE_BASE - ONE_BASE / 7n,
      longCash: 98_765n << 60n,
    },
    risk: {
      initialMargin: 50_000n,
      initialMarginAtCap: 100_000n,
      volatilityMargin: 300_000n,
      maintenanceMargin: 25_000n,
      incentiveMax: 7_500n,
      priceBand: 20_000n,
      openInterestCap: 10n ** 28n,
    },
  }),
);

function storedAccount(n: number): StoredAccount {
  const entered = PRICES.map((price, market) => {
    const size = ((1_000n + BigInt((n * 7_919) % 100_000)) * ONE * ONE) / price;
    return { market, size: (n + market) % 2 === 0 ? size : -size, price };
  });
  return holding(`account ${n}`, BigInt(3_000 + ((n * 104_729) % 20_000)) * ONE, entered);
}

const isForMachines = process.argv.includes("--json");
function tell(line: string | object): void {
  if (isForMachines !== (typeof line === "string")) console.log(isForMachines ? JSON.stringify(line) : line);
}
tell({ stage: "evaluations", total: ROUNDS });

/** Nanoseconds that a multiplication and a division of bigints take, each about as long as a price or a size. */
function stepTime(): number {
  let value = 3n ** 70n;
  const factor = 60_000n * ONE;
  const begun = performance.now();
  for (let i = 0; i < STEPS; ++i) value = (value * factor) / (factor - 1n);
  const taken = performance.now() - begun;
  // So that the loop is not for nothing.
  if (value === 0n) throw new Error("unreachable");
  return (taken * 1e6) / STEPS;
}

const opened = openMarkets(storedHouse(MARKETS));
const stored = Array.from({ length: ACCOUNTS }, (_, n) => storedAccount(n));
const health: Health = { equity: 0n, secured: 0n, maintenanceMargin: 0n };
/** Nanoseconds of each round: other work on the machine makes them longer, so that the shortest tells most. */
const times: Record<"step" | "opening" | "evaluating", number[]> = { step: [], opening: [], evaluating: [] };

for (let round = 1; round <= ROUNDS; ++round) {
  for (let sample = 0; sample < STEP_SAMPLES; ++sample) times.step.push(stepTime());
  const openedAt = performance.now();
  const accounts = stored.map((account) => openAccount(opened, account));
  times.opening.push(((performance.now() - openedAt) * 1e6) / ACCOUNTS);

  const begun = performance.now();
  // A new mark, which everybody is looked at for once.
  for (const book of opened.books) {
    book.mark -= book.mark / 200n;
    revalue(book);
  }
  const found = [0, 0, 0, 0];
  for (const account of accounts) {
    measure(health, account, opened.books);
    const now = Number(standing(account, opened.books, health));
    found[now] = (found[now] ?? 0) + 1;
  }
  const nanoseconds = ((performance.now() - begun) * 1e6) / ACCOUNTS;
  times.evaluating.push(nanoseconds);
  const [healthy = 0, liquidatable = 0, inDefault = 0] = found;
  tell(
    `${Math.round(1e9 / nanoseconds)} accounts a second on one core: ${healthy} healthy, ${liquidatable} liquidatable, ${inDefault} in default`,
  );
  tell({ advance: 1 });
}

const [step, opening, evaluating] = [
  Math.min(...times.step),
  Math.min(...times.opening),
  Math.min(...times.evaluating),
];
const inSteps = (nanoseconds: number) => Math.round((nanoseconds / step) * 10) / 10;
const figures: Figure[] = [
  onThisMachine("accounts evaluated on one core, three markets", Math.round(1e9 / evaluating), "a second", "higher"),
  onThisMachine("accounts opened on one core, three markets", Math.round(1e9 / opening), "a second", "higher"),
  ratio("an evaluation", inSteps(evaluating), "bigint steps"),
  ratio("an opening", inSteps(opening), "bigint steps"),
];
tell({ figures });
tell("at best:");
for (const { name, value, unit } of figures) tell(`  ${name}: ${value.toLocaleString("en-US")} ${unit}`);

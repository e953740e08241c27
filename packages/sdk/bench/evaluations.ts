/** How many accounts a second the SDK evaluates, cross-margined over three markets: `node --import tsx packages/sdk/bench/evaluations.ts` */
import { type Health, measure } from "../src/logic/health.ts";
import { openAccount, openMarkets, type StoredAccount } from "../src/periphery/ledgerPreview.ts";
import { standing } from "../src/periphery/clearingHouseLens.ts";
import { revalue } from "../src/types/book.ts";
import { ONE, storedHouse, storedAccount as holding, storedMarket } from "../test/plainHouse.ts";

const ONE_BASE = 1n << 126n;
const PRICES = [60_000n * ONE, 2_500n * ONE, 150n * ONE];
const ACCOUNTS = 100_000;
const ROUNDS = 5;

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

const opened = openMarkets(storedHouse(MARKETS));
const stored = Array.from({ length: ACCOUNTS }, (_, n) => storedAccount(n));
const openedAt = performance.now();
const accounts = stored.map((account) => openAccount(opened, account));
console.log(`${Math.round(ACCOUNTS / ((performance.now() - openedAt) / 1000))} accounts a second opened on one core`);

const health: Health = { equity: 0n, secured: 0n, maintenanceMargin: 0n };
for (let round = 1; round <= ROUNDS; ++round) {
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
  const perSecond = ACCOUNTS / ((performance.now() - begun) / 1000);
  const [healthy = 0, liquidatable = 0, inDefault = 0] = found;
  console.log(
    `${Math.round(perSecond)} accounts a second on one core: ${healthy} healthy, ${liquidatable} liquidatable, ${inDefault} in default`,
  );
}

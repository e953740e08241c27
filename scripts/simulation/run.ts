/** The whole run: set up, open, walk, check. Prints nothing. */
import { exposure, isAccounted, readBooks, type AccountHealth } from "./books.ts";
import { startChain, type Market } from "./chain.ts";
import { drawCrowd, type Trader } from "./crowd.ts";
import { divUp, min, ONE, PPM, sum } from "./fixedPoint.ts";
import { deleverage, Keeper, liquidate } from "./keepers.ts";
import { insure, openAccount, type Account } from "./opening.ts";
import { expiryAfter, openPositions, Resting, signProfitOrders } from "./orders.ts";
import type { PricePath } from "./path.ts";
import { Random } from "./random.ts";
import { Tally } from "./tally.ts";

export interface Settings {
  readonly path: PricePath;
  readonly accounts: number;
  readonly seed: bigint;
  /** Money. */
  readonly insurance: bigint;
}

/** Told how far the run is. */
export interface Progress {
  stage(label: string, total: number): void;
  advance(): void;
  end(): void;
}

export interface Step {
  readonly time: number;
  readonly prices: readonly bigint[];
  readonly before: { readonly worst: bigint; readonly negative: bigint };
  readonly after: { readonly worst: bigint; readonly negative: bigint };
  readonly liquidations: number;
  readonly deleveragings: number;
  /** P1, before and after keepers acted. */
  readonly accounted: boolean;
  /** P2, after keepers acted. */
  readonly floored: boolean;
}

export interface Result {
  readonly path: PricePath;
  readonly settings: Settings;
  readonly keepers: number;
  readonly orders: number;
  /** Money, both sides at the first price. */
  readonly openInterest: bigint;
  readonly steps: readonly Step[];
  readonly tally: Tally;
  /** What those whom keepers had to act on have lost of their own. */
  readonly lostByFailed: bigint;
  readonly failedTraders: number;
  readonly keepersStart: bigint;
  /** The least that the keepers together were worth after a step. */
  readonly keepersLowest: bigint;
  readonly keepersEnd: bigint;
  readonly fundStart: bigint;
  readonly sheet: {
    readonly traders: bigint;
    readonly keepers: bigint;
    readonly fund: bigint;
    readonly pools: readonly bigint[];
    readonly shortfalls: readonly bigint[];
    readonly ledger: bigint;
    readonly tokens: bigint;
  };
}

const KEEPERS = 8;
/** What the keepers have together, in percent of what the traders have. */
const KEEPERS_PART = 18n;

export async function run(settings: Settings, progress: Progress): Promise<Result> {
  const { path, accounts: count } = settings;
  const [opening, ...later] = path.steps;
  if (opening === undefined) throw new Error("the path has no steps");

  progress.stage("deploying", 1);
  const chain = await startChain(path, count + KEEPERS + 1);
  const crowd = drawCrowd(new Random(settings.seed), count, chain.markets, opening.prices);
  const orders = crowd.flatMap(({ legs }) => legs).length;
  await chain.publish(opening.time, opening.prices);
  const people = chain.people.values();
  const person = () => {
    const { value, done } = people.next();
    if (done === true) throw new Error("the chain has too few accounts");
    return value;
  };
  progress.advance();

  progress.stage("opening accounts", count + KEEPERS);
  await insure(chain, person(), settings.insurance);
  const traders: Account[] = [];
  for (const { deposit } of crowd) {
    traders.push(await openAccount(chain, person(), deposit));
    progress.advance();
  }
  const stake = wholeTokens((sum(crowd.map(({ deposit }) => deposit)) * KEEPERS_PART) / 100n / BigInt(KEEPERS));
  const expiry = expiryAfter(path.steps.at(-1)?.time ?? 0);
  const keepers: Keeper[] = [];
  for (let i = 0; i < KEEPERS; ++i) {
    keepers.push(new Keeper(chain, await openAccount(chain, person(), stake), expiry));
    progress.advance();
  }

  progress.stage("matching signed orders", orders);
  await openPositions(chain, crowd, traders, opening.prices, expiry, () => {
    progress.advance();
  });
  const resting = new Resting(chain, await signProfitOrders(chain, crowd, traders, opening.prices, expiry));

  // Everybody who has an account: nobody else ever deposits, and bounties go to the keepers' own.
  const ids = [...traders, ...keepers.map(({ account }) => account)].map(({ id }) => id);
  const start = await readBooks(chain, ids);
  requireOpened(crowd, chain.markets, opening.prices, start.healths);
  const tally = new Tally(chain);
  const add = tally.add.bind(tally);

  progress.stage("walking the prices", later.length);
  const keeperIds = new Set(keepers.map(({ account }) => account.id));
  const isKeeper = (id: string) => keeperIds.has(id);
  const isFailed = (id: string) => tally.failed.has(id) && !isKeeper(id);
  const equityOf = (list: readonly AccountHealth[], isMeant: (id: string) => boolean) =>
    sum(list.filter(({ id }) => isMeant(id)).map(({ equity }) => equity));

  const steps: Step[] = [];
  let books = start;
  let keepersLowest = equityOf(start.healths, isKeeper);
  for (const [i, { time, prices }] of later.entries()) {
    await chain.publish(time, prices);
    const { liquidations, deleveragings } = tally;
    const found = await readBooks(chain, ids);

    const caller = keepers[i % KEEPERS];
    const rescued = await liquidate(chain, ids, keepers, resting, found.healths, add);
    const resolved = caller === undefined ? rescued : await deleverage(chain, ids, caller, rescued, add);

    // The same list again means that nobody did anything.
    books = resolved === found.healths ? found : await readBooks(chain, ids);
    const after = exposure(books.healths);
    steps.push({
      time,
      prices,
      before: exposure(found.healths),
      after,
      liquidations: tally.liquidations - liquidations,
      deleveragings: tally.deleveragings - deleveragings,
      accounted: isAccounted(found.sheet) && isAccounted(books.sheet),
      floored: after.worst >= 0n,
    });
    keepersLowest = min(keepersLowest, equityOf(books.healths, isKeeper));
    progress.advance();
  }
  const { sheet } = books;
  return {
    path,
    settings,
    keepers: KEEPERS,
    orders,
    openInterest: sum(
      crowd.flatMap(({ legs }) => legs.map(({ market, size }) => (size * (opening.prices[market] ?? 0n)) / ONE)),
    ),
    steps,
    tally,
    lostByFailed: equityOf(start.healths, isFailed) - equityOf(books.healths, isFailed),
    failedTraders: ids.filter(isFailed).length,
    keepersStart: equityOf(start.healths, isKeeper),
    keepersLowest,
    keepersEnd: equityOf(books.healths, isKeeper),
    fundStart: start.sheet.collateral.at(-1) ?? 0n,
    sheet: {
      traders: sum(sheet.collateral.slice(0, traders.length)),
      keepers: sum(sheet.collateral.slice(traders.length, -1)),
      fund: sheet.collateral.at(-1) ?? 0n,
      pools: sheet.pools,
      shortfalls: sheet.shortfalls,
      ledger: sheet.ledger,
      tokens: sheet.tokens,
    },
  };
}

/** What the lens says of the accounts is checked against what was ordered, so that P2 is not judged by empty accounts. */
function requireOpened(
  crowd: readonly Trader[],
  markets: readonly Market[],
  prices: readonly bigint[],
  healths: readonly AccountHealth[],
): void {
  for (const [i, { legs }] of crowd.entries()) {
    const margins = legs.map(({ market, size }) => {
      const notional = divUp(size * (prices[market] ?? 0n), ONE);
      return divUp(notional * (markets[market]?.initialMargin ?? 0n), PPM);
    });
    const found = healths[i]?.initialMargin ?? 0n;
    if (found !== sum(margins))
      throw new Error(`trader ${i} needs a margin of ${sum(margins)} and is said to need ${found}`);
  }
}

function wholeTokens(money: bigint): bigint {
  return money - (money % ONE);
}

/** Whether P1 and P2 held at every step. */
export function holds({ steps }: Result): boolean {
  return steps.length > 0 && steps.every(({ accounted, floored }) => accounted && floored);
}

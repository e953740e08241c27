/** The whole run: set up, open, walk, check. Prints nothing. */
import {
  exposure,
  isAccounted,
  readBooks,
  healthsOf,
  type AccountHealth,
  type Books,
  type MarketState,
} from "./books.ts";
import { startChain, type Chain, type Market } from "./chain.ts";
import { drawCrowd, ordered, type Trader } from "./crowd.ts";
import { divUp, max, min, ONE, PPM, sum } from "./fixedPoint.ts";
import { deleverage, Keeper, liquidate, sellOff } from "./keepers.ts";
import { fundFor, marginRate } from "./limits.ts";
import { insure, openAccount, type Account } from "./opening.ts";
import { expiryAfter, openPositions, Resting, signProfitOrder } from "./orders.ts";
import type { PricePath, PriceStep } from "./path.ts";
import { Random } from "./random.ts";
import { Tally } from "./tally.ts";
import { Trading } from "./trading.ts";

export interface Settings {
  readonly path: PricePath;
  readonly accounts: number;
  readonly seed: bigint;
  /** Money for the insurance fund; undefined for as much as the limits ask for the crowd's opening positions. */
  readonly insurance: bigint | undefined;
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
  /** After keepers acted, by market. */
  readonly markets: readonly MarketState[];
  /** What the insurance fund has, money. */
  readonly fund: bigint;
  /** P1, before and after keepers acted. */
  readonly accounted: boolean;
  /** P2, after keepers acted. */
  readonly floored: boolean;
}

export interface Result {
  readonly path: PricePath;
  readonly settings: Settings;
  /** Money that was put into the insurance fund. */
  readonly insurance: bigint;
  readonly keepers: number;
  /** Signed by the crowd for the opening, and how many of them were turned away. */
  readonly orders: number;
  readonly turnedAway: number;
  /** As the parameter file says. */
  readonly markets: readonly Market[];
  /** After the opening, by market. */
  readonly opening: readonly MarketState[];
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

/** Everybody and everything that the walk needs. */
interface Scene {
  readonly chain: Chain;
  readonly insurance: bigint;
  readonly orders: number;
  readonly traders: readonly Account[];
  readonly keepers: readonly Keeper[];
  readonly resting: Resting;
  readonly trading: Trading;
  readonly tally: Tally;
  /** Everybody who has an account: bounties go to the keepers' own. */
  readonly ids: readonly string[];
  readonly start: Books;
}

export async function run(settings: Settings, progress: Progress): Promise<Result> {
  const { path } = settings;
  const [opening, ...later] = path.steps;
  if (opening === undefined) throw new Error("the path has no steps");
  const scene = await open(settings, opening, progress);
  const { traders, keepers, tally, trading, start, ids } = scene;
  const turnedAway = sum([...tally.refused.values()].map(BigInt));

  const keeperIds = new Set(keepers.map(({ account }) => account.id));
  const isKeeper = (id: string) => keeperIds.has(id);
  const isFailed = (id: string) => tally.failed.has(id) && !isKeeper(id);
  const equityOf = (list: readonly AccountHealth[], isMeant: (id: string) => boolean) =>
    sum(list.filter(({ id }) => isMeant(id)).map(({ equity }) => equity));

  progress.stage("walking the prices", later.length);
  const steps: Step[] = [];
  let books = start;
  let keepersLowest = equityOf(start.healths, isKeeper);
  for (const [i, at] of later.entries()) {
    const walked = await walk(scene, at, i);
    books = walked.books;
    steps.push(walked.step);
    keepersLowest = min(keepersLowest, equityOf(books.healths, isKeeper));
    progress.advance();
  }
  await scene.chain.close();
  const { sheet } = books;
  const paidInByFailed = sum([...trading.paidIn].filter(([id]) => isFailed(id)).map(([, amount]) => amount));
  return {
    path,
    settings,
    insurance: scene.insurance,
    keepers: KEEPERS,
    orders: scene.orders,
    turnedAway: Number(turnedAway),
    markets: scene.chain.markets,
    opening: start.markets,
    steps,
    tally,
    lostByFailed: equityOf(start.healths, isFailed) + paidInByFailed - equityOf(books.healths, isFailed),
    failedTraders: ids.filter(isFailed).length,
    keepersStart: equityOf(start.healths, isKeeper),
    keepersLowest,
    keepersEnd: equityOf(books.healths, isKeeper),
    fundStart: fundOf(start),
    sheet: {
      traders: sum(sheet.collateral.slice(0, traders.length)),
      keepers: sum(sheet.collateral.slice(traders.length, -1)),
      fund: fundOf(books),
      pools: sheet.pools,
      shortfalls: sheet.shortfalls,
      ledger: sheet.ledger,
      tokens: sheet.tokens,
    },
  };
}

function fundOf({ sheet }: Books): bigint {
  return sheet.collateral.at(-1) ?? 0n;
}

// ---------------------------------------------------------------------- opening

async function open(settings: Settings, { time, prices }: PriceStep, progress: Progress): Promise<Scene> {
  const { path, accounts: count, seed } = settings;
  progress.stage("deploying", 1);
  const chain = await startChain(path, count + KEEPERS + 1);
  const crowd = drawCrowd(seed, count, chain.markets, prices);
  const orders = crowd.flatMap(({ legs }) => legs).length;
  const insurance = settings.insurance ?? wholeTokensUp(fundFor(chain.markets, ordered(crowd, prices)));
  await chain.publish(time, prices);
  const people = chain.people.values();
  const person = () => {
    const { value, done } = people.next();
    if (done === true) throw new Error("the chain has too few accounts");
    return value;
  };
  progress.advance();

  progress.stage("opening accounts", count + KEEPERS);
  await insure(chain, person(), insurance);
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
  const opened = await openPositions(chain, crowd, traders, prices, expiry, () => {
    progress.advance();
  });
  const resting = new Resting(chain);
  for (const [i, account] of traders.entries()) {
    for (const [lane, leg] of (crowd[i]?.legs ?? []).entries()) {
      const size = opened.filled[i]?.[lane] ?? 0n;
      if (size === 0n) continue;
      resting.place(await signProfitOrder(chain, account, lane, 1n, leg, size, prices[leg.market] ?? 0n, expiry));
    }
  }

  const keeperAccounts = keepers.map(({ account }) => account);
  const ids = [...traders, ...keeperAccounts].map(({ id }) => id);
  const start = await readBooks(chain, ids);
  requireOpened(crowd, opened.filled, chain.markets, prices, start.healths);
  const tally = new Tally(chain);
  tally.addFills(opened.fills, opened.refused);
  const floor = {
    chain,
    random: new Random(~seed),
    crowd,
    accounts: traders,
    keepers: keeperAccounts,
    resting,
    expiry,
  };
  return {
    ...{ chain, insurance, orders, traders, keepers, resting, tally, ids, start },
    trading: new Trading(floor, time),
  };
}

/** What the lens says of the accounts is checked against what was filled, so that P2 is not judged by empty accounts. */
function requireOpened(
  crowd: readonly Trader[],
  filled: readonly bigint[][],
  markets: readonly Market[],
  prices: readonly bigint[],
  healths: readonly AccountHealth[],
): void {
  const open = markets.map(() => ({ long: 0n, short: 0n }));
  const legs = crowd.map((trader, i) => trader.legs.map((leg, lane) => ({ ...leg, size: filled[i]?.[lane] ?? 0n })));
  for (const { market, isLong, size } of legs.flat()) {
    const sides = open[market];
    if (sides !== undefined) sides[isLong ? "long" : "short"] += size;
  }
  const rates = markets.map((market, i) => {
    const { long, short } = open[i] ?? { long: 0n, short: 0n };
    return marginRate(market, divUp(max(long, short) * (prices[i] ?? 0n), ONE));
  });
  for (const [i, own] of legs.entries()) {
    const margins = own.map(({ market, size }) => {
      const notional = divUp(size * (prices[market] ?? 0n), ONE);
      return divUp(notional * (rates[market] ?? 0n), PPM);
    });
    const found = healths[i]?.initialMargin ?? 0n;
    if (found !== sum(margins))
      throw new Error(`trader ${i} needs a margin of ${sum(margins)} and is said to need ${found}`);
  }
}

function wholeTokens(money: bigint): bigint {
  return money - (money % ONE);
}

function wholeTokensUp(money: bigint): bigint {
  return divUp(money, ONE) * ONE;
}

// ---------------------------------------------------------------------- walking

/** A price, whoever trades on it at once, keepers, and, where it was a jump, the next block. */
async function walk(scene: Scene, { time, prices }: PriceStep, number: number): Promise<{ books: Books; step: Step }> {
  const { chain, ids, tally, trading, keepers, resting } = scene;
  const { liquidations, deleveragings } = tally;
  await chain.publish(time, prices);
  const found = await readBooks(chain, ids);

  const jumped = found.markets.some(({ calm }) => !calm);
  const trades = trading.isDue(time) || jumped;
  let known = found.healths;
  if (trades) known = await trade(scene, found);
  known = await respond(scene, known, number);
  if (jumped) {
    chain.nextBlock();
    await sellOff(chain, keepers, resting, known, tally.add.bind(tally));
    known = await respond(scene, await healthsOf(chain, ids), number);
    await trade(scene, await readBooks(chain, ids));
  }

  // The same list again means that nobody did anything.
  const books = known === found.healths ? found : await readBooks(chain, ids);
  const after = exposure(books.healths);
  const step = {
    time,
    prices,
    before: exposure(found.healths),
    after,
    liquidations: tally.liquidations - liquidations,
    deleveragings: tally.deleveragings - deleveragings,
    markets: books.markets,
    fund: fundOf(books),
    accounted: isAccounted(found.sheet) && isAccounted(books.sheet),
    floored: after.worst >= 0n,
  };
  return { books, step };
}

async function trade({ chain, ids, tally, trading }: Scene, books: Books): Promise<readonly AccountHealth[]> {
  const { filled, refused } = await trading.trade(books.healths, books.markets);
  tally.addFills(filled, refused);
  return healthsOf(chain, ids);
}

/** Keepers liquidate, and deleverage whoever is below zero. */
async function respond(
  { chain, ids, keepers, resting, tally }: Scene,
  healths: readonly AccountHealth[],
  number: number,
): Promise<readonly AccountHealth[]> {
  const add = tally.add.bind(tally);
  const rescued = await liquidate(chain, ids, keepers, resting, healths, add);
  const caller = keepers[number % KEEPERS];
  return caller === undefined ? rescued : deleverage(chain, ids, caller, rescued, add);
}

/** Whether P1 and P2 held at every step. */
export function holds({ steps }: Result): boolean {
  return steps.length > 0 && steps.every(({ accounted, floored }) => accounted && floored);
}

/**
 * Opens markets and accounts exactly as a call of the clearing house would at a given second, from what the lens's getters
 * answer (`contracts/periphery/LedgerPreview.sol`), and puts them back into that form.
 */
import { refuse } from "../interfaces/errors.ts";
import { accrue } from "../logic/fundingRate.ts";
import { type Extremes, observe } from "../logic/markRange.ts";
import { min } from "../math/integer.ts";
import { at } from "../math/list.ts";
import { toUint, within } from "../math/narrow.ts";
import { type Book, copyBook, priceLimit, renew, RESOLUTION_PERIOD, revalue, waits, windUp } from "../types/book.ts";
import { contains, MAX_MARKETS } from "../types/marketSet.ts";
import {
  ALL_CLOSED,
  type EndedGeneration,
  type HaircutLimit,
  JUMPED,
  type MarketState,
  VOLATILITY_SHIFT,
} from "../types/marketState.ts";
import { cut, emptyHolding, type Holding, openHolding, type Portfolio, walk } from "../types/portfolio.ts";
import type { Position } from "../types/position.ts";
import { MAX_LEDGER } from "../types/ranges.ts";
import { MarketStatus, PPM, type RiskParameters } from "../types/riskParameters.ts";
import {
  requireEndedGeneration,
  requireHaircutLimit,
  requireMarketState,
  requirePosition,
  requireRiskParameters,
} from "../types/stored.ts";

const MAX_PUBLISH_LAG = (1n << 24n) - 1n;
/** What a share of A = 1 may be charged under any mark. */
const MOST_LEFT = (1n << 104n) - 1n;

/** What `PriceOracle.read(market, mark, acceptedAt)` answers: a price with 18 decimals, and unix seconds. */
export interface OraclePrice {
  readonly price: bigint;
  readonly publishedAt: bigint;
}

/** A market as it is stored, and what is asked elsewhere about it. */
export interface StoredMarket {
  readonly market: number;
  /** `ClearingHouseLens.marketOf` */
  readonly state: MarketState;
  /** `ClearingHouseLens.riskParametersOf` */
  readonly risk: RiskParameters;
  /** What the oracle answers now; undefined where it refuses. An ended market's is not looked at. */
  readonly price: OraclePrice | undefined;
  /** `ClearingHouseLens.endedGenerationOf`, by number: each that an account of interest may have slept through. */
  readonly endedGenerations: ReadonlyMap<bigint, EndedGeneration>;
  /** `ClearingHouseLens.haircutLimitOf` */
  readonly haircutLimit: HaircutLimit;
  /** `InsuranceFund.available(market)`: what the market may draw now, money. */
  readonly fundAvailable: bigint;
  /** `InsuranceFund.limitOf(market).gap`, ppm. */
  readonly fundGap: bigint;
}

/** A clearing house as it is stored, read in one block. */
export interface StoredHouse {
  /** Of the block in which a call would be made, unix seconds. */
  readonly time: bigint;
  /** In the order of their numbers: each that an account of interest is in. */
  readonly markets: readonly StoredMarket[];
  /** The collateral of the insurance fund's account, money. */
  readonly fundAssets: bigint;
  /** One token unit in money: `CollateralVault.unit()`. */
  readonly tokenUnit: bigint;
}

/** An account as it is stored. */
export interface StoredAccount {
  readonly id: string;
  /** `ClearingHouse.accountOf`: money, and the markets that it is in as bits. */
  readonly collateral: bigint;
  readonly markets: bigint;
  /** `ClearingHouseLens.positionOf`, by market: one for each that it is in. */
  readonly positions: ReadonlyMap<number, Position>;
}

/** What belongs to an opened market and is not in its book. */
export interface MarketRecord {
  /** What accepting a price would store of the range of marks. */
  readonly extremes: Extremes;
  readonly haircutLimit: { -readonly [Field in keyof HaircutLimit]: HaircutLimit[Field] };
  /** How generations ended of which nothing is stored yet. */
  readonly ends: Map<bigint, EndedGeneration>;
  /** What the market may draw from the insurance fund, money. */
  fundAvailable: bigint;
}

/** Markets opened together, in the order of their numbers: `records[i]` belongs to `books[i]`. */
export interface Opened {
  readonly house: StoredHouse;
  readonly books: readonly Book[];
  readonly records: readonly MarketRecord[];
  /** Money. */
  fundAssets: bigint;
}

// ---------------------------------------------------------------------- markets

/**
 * Every market at the newest mark, with funding accrued to `house.time`. Once for any number of accounts.
 * @throws OutOfRange Where a number is none that a clearing house can have answered.
 */
export function openMarkets(house: StoredHouse): Opened {
  const { time, markets } = house;
  toUint("time", time, 32);
  within("fundAssets", house.fundAssets, 0n, MAX_LEDGER - 1n);
  within("tokenUnit", house.tokenUnit, 1n, 10n ** 18n);
  const [books, records]: [Book[], MarketRecord[]] = [[], []];
  let lowest = 0;
  for (const stored of markets) {
    within("market, in the order of their numbers,", BigInt(stored.market), BigInt(lowest), BigInt(MAX_MARKETS - 1));
    lowest = stored.market + 1;
    requireStoredMarket(stored, time);
    const [book, record] = [newBook(stored), newRecord(stored)];
    // An ended market has no funding: at most one of the two ends a generation.
    if (accrue(book, time)) endGeneration(book, record);
    if (waits(book) && time >= book.acceptedAt + RESOLUTION_PERIOD) {
      windUp(book);
      endGeneration(book, record);
    }
    book.fresh = refresh(book, record.extremes, stored.price, time);
    revalue(book);
    books.push(book);
    records.push(record);
  }
  return { house, books, records, fundAssets: house.fundAssets };
}

/**
 * Ends the generation of a market where that is due, and keeps how.
 * @returns How it ended, if it did.
 */
export function endGeneration(book: Book, { ends, haircutLimit: limit }: MarketRecord): EndedGeneration | undefined {
  const end = renew(book);
  if (end === undefined) return undefined;
  if (end.longShift === ALL_CLOSED) {
    // Nobody is left who has been charged under this mark.
    limit.markAcceptedAt = 0n;
  } else {
    // A share stands for more by the shift, and may be charged more by the shift.
    limit.longLeft = min(limit.longLeft << end.longShift, MOST_LEFT);
    limit.shortLeft = min(limit.shortLeft << end.shortShift, MOST_LEFT);
  }
  ends.set(book.generation - 1n, end);
  return end;
}

function requireStoredMarket({ market, state, risk, ...stored }: StoredMarket, time: bigint): void {
  requireMarketState(market, state);
  requireRiskParameters(market, risk);
  requireHaircutLimit(market, stored.haircutLimit);
  within(`acceptedAt of market ${market}`, state.acceptedAt, 0n, time);
  within(`accruedAt of market ${market}`, state.accruedAt, 0n, time);
  within(`fundAvailable of market ${market}`, stored.fundAvailable, 0n, MAX_LEDGER - 1n);
  within(`fundGap of market ${market}`, stored.fundGap, 0n, PPM);
  if (stored.price === undefined) return;
  toUint(`price of market ${market}`, stored.price.price);
  within(`publishedAt of the price of market ${market}`, stored.price.publishedAt, 0n, time);
}

function newBook({ market, state: s, risk }: StoredMarket): Book {
  return {
    id: market,
    risk,
    scale: s.scale,
    fresh: false,
    jumped: (s.flags & JUMPED) !== 0n,
    volatility: s.flags >> VOLATILITY_SHIFT,
    payout: s.payout,
    pool: s.pool,
    shortfall: s.shortfall,
    fees: s.fees,
    long: { isLong: true, shares: s.longShares, base: s.longBase, cash: s.longCash, worth: 0n },
    short: { isLong: false, shares: s.shortShares, base: s.shortBase, cash: s.shortCash, worth: 0n },
    generation: s.generation,
    mark: s.mark,
    publishedAt: s.acceptedAt - s.publishLag,
    acceptedAt: s.acceptedAt,
    fundingIndex: s.fundingIndex,
    premium: s.premium,
    accruedAt: s.accruedAt,
  };
}

function newRecord({ state, haircutLimit, fundAvailable }: StoredMarket): MarketRecord {
  const { high, previousHigh, low } = state;
  return { extremes: { high, previousHigh, low }, haircutLimit: { ...haircutLimit }, ends: new Map(), fundAvailable };
}

/** Whether the oracle vouches for `book.mark`, after taking a newer one from it where there is one. */
function refresh(book: Book, seen: Extremes, answer: OraclePrice | undefined, time: bigint): boolean {
  if (book.risk.status === MarketStatus.Settled) return true;
  if (book.risk.status === MarketStatus.Unlisted) return false;
  if (book.acceptedAt === time) return true;
  if (answer === undefined || !isAcceptable(book, answer, time)) return false;
  if (answer.publishedAt > book.publishedAt) {
    observe(book, seen, answer.price, time);
    [book.mark, book.publishedAt, book.acceptedAt] = [answer.price, answer.publishedAt, time];
  }
  return true;
}

function isAcceptable(book: Book, { price, publishedAt }: OraclePrice, time: bigint): boolean {
  const tooOld = publishedAt < book.publishedAt || publishedAt + MAX_PUBLISH_LAG < time;
  return !tooOld && price < priceLimit(book);
}

/** Which of the opened books is a market's. */
export function indexOf(opened: Opened, market: number): number {
  const i = opened.books.findIndex(({ id }) => id === market);
  if (i < 0) throw new Error(`market ${market} has not been read`);
  return i;
}

/** The same, refused where the clearing house would refuse to trade there for want of a price. */
export function freshIndexOf(opened: Opened, market: number): number {
  const i = indexOf(opened, market);
  requireFresh(opened, i);
  return i;
}

/** The refusal that the clearing house would answer with where a market has no price. */
export function requireFresh({ house, books }: Opened, i: number): void {
  const book = at(books, i);
  if (book.fresh) return;
  const market = BigInt(book.id);
  if (book.risk.status === MarketStatus.Unlisted) refuse("UnknownMarket", { market });
  const answer = house.markets[i]?.price;
  if (answer === undefined) refuse("OracleRefused", { market });
  refuse("PriceRefused", { market, price: answer.price, publishedAt: answer.publishedAt });
}

/** A copy that may be changed without changing this one. */
export function copyOpened({ books, records, ...rest }: Opened): Opened {
  return {
    ...rest,
    books: books.map(copyBook),
    records: records.map(({ extremes, haircutLimit, ends, fundAvailable }) => ({
      extremes: { ...extremes },
      haircutLimit: { ...haircutLimit },
      ends: new Map(ends),
      fundAvailable,
    })),
  };
}

// ---------------------------------------------------------------------- accounts

/**
 * Opens an account beside markets that include every one it is in. It may be looked at beside later openings of the same
 * markets, until it is written or one of their generations ends.
 * @throws OutOfRange Where a number is none that a clearing house can have answered.
 */
export function openAccount(opened: Opened, { id, collateral, markets, positions }: StoredAccount): Portfolio {
  within(`collateral of ${id}`, collateral, 0n, MAX_LEDGER - 1n);
  toUint(`markets of ${id}`, markets, MAX_MARKETS);
  let found = 0n;
  const holdings = opened.books.map((book, i) => {
    if (!contains(markets, book.id)) return emptyHolding(book);
    found |= 1n << BigInt(book.id);
    const position = positions.get(book.id);
    if (position === undefined) throw new Error(`the position of ${id} in market ${book.id} has not been read`);
    requirePosition(id, book.id, position);
    return openPosition(opened, i, position);
  });
  if (found !== markets) throw new Error(`${id} is in markets that have not been read: ${markets & ~found} as bits`);
  return { id, collateral, markets, holdings };
}

function openPosition(opened: Opened, i: number, stored: Position): Holding {
  const book = at(opened.books, i);
  within(`generation of a position in market ${book.id}`, stored.generation, 0n, book.generation);
  const held = openHolding(stored);
  for (let g = stored.generation; g < book.generation && held.shares !== 0n; ++g) {
    const end = endOf(opened, i, g);
    if (held.isLong) walk(held, book, end.longValue, end.longShift);
    else walk(held, book, end.shortValue, end.shortShift);
  }
  if (book.payout !== 0n && stored.generation < book.generation) cut(held, book.payout);
  held.generation = book.generation;
  return held;
}

function endOf({ house, records }: Opened, i: number, generation: bigint): EndedGeneration {
  const [stored, record] = [at(house.markets, i), at(records, i)];
  const end = record.ends.get(generation) ?? stored.endedGenerations.get(generation);
  if (end === undefined) throw new Error(`generation ${generation} of market ${stored.market} has not been read`);
  requireEndedGeneration(stored.market, generation, end);
  return end;
}

/** Opened markets and accounts in the form in which they are stored: what a later moment is opened from. */
import {
  type Book,
  type EndedGeneration,
  type MarketRecord,
  type MarketState,
  marketsOf,
  type Opened,
  type OraclePrice,
  type Portfolio,
  portfolio,
  type Position,
  type StoredAccount,
  type StoredHouse,
  type StoredMarket,
} from "../../../packages/sdk/src/index.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { JUMPED, VOLATILITY_SHIFT } from "../../../packages/sdk/src/types/marketState.ts";

/** What a moment brings that the markets do not know by themselves. By market, in the order of the books. */
export interface Moment {
  /** Unix seconds. */
  readonly time: bigint;
  readonly prices: readonly OraclePrice[];
  /** What each market may draw from the insurance fund, money. */
  readonly fundAvailable: readonly bigint[];
}

/** The house as it was left, at a later moment. */
export function houseAt({ house, books, records, fundAssets }: Opened, moment: Moment): StoredHouse {
  return {
    time: moment.time,
    tokenUnit: house.tokenUnit,
    fundAssets,
    markets: books.map((book, i): StoredMarket => {
      const [before, record] = [at(house.markets, i), at(records, i)];
      return {
        market: book.id,
        risk: book.risk,
        state: stateOf(book, record),
        price: at(moment.prices, i),
        endedGenerations: generations(before.endedGenerations, record.ends),
        haircutLimit: record.haircutLimit,
        fundAvailable: at(moment.fundAvailable, i),
        fundGap: before.fundGap,
      };
    }),
  };
}

/** The map that there is grows: a copy at every moment would cost more than it is worth. */
function generations(
  known: ReadonlyMap<bigint, EndedGeneration>,
  more: ReadonlyMap<bigint, EndedGeneration>,
): ReadonlyMap<bigint, EndedGeneration> {
  return more.size === 0 ? known : new Map([...known, ...more]);
}

export function stateOf(book: Book, { extremes }: MarketRecord): MarketState {
  const { long, short } = book;
  return {
    pool: book.pool,
    fees: book.fees,
    acceptedAt: book.acceptedAt,
    publishLag: book.acceptedAt - book.publishedAt,
    scale: book.scale,
    // Which slots count is of no interest to whoever has read what is in them.
    flags: (book.jumped ? JUMPED : 0n) | (book.volatility << VOLATILITY_SHIFT),
    longShares: long.shares,
    shortShares: short.shares,
    accruedAt: book.accruedAt,
    fundingIndex: book.fundingIndex,
    mark: book.mark,
    premium: book.premium,
    generation: book.generation,
    longBase: long.base,
    longCash: long.cash,
    shortBase: short.base,
    shortCash: short.cash,
    ...extremes,
    shortfall: book.shortfall,
    payout: book.payout,
  };
}

/** @param ids The numbers of the markets that the account was opened beside. */
export function storedAccount(account: Portfolio, ids: readonly number[]): StoredAccount {
  const { id, collateral, markets, holdings } = account;
  const positions = new Map<number, Position>();
  for (const market of marketsOf(markets)) {
    const { isLong, shares, paidValue, generation, owed } = at(holdings, ids.indexOf(market));
    positions.set(market, { shares: isLong ? shares : -shares, paidValue, generation, hasOwed: owed !== 0n, owed });
  }
  return { id, collateral, markets, positions };
}

/** The signed size of an account in a market, by the position of its book. */
export function sizeIn({ books }: Opened, account: Portfolio, i: number): bigint {
  return portfolio.sizeOfHolding(portfolio.holdingOf(account, i), at(books, i));
}

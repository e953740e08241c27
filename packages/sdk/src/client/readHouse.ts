/** Reads markets and accounts in a few calls, whatever their number: storage slot by slot, many slots at once. */
import { at } from "../math/list.ts";
import {
  decodeAccount,
  decodeEndedGeneration,
  decodeHaircutLimit,
  decodeMarket,
  decodePosition,
  decodeRisk,
  hasOwed,
  type Hex,
  MARKET_WORDS,
  RISK_WORDS,
  Slots,
} from "../periphery/houseStorage.ts";
import type { StoredAccount, StoredHouse, StoredMarket } from "../periphery/ledgerPreview.ts";
import { contains, marketsOf } from "../types/marketSet.ts";
import type { EndedGeneration } from "../types/marketState.ts";
import type { Position } from "../types/position.ts";
import type { Source } from "./source.ts";

/** Slots asked for in one call: about 11 million of gas where the node counts it, and 128 kB. */
const SLOTS_IN_ONE_CALL = 4_000;

export interface ReadHouse {
  readonly house: StoredHouse;
  /** In the order in which they were asked for. */
  readonly accounts: StoredAccount[];
}

export interface Wanted {
  /** Ids of accounts. */
  readonly accounts?: readonly string[];
  /** Markets to read, whoever is in them. Without it, those that the accounts are in; without accounts, all. */
  readonly markets?: readonly number[];
}

/** What is stored of accounts, and of every market that one of them is in: what `openMarkets` and `openAccount` take. */
export async function readHouse(source: Source, { accounts: ids, markets }: Wanted = {}): Promise<ReadHouse> {
  const slots = new Slots(source.keccak256);
  const named = new Set(markets ?? (ids === undefined ? await allMarkets(source) : []));
  // Together, as far as one does not need the other: how long it takes is a matter of how often a node is asked.
  const [accounts, known, fundAssets, tokenUnit] = await Promise.all([
    readAccounts(source, slots, ids ?? []),
    readMarkets(source, slots, [...named]),
    readFundAssets(source, slots),
    source.tokenUnit(),
  ]);
  const entered = new Set(accounts.flatMap((account) => marketsOf(account.markets)));
  const others = await readMarkets(
    source,
    slots,
    [...entered].filter((market) => !named.has(market)),
  );
  const found = [...known, ...others].sort((a, b) => a.market - b.market);
  const ended = await readEnded(source, slots, found, accounts);
  const house = {
    time: source.time,
    markets: found.map((market, n) => ({ ...market, endedGenerations: at(ended, n) })),
    fundAssets,
    tokenUnit,
  };
  return { house, accounts };
}

async function allMarkets(source: Source): Promise<number[]> {
  return Array.from({ length: await source.marketCount() }, (_, market) => market);
}

async function load(source: Source, slots: readonly Hex[]): Promise<bigint[]> {
  const chunks: Promise<readonly string[]>[] = [];
  for (let from = 0; from < slots.length; from += SLOTS_IN_ONE_CALL)
    chunks.push(source.load(slots.slice(from, from + SLOTS_IN_ONE_CALL)));
  return (await Promise.all(chunks)).flatMap((words) => words.map((word) => BigInt(word)));
}

async function readAccounts(source: Source, slots: Slots, ids: readonly string[]): Promise<StoredAccount[]> {
  const accounts = (
    await load(
      source,
      ids.map((id) => slots.account(id)),
    )
  ).map(decodeAccount);
  const entered = accounts.flatMap(({ markets }, n) => marketsOf(markets).map((market) => ({ n, market })));
  const where = entered.map(({ n, market }) => slots.position(at(ids, n), market));
  const words = await load(
    source,
    where.map(([first]) => first),
  );
  const owing = [...words.keys()].filter((i) => hasOwed(at(words, i)));
  const owed = await load(
    source,
    owing.map((i) => at(where, i)[1]),
  );
  const owedBy = new Map(owing.map((i, n) => [i, at(owed, n)]));
  const positions = accounts.map(() => new Map<number, Position>());
  for (const [i, { n, market }] of entered.entries())
    at(positions, n).set(market, decodePosition(at(words, i), owedBy.get(i) ?? 0n));
  return accounts.map((account, n) => ({ id: at(ids, n), ...account, positions: at(positions, n) }));
}

async function readFundAssets(source: Source, slots: Slots): Promise<bigint> {
  const [word = 0n] = await load(source, [slots.account(await source.fundAccount())]);
  return decodeAccount(word).collateral;
}

type WithoutHistory = Omit<StoredMarket, "endedGenerations">;

async function readMarkets(source: Source, slots: Slots, numbers: readonly number[]): Promise<WithoutHistory[]> {
  const words = await load(
    source,
    numbers.flatMap((market) => [...slots.market(market), slots.haircutLimit(market)]),
  );
  const inOne = MARKET_WORDS + RISK_WORDS + 1;
  return Promise.all(numbers.map((market, n) => readMarket(source, market, words.slice(n * inOne, (n + 1) * inOne))));
}

async function readMarket(source: Source, market: number, words: readonly bigint[]): Promise<WithoutHistory> {
  const state = decodeMarket(words);
  const [trading, closing, limit] = [at(words, MARKET_WORDS), at(words, MARKET_WORDS + 1), at(words, MARKET_WORDS + 2)];
  const [price, { available: fundAvailable, gap: fundGap }] = await Promise.all([
    source.price(market, state.mark, state.acceptedAt),
    source.fundLimit(market),
  ]);
  const haircutLimit = decodeHaircutLimit(limit);
  return { market, state, risk: decodeRisk(trading, closing), price, haircutLimit, fundAvailable, fundGap };
}

/** The generations of each market that one of the accounts has slept through. */
async function readEnded(
  source: Source,
  slots: Slots,
  markets: readonly WithoutHistory[],
  accounts: readonly StoredAccount[],
): Promise<Map<bigint, EndedGeneration>[]> {
  const wanted = markets.flatMap(({ market, state }) => {
    let first = state.generation;
    for (const { markets: set, positions } of accounts) {
      if (!contains(set, market)) continue;
      const generation = positions.get(market)?.generation ?? first;
      if (generation < first) first = generation;
    }
    const count = Number(state.generation - first);
    return Array.from({ length: count }, (_, n) => ({ market, generation: first + BigInt(n) }));
  });
  const words = await load(
    source,
    wanted.map(({ market, generation }) => slots.endedGeneration(market, generation)),
  );
  return markets.map(
    ({ market }) =>
      new Map(
        [...wanted.entries()]
          .filter(([, one]) => one.market === market)
          .map(([i, { generation }]) => [generation, decodeEndedGeneration(at(words, i))]),
      ),
  );
}

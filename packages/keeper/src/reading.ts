/** Many accounts and all markets, as they are stored in one block. */
import type { StoredHouse, StoredMarket } from "zerofloor";
import { type Client, readHouse, type ReadHouse } from "zerofloor/ethers";
import { chunks } from "./plan/action.ts";

/** So that what a node answers at once, and what is held of it, stays small. */
const ACCOUNTS_AT_ONCE = 5_000;

export async function readAll(
  client: Client,
  ids: readonly string[],
  markets: readonly number[],
  block: number,
): Promise<ReadHouse> {
  const reads: ReadHouse[] = [];
  for (const accounts of ids.length === 0 ? [[]] : chunks(ids, ACCOUNTS_AT_ONCE))
    reads.push(await readHouse(client, { accounts, markets }, BigInt(block)));
  return { house: merge(reads.map(({ house }) => house)), accounts: reads.flatMap(({ accounts }) => accounts) };
}

/** Readings of one block differ in which markets they have, and in which ended generations. */
export function merge(houses: readonly StoredHouse[]): StoredHouse {
  const [first, ...others] = houses;
  if (first === undefined) throw new Error("nothing has been read");
  if (others.length === 0) return first;
  const markets = new Map<number, StoredMarket>();
  for (const each of houses.flatMap((house) => house.markets)) {
    const known = markets.get(each.market)?.endedGenerations ?? [];
    markets.set(each.market, { ...each, endedGenerations: new Map([...known, ...each.endedGenerations]) });
  }
  return { ...first, markets: [...markets.values()].sort((a, b) => a.market - b.market) };
}

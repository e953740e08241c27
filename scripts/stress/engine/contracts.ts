/**
 * The contracts, on a chain in this process: they are made to do what the model has done, in the same order, and must come to
 * the same, to the wei.
 */
import { accountId, openAccount, type Opened, openMarkets, type StoredHouse } from "../../../packages/sdk/src/index.ts";
import { readHouse } from "../../../packages/sdk/src/ethers/client.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { type Crowd, Crowd__factory } from "../../../typechain/index.js";
import { NO_ACCOUNT } from "../../simulation/accounts.ts";
import { startChain, type Chain } from "../../simulation/chain.ts";
import { insure } from "../../simulation/opening.ts";
import { DECIMALS } from "../../simulation/fixedPoint.ts";
import type { PricePath } from "../../simulation/path.ts";
import type { Scenario } from "../scenario.ts";
import type { Bucket, Model } from "./model.ts";
import type { Operation } from "./operation.ts";

/** Of a kind in one transaction: far from the gas of a block. */
const AT_ONCE = { deposit: 300, trade: 120, liquidation: 60, deleveraging: 1 } as const;
const SECONDS_A_DAY = 86_400n;
/** Differences that are named. */
const MOST_SHOWN = 5;
/** Accounts that are read at once. */
const READ_AT_ONCE = 2_000;

export interface Start {
  readonly contracts: Contracts;
  readonly house: StoredHouse;
  readonly buckets: readonly Bucket[];
}

/** Deploys everything with a scenario's parameters, fills the insurance fund, and publishes the first prices. */
export async function startContracts(scenario: Scenario, path: PricePath): Promise<Start> {
  const buckets = scenario.markets.map(({ fundCapacity }) => ({
    capacity: fundCapacity,
    refillPerSecond: fundCapacity / SECONDS_A_DAY,
  }));
  const chain = await startChain(path, 1, (market, found) => {
    const { risk: asked, gap = found.fundLimit.gap } = at(scenario.markets, market);
    const given = Object.entries(asked).filter(([, value]) => value !== undefined);
    const risk = { ...found.risk, ...Object.fromEntries(given) };
    return { ...found, risk, fundLimit: { gap: BigInt(gap), ...at(buckets, market) } };
  });
  const [opening] = path.steps;
  if (opening === undefined) throw new Error("the path has no steps");
  await insure(chain, at(chain.people, 0), scenario.fund);
  const { send, token, house } = chain;
  const crowd = await new Crowd__factory(chain.deployer).deploy(await house.getAddress());
  const owner = await crowd.getAddress();
  await send((o) => token.mint(owner, 2n ** 100n, o));
  await chain.publish(opening.time, opening.prices);
  const { house: stored } = await readHouse(chain);
  return { contracts: new Contracts(chain, crowd, owner), house: stored, buckets };
}

export class Contracts {
  comparisons = 0;
  accounts = 0;
  transactions = 0;
  gas = 0n;

  constructor(
    private readonly chain: Chain,
    private readonly crowd: Crowd,
    /** Of all accounts. */
    readonly owner: string,
  ) {}

  /** Prices as the feeds' decimals hold them. */
  answers(prices: readonly bigint[]): readonly bigint[] {
    return this.chain.markets.map(({ feedDecimals }, i) => {
      const tick = 10n ** BigInt(DECIMALS - feedDecimals);
      return (at(prices, i) / tick) * tick;
    });
  }

  publish(time: number, prices: readonly bigint[]): Promise<void> {
    return this.chain.publish(time, prices);
  }

  close(): Promise<void> {
    return this.chain.close();
  }

  /** Does what was done, and compares whoever it was done to, all markets and the fund. */
  async follow(model: Model, done: readonly Operation[]): Promise<void> {
    for (const part of runs(done)) await this.#perform(part);
    await this.compare(model, [...new Set(done.flatMap(touched))]);
  }

  /** @throws Error With what is not the same. */
  async compare(model: Model, numbers: readonly number[]): Promise<void> {
    const { opened } = model;
    for (let from = 0; from === 0 || from < numbers.length; from += READ_AT_ONCE) {
      const part = numbers.slice(from, from + READ_AT_ONCE);
      const ids = part.map((number) => accountId(this.owner, BigInt(number)));
      const markets = opened.books.map(({ id }) => id);
      const read = await readHouse(this.chain, { accounts: ids, markets });
      const found = openMarkets(read.house);
      if (from === 0) requireSame("markets", essence(opened), essence(found));
      for (const [i, account] of read.accounts.entries())
        requireSame(account.id, model.account(at(part, i)), openAccount(found, account));
    }
    this.accounts += numbers.length;
    ++this.comparisons;
  }

  async #perform(part: readonly Operation[]): Promise<void> {
    const { crowd, chain } = this;
    const { gasUsed } = await chain.send((overrides) => {
      const [first] = part;
      switch (first?.kind) {
        case "deposit": {
          const deposits = part.filter((each) => each.kind === "deposit");
          const amounts = deposits.map(({ amount }) => amount / chain.tokenUnit);
          return crowd.fundEach(
            deposits.map(({ account }) => account),
            amounts,
            overrides,
          );
        }
        case "trade": {
          const fills = part
            .filter((each) => each.kind === "trade")
            .map(({ buyer, seller, market, size }) => ({
              buyer: accountId(this.owner, BigInt(buyer)),
              seller: accountId(this.owner, BigInt(seller)),
              ...{ market, size, price: at(chain.published(), market), feeTo: NO_ACCOUNT, buyerFee: 0, sellerFee: 0 },
            }));
          return crowd.fillEach(fills, overrides);
        }
        case "liquidation":
          return crowd.liquidateEach(
            part.filter((each) => each.kind === "liquidation"),
            overrides,
          );
        case "deleveraging":
          return crowd.deleverage([...first.accounts], overrides);
        case undefined:
          throw new Error("nothing to be done");
      }
    });
    ++this.transactions;
    this.gas += gasUsed;
  }
}

/** Neighbours of one kind, as many as fit into a transaction. */
function runs(done: readonly Operation[]): Operation[][] {
  const found: Operation[][] = [];
  for (const each of done) {
    const last = found.at(-1);
    if (last?.[0]?.kind === each.kind && last.length < AT_ONCE[each.kind]) last.push(each);
    else found.push([each]);
  }
  return found;
}

function touched(done: Operation): readonly number[] {
  switch (done.kind) {
    case "deposit":
      return [done.account];
    case "trade":
      return [done.buyer, done.seller];
    case "liquidation":
      return [done.debtor, done.taker];
    case "deleveraging":
      // And whoever the bounty goes to.
      return [0, ...done.accounts];
  }
}

/** What of opened markets a later call depends on. */
function essence({ books, records, fundAssets, house }: Opened) {
  const later = records.map(({ extremes, haircutLimit, fundAvailable }) => ({ extremes, haircutLimit, fundAvailable }));
  return { books, later, fundAssets, time: house.time };
}

function requireSame(what: string, model: unknown, contracts: unknown): void {
  const [one, other] = [lines(model), lines(contracts)];
  const different = [...new Set([...one.keys(), ...other.keys()])].filter((key) => one.get(key) !== other.get(key));
  if (different.length === 0) return;
  const shown = different.map((key) => `${key}: ${one.get(key) ?? "nothing"}, not ${other.get(key) ?? "nothing"}`);
  throw new Error(`${what}: the model differs from the contracts in ${shown.slice(0, MOST_SHOWN).join("; ")}`);
}

/** Every number in it, by its path. Whether something differs from what is stored is of no interest. */
function lines(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== "object" || value === null) return found.set(path, String(value));
  for (const [key, each] of Object.entries(value)) if (key !== "changed") lines(each, `${path}.${key}`, found);
  return found;
}

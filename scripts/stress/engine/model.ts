/**
 * The clearing house in memory, by the SDK's mathematics, which are those of the contracts to the wei: markets opened at the
 * present moment, every account, and what can be done to them. Knows nothing of who does it and why.
 */
import {
  type AccountId,
  accountId,
  type DeleveragePreview,
  healthOf,
  type Health,
  openAccount,
  type Opened,
  openMarkets,
  type OraclePrice,
  type Portfolio,
  previewDeleverage,
  previewFill,
  previewTakeover,
  type StoredHouse,
  subAccountOf,
  type TakeoverPreview,
} from "../../../packages/sdk/src/index.ts";
import { earn } from "../../../packages/sdk/src/ledger/marketLedger.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { Roster, type Seen } from "../../../packages/keeper/src/roster.ts";
import { min } from "../../simulation/fixedPoint.ts";
import type { Operation } from "./operation.ts";
import { houseAt, storedAccount } from "./stored.ts";

/** What a market may draw from the insurance fund: an empty bucket is full again after a while. Money. */
export interface Bucket {
  readonly capacity: bigint;
  readonly refillPerSecond: bigint;
}

/** Who gets what calling the waterfall pays. */
export const CALLER = 0;

export class Model {
  readonly #owner: string;
  readonly #buckets: readonly Bucket[];
  readonly #roster: Roster;
  readonly #ids: readonly number[];
  /** Accounts without a position. */
  readonly #flat = new Map<string, Portfolio>();
  /** What has been done since somebody has asked. */
  #done: Operation[] = [];
  #opened: Opened;
  /** Of all markets together: it only grows. */
  #generation: bigint;

  /**
   * @param owner Of all accounts.
   * @param level In ppm of MM: accounts below it are looked at, at every price.
   */
  constructor(house: StoredHouse, owner: string, buckets: readonly Bucket[], level: bigint) {
    [this.#owner, this.#buckets, this.#roster] = [owner, buckets, new Roster(level)];
    this.#opened = openMarkets(house);
    this.#generation = this.#opened.books.reduce((all, book) => all + book.generation, 0n);
    this.#ids = house.markets.map(({ market }) => market);
    this.#roster.open(this.#opened);
  }

  get opened(): Opened {
    return this.#opened;
  }

  get time(): bigint {
    return this.#opened.house.time;
  }

  /** What was done since the last time. */
  takeDone(): Operation[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  idOf(account: number): AccountId {
    return accountId(this.#owner, BigInt(account));
  }

  /** Of an account of the run. */
  numberOf(id: string): number {
    return Number(subAccountOf(id));
  }

  /** As it is now. Not to be changed. */
  account(number: number): Portfolio {
    const id = this.idOf(number);
    return this.#roster.get(id) ?? this.#flat.get(id) ?? this.#empty(id);
  }

  health(number: number): Health {
    return healthOf(this.account(number), this.#opened.books);
  }

  /** Everybody with a position. */
  portfolios(): Portfolio[] {
    return this.#roster.portfolios();
  }

  /** Everybody with a position below the level. */
  look(): Seen[] {
    return this.#roster.look(this.#opened).seen;
  }

  /** Every market accepts a price, and funding accrues up to it. */
  advance(time: bigint, prices: readonly OraclePrice[]): void {
    const passed = time - this.time;
    const fundAvailable = this.#buckets.map(({ capacity, refillPerSecond }, i) =>
      min(at(this.#opened.records, i).fundAvailable + refillPerSecond * passed, capacity),
    );
    this.#opened = openMarkets(houseAt(this.#opened, { time, prices, fundAvailable }));
    // `accrueFunding`, which anyone may call, hands the fund what the market has earned.
    for (const book of this.#opened.books) earn(this.#opened, book, 0n);
    this.#walk();
    this.#roster.open(this.#opened);
  }

  // -------------------------------------------------------------------- what can be done

  deposit(account: number, amount: bigint): void {
    const before = this.account(account);
    this.#put({ ...before, collateral: before.collateral + amount });
    this.#done.push({ kind: "deposit", account, amount });
  }

  /** A trade at mark. @returns Why it is refused; undefined where it is done. */
  trade(buyer: number, seller: number, market: number, size: bigint): string | undefined {
    const price = at(this.#opened.books, market).mark;
    const parties = { buyer: this.account(buyer), seller: this.account(seller) };
    const fees = { buyerFee: 0n, sellerFee: 0n };
    const preview = previewFill(this.#opened, { ...parties, market: at(this.#ids, market), size, price, ...fees });
    if (!preview.accepted) return preview.refusal.name;
    this.#opened = preview.opened;
    this.#put(preview.buyer.account, preview.seller.account);
    this.#done.push({ kind: "trade", buyer, seller, market, size });
    return undefined;
  }

  /** @returns What it comes to; undefined where it is refused. Nothing is done where `judge` says no. */
  liquidate(
    debtor: number,
    taker: number,
    market: number,
    size: bigint,
    judge: (terms: TakeoverPreview) => boolean,
  ): TakeoverPreview | undefined {
    const parties = { debtor: this.account(debtor), taker: this.account(taker) };
    const preview = previewTakeover(this.#opened, { ...parties, market: at(this.#ids, market), size });
    if (!preview.accepted || !judge(preview)) return undefined;
    this.#opened = preview.opened;
    this.#put(preview.debtor, preview.taker);
    this.#done.push({ kind: "liquidation", debtor, taker, market, size });
    return preview;
  }

  /** The bounty goes to account 0. */
  deleverage(accounts: readonly number[]): DeleveragePreview {
    const preview = previewDeleverage(
      this.#opened,
      accounts.map((number) => this.account(number)),
    );
    this.#opened = preview.opened;
    this.#put(...preview.resolved.map(({ account }) => account));
    this.#walk();
    if (preview.bounty > 0n) {
      const before = this.account(CALLER);
      this.#put({ ...before, collateral: before.collateral + preview.bounty });
    }
    this.#done.push({ kind: "deleveraging", accounts });
    return preview;
  }

  // -------------------------------------------------------------------- bookkeeping

  #put(...accounts: readonly Portfolio[]): void {
    this.#roster.put(
      this.#opened,
      accounts.map((account) => storedAccount(account, this.#ids)),
    );
    for (const account of accounts) {
      if (account.markets === 0n) this.#flat.set(account.id, account);
      else this.#flat.delete(account.id);
    }
  }

  /** Brings whoever is in a generation that has ended to the present one. */
  #walk(): void {
    const generation = this.#opened.books.reduce((all, book) => all + book.generation, 0n);
    if (generation === this.#generation) return;
    this.#generation = generation;
    const outdated = this.#roster.outdated(this.#opened, new Set());
    for (const id of outdated) {
      const account = this.#roster.get(id);
      if (account !== undefined) this.#roster.put(this.#opened, [storedAccount(account, this.#ids)]);
    }
    for (const [id, account] of this.#flat)
      if (account.holdings.some(({ generation }, i) => generation !== at(this.#opened.books, i).generation))
        this.#flat.set(id, openAccount(this.#opened, storedAccount(account, this.#ids)));
  }

  #empty(id: AccountId): Portfolio {
    return openAccount(this.#opened, { id, collateral: 0n, markets: 0n, positions: new Map() });
  }
}

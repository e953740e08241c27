/**
 * What the crowd does after the opening: again and again some of it open, or open more of, what they like to hold, at mark,
 * as far as their money and the limits of the house go. Who has lost everything makes room for somebody with a new deposit.
 */
import { orderNonce } from "../../packages/sdk/src/client/orders.ts";
import { isLiquidatable, spare, type AccountHealth, type MarketState } from "./books.ts";
import type { Chain } from "./chain.ts";
import { FULLEST, LOT, PERCENT, type Leg, type Trader } from "./crowd.ts";
import { divUp, min, ONE, PPM } from "./fixedPoint.ts";
import type { Reason } from "./limits.ts";
import { payIn, type Account } from "./opening.ts";
import { sign, signProfitOrder, submit, type Resting } from "./orders.ts";
import type { Random } from "./random.ts";

/** Seconds from one time of trading to the next … */
const INTERVAL = 300;
/** … at which one of so many tries. */
const TRADERS_PER_TRY = 40;
/** How often whoever tries looks for somebody who likes the other side. */
const LOOKS = 12;
/** Lanes from here on are for these orders: the first ones are the opening's. */
const LANES = 1n << 15n;
/** Of what margin allows, percent: a long asks for up to `FULLEST`, a short for up to this, and nobody for less than that. */
const CAUTIOUS = 35n;
const LEAST = 10n;
/** Who holds nothing and has less than this part of the first deposit, in percent, gives up. */
const RUINED = 5n;

/** Somebody who would trade. */
interface Party {
  readonly account: Account;
  readonly reduceOnly: boolean;
  /** What it would trade if margin were asked at this rate, ppm. */
  sizeAt(rate: bigint): bigint;
  onFilled(): Promise<void>;
}

/** Somebody of the crowd, and what they like to hold. */
interface Wish {
  readonly account: Account;
  readonly lane: number;
  readonly leg: Leg;
}

export interface Attempts {
  readonly filled: number;
  readonly refused: readonly Reason[];
}

export interface Floor {
  readonly chain: Chain;
  readonly random: Random;
  readonly crowd: readonly Trader[];
  readonly accounts: readonly Account[];
  readonly keepers: readonly Account[];
  readonly resting: Resting;
  readonly expiry: bigint;
}

export class Trading {
  readonly #floor: Floor;
  #sequence = 1n;
  #next: number;
  /** What those who took the place of others have paid in, by account. Money. */
  readonly paidIn = new Map<string, bigint>();

  /** @param opening Unix seconds. */
  constructor(floor: Floor, opening: number) {
    this.#floor = floor;
    this.#next = opening + INTERVAL;
  }

  /** Whether it is time again. */
  isDue(time: number): boolean {
    if (time < this.#next) return false;
    this.#next = time + INTERVAL;
    return true;
  }

  async trade(healths: readonly AccountHealth[], markets: readonly MarketState[]): Promise<Attempts> {
    const known = new Map(healths.map((health) => [health.id, health]));
    const refused: Reason[] = [];
    let filled = 0;
    for (let i = 0; i < this.#floor.crowd.length; i += TRADERS_PER_TRY) {
      const wish = this.#draw();
      const market = markets[wish?.leg.market ?? -1];
      if (wish === undefined || market === undefined) continue;
      const reasons = await this.#attempt(wish, market, known);
      if (reasons === undefined) continue;
      refused.push(...reasons.refused);
      filled += reasons.filled;
    }
    return { filled, refused };
  }

  /** At the margin that one is used to, and where that does not suffice once more at what is asked for now. */
  async #attempt(wish: Wish, market: MarketState, known: Map<string, AccountHealth>): Promise<Attempts | undefined> {
    const { leg } = wish;
    const own = await this.#trader(wish, market.mark, known);
    const other = own && ((await this.#keeper(leg, market.mark)) ?? (await this.#opposite(leg, market.mark, known)));
    if (own === undefined || other === undefined) return undefined;
    const usual = this.#floor.chain.markets[leg.market]?.initialMargin ?? PPM;
    const refused: Reason[] = [];
    for (const rate of usual < market.initialMargin ? [usual, market.initialMargin] : [usual]) {
      const size = min(own.sizeAt(rate), other.sizeAt(rate));
      if (size === 0n) break;
      const [buyer, seller] = leg.isLong ? [own, other] : [other, own];
      const refusal = await submit(
        this.#floor.chain,
        await this.#order(buyer, true, leg.market, size, market.mark),
        await this.#order(seller, false, leg.market, size, market.mark),
      );
      if (refusal === undefined) {
        for (const party of [own, other]) {
          known.delete(party.account.id);
          await party.onFilled();
        }
        return { filled: 1, refused };
      }
      refused.push(refusal.reason);
      if (refusal.reason !== "InsufficientMargin") break;
    }
    return { filled: 0, refused };
  }

  #draw(): Wish | undefined {
    const { random, crowd, accounts } = this.#floor;
    const trader = Number(random.between(0n, BigInt(crowd.length) - 1n));
    const [account, legs] = [accounts[trader], crowd[trader]?.legs ?? []];
    if (account === undefined || legs.length === 0) return undefined;
    const lane = Number(random.between(0n, BigInt(legs.length) - 1n));
    const leg = legs[lane];
    return leg && { account, lane, leg };
  }

  /** A keeper who wants to be rid of what it has taken over. */
  async #keeper({ market, isLong }: Leg, mark: bigint): Promise<Party | undefined> {
    const { chain, keepers } = this.#floor;
    const dust = divUp((chain.markets[market]?.minNotional ?? 0n) * ONE, mark);
    for (const account of keepers) {
      const held = await chain.house.sizeOf(account.id, market);
      const size = (isLong ? held : -held) - dust;
      // It keeps a position that is not dust: what the other one takes may be less.
      if (size > dust) return { account, reduceOnly: true, sizeAt: () => size, onFilled: () => Promise.resolve() };
    }
    return undefined;
  }

  async #opposite(leg: Leg, mark: bigint, known: Map<string, AccountHealth>): Promise<Party | undefined> {
    for (let i = 0; i < LOOKS; ++i) {
      const wish = this.#draw();
      if (wish?.leg.market === leg.market && wish.leg.isLong !== leg.isLong) return this.#trader(wish, mark, known);
    }
    return undefined;
  }

  /** Undefined for whoever has other worries. */
  async #trader(
    { account, lane, leg }: Wish,
    mark: bigint,
    known: Map<string, AccountHealth>,
  ): Promise<Party | undefined> {
    const { chain, random, resting, expiry } = this.#floor;
    const found = known.get(account.id);
    if (found === undefined || found.equity < 0n || isLiquidatable(found)) return undefined;
    const money = spare(await this.#replaced(account, found, known));
    const part = random.between(LEAST, leg.isLong ? FULLEST : CAUTIOUS);
    const lot = (LOT * ONE) / mark;
    return {
      account,
      reduceOnly: false,
      sizeAt: (rate) => ((money * part * PPM) / PERCENT / rate / LOT) * lot,
      onFilled: async () => {
        const size = await chain.house.sizeOf(account.id, leg.market);
        const position = size < 0n ? -size : size;
        resting.place(await signProfitOrder(chain, account, lane, ++this.#sequence, leg, position, mark, expiry));
      },
    };
  }

  async #replaced(account: Account, health: AccountHealth, known: Map<string, AccountHealth>): Promise<AccountHealth> {
    const isRuined = health.initialMargin === 0n && health.equity * PERCENT < account.deposit * RUINED;
    if (!isRuined) return health;
    await payIn(this.#floor.chain, account);
    this.paidIn.set(account.id, (this.paidIn.get(account.id) ?? 0n) + account.deposit);
    const richer = {
      ...health,
      equity: health.equity + account.deposit,
      secured: health.secured + account.deposit,
    };
    known.set(account.id, richer);
    return richer;
  }

  #order({ account, reduceOnly }: Party, isBuy: boolean, market: number, size: bigint, price: bigint) {
    return sign(this.#floor.chain, account, {
      market: BigInt(market),
      isBuy,
      reduceOnly,
      size,
      price,
      nonce: orderNonce(LANES + BigInt(market), ++this.#sequence),
      expiry: this.#floor.expiry,
    });
  }
}

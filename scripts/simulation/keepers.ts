/**
 * What keepers do after every price: take positions over as far as their own capital goes, selling on in the same breath
 * what resting orders take, and then run the waterfall over whoever is below zero. Where the price has jumped nobody can sell
 * before the next block; then they sell what they have taken.
 */
import type { ContractTransactionReceipt } from "ethers";
import { NO_ACCOUNT } from "./accounts.ts";
import { exposure, healthsOf, isLiquidatable, spare, type AccountHealth } from "./books.ts";
import type { Chain, Market } from "./chain.ts";
import { divUp, max, min, ONE, PPM, sum } from "./fixedPoint.ts";
import type { Account } from "./opening.ts";
import { encodePair, limitForMark, sign, type Offer, type Resting } from "./orders.ts";
import { orderNonce } from "../../packages/sdk/src/client/orders.ts";

const ANY_SIZE = (1n << 256n) - 1n;
/** Accounts in one `deleverage`, liquidations in one batch: far from the gas of a block. */
const LIST_LENGTH = 50;
const BATCH_LENGTH = 40;
/** Shares are rounded: after a trade or two a position may be some size-wei more or less than it seems. */
const ROUNDING = 1_000n;
/** A liquidation that restores a buffer may not be the last of its account; more rounds than this mean a mistake. */
const MOST_ROUNDS = 20;
/** A keeper's positions are worth at most so many times its equity: it means to be there tomorrow. */
const MOST_LEVERAGE = 4n;

type OnReceipt = (receipt: ContractTransactionReceipt) => void;
type Summary = Awaited<ReturnType<Chain["lens"]["marketSummaries"]>>[number];
interface Call {
  target: string;
  data: string;
}

// ---------------------------------------------------------------------- liquidating

/** Somebody with a limited amount of capital and a place in every queue. */
export class Keeper {
  readonly account: Account;
  readonly #chain: Chain;
  readonly #expiry: bigint;
  #sequence = 0n;

  constructor(chain: Chain, account: Account, expiry: bigint) {
    this.#chain = chain;
    this.account = account;
    this.#expiry = expiry;
  }

  /**
   * Takes accounts off `queue` in one batch, as far as the resting orders and the keeper's own capital go.
   *
   * @param room The notional that it may still hold, money.
   */
  async plan(room: bigint, queue: AccountHealth[], desk: Desk): Promise<Call[]> {
    const held = await this.#inventory();
    const calls: Call[] = [];
    const skipped: AccountHealth[] = [];
    while (calls.length < BATCH_LENGTH) {
      const debtor = queue.shift();
      if (debtor === undefined) break;
      const found = debtor.id === this.account.id ? undefined : await this.#affordable(debtor.id, room, held, desk);
      if (found === undefined) {
        skipped.push(debtor);
        continue;
      }
      room -= found.kept;
      held.set(found.market, (held.get(found.market) ?? 0n) + found.delta);
      calls.push(found.call);
    }
    queue.unshift(...skipped);
    for (const [market, size] of held) calls.push(...(await this.#sellOn(market, size, desk)));
    return calls;
  }

  /** Sells what resting orders take of what it holds. */
  async clear(desk: Desk): Promise<Call[]> {
    return this.plan(0n, [], desk);
  }

  /** The notional that it may still hold: bounded by what it wants, and by what initial margin leaves it. */
  async room(own: AccountHealth, strictestMargin: bigint): Promise<bigint> {
    const positions = await this.#chain.lens.positionsOf(this.account.id);
    const wanted = own.equity * MOST_LEVERAGE - sum(positions.map(({ notional }) => notional));
    return max(min(wanted, (spare(own) * PPM) / strictestMargin), 0n);
  }

  async #inventory(): Promise<Map<number, bigint>> {
    const positions = await this.#chain.lens.positionsOf(this.account.id);
    return new Map(positions.map(({ market, size }) => [Number(market), size]));
  }

  /** The largest position of an account, or as much of it as the capital allows. */
  async #affordable(account: string, room: bigint, held: ReadonlyMap<number, bigint>, desk: Desk) {
    const positions = await this.#chain.lens.positionsOf(account);
    const [largest] = [...positions].sort((a, b) => (a.notional > b.notional ? -1 : 1));
    if (largest === undefined) throw new Error(`account ${account} is below its margin without a position`);
    const market = Number(largest.market);
    const { minNotional } = desk.marketOf(market);
    const terms = await this.#chain.lens.previewLiquidation(account, market, ANY_SIZE);
    const isLong = largest.size > 0n;
    const inHand = held.get(market) ?? 0n;
    // What is sold on in the same batch needs no capital; neither does what closes a position of the keeper's own.
    const free = max((await desk.demand(market, isLong, terms.mark)) - (isLong ? inHand : -inHand), 0n);
    const dust = divUp(minNotional * ONE, terms.mark);
    const whole = isLong ? largest.size : -largest.size;
    const most = free + (room * ONE) / terms.mark;
    // Less than all that is to be taken must leave the debtor more than dust, and be more than that itself.
    const size = most >= terms.size ? terms.size : min(most, whole - dust);
    if (size <= 0n || (size < terms.size && size < dust)) return undefined;
    return {
      market,
      delta: isLong ? size : -size,
      kept: divUp(max(size - free, 0n) * terms.mark, ONE),
      call: {
        target: await this.#chain.house.getAddress(),
        data: this.#chain.house.interface.encodeFunctionData("liquidate", [account, market, size, this.account.id]),
      },
    };
  }

  /** Sells (or buys back) at mark what resting orders take of a position, without leaving dust on either side. */
  async #sellOn(market: number, position: bigint, desk: Desk): Promise<Call[]> {
    const isLong = position > 0n;
    let left = isLong ? position : -position;
    const mark = desk.markOf(market);
    const dust = divUp(desk.marketOf(market).minNotional * ONE, mark) + ROUNDING;
    const calls: Call[] = [];
    for (const offer of left === 0n ? [] : await desk.offers(market, isLong, mark)) {
      // All of it where both sides allow that for certain, or as much as leaves no dust.
      const isAll = min(offer.left - ROUNDING, offer.position - dust) >= left;
      const size = isAll ? left : min(left - dust, offer.left);
      if (size <= 0n || (size < offer.position && offer.position - size < dust)) continue;
      left -= size;
      offer.left -= size;
      offer.position -= size;
      const own = await sign(this.#chain, this.account, {
        market: BigInt(market),
        isBuy: !isLong,
        reduceOnly: true,
        size: isAll ? size + ROUNDING : size,
        price: limitForMark(offer.signed, mark),
        nonce: orderNonce(0n, ++this.#sequence),
        expiry: this.#expiry,
      });
      const [buy, sell] = isLong ? [offer.signed, own] : [own, offer.signed];
      calls.push({ target: await this.#chain.settlement.getAddress(), data: encodePair(this.#chain, buy, sell) });
    }
    return calls;
  }
}

/** What all keepers see in one round: the markets, and the resting orders that are good at their marks. */
class Desk {
  readonly #chain: Chain;
  readonly #resting: Resting;
  readonly #summaries: readonly Summary[];
  readonly #inTrouble: ReadonlySet<string>;
  readonly #offers = new Map<string, Promise<Offer[]>>();

  private constructor(
    chain: Chain,
    resting: Resting,
    summaries: readonly Summary[],
    healths: readonly AccountHealth[],
  ) {
    this.#chain = chain;
    this.#resting = resting;
    this.#summaries = summaries;
    this.#inTrouble = new Set(
      healths.filter((health) => health.equity < 0n || isLiquidatable(health)).map(({ id }) => id),
    );
  }

  static async open(chain: Chain, resting: Resting, healths: readonly AccountHealth[]): Promise<Desk> {
    return new Desk(chain, resting, await chain.lens.marketSummaries(), healths);
  }

  marketOf(market: number): Market {
    const found = this.#chain.markets[market];
    if (found === undefined) throw new Error(`there is no market ${market}`);
    return found;
  }

  markOf(market: number): bigint {
    return this.#summaries[market]?.mark ?? 0n;
  }

  /** The highest rate that a market asks for now, ppm. */
  strictestMargin(): bigint {
    return this.#summaries.map(({ initialMargin }) => initialMargin).reduce(max, 1n);
  }

  offers(market: number, isSelling: boolean, mark: bigint): Promise<Offer[]> {
    const key = `${market} ${isSelling}`;
    const known = this.#offers.get(key) ?? this.#find(market, isSelling, mark);
    this.#offers.set(key, known);
    return known;
  }

  /** Nobody's as long as fills wait, and nobody's who is about to be liquidated or deleveraged. */
  async #find(market: number, isSelling: boolean, mark: bigint): Promise<Offer[]> {
    if (this.#summaries[market]?.calm !== true) return [];
    const found = await this.#resting.at(market, isSelling, mark);
    return found.filter(({ signed }) => !this.#inTrouble.has(signed.order.account));
  }

  async demand(market: number, isSelling: boolean, mark: bigint): Promise<bigint> {
    return (await this.offers(market, isSelling, mark)).reduce((total, { left }) => total + left, 0n);
  }
}

/** Worst accounts first, until nobody is below maintenance margin or the keepers can take no more. */
export async function liquidate(
  chain: Chain,
  ids: readonly string[],
  keepers: readonly Keeper[],
  resting: Resting,
  healths: readonly AccountHealth[],
  onReceipt: OnReceipt,
): Promise<readonly AccountHealth[]> {
  let known = healths;
  for (let round = 0; ; ++round) {
    if (round === MOST_ROUNDS) throw new Error("keepers do not come to an end");
    const queue = known.filter(isLiquidatable).sort(byHealth);
    if (queue.length === 0) return known;
    const desk = await Desk.open(chain, resting, known);
    let acted = false;
    for (const { keeper, room } of await byRoom(keepers, known, desk.strictestMargin())) {
      const calls = room === 0n ? [] : await keeper.plan(room, queue, desk);
      if (calls.length === 0) continue;
      onReceipt(await chain.send((o) => chain.house.connect(keeper.account.signer).batch(calls, o)));
      acted = true;
    }
    if (!acted) return known;
    known = await healthsOf(chain, ids);
  }
}

/** Every keeper sells what resting orders take of what it holds. */
export async function sellOff(
  chain: Chain,
  keepers: readonly Keeper[],
  resting: Resting,
  healths: readonly AccountHealth[],
  onReceipt: OnReceipt,
): Promise<void> {
  const desk = await Desk.open(chain, resting, healths);
  for (const keeper of keepers) {
    const calls = await keeper.clear(desk);
    if (calls.length === 0) continue;
    onReceipt(await chain.send((o) => chain.house.connect(keeper.account.signer).batch(calls, o)));
  }
}

/** Whoever can hold most comes first. */
async function byRoom(keepers: readonly Keeper[], healths: readonly AccountHealth[], strictest: bigint) {
  const rooms = keepers.map(async (keeper) => {
    const own = healths.find(({ id }) => id === keeper.account.id);
    return { keeper, room: own === undefined ? 0n : await keeper.room(own, strictest) };
  });
  return (await Promise.all(rooms)).sort((a, b) => (a.room > b.room ? -1 : 1));
}

/** Lowest equity per margin first. */
function byHealth(a: AccountHealth, b: AccountHealth): number {
  const [left, right] = [a.equity * b.maintenanceMargin, b.equity * a.maintenanceMargin];
  return left < right ? -1 : left > right ? 1 : 0;
}

// ---------------------------------------------------------------------- deleveraging

/** Resolves everybody below zero; a haircut may push another one there, so it looks again until nobody is. */
export async function deleverage(
  chain: Chain,
  ids: readonly string[],
  caller: Keeper,
  healths: readonly AccountHealth[],
  onReceipt: OnReceipt,
): Promise<readonly AccountHealth[]> {
  let known = healths;
  for (let round = 0; round < MOST_ROUNDS && exposure(known).negative > 0n; ++round) {
    const list = known.filter(({ equity }) => equity < 0n).map(({ id }) => id);
    for (let from = 0; from < list.length; from += LIST_LENGTH) {
      const part = list.slice(from, from + LIST_LENGTH);
      onReceipt(await chain.send((o) => chain.house.connect(caller.account.signer).deleverage(part, NO_ACCOUNT, o)));
    }
    known = await healthsOf(chain, ids);
  }
  return known;
}

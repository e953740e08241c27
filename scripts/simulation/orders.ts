/** The crowd's signed orders: those that open positions, and those that wait to take a profit. */
import { NO_ACCOUNT } from "./accounts.ts";
import type { Chain } from "./chain.ts";
import { PERCENT, type Leg, type Trader } from "./crowd.ts";
import { max, min } from "./fixedPoint.ts";
import { refusalOf, type Reason, type Refusal } from "./limits.ts";
import type { Account } from "./opening.ts";
import { orderNonce } from "../../packages/sdk/src/client/orders.ts";
import { signOrder, type Order, type SignedOrder } from "../../test/utils/orders.ts";

/** As `maxSize`: whatever both orders allow. */
const ANY_SIZE = (1n << 128n) - 1n;
/** Lanes from here on are for taking profit: the first ones are the opening orders'. */
const PROFIT_LANES = 1n << 16n;

/** Lasts through the whole path. */
export function expiryAfter(time: number): bigint {
  return BigInt(time) + 86_400n;
}

/** Signs the account's next order of a lane. */
export async function sign(
  chain: Chain,
  account: Account,
  order: Omit<Order, "account" | "epoch" | "fee">,
): Promise<SignedOrder> {
  const settlement = await chain.settlement.getAddress();
  return signOrder(account.signer, settlement, chain.chainId, { ...order, account: account.id, epoch: 0n, fee: 0n });
}

/** The call that submits a pair. The price is the middle of the two limits. */
export function encodePair(chain: Chain, buy: SignedOrder, sell: SignedOrder): string {
  return chain.settlement.interface.encodeFunctionData("settle", [
    buy.order,
    buy.signature,
    sell.order,
    sell.signature,
    ANY_SIZE,
    NO_ACCOUNT,
  ]);
}

/** Submits a pair. Where a limit of the house refuses it, says which. */
export async function submit(chain: Chain, buy: SignedOrder, sell: SignedOrder): Promise<Refusal | undefined> {
  try {
    await chain.send((overrides) =>
      chain.settlement.settle(buy.order, buy.signature, sell.order, sell.signature, ANY_SIZE, NO_ACCOUNT, overrides),
    );
    return undefined;
  } catch (error) {
    return refusalOf(chain, error);
  }
}

// ---------------------------------------------------------------------- opening

interface Queued {
  readonly trader: number;
  readonly lane: number;
  readonly signed: SignedOrder;
  left: bigint;
}

export interface Opened {
  /** For each trader and leg, the size that was filled. */
  readonly filled: readonly bigint[][];
  readonly fills: number;
  /** Why orders were turned away, one by one. */
  readonly refused: readonly Reason[];
}

/**
 * Has every trader sign an order for each leg at the market's price, and submits crossing pairs until all are filled or
 * refused.
 */
export async function openPositions(
  chain: Chain,
  traders: readonly Trader[],
  accounts: readonly Account[],
  prices: readonly bigint[],
  expiry: bigint,
  onDone: () => void,
): Promise<Opened> {
  const filled = traders.map(({ legs }) => legs.map(() => 0n));
  const refused: Reason[] = [];
  let fills = 0;
  for (const [market, price] of prices.entries()) {
    const buys: Queued[] = [];
    const sells: Queued[] = [];
    for (const [trader, { legs }] of traders.entries()) {
      const account = accounts[trader];
      for (const [lane, { size, isLong, ...leg }] of legs.entries()) {
        if (leg.market !== market || account === undefined) continue;
        const signed = await sign(chain, account, {
          market: BigInt(market),
          isBuy: isLong,
          reduceOnly: false,
          size,
          price,
          nonce: orderNonce(BigInt(lane), 1n),
          expiry,
        });
        (isLong ? buys : sells).push({ trader, lane, signed, left: size });
      }
    }
    const onFilled = ({ trader, lane }: Queued, size: bigint) => {
      const row = filled[trader] ?? [];
      row[lane] = (row[lane] ?? 0n) + size;
    };
    const matched = await match(chain, buys, sells, onFilled, onDone);
    refused.push(...matched.refused);
    fills += matched.fills;
  }
  return { filled, fills, refused };
}

/**
 * Both queues in turn; an order larger than the one it meets stays for the next. Who is refused goes home: the buyer, or
 * whoever lacks the margin.
 */
async function match(
  chain: Chain,
  buys: Queued[],
  sells: Queued[],
  onFilled: (order: Queued, size: bigint) => void,
  onDone: () => void,
): Promise<{ fills: number; refused: Reason[] }> {
  const refused: Reason[] = [];
  let fills = 0;
  for (let buy = buys.shift(), sell = sells.shift(); buy !== undefined && sell !== undefined;) {
    const refusal = await submit(chain, buy.signed, sell.signed);
    const size = min(buy.left, sell.left);
    if (refusal !== undefined) {
      refused.push(refusal.reason);
      (refusal.account === sell.signed.order.account ? sell : buy).left = 0n;
    } else {
      fills += 1;
      for (const order of [buy, sell]) {
        order.left -= size;
        onFilled(order, size);
      }
    }
    if (buy.left === 0n) {
      onDone();
      buy = buys.shift();
    }
    if (sell.left === 0n) {
      onDone();
      sell = sells.shift();
    }
  }
  return { fills, refused };
}

// ---------------------------------------------------------------------- taking profit

/** Signs a reduce-only order that becomes good once the market has gone the trader's way far enough. */
export async function signProfitOrder(
  chain: Chain,
  account: Account,
  lane: number,
  sequence: bigint,
  { market, isLong, profitAt, profitPart }: Leg,
  position: bigint,
  price: bigint,
  expiry: bigint,
): Promise<SignedOrder> {
  const away = (price * profitAt) / PERCENT;
  return sign(chain, account, {
    market: BigInt(market),
    isBuy: !isLong,
    reduceOnly: true,
    size: (position * profitPart) / PERCENT,
    price: isLong ? price + away : price - away,
    nonce: orderNonce(PROFIT_LANES + BigInt(lane), sequence),
    expiry,
  });
}

/** What somebody who wants to get rid of a position finds in the book: one order of each account in each market. */
export class Resting {
  readonly #chain: Chain;
  readonly #orders = new Map<string, SignedOrder>();

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** In place of the account's earlier one. */
  place(signed: SignedOrder): void {
    this.#orders.set(`${signed.order.account} ${signed.order.market}`, signed);
  }

  /** The orders of a market that a seller (or a buyer) at mark meets, and what each would take. */
  async at(market: number, isSelling: boolean, mark: bigint): Promise<Offer[]> {
    const good = [...this.#orders].filter(
      ([, { order }]) =>
        order.market === BigInt(market) &&
        order.isBuy === isSelling &&
        (isSelling ? order.price >= mark : order.price <= mark),
    );
    const offers: Offer[] = [];
    for (const [key, signed] of good) {
      const left = await this.#chain.settlement.remaining(signed.order);
      if (left === 0n) {
        // Filled, or nothing is left to reduce.
        this.#orders.delete(key);
        continue;
      }
      const position = await this.#chain.house.sizeOf(signed.order.account, market);
      offers.push({ signed, left, position: position < 0n ? -position : position });
    }
    return offers;
  }
}

/** What is left of an order, and of the position that it reduces. */
export interface Offer {
  readonly signed: SignedOrder;
  left: bigint;
  position: bigint;
}

/** The limit that makes a pair with `other` trade at mark, in the middle of the two. */
export function limitForMark(other: SignedOrder, mark: bigint): bigint {
  return max(2n * mark - other.order.price, 1n);
}

/** The crowd's signed orders: those that open positions, and those that wait to take a profit. */
import { NO_ACCOUNT } from "./accounts.ts";
import type { Chain } from "./chain.ts";
import type { Trader } from "./crowd.ts";
import { max, min } from "./fixedPoint.ts";
import type { Account } from "./opening.ts";
import { orderNonce, signOrder, type Order, type SignedOrder } from "../../test/utils/orders.ts";

/** As `maxSize`: whatever both orders allow. */
const ANY_SIZE = (1n << 128n) - 1n;
/** Lanes from here on are for taking profit: the first ones are the opening orders'. */
const PROFIT_LANES = 1n << 16n;
const PERCENT = 100n;

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

// ---------------------------------------------------------------------- opening

interface Queued {
  readonly signed: SignedOrder;
  left: bigint;
}

/** Has every trader sign an order for each leg at the market's price, and submits crossing pairs until all are filled. */
export async function openPositions(
  chain: Chain,
  traders: readonly Trader[],
  accounts: readonly Account[],
  prices: readonly bigint[],
  expiry: bigint,
  onFilled: () => void,
): Promise<void> {
  for (const [market, price] of prices.entries()) {
    const buys: Queued[] = [];
    const sells: Queued[] = [];
    for (const [i, { legs }] of traders.entries()) {
      const account = accounts[i];
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
        (isLong ? buys : sells).push({ signed, left: size });
      }
    }
    await match(chain, buys, sells, onFilled);
  }
}

/** Both queues in turn; an order larger than the one it meets stays for the next. */
async function match(chain: Chain, buys: Queued[], sells: Queued[], onFilled: () => void): Promise<void> {
  for (let buy = buys.shift(), sell = sells.shift(); buy !== undefined && sell !== undefined;) {
    const [bid, ask] = [buy.signed, sell.signed];
    await chain.send((overrides) =>
      chain.settlement.settle(bid.order, bid.signature, ask.order, ask.signature, ANY_SIZE, NO_ACCOUNT, overrides),
    );
    const size = min(buy.left, sell.left);
    buy.left -= size;
    sell.left -= size;
    if (buy.left === 0n) {
      onFilled();
      buy = buys.shift();
    }
    if (sell.left === 0n) {
      onFilled();
      sell = sells.shift();
    }
  }
}

// ---------------------------------------------------------------------- taking profit

/** Reduce-only orders that become good once a market has gone a trader's way far enough: who keepers can sell on to. */
export async function signProfitOrders(
  chain: Chain,
  traders: readonly Trader[],
  accounts: readonly Account[],
  prices: readonly bigint[],
  expiry: bigint,
): Promise<SignedOrder[]> {
  const orders: SignedOrder[] = [];
  for (const [i, { legs }] of traders.entries()) {
    const account = accounts[i];
    if (account === undefined) continue;
    for (const [lane, { market, isLong, size, profitAt, profitPart }] of legs.entries()) {
      const price = prices[market] ?? 0n;
      const away = (price * profitAt) / PERCENT;
      orders.push(
        await sign(chain, account, {
          market: BigInt(market),
          isBuy: !isLong,
          reduceOnly: true,
          size: (size * profitPart) / PERCENT,
          price: isLong ? price + away : price - away,
          nonce: orderNonce(PROFIT_LANES + BigInt(lane), 1n),
          expiry,
        }),
      );
    }
  }
  return orders;
}

/** What somebody who wants to get rid of a position finds in the book. */
export class Resting {
  readonly #chain: Chain;
  readonly #orders: readonly SignedOrder[];

  constructor(chain: Chain, orders: readonly SignedOrder[]) {
    this.#chain = chain;
    this.#orders = orders;
  }

  /** The orders of a market that a seller (or a buyer) at mark meets, and what each would take. */
  async at(market: number, isSelling: boolean, mark: bigint): Promise<Offer[]> {
    const good = this.#orders.filter(
      ({ order }) =>
        order.market === BigInt(market) &&
        order.isBuy === isSelling &&
        (isSelling ? order.price >= mark : order.price <= mark),
    );
    const offers = await Promise.all(
      good.map(async (signed) => {
        const { account } = signed.order;
        const left = await this.#chain.settlement.remaining(signed.order);
        const position = left === 0n ? 0n : await this.#chain.house.sizeOf(account, market);
        return { signed, left, position: position < 0n ? -position : position };
      }),
    );
    return offers.filter(({ left }) => left > 0n);
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

/** What the keeper's own account can still take: what initial margin and leverage leave it, and what resting orders buy. */
import { healthOf, InitialMargin, isCalm, ONE, type Opened, portfolio, type Portfolio, PPM } from "zerofloor";
import type { SignedOrder } from "zerofloor/ethers";
import type { Sale } from "./action.ts";

/** An order that rests, and what could be filled of it. */
export interface Offer {
  readonly signed: SignedOrder;
  readonly left: bigint;
}

/** Of what initial margin leaves, the part that is used: prices move until a transaction is included. ppm. */
const USED = 950_000n;
/** Of the price band, likewise: an order at its edge would be refused. */
const BAND_USED = 900_000n;
/** Shares are rounded: after a trade or two a position may be some size-wei more or less than it seems. */
const ROUNDING = 1_000n;

interface Place {
  readonly mark: bigint;
  readonly rate: bigint;
  readonly band: bigint;
  readonly tradeFee: bigint;
  readonly dust: bigint;
  /** Signed. */
  held: bigint;
}

export class Desk {
  readonly #places = new Map<number, Place>();
  readonly #offers: { readonly signed: SignedOrder; left: bigint }[];
  readonly #waiting: ReadonlySet<number>;
  /** Money. */
  #marginLeft: bigint;
  #leverageLeft: bigint;

  constructor(opened: Opened, own: Portfolio, maximumLeverage: number, offers: readonly Offer[]) {
    const { books, house } = opened;
    const { equity, secured } = healthOf(own, books);
    const rates = InitialMargin.initialMarginRates(books);
    this.#marginLeft = (secured * USED) / PPM - InitialMargin.requiredUp(own, books, rates);
    this.#leverageLeft = equity * BigInt(maximumLeverage);
    const [calm, unseen] = [new Set<number>(), new Set<number>()];
    for (const [i, book] of books.entries()) {
      const held = portfolio.sizeOfHolding(portfolio.holdingOf(own, i), book);
      this.#leverageLeft -= notional(magnitude(held), book.mark);
      const { priceBand, tradeFee, minNotional } = book.risk;
      const dust = (minNotional * ONE) / book.mark + 1n;
      const band = (book.mark * priceBand * BAND_USED) / PPM / PPM;
      this.#places.set(book.id, { mark: book.mark, rate: rates[i] ?? PPM, band, tradeFee, dust, held });
      if (!book.fresh) continue;
      if (isCalm(book, house.time)) calm.add(book.id);
      else if (house.markets[i]?.state.mark !== book.mark) unseen.add(book.id);
    }
    // Nobody's at a price worse than mark, and nobody's as long as fills wait. Best price first.
    const good = offers.filter(({ signed: { order }, left }) => {
      const mark = this.#places.get(order.market)?.mark ?? 0n;
      const isGood = order.isBuy ? order.price >= mark : order.price <= mark;
      return isGood && left > 0n && order.account !== own.id;
    });
    this.#waiting = new Set(good.map(({ signed: { order } }) => order.market).filter((market) => unseen.has(market)));
    this.#offers = good
      .filter(({ signed: { order } }) => calm.has(order.market))
      .sort((a, b) => (distance(a) < distance(b) ? -1 : 1))
      .map((offer) => ({ ...offer }));
  }

  /** Whether orders would be there once somebody has had the market accept its mark. */
  isWaiting(market: number): boolean {
    return this.#waiting.has(market);
  }

  dust(market: number): bigint {
    return this.#place(market).dust;
  }

  /** The most that can be taken over, of a position that is long or short. */
  most(market: number, isLong: boolean): bigint {
    const { mark, rate, held } = this.#place(market);
    const money = min(this.#leverageLeft, (this.#marginLeft * PPM) / rate);
    // What is sold on, or closes a position of the keeper's own, needs no capital.
    const free = this.#demand(market, isLong) - (isLong ? held : -held);
    return max(free, 0n) + (max(money, 0n) * ONE) / mark;
  }

  /** Takes over a signed size. */
  take(market: number, delta: bigint): void {
    this.#hold(market, this.#place(market).held + delta);
  }

  /** Sells, or buys back, what resting orders take of all that is held. */
  sellOn(): Sale[] {
    const sales: Sale[] = [];
    for (const [market, place] of this.#places) {
      for (const offer of this.#offers) {
        const { order } = offer.signed;
        const isLong = place.held > 0n;
        if (order.market !== market || place.held === 0n || order.isBuy !== isLong) continue;
        const all = magnitude(place.held);
        const isAll = offer.left >= all + ROUNDING;
        const size = isAll ? all : min(offer.left, all - place.dust - ROUNDING);
        if (size < place.dust) continue;
        const { price, limit } = meet(order.price, place, isLong);
        const gain = notional(size, isLong ? price - place.mark : place.mark - price);
        const fee = (notional(size, price) * place.tradeFee) / PPM + 1n;
        // A reduce-only order of a little more than all closes what rounding has left.
        const signed = isAll ? size + ROUNDING : size;
        sales.push({ resting: offer.signed, size: signed, price: limit, earns: gain - fee });
        offer.left -= size;
        this.#hold(market, isLong ? place.held - size : place.held + size);
      }
    }
    return sales;
  }

  #demand(market: number, isLong: boolean): bigint {
    let demand = 0n;
    for (const { signed, left } of this.#offers)
      if (signed.order.market === market && signed.order.isBuy === isLong) demand += left;
    return demand;
  }

  #hold(market: number, held: bigint): void {
    const place = this.#place(market);
    const more = notional(magnitude(held), place.mark) - notional(magnitude(place.held), place.mark);
    this.#leverageLeft -= more;
    this.#marginLeft -= (more * place.rate) / PPM;
    place.held = held;
  }

  #place(market: number): Place {
    const place = this.#places.get(market);
    if (place === undefined) throw new Error(`market ${market} has not been read`);
    return place;
  }
}

/** The keeper's limit, so that the middle of both is the best price for it within the band. */
function meet(resting: bigint, { mark, band }: Place, isLong: boolean): { price: bigint; limit: bigint } {
  const edge = isLong ? mark + band : mark - band;
  const isInside = isLong ? resting <= edge : resting >= edge;
  if (isInside) return { price: resting, limit: resting };
  return { price: edge, limit: max(2n * edge - resting, 1n) };
}

/** Best for the keeper first: the highest price of a buyer, the lowest of a seller. */
function distance({ signed: { order } }: Offer): bigint {
  return order.isBuy ? -order.price : order.price;
}

function notional(size: bigint, price: bigint): bigint {
  return (size * price) / ONE;
}

function magnitude(x: bigint): bigint {
  return x < 0n ? -x : x;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Who trades: a crowd of longs with much leverage against fewer shorts with little, all drawn from one seed. */
import type { Market } from "./chain.ts";
import { divUp, ONE, PPM, sum } from "./fixedPoint.ts";
import { marginRate } from "./limits.ts";
import { Random } from "./random.ts";

export interface Leg {
  readonly market: number;
  readonly isLong: boolean;
  /** 18 decimals, a whole number of the market's lots. */
  readonly size: bigint;
  /** Percent of the first price: how far the market must go the trader's way before it takes a profit … */
  readonly profitAt: bigint;
  /** … on so many percent of the position. */
  readonly profitPart: bigint;
}

export interface Trader {
  /** Money. */
  readonly deposit: bigint;
  readonly legs: readonly Leg[];
}

/** Positions come in lots of this much money at the price at which they are opened, so that no part of an order is dust. */
export const LOT = 250n * ONE;
export const PERCENT = 100n;
/** Of a hundred traders, how many are long. */
const LONGS = 64n;
/** Every so many traders hold a second market on the same collateral. */
const CROSS_MARGINED = 5;
/** Money. */
const SMALLEST_DEPOSIT = 400n;
const LARGEST_DEPOSIT = 12_000n;
/** Longs go up to this part of what initial margin allows, in percent: fees must still fit. */
export const FULLEST = 92n;

/**
 * Who trades looks first at the margin that a market as full as this would ask for. With less leverage it becomes less full
 * than that, so everybody's margin suffices.
 *
 * @param prices The first prices of the path.
 */
export function drawCrowd(
  seed: bigint,
  count: number,
  markets: readonly Market[],
  prices: readonly bigint[],
): Trader[] {
  const eager = draw(
    new Random(seed),
    count,
    markets.map(({ initialMargin }) => initialMargin),
    prices,
  );
  const rates = markets.map((market, i) => marginRate(market, ordered(eager, prices)[i] ?? 0n));
  return draw(new Random(seed), count, rates, prices);
}

/** What all the longs of a crowd come to in each market, which is what all the shorts do, in money. */
export function ordered(crowd: readonly Trader[], prices: readonly bigint[]): bigint[] {
  return prices.map((price, market) => {
    const longs = crowd.flatMap(({ legs }) => legs.filter((leg) => leg.isLong && leg.market === market));
    return divUp(sum(longs.map(({ size }) => size)) * price, ONE);
  });
}

/** @param rates What each market asks for, ppm. */
function draw(random: Random, count: number, rates: readonly bigint[], prices: readonly bigint[]): Trader[] {
  const longs = Number((BigInt(count) * LONGS) / PERCENT);
  const lots = prices.map((price) => (LOT * ONE) / price);
  const buyers = Array.from({ length: longs }, (_, i) => drawLong(random, i, rates, lots));
  const demand = rates.map((_, market) =>
    sum(buyers.flatMap(({ legs }) => legs.filter((leg) => leg.market === market).map(({ size }) => size))),
  );
  const sellers = drawShorts(random, count - longs, lots, demand);
  return random.shuffle([...buyers, ...sellers]);
}

function marketsOf(i: number, count: number): number[] {
  const home = i % count;
  const second = (home + 1) % count;
  return i % CROSS_MARGINED === 0 && second !== home ? [home, second] : [home];
}

/** Many small deposits, and leverage up to what the market allows. */
function drawLong(random: Random, i: number, rates: readonly bigint[], lots: readonly bigint[]): Trader {
  const homes = marketsOf(i, rates.length);
  const deposit = random.near(SMALLEST_DEPOSIT, LARGEST_DEPOSIT, 3) * ONE;
  const legs = homes.map((market) => {
    // Leverage in percent.
    const most = (FULLEST * PPM) / (rates[market] ?? PPM);
    const leverage = random.between(2n * PERCENT, most);
    const notional = (deposit * leverage) / PERCENT / BigInt(homes.length);
    return { market, isLong: true, size: (notional / LOT || 1n) * (lots[market] ?? 0n), ...drawProfit(random) };
  });
  return { deposit, legs };
}

/** The other side of `demand`, lot by lot: larger deposits and little leverage. */
function drawShorts(random: Random, count: number, lots: readonly bigint[], demand: readonly bigint[]): Trader[] {
  const shares = Array.from({ length: count }, (_, i) =>
    marketsOf(i, lots.length).map((market) => ({ market, weight: random.near(1n, 40n, 2) })),
  );
  const given = lots.map(() => 0n);
  const weightBehind = lots.map((_, market) =>
    sum(
      shares
        .flat()
        .filter((s) => s.market === market)
        .map((s) => s.weight),
    ),
  );
  return shares.map((homes) => {
    const leverage = random.near(150n, 700n, 2);
    const legs = homes.map(({ market, weight }) => {
      const lot = lots[market] ?? 1n;
      const left = (demand[market] ?? 0n) / lot - (given[market] ?? 0n);
      // Whoever comes last takes what is left.
      const taken = (left * weight) / (weightBehind[market] ?? 1n);
      weightBehind[market] = (weightBehind[market] ?? 0n) - weight;
      given[market] = (given[market] ?? 0n) + taken;
      return { market, isLong: false, size: taken * lot, ...drawProfit(random) };
    });
    const notional = sum(legs.map(({ market, size }) => (size / (lots[market] ?? 1n)) * LOT));
    // A whole number of tokens, and enough for the fees of the smallest.
    const deposit = ((notional * PERCENT) / leverage / ONE + SMALLEST_DEPOSIT) * ONE;
    return { deposit, legs: legs.filter(({ size }) => size > 0n) };
  });
}

function drawProfit(random: Random): { profitAt: bigint; profitPart: bigint } {
  return { profitAt: random.between(3n, 20n), profitPart: random.between(20n, 60n) };
}

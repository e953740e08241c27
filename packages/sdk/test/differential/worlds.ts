/** Random states of a clearing house and its accounts, as rich as storage can hold: what years of trading would leave. */
import { Random } from "../../../../scripts/simulation/random.ts";
import type { StoredAccount, StoredHouse, StoredMarket } from "../../src/periphery/ledgerPreview.ts";
import { ALL_CLOSED, type EndedGeneration, type MarketState } from "../../src/types/marketState.ts";
import type { Position } from "../../src/types/position.ts";
import { min } from "../../src/math/integer.ts";
import { MarketStatus, PPM, type RiskParameters } from "../../src/types/riskParameters.ts";
import type { Chain, FundLimit } from "./chain.ts";

const ONE = 10n ** 18n;
const ONE_BASE = 1n << 126n;
const DAY = 86_400n;
const MILLI = 10n ** 15n;
/** For how long what a market may draw has been filling up. */
const REFILLING = 3_000n;

export interface World {
  readonly house: StoredHouse;
  readonly limits: readonly FundLimit[];
  readonly accounts: readonly StoredAccount[];
}

/** A market before its side totals are known. */
type Draft = Omit<StoredMarket, "state"> & { state: MarketState; limit: FundLimit };

export class Dice extends Random {
  /** True `percent` times in a hundred. */
  chance(percent: bigint): boolean {
    return this.between(1n, 100n) <= percent;
  }

  /** Any number of bits with the same chance. Up to 2^64 apart, all values are met. */
  scaled(low: bigint, high: bigint): bigint {
    const [from, to] = [BigInt(low.toString(2).length), BigInt(high.toString(2).length)];
    const length = this.between(from, to);
    const top = this.wide(1n << (length - 1n), (1n << length) - 1n);
    return top < low ? low : top > high ? high : top;
  }

  /** From `low` to `high`, more than 64 bits apart as well. */
  wide(low: bigint, high: bigint): bigint {
    const span = high - low + 1n;
    let drawn = 0n;
    for (let had = 0n; had < BigInt(span.toString(2).length) + 64n; had += 60n)
      drawn = (drawn << 60n) | this.between(0n, (1n << 60n) - 1n);
    return low + (drawn % span);
  }

  /** Either way from zero. */
  around(most: bigint): bigint {
    return this.wide(-most, most);
  }
}

/** @param ids Of the accounts, whose state it is. */
export function drawWorld(
  seed: bigint,
  time: bigint,
  markets: number,
  ids: readonly string[],
  tokenUnit: bigint,
): World {
  const dice = new Dice(seed);
  const drafts = Array.from({ length: markets }, (_, market) => drawMarket(dice, market, time));
  const accounts: StoredAccount[] = ids.slice(0, -1).map((id) => drawAccount(dice, id, drafts));
  // The last one can bear anything.
  accounts.push({ id: ids.at(-1) ?? "", collateral: 1n << 111n, markets: 0n, positions: new Map() });
  const fundAssets = dice.chance(20n) ? 0n : dice.scaled(1n, 10n ** 27n);
  return {
    house: { time, markets: drafts.map((draft) => withTotals(dice, draft, accounts)), fundAssets, tokenUnit },
    limits: drafts.map(({ limit }) => limit),
    accounts,
  };
}

/** Writes a state, and answers what the getters would of it. */
export async function writeWorld(chain: Chain, { house, limits, accounts }: World): Promise<StoredHouse> {
  for (const { market, state, risk, haircutLimit, endedGenerations, price } of house.markets) {
    await chain.setLimit(
      house.time - REFILLING,
      market,
      limits[market] ?? { capacity: 0n, refillPerSecond: 0n, gap: 0n },
    );
    await chain.writeMarket(market, state);
    await chain.writeRisk(market, risk);
    await chain.writeHaircutLimit(market, haircutLimit);
    await chain.writePrice(market, price);
    for (const [generation, end] of endedGenerations) await chain.writeEndedGeneration(market, generation, end);
  }
  await chain.writeAccount({ id: chain.fundAccount, collateral: house.fundAssets, markets: 0n });
  for (const account of accounts) {
    await chain.writeAccount(account);
    for (const [market, position] of account.positions) await chain.writePosition(account.id, market, position);
  }
  await chain.pass(house.time);
  return chain.readHouse();
}

// ---------------------------------------------------------------------- a market

function drawMarket(dice: Dice, market: number, time: bigint): Draft {
  const maxPrice = dice.scaled(10n ** 9n, 10n ** 27n);
  const log = BigInt(maxPrice.toString(2).length - 1);
  const scale = 103n - log < 70n ? 103n - log : 70n;
  const limit = (1n << 104n) >> scale;
  const mark = dice.scaled(dice.chance(15n) ? 1_000n : maxPrice >> 14n, maxPrice);
  const unitValue = mark << scale;
  const generation = dice.chance(50n) ? 0n : dice.between(1n, 6n);
  const ended = dice.chance(18n);
  const acceptedAt = dice.chance(20n) && !ended ? time : time - dice.scaled(1n, 14n * DAY);
  // Where most fills are refused nothing is seen of them.
  const quiet = !ended && dice.chance(60n);
  const risk = drawRisk(dice, ended, quiet);
  const payout = ended && dice.chance(30n) ? (dice.chance(20n) ? 1n : dice.wide(2n, 1n << 40n)) : 0n;
  const shortfall = dice.chance(quiet ? 85n : 60n) || payout !== 0n ? 0n : dice.scaled(1n, 10n ** 25n);
  const [long, short] = [drawSide(dice, unitValue), drawSide(dice, unitValue)];
  const pool = dice.chance(15n) ? 0n : dice.scaled(1n, 10n ** 27n);
  const fees = dice.chance(40n) ? 0n : dice.scaled(1n, pool < 4_000n * ONE ? pool + 1n : 4_000n * ONE);
  const high = min(mark + (mark * dice.between(0n, 800_000n)) / PPM, limit - 1n);
  const lowest = mark - (mark * dice.between(0n, 400_000n)) / PPM;
  const low = (lowest << scale) >> 40n;
  const flags =
    (long.whole ? 0n : 1n) |
    (short.whole ? 0n : 2n) |
    (shortfall === 0n && payout === 0n ? 0n : 4n) |
    (dice.chance(15n) ? 8n : 0n) |
    (dice.between(0n, dice.chance(50n) ? 2n : 15n) << 4n);
  const endedGenerations = new Map<bigint, EndedGeneration>();
  for (let g = 0n; g < generation; ++g) {
    const closes = dice.chance(20n) || (payout !== 0n && g === generation - 1n);
    const shift = () => (closes ? ALL_CLOSED : dice.between(0n, 14n));
    const value = () => dice.around(unitValue * 2n);
    endedGenerations.set(g, { longValue: value(), shortValue: value(), longShift: shift(), shortShift: shift() });
  }
  const far = dice.chance(5n);
  return {
    market,
    risk,
    price: drawPrice(dice, mark, limit, time, quiet),
    endedGenerations,
    haircutLimit: {
      longLeft: dice.scaled(1n, (1n << 104n) - 1n),
      shortLeft: dice.scaled(1n, unitValue),
      markAcceptedAt: dice.chance(40n) ? acceptedAt : acceptedAt - dice.between(1n, 1_000n),
    },
    fundAvailable: 0n,
    fundGap: 0n,
    limit: {
      capacity: dice.chance(25n) ? 0n : dice.scaled(1n, 10n ** 27n),
      refillPerSecond: dice.chance(50n) ? 0n : dice.scaled(1n, 10n ** 18n),
      gap: dice.chance(quiet ? 80n : 40n) ? 0n : dice.scaled(1n, PPM),
    },
    state: {
      pool,
      fees: fees > pool ? pool : fees,
      acceptedAt,
      publishLag: dice.between(0n, 3_600n),
      scale,
      flags,
      longShares: 0n,
      shortShares: 0n,
      accruedAt: dice.chance(20n) ? time : time - dice.scaled(1n, 30n * DAY),
      fundingIndex: dice.chance(30n)
        ? 0n
        : far
          ? (1n << 109n) - dice.wide(0n, unitValue)
          : dice.around(unitValue * dice.between(1n, 3n)),
      mark,
      premium: ended || dice.chance(35n) ? 0n : dice.around(dice.chance(20n) ? 4_000_000n : 400_000n),
      generation,
      longBase: long.base,
      longCash: long.cash,
      shortBase: short.base,
      shortCash: short.cash,
      high,
      previousHigh: dice.chance(20n) ? 0n : min(lowest + (mark * dice.between(0n, 800_000n)) / PPM, limit - 1n),
      low: low === 0n ? 1n : low,
      shortfall,
      payout,
    },
  };
}

function drawSide(dice: Dice, unitValue: bigint): { base: bigint; cash: bigint; whole: boolean } {
  if (dice.chance(40n)) return { base: ONE_BASE, cash: 0n, whole: true };
  const base = dice.chance(70n) ? dice.wide(ONE_BASE / 2n, ONE_BASE) : dice.scaled((1n << 116n) + 1n, ONE_BASE);
  const cash = dice.chance(3n) ? dice.around(1n << 109n) : dice.around(unitValue);
  return { base, cash, whole: base === ONE_BASE && cash === 0n };
}

function drawPrice(dice: Dice, mark: bigint, limit: bigint, time: bigint, quiet: boolean): StoredMarket["price"] {
  if (dice.chance(quiet ? 3n : 10n)) return undefined;
  const most = quiet ? 3_000n : dice.chance(50n) ? 30_000n : 500_000n;
  const moved = dice.between(-most, most + most / 2n);
  const price = dice.chance(3n) ? limit + dice.between(-2n, 1n) : mark + (mark * moved) / PPM;
  return { price, publishedAt: time - (dice.chance(70n) ? dice.between(0n, 60n) : dice.scaled(1n, 8n * DAY)) };
}

function drawRisk(dice: Dice, ended: boolean, quiet: boolean): RiskParameters {
  const maintenanceMargin = dice.scaled(quiet ? 10_000n : 1_000n, dice.chance(80n) ? 60_000n : 500_000n);
  const initialMargin = dice.between(
    maintenanceMargin + 1n,
    maintenanceMargin * 3n > PPM ? PPM : maintenanceMargin * 3n,
  );
  const incentiveMax = dice.between(0n, maintenanceMargin / 2n);
  const tradeFee = dice.chance(20n) ? 0n : dice.between(0n, dice.chance(80n) ? 1_000n : 10_000n);
  const mostFunding = 6n * tradeFee < 40_000n ? 6n * tradeFee : 40_000n;
  return {
    status: ended
      ? MarketStatus.Settled
      : dice.chance(quiet ? 3n : 15n)
        ? MarketStatus.ReduceOnly
        : MarketStatus.Active,
    isolatedOnly: dice.chance(5n),
    initialMargin,
    initialMarginAtCap: dice.between(initialMargin, initialMargin * 3n > PPM ? PPM : initialMargin * 3n),
    volatilityMargin: dice.chance(30n) ? 0n : dice.between(0n, dice.chance(70n) ? 300_000n : PPM),
    maintenanceMargin,
    incentiveMin: dice.between(0n, incentiveMax),
    incentiveMax,
    fundFee: dice.between(0n, maintenanceMargin / 2n - incentiveMax),
    tradeFee,
    priceBand: dice.between(0n, maintenanceMargin),
    buffer: dice.chance(20n) ? PPM : dice.between(PPM, 2n * PPM),
    openInterestCap: dice.chance(3n) ? 0n : (dice.scaled(quiet ? 10n ** 28n : 10n ** 20n, 10n ** 33n) / MILLI) * MILLI,
    minNotional: dice.chance(30n) ? 0n : (dice.scaled(1n, 10n ** 20n) / MILLI) * MILLI,
    shortfallLimit: dice.between(0n, dice.chance(70n) ? 20_000n : PPM),
    maxFundingRate: dice.between(0n, mostFunding),
    bountyRate: dice.between(0n, tradeFee),
    bountyCap: dice.chance(20n) ? 0n : dice.scaled(1n, 10n ** 21n),
  };
}

// ---------------------------------------------------------------------- an account

function drawAccount(dice: Dice, id: string, drafts: readonly Draft[]): StoredAccount {
  const positions = new Map<number, Position>();
  const most = dice.scaled(10n ** 16n, 10n ** 24n);
  let [markets, notionals] = [0n, 0n];
  const entered = dice
    .shuffle(drafts)
    .slice(0, Number(dice.near(0n, BigInt(drafts.length), 2) + (dice.chance(50n) ? 1n : 0n)));
  for (const draft of entered) {
    const notional = dice.chance(85n) ? dice.wide(most / 4n, most) : dice.scaled(1n, most);
    positions.set(draft.market, drawPosition(dice, draft, notional));
    markets |= 1n << BigInt(draft.market);
    notionals += notional;
  }
  // Around what is asked for, so that every standing is met.
  const part = dice.chance(70n) ? dice.between(0n, 200_000n) : dice.between(0n, 3_000_000n);
  const collateral = dice.chance(15n) ? 0n : dice.chance(5n) ? dice.scaled(1n, 10n ** 20n) : (notionals * part) / PPM;
  return { id, collateral, markets, positions };
}

function drawPosition(dice: Dice, { state, endedGenerations }: Draft, notional: bigint): Position {
  const generation = dice.chance(65n) ? state.generation : dice.between(0n, state.generation);
  const isLong = dice.chance(50n);
  const now = generation === state.generation;
  const base = !now ? ONE_BASE : isLong ? state.longBase : state.shortBase;
  const cash = isLong ? state.longCash : state.shortCash;
  const unitValue = state.mark << state.scale;
  const apart = unitValue - state.fundingIndex;
  const end = endedGenerations.get(generation);
  const value =
    end === undefined ? cash + ((base * (isLong ? apart : -apart)) >> 126n) : isLong ? end.longValue : end.shortValue;
  // Shares are shifted by what comes between.
  let shifts = 0n;
  for (let g = generation; g < state.generation; ++g) {
    const shift = endedGenerations.get(g)?.[isLong ? "longShift" : "shortShift"] ?? 0n;
    shifts += shift === ALL_CLOSED ? 0n : shift;
  }
  const most = (ONE << (7n + state.scale)) / 4_000n;
  const size = min(min((notional * ONE) / state.mark, most), 10n ** 26n);
  const shares = ((size << 126n) / base) << (shifts > 8n ? 8n : shifts);
  // Less than the price has moved, most of the time.
  const moved = dice.around((unitValue * dice.scaled(1n, 300_000n)) / PPM);
  const hasOwed = dice.chance(25n);
  const kept = dice.chance(92n) && shares < 1n << 110n && (state.payout === 0n || !now);
  return {
    shares: !kept ? 0n : isLong ? shares : -shares,
    paidValue: kept ? value + ((moved * base) >> 126n) : 0n,
    generation,
    hasOwed,
    // What a slot holds that does not count must not matter.
    owed: hasOwed ? dice.around((notional * dice.scaled(1n, 200_000n)) / PPM + 1n) : 0n,
  };
}

/** Side totals are at least what accounts have, and both sides have about one size. */
function withTotals(dice: Dice, { limit, ...draft }: Draft, accounts: readonly StoredAccount[]): StoredMarket {
  const { state, endedGenerations, market } = draft;
  let [longShares, shortShares] = [0n, 0n];
  for (const { positions } of accounts) {
    const position = positions.get(market);
    if (position === undefined) continue;
    const isLong = position.shares > 0n;
    let shares = isLong ? position.shares : -position.shares;
    for (let g = position.generation; g < state.generation; ++g) {
      const shift = endedGenerations.get(g)?.[isLong ? "longShift" : "shortShift"] ?? 0n;
      shares = shift === ALL_CLOSED ? 0n : shares >> shift;
    }
    if (isLong) longShares += shares;
    else shortShares += shares;
  }
  const sizes = [(longShares * state.longBase) >> 126n, (shortShares * state.shortBase) >> 126n] as const;
  const larger = sizes[0] > sizes[1] ? sizes[0] : sizes[1];
  // Where one side of accounts is alone, or nobody has any, there may be others.
  const size =
    state.payout === 0n && !dice.chance(15n) ? larger + (dice.chance(50n) ? larger / dice.between(2n, 50n) : 0n) : 0n;
  const filledUp = (shares: bigint, base: bigint) => {
    const wanted = ((size << 126n) + base - 1n) / base;
    return wanted > shares ? wanted : shares;
  };
  return {
    ...draft,
    fundGap: limit.gap,
    state: {
      ...state,
      longShares: filledUp(longShares, state.longBase),
      shortShares: filledUp(shortShares, state.shortBase),
    },
  };
}

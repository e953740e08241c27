/** Small states written by hand: whole sides, no funding, round numbers. */
import type { StoredAccount, StoredHouse, StoredMarket } from "../src/periphery/ledgerPreview.ts";
import type { MarketState } from "../src/types/marketState.ts";
import type { Position } from "../src/types/position.ts";
import { MarketStatus, type RiskParameters } from "../src/types/riskParameters.ts";

export const ONE = 10n ** 18n;
export const NOW = 1_700_000_000n;
const ONE_BASE = 1n << 126n;
const SCALE = 20n;

/** As in docs/mechanism.md, without fees, bounties and minimum. */
const RISK: RiskParameters = {
  status: MarketStatus.Active,
  isolatedOnly: false,
  initialMargin: 100_000n,
  initialMarginAtCap: 100_000n,
  volatilityMargin: 0n,
  maintenanceMargin: 50_000n,
  incentiveMin: 5_000n,
  incentiveMax: 15_000n,
  fundFee: 5_000n,
  tradeFee: 0n,
  priceBand: 50_000n,
  buffer: 1_200_000n,
  openInterestCap: 10n ** 33n,
  minNotional: 0n,
  shortfallLimit: 0n,
  maxFundingRate: 0n,
  bountyRate: 0n,
  bountyCap: 0n,
};

/** A market in which each side has `size` at `mark`, accepted now. */
export function storedMarket(
  market: number,
  mark: bigint,
  size: bigint,
  {
    state,
    risk,
    ...rest
  }: Partial<Omit<StoredMarket, "state" | "risk">> & {
    state?: Partial<MarketState>;
    risk?: Partial<RiskParameters>;
  } = {},
): StoredMarket {
  return {
    market,
    price: undefined,
    endedGenerations: new Map(),
    haircutLimit: { longLeft: 0n, shortLeft: 0n, markAcceptedAt: 0n },
    fundAvailable: 0n,
    fundGap: 0n,
    ...rest,
    risk: { ...RISK, ...risk },
    state: {
      pool: 0n,
      fees: 0n,
      acceptedAt: NOW,
      publishLag: 0n,
      scale: SCALE,
      flags: 0n,
      longShares: size,
      shortShares: size,
      accruedAt: NOW,
      fundingIndex: 0n,
      mark,
      premium: 0n,
      generation: 0n,
      longBase: ONE_BASE,
      longCash: 0n,
      shortBase: ONE_BASE,
      shortCash: 0n,
      high: mark,
      previousHigh: mark,
      low: (mark << SCALE) >> 40n,
      shortfall: 0n,
      payout: 0n,
      ...state,
    },
  };
}

export function storedHouse(markets: readonly StoredMarket[], fundAssets = 0n): StoredHouse {
  return { time: NOW, markets, fundAssets, tokenUnit: 1n };
}

/** What somebody holds: a signed size that was entered at a price. */
export interface Entered {
  readonly market: number;
  readonly size: bigint;
  readonly price: bigint;
}

export function storedAccount(id: string, collateral: bigint, entered: readonly Entered[]): StoredAccount {
  const positions = new Map<number, Position>();
  let markets = 0n;
  for (const { market, size, price } of entered) {
    const paidValue = (size < 0n ? -price : price) << SCALE;
    positions.set(market, { shares: size, paidValue, generation: 0n, hasOwed: false, owed: 0n });
    markets |= 1n << BigInt(market);
  }
  return { id, collateral, markets, positions };
}

/**
 * What may be asked of numbers that come from outside: a clearing house stores no others (docs/rounding.md, Ranges). A number
 * beyond is refused, so that nothing is computed from it.
 */
import { min } from "../math/integer.ts";
import { toInt, toUint, within } from "../math/narrow.ts";
import type { EndedGeneration, HaircutLimit, MarketState } from "./marketState.ts";
import type { Position } from "./position.ts";
import { MAX_CLAIM, MAX_LEDGER, MAX_PRICE_BITS, MAX_SCALE } from "./ranges.ts";
import { MarketStatus, PPM, type RiskParameters } from "./riskParameters.ts";
import { ONE_BASE } from "./side.ts";

export function requireMarketState(market: number, s: MarketState): void {
  const name = (field: string) => `${field} of market ${market}`;
  within(name("pool"), s.pool, 0n, MAX_LEDGER - 1n);
  toUint(name("fees"), s.fees, 72);
  toUint(name("acceptedAt"), s.acceptedAt, 32);
  within(name("publishLag"), s.publishLag, 0n, s.acceptedAt);
  within(name("scale"), s.scale, 0n, MAX_SCALE);
  toUint(name("flags"), s.flags, 8);
  toUint(name("longShares"), s.longShares, 112);
  toUint(name("shortShares"), s.shortShares, 112);
  toUint(name("accruedAt"), s.accruedAt, 32);
  toInt(name("fundingIndex"), s.fundingIndex, 112);
  const highest = min((1n << MAX_PRICE_BITS) >> s.scale, 1n << 96n) - 1n;
  within(name("mark"), s.mark, 0n, highest);
  within(name("high"), s.high, 0n, highest);
  within(name("previousHigh"), s.previousHigh, 0n, highest);
  toInt(name("premium"), s.premium, 24);
  toUint(name("generation"), s.generation, 24);
  within(name("longBase"), s.longBase, 1n, ONE_BASE);
  within(name("shortBase"), s.shortBase, 1n, ONE_BASE);
  toInt(name("longCash"), s.longCash, 112);
  toInt(name("shortCash"), s.shortCash, 112);
  toUint(name("low"), s.low, 64);
  toUint(name("shortfall"), s.shortfall, 112);
  toUint(name("payout"), s.payout, 48);
}

export function requireEndedGeneration(market: number, generation: bigint, end: EndedGeneration): void {
  const name = (field: string) => `${field} of generation ${generation} of market ${market}`;
  toInt(name("longValue"), end.longValue, 112);
  toInt(name("shortValue"), end.shortValue, 112);
  toUint(name("longShift"), end.longShift, 8);
  toUint(name("shortShift"), end.shortShift, 8);
}

export function requireHaircutLimit(market: number, limit: HaircutLimit): void {
  toUint(`longLeft of market ${market}`, limit.longLeft, 104);
  toUint(`shortLeft of market ${market}`, limit.shortLeft, 104);
  toUint(`markAcceptedAt of market ${market}`, limit.markAcceptedAt, 32);
}

/** Refuses what passes the governor's hard bounds. Parameters of a market that is not listed are all zero. */
export function requireRiskParameters(market: number, p: RiskParameters): void {
  const listed = p.status !== MarketStatus.Unlisted;
  const check = (field: Exclude<keyof RiskParameters, "isolatedOnly">, lowest: bigint, highest: bigint) =>
    within(`${field} of market ${market}`, p[field], listed ? lowest : 0n, listed ? highest : 0n);
  check("status", MarketStatus.Active, MarketStatus.Settled);
  check("maintenanceMargin", 1_000n, 500_000n);
  check("initialMargin", p.maintenanceMargin + 1n, PPM);
  check("initialMarginAtCap", p.initialMargin, PPM);
  check("volatilityMargin", 0n, PPM);
  check("incentiveMax", 0n, p.maintenanceMargin / 2n);
  check("incentiveMin", 0n, p.incentiveMax);
  check("fundFee", 0n, p.maintenanceMargin / 2n - p.incentiveMax);
  check("buffer", PPM, 2n * PPM);
  check("tradeFee", 0n, 10_000n);
  check("priceBand", 0n, p.maintenanceMargin);
  check("openInterestCap", 0n, 10n ** 33n);
  check("minNotional", 0n, 10n ** 24n);
  check("shortfallLimit", 0n, PPM);
  check("maxFundingRate", 0n, min(6n * p.tradeFee, 40_000n));
  check("bountyRate", 0n, p.tradeFee);
  check("bountyCap", 0n, (1n << 80n) - 1n);
}

export function requirePosition(account: string, market: number, p: Position): void {
  const name = (field: string) => `${field} of ${account} in market ${market}`;
  toInt(name("shares"), p.shares, 112);
  toInt(name("paidValue"), p.paidValue, 112);
  toUint(name("generation"), p.generation, 24);
  within(name("owed"), p.owed, 1n - MAX_CLAIM, MAX_CLAIM - 1n);
}

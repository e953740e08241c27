/** What governance decides about markets and the insurance fund. The governor's hard bounds are not in the model. */
import { setLimit as setBucketLimit, type Limit } from "./fund.ts";
import { marketOf, type House } from "./house.ts";
import { end, refresh, type Market } from "./market.ts";
import { max, min } from "./math.ts";
import { check, Refusal } from "./refusal.ts";
import type { Risk } from "./risk.ts";

/** Between two steps of a ramp, and between its announcement and the first. */
export const RAMP_INTERVAL = 3_600n;

/** A market that may still change. */
function livingMarket(house: House, number: number): Market {
  const market = marketOf(house, number);
  check(market.endedAt === undefined, "MarketEnded");
  return market;
}

/** Sets a market's parameters: funding up to now is what the old ones made it. A higher MM is only announced. */
export function setRisk(house: House, number: number, risk: Risk): void {
  const market = livingMarket(house, number);
  const target = risk.maintenanceMargin;
  const { maintenanceMargin } = market.risk;
  refresh(market, house.now);
  market.ramp = target > maintenanceMargin ? { target, steppedAt: house.now } : undefined;
  market.risk = { ...risk, maintenanceMargin: min(target, maintenanceMargin) };
}

/** MM rises by a hundredth of itself towards where it is to go. */
export function raiseMaintenanceMargin(house: House, number: number): void {
  const market = livingMarket(house, number);
  const { ramp, risk } = market;
  if (ramp === undefined || house.now < ramp.steppedAt + RAMP_INTERVAL) throw new Refusal("NoMarginToRaise");
  refresh(market, house.now);
  const maintenanceMargin = min(ramp.target, risk.maintenanceMargin + max(1n, risk.maintenanceMargin / 100n));
  market.risk = { ...risk, maintenanceMargin };
  market.ramp = maintenanceMargin === ramp.target ? undefined : { target: ramp.target, steppedAt: house.now };
}

/** Ends a market for good, at the newest mark that there is. */
export function endMarket(house: House, number: number): void {
  const market = livingMarket(house, number);
  refresh(market, house.now);
  market.ramp = undefined;
  // Fills may go on, and move no premium.
  market.risk = { ...market.risk, maxFundingRate: 0n };
  end(market, house.now);
}

/** Sets what a market may draw from the insurance fund, and what open interest that carries. */
export function setLimit(house: House, number: number, limit: Limit): void {
  const bucket = house.buckets[number];
  if (bucket === undefined) throw new Refusal("UnknownMarket");
  setBucketLimit(bucket, limit, house.now);
}

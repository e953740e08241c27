/** How much may be liquidated and what it costs. Pure. Rates are fractions of `ONE`. */
import { divCeil, divFloor, max, min, ONE, PPM } from "./math.ts";
import { notionalDown, partDown, type Risk } from "./risk.ts";

export interface Debtor {
  readonly equity: bigint;
  readonly maintenanceMargin: bigint;
  readonly collateral: bigint;
  /** What waits for it in this market. */
  readonly gain: bigint;
  /** Of its position in this market, without a sign. */
  readonly size: bigint;
}

export interface Terms {
  readonly size: bigint;
  readonly incentive: bigint;
  readonly fundFee: bigint;
}

/** A Dutch auction in health: from d_min at equity = MM to d_max at half of it. */
function incentiveRate({ equity, maintenanceMargin }: Debtor, risk: Risk): bigint {
  const missing = min(maintenanceMargin, 2n * (maintenanceMargin - equity));
  const slope = (risk.incentiveMax - risk.incentiveMin) * (ONE / PPM);
  return risk.incentiveMin * (ONE / PPM) + divFloor(slope * missing, maintenanceMargin);
}

/** As much as restores equity to t · MM, or all. */
function allowed(debtor: Debtor, mark: bigint, rate: bigint, risk: Risk): bigint {
  const target = divCeil(debtor.maintenanceMargin * risk.buffer, PPM);
  const freed = (risk.buffer * risk.maintenanceMargin * (ONE / PPM)) / PPM - rate;
  const size = divFloor((target - debtor.equity) * ONE * ONE, mark * freed);
  const left = debtor.size - size;
  return left <= 0n || notionalDown(left, mark) < risk.minNotional ? debtor.size : size;
}

export function liquidationTerms(debtor: Debtor, asked: bigint, mark: bigint, risk: Risk): Terms {
  const incentive = incentiveRate(debtor, risk);
  const fee = risk.fundFee * (ONE / PPM);
  const rate = incentive + fee;
  const size = min(asked, allowed(debtor, mark, rate, risk));
  const notional = notionalDown(size, mark);
  const fair = divFloor(max(0n, debtor.equity) * partDown(notional, risk.maintenanceMargin), debtor.maintenanceMargin);
  const penalty = min(divFloor(notional * rate, ONE), min(fair, debtor.collateral + debtor.gain));
  const fundFee = rate === 0n ? 0n : divFloor(penalty * fee, rate);
  return { size, incentive: penalty - fundFee, fundFee };
}

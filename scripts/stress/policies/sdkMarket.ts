/**
 * A moment as a stored market of the clearing house: what `packages/sdk` opens, and computes with as the contracts do, to the
 * wei. Everybody has settled at the mark; whoever is in default has no collateral left and owes its deficit there.
 */
import { log2, max } from "../../../packages/sdk/src/math/integer.ts";
import type { StoredAccount, StoredHouse } from "../../../packages/sdk/src/periphery/ledgerPreview.ts";
import { LOW_BITS, type MarketState } from "../../../packages/sdk/src/types/marketState.ts";
import { MAX_PRICE_BITS, MAX_SCALE } from "../../../packages/sdk/src/types/ranges.ts";
import { MarketStatus, PPM, type RiskParameters } from "../../../packages/sdk/src/types/riskParameters.ts";
import { exposure, ONE_BASE, sharesUp, type Side } from "../../../packages/sdk/src/types/side.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { defaultedSize, type Moment } from "./moment.ts";

/** Any second will do: no funding accrues. */
const TIME = 1_760_000_000n;
const MARKET = 0;

/** A moment as the house stores it. */
export interface StoredMoment {
  readonly house: StoredHouse;
  readonly defaulters: readonly StoredAccount[];
  readonly opposing: readonly StoredAccount[];
  readonly sameSide: readonly StoredAccount[];
}

/**
 * @param base A of the opposing side: one where nobody has been deleveraged in this generation, and down to 2^-10 after many.
 * A holder's size is what its shares stand for, exactly; the side's is up to a size-wei for each holder larger where A is not one.
 */
export function storedMoment(moment: Moment, base = ONE_BASE): StoredMoment {
  const scale = scaleFor(max(moment.highestMark, moment.mark));
  const mark = moment.mark << scale;
  const side = (isLong: boolean, A: bigint): Side => ({ isLong, shares: 0n, base: A, cash: 0n, worth: 0n });
  const [defaulted, opposed] = [side(moment.longsDefaulted, ONE_BASE), side(!moment.longsDefaulted, base)];

  const store = (of: Side, id: string, size: bigint, collateral: bigint, owed: bigint): StoredAccount => {
    const shares = sharesUp(of, size);
    of.shares += shares;
    const paidValue = exposure(of, mark);
    const position = { shares: of.isLong ? shares : -shares, paidValue, generation: 0n, hasOwed: owed !== 0n, owed };
    return { id, collateral, markets: 1n << BigInt(MARKET), positions: new Map([[MARKET, position]]) };
  };
  const defaulters = moment.defaulters.map(({ id, size, deficit }) => store(defaulted, id, size, 0n, -deficit));
  const sameSide = moment.sameSide.map(({ id, size, equity }) => store(defaulted, id, size, equity, 0n));
  const opposing = moment.opposing.map(({ id, size, equity }) => store(opposed, id, size, equity, 0n));

  const [long, short] = moment.longsDefaulted ? [defaulted, opposed] : [opposed, defaulted];
  const state: MarketState = {
    pool: 0n,
    fees: 0n,
    acceptedAt: TIME,
    publishLag: 0n,
    scale,
    flags: 0n,
    longShares: long.shares,
    shortShares: short.shares,
    accruedAt: TIME,
    fundingIndex: 0n,
    mark: moment.mark,
    premium: 0n,
    generation: 0n,
    longBase: long.base,
    longCash: 0n,
    shortBase: short.base,
    shortCash: 0n,
    high: moment.highestMark,
    previousHigh: moment.highestMark,
    low: max(mark >> LOW_BITS, 1n),
    shortfall: 0n,
    payout: 0n,
  };
  const market = {
    market: MARKET,
    state,
    risk: riskOf(moment),
    price: undefined,
    endedGenerations: new Map(),
    haircutLimit: { longLeft: 0n, shortLeft: 0n, markAcceptedAt: 0n },
    fundAvailable: moment.insurance,
    fundGap: 0n,
  };
  const house = { time: TIME, markets: [market], fundAssets: moment.insurance, tokenUnit: 1n };
  return { house, defaulters, opposing, sameSide };
}

/**
 * What our haircut may exceed the needed amount by, money: less than a value unit for each share, and a wei for each holder
 * and for the side (P5 of docs/invariants.md).
 */
export function roundingBound(moment: Moment, base = ONE_BASE): bigint {
  const scale = scaleFor(max(moment.highestMark, moment.mark));
  const size = sum(moment.opposing.map((holder) => holder.size)) + defaultedSize(moment.defaulters);
  return (((size * ONE_BASE) / base) >> scale) / 10n ** 18n + BigInt(moment.opposing.length) + 2n;
}

/** As `MarketGovernor` fixes it at listing, for a highest price of twice the highest mark. */
function scaleFor(highestMark: bigint): bigint {
  const scale = MAX_PRICE_BITS - 1n - log2(2n * highestMark);
  return scale < 0n ? 0n : scale > MAX_SCALE ? MAX_SCALE : scale;
}

/** Only what a deleveraging reads is from the moment; nothing is traded or liquidated. */
function riskOf({ maintenanceMargin, bountyRate, bountyCap }: Moment): RiskParameters {
  return {
    status: MarketStatus.Active,
    isolatedOnly: false,
    initialMargin: PPM,
    initialMarginAtCap: PPM,
    volatilityMargin: 0n,
    maintenanceMargin,
    incentiveMin: 0n,
    incentiveMax: 0n,
    fundFee: 0n,
    // The hard bound of a bounty.
    tradeFee: bountyRate,
    priceBand: 0n,
    buffer: PPM,
    openInterestCap: 0n,
    minNotional: 0n,
    shortfallLimit: 0n,
    maxFundingRate: 0n,
    bountyRate,
    bountyCap,
  };
}

/** Everything that there is to see of a house, as text under a name, of the model and of the contracts: what must be equal. */
import { healthOf, type Account } from "./account.ts";
import { STATUSES, type Chain } from "./chain.ts";
import { available } from "./fund.ts";
import { RAMP_INTERVAL } from "./governance.ts";
import { accountOf, FUND, openInterestLimit, type House } from "./house.ts";
import { COLLECTS_FOR, hasJumped, initialMarginRate, refresh, waits, type Market } from "./market.ts";
import { ONE, sum } from "./math.ts";
import type { Risk } from "./risk.ts";

export type View = Map<string, string>;

/** What is different, a line each. */
export function differences(model: View, contracts: View): string[] {
  return [...new Set([...model.keys(), ...contracts.keys()])]
    .filter((key) => model.get(key) !== contracts.get(key))
    .map((key) => `${key}: model ${model.get(key) ?? "nothing"}, contracts ${contracts.get(key) ?? "nothing"}`);
}

/** A market's flags, as `MarketState` packs them. */
const JUMPED = 8n;
const VOLATILITY_SHIFT = 4n;

const RISK_NAMES = [
  "isolatedOnly",
  "initialMargin",
  "initialMarginAtCap",
  "volatilityMargin",
  "maintenanceMargin",
  "incentiveMin",
  "incentiveMax",
  "fundFee",
  "tradeFee",
  "priceBand",
  "buffer",
  "openInterestCap",
  "minNotional",
  "shortfallLimit",
  "maxFundingRate",
  "bountyRate",
  "bountyCap",
] as const satisfies (keyof Risk)[];

function write(view: View, name: string, fields: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(fields)) view.set(`${name}.${key}`, String(value));
}

/** @param names The accounts to look at, besides the fund's. */
export function viewOfModel(house: House, names: readonly string[]): View {
  const view: View = new Map();
  for (const [name, account] of namesAnd(house, names)) writeAccount(view, name, account);
  for (const market of house.markets) writeMarket(view, market, house);
  writeNow(view, house, names);
  const pools = sum(house.markets.map(({ pool }) => pool));
  const collateral = sum([...house.accounts.values()].map((account) => account.collateral));
  // P1: the ledger is what is in the pools and on the accounts.
  write(view, "vault", { ledger: pools + collateral, pools, collateral, surplus: 0n });
  return view;
}

function namesAnd(house: House, names: readonly string[]): [string, Account][] {
  return [...names, FUND].map((name) => [name, accountOf(house, name)]);
}

function writeAccount(view: View, name: string, account: Account): void {
  view.set(`${name}.collateral`, String(account.collateral));
  for (const [market, { shares, paidValue, generation, owed }] of account.positions) {
    write(view, `${name}.position ${market}`, { shares, owed });
    if (shares !== 0n) write(view, `${name}.position ${market}`, { paidValue, generation });
  }
}

function writeMarket(view: View, market: Market, house: House): void {
  const { pool, fees, shortfall, acceptedAt, publishedAt, mark, fundingIndex, premium } = market;
  const { long, short, generation, haircutLimit, jumped, range, ramp, risk } = market;
  const bucket = house.buckets[market.number];
  write(view, `market ${market.number}`, { pool, fees, shortfall, acceptedAt, publishedAt, mark, jumped, ...range });
  write(view, `market ${market.number}`, { fundingIndex, premium, generation, payout: market.payout ?? 0n });
  write(view, `market ${market.number}.risk`, { ...risk });
  write(view, `market ${market.number}.ramp`, {
    target: ramp?.target ?? 0n,
    nextAt: ramp === undefined ? 0n : ramp.steppedAt + RAMP_INTERVAL,
  });
  write(view, `market ${market.number}.long`, { shares: long.shares, A: long.base, B: long.cash });
  write(view, `market ${market.number}.short`, { shares: short.shares, A: short.base, B: short.cash });
  write(view, `market ${market.number}`, { fundAvailable: bucket && available(bucket, house.now) });
  if (haircutLimit.markAcceptedAt === acceptedAt) {
    const { longLeft, shortLeft } = haircutLimit;
    write(view, `market ${market.number}.haircut limit`, { longLeft, shortLeft });
  }
}

/** Accounts and markets as the next call would find them. */
function writeNow(view: View, house: House, names: readonly string[]): void {
  const next = structuredClone(house);
  for (const market of next.markets) refresh(market, next.now);
  for (const [name, account] of namesAnd(next, names))
    write(view, `${name} now`, { ...healthOf(account, next.markets) });
  for (const market of next.markets)
    write(view, `market ${market.number} now`, {
      initialMargin: initialMarginRate(market),
      initialMarginAfterOne: initialMarginRate(market, ONE),
      openInterestLimit: openInterestLimit(next, market),
      calm: !hasJumped(market, next.now),
      settlesAt: market.endedAt !== undefined && waits(market) ? market.endedAt + COLLECTS_FOR : 0n,
    });
}

export async function viewOfContracts(chain: Chain): Promise<View> {
  const view: View = new Map();
  const { accounts, markets, sheet } = await chain.look();
  for (const [i, name] of [...chain.names, FUND].entries()) {
    const account = accounts[i];
    if (account === undefined) throw new Error(`nobody has looked at ${name}`);
    view.set(`${name}.collateral`, String(account.collateral));
    for (const [market, { shares, paidValue, generation, owed }] of account.positions.entries()) {
      if (((account.markets >> BigInt(market)) & 1n) === 0n) continue;
      write(view, `${name}.position ${market}`, { shares, owed });
      if (shares !== 0n) write(view, `${name}.position ${market}`, { paidValue, generation });
    }
    const { equity, secured, initialMargin, maintenanceMargin } = account.health;
    write(view, `${name} now`, { equity, secured, initialMargin, maintenanceMargin });
  }
  for (const [
    number,
    { state, haircutLimit, fundAvailable, risk, summary, rampTarget, rampNextAt, initialMarginAfterOne },
  ] of markets.entries()) {
    const { pool, fees, shortfall, acceptedAt, publishLag, mark, high, previousHigh, low, fundingIndex, premium } =
      state;
    const { generation, payout } = state;
    const publishedAt = acceptedAt - publishLag;
    write(view, `market ${number}`, { pool, fees, shortfall, acceptedAt, publishedAt, mark, high, previousHigh, low });
    write(view, `market ${number}`, { fundingIndex, premium, generation, payout, fundAvailable });
    write(view, `market ${number}`, {
      jumped: (state.flags & JUMPED) !== 0n,
      volatility: state.flags >> VOLATILITY_SHIFT,
    });
    const { initialMargin, openInterestLimit, calm, settlesAt } = summary;
    write(view, `market ${number} now`, {
      initialMargin,
      initialMarginAfterOne,
      openInterestLimit,
      calm,
      settlesAt,
    });
    write(view, `market ${number}.ramp`, { target: rampTarget, nextAt: rampNextAt });
    for (const name of RISK_NAMES) write(view, `market ${number}.risk`, { [name]: risk[name] });
    write(view, `market ${number}.risk`, { status: STATUSES[Number(risk.status)] });
    write(view, `market ${number}.long`, { shares: state.longShares, A: state.longBase, B: state.longCash });
    write(view, `market ${number}.short`, { shares: state.shortShares, A: state.shortBase, B: state.shortCash });
    const { longLeft, shortLeft, markAcceptedAt } = haircutLimit;
    if (markAcceptedAt === acceptedAt) write(view, `market ${number}.haircut limit`, { longLeft, shortLeft });
  }
  const { ledger, pools, collateral, tokenBalance, ledgerBalance } = sheet;
  write(view, "vault", { ledger, pools, collateral, surplus: tokenBalance - ledgerBalance });
  return view;
}

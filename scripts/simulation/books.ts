/** Looking at the books: what every account is worth, and what everybody is owed. */
import type { Chain } from "./chain.ts";
import { max, min, sum } from "./fixedPoint.ts";

export interface AccountHealth {
  readonly id: string;
  readonly collateral: bigint;
  readonly equity: bigint;
  readonly secured: bigint;
  readonly initialMargin: bigint;
  readonly maintenanceMargin: bigint;
}

/** 0 ≤ equity < MM. */
export function isLiquidatable({ equity, maintenanceMargin }: AccountHealth): boolean {
  return equity >= 0n && equity < maintenanceMargin;
}

/** What is over after initial margin: what a keeper can still put behind positions that it takes. */
export function spare({ secured, initialMargin }: AccountHealth): bigint {
  return max(secured - initialMargin, 0n);
}

/** Accounts in one call: each costs about 30k gas, and a call has no more of it than a block. */
const CALL_LENGTH = 400;

export async function healthsOf(chain: Chain, ids: readonly string[]): Promise<AccountHealth[]> {
  const healths: AccountHealth[] = [];
  for (let from = 0; from < ids.length; from += CALL_LENGTH) {
    for (const found of await chain.lens.healths(ids.slice(from, from + CALL_LENGTH))) {
      healths.push({
        id: found.account,
        collateral: found.collateral,
        equity: found.equity,
        secured: found.secured,
        initialMargin: found.initialMargin,
        maintenanceMargin: found.maintenanceMargin,
      });
    }
  }
  return healths;
}

/** The lowest equity, and all that is below zero, as a sum that is not negative. */
export function exposure(healths: readonly AccountHealth[]): { worst: bigint; negative: bigint } {
  const equities = healths.map(({ equity }) => equity);
  return {
    worst: equities.reduce(min, equities[0] ?? 0n),
    negative: -sum(equities.map((equity) => min(equity, 0n))),
  };
}

/** Every claim on the vault, and what the vault has. Money, as written. */
export interface Sheet {
  /** One for each account, the insurance fund's last. */
  readonly collateral: readonly bigint[];
  /** One for each market, like the shortfalls. */
  readonly pools: readonly bigint[];
  readonly shortfalls: readonly bigint[];
  readonly ledger: bigint;
  readonly tokens: bigint;
}

export interface Books {
  readonly healths: readonly AccountHealth[];
  readonly sheet: Sheet;
}

/**
 * Reads every account and every pool, one by one. The lens has a balance sheet too, but knows all collateral together only
 * as what the vault has less the pools: a sum that cannot be wrong.
 */
export async function readBooks(chain: Chain, ids: readonly string[]): Promise<Books> {
  const [healths, [fund], markets, counted, held] = await Promise.all([
    healthsOf(chain, ids),
    chain.house.accountOf(chain.fundAccount),
    chain.lens.marketSummaries(),
    chain.vault.ledgerBalance(),
    chain.token.balanceOf(chain.vault),
  ]);
  // A health at another price would say nothing about this step.
  for (const [i, price] of chain.published().entries()) {
    const { mark } = markets[i] ?? { mark: 0n };
    if (mark !== price) throw new Error(`market ${i} is marked at ${mark}, and ${price} was published`);
  }
  return {
    healths,
    sheet: {
      collateral: [...healths.map(({ collateral }) => collateral), fund],
      pools: markets.map(({ pool }) => pool),
      shortfalls: markets.map(({ shortfall }) => shortfall),
      ledger: counted * chain.tokenUnit,
      tokens: held * chain.tokenUnit,
    },
  };
}

/** P1: the claims add up to what the vault counts, to the wei, and the tokens are there. */
export function isAccounted({ collateral, pools, ledger, tokens }: Sheet): boolean {
  return sum(collateral) + sum(pools) === ledger && tokens >= ledger;
}

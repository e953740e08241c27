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

/** `IClearingHouseLens.AccountHealth`, a word each. */
const HEALTH_FIELDS = [
  ...(["account", "standing", "fresh", "collateral", "unsettled"] as const),
  ...(["equity", "secured", "initialMargin", "maintenanceMargin", "freeCollateral"] as const),
] as const;
/** Characters. */
const WORD = 64;

export async function healthsOf(chain: Chain, ids: readonly string[]): Promise<AccountHealth[]> {
  const healths: AccountHealth[] = [];
  for (let from = 0; from < ids.length; from += CALL_LENGTH) {
    healths.push(...(await readHealths(chain, ids.slice(from, from + CALL_LENGTH))));
  }
  return healths;
}

/**
 * `lens.healths`, read word by word: a run asks tens of thousands of times, and ethers' decoder takes twice as long for the
 * answer as the chain does.
 */
async function readHealths(chain: Chain, ids: readonly string[]): Promise<AccountHealth[]> {
  const { lens, provider } = chain;
  const answer = await provider.call({
    to: await lens.getAddress(),
    data: lens.interface.encodeFunctionData("healths", [[...ids]]),
  });
  const word = (at: number) => BigInt(`0x${answer.slice(2 + at * WORD, 2 + (at + 1) * WORD)}`);
  // The offset of the list, and its length.
  const head = 2;
  if (answer.length !== 2 + (head + ids.length * HEALTH_FIELDS.length) * WORD) {
    throw new Error(`the lens says ${answer.length} characters of ${ids.length} accounts`);
  }
  return ids.map((id, i) => {
    const field = (name: (typeof HEALTH_FIELDS)[number]) =>
      word(head + i * HEALTH_FIELDS.length + HEALTH_FIELDS.indexOf(name));
    if (field("account") !== BigInt(id)) throw new Error(`the lens has no answer for ${id}`);
    return {
      id,
      collateral: field("collateral"),
      equity: BigInt.asIntN(256, field("equity")),
      secured: BigInt.asIntN(256, field("secured")),
      initialMargin: field("initialMargin"),
      maintenanceMargin: field("maintenanceMargin"),
    };
  });
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

/** A market as it is. Money, and rates in parts per million. */
export interface MarketState {
  readonly mark: bigint;
  readonly openInterest: bigint;
  /** Up to where it may grow. */
  readonly openInterestLimit: bigint;
  readonly initialMargin: bigint;
  /** Whether fills need not wait for the next block. */
  readonly calm: boolean;
}

export interface Books {
  readonly healths: readonly AccountHealth[];
  readonly sheet: Sheet;
  readonly markets: readonly MarketState[];
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
    markets: markets.map(({ mark, openInterest, openInterestLimit, initialMargin, calm }) => ({
      ...{ mark, openInterest, openInterestLimit, initialMargin, calm },
    })),
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

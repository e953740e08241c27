/** What a run has found out. Money, sizes and prices have 18 decimals. */
import type { Scenario } from "./scenario.ts";

/** A minute of the run. */
export interface Step {
  /** Unix seconds. */
  readonly time: number;
  /** By market, as the scenario lists them. */
  readonly prices: readonly bigint[];
  /** Money, by market, after everybody has acted. */
  readonly openInterest: readonly bigint[];
  /** Accounts with 0 ≤ equity < MM, and below zero, before anybody acted at this price … */
  readonly liquidatable: number;
  readonly inDefault: number;
  /** … and how much is missing in the latter, money: negative equity exposure. */
  readonly exposure: bigint;
  /** The same after everybody has acted. */
  readonly exposureAfter: bigint;
  /** What the insurance fund has, money. */
  readonly fund: bigint;
  readonly liquidations: number;
  readonly deleveragings: number;
  /** Notional at mark that keepers have taken over. */
  readonly takenOver: bigint;
  /** The waterfall in this minute, money: deficit + bounty = insured + haircuts + shortfall. */
  readonly deficit: bigint;
  readonly bounty: bigint;
  readonly insured: bigint;
  readonly haircuts: bigint;
  readonly shortfall: bigint;
  /** Notional at mark that was closed of the opposing side. */
  readonly closed: bigint;
  /** How many accounts have added margin, reduced or closed. */
  readonly reactions: number;
}

/** Somebody who paid a haircut. */
export interface Payer {
  readonly account: number;
  /** Notional at mark and equity when the first haircut came, money, and leverage as notional / equity. */
  readonly notional: bigint;
  readonly equity: bigint;
  readonly leverage: number;
  /** All of it, money. */
  readonly haircut: bigint;
  /** Profit that was not realised when the first haircut came, money; below zero for a loss. */
  readonly profit: bigint;
  readonly isHedger: boolean;
}

/** Accounts by equity: `counts[i]` have from `edges[i]` up to below `edges[i + 1]`, money as numbers of whole tokens. */
export interface Distribution {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** A policy's row in the comparison: `columns` in the order of `PolicyTable.columns`. */
export interface PolicyTable {
  readonly columns: readonly {
    readonly key: string;
    readonly title: string;
    readonly unit: string;
    readonly lowerIsBetter: boolean;
  }[];
  readonly rows: readonly {
    readonly policy: string;
    readonly isOurs: boolean;
    readonly values: readonly (number | undefined)[];
  }[];
  /** Traders of the run whose deleveragings these are. */
  readonly traders: number;
  /** How many deleveragings were compared. */
  readonly events: number;
  /** In which columns another policy is better than ours, in words. */
  readonly losses: readonly string[];
}

export interface Result {
  readonly scenario: Scenario;
  readonly file: string;
  /** Where the figures come from: the contracts beside the model in every step, or the model alone. */
  readonly engine: "contracts" | "model";
  /** Whether it was broken off before the last minute. */
  readonly isPartial: boolean;
  readonly seconds: number;
  /** Traders, without keepers and the market maker. */
  readonly accounts: number;
  readonly steps: readonly Step[];
  /** Equity of the traders after the opening and at the end. */
  readonly before: Distribution;
  readonly after: Distribution;
  /** Who bore what, money, over the whole run. */
  readonly waterfall: {
    /** What those who were liquidated or deleveraged have paid in and do not have any more, penalties included. */
    readonly ownLosses: bigint;
    readonly incentives: bigint;
    readonly liquidationFees: bigint;
    readonly deficit: bigint;
    readonly bounty: bigint;
    readonly insured: bigint;
    readonly haircuts: bigint;
    readonly shortfall: bigint;
  };
  /** At most so many are kept: the largest haircuts first. `payerCount` is how many there were. */
  readonly payers: readonly Payer[];
  readonly payerCount: number;
  /** Haircut as a part of equity, in ppm, of payers by leverage and by notional: medians of ten equal groups. */
  readonly haircutByLeverage: readonly { readonly upTo: number; readonly median: number; readonly payers: number }[];
  readonly haircutByNotional: readonly { readonly upTo: number; readonly median: number; readonly payers: number }[];
  /** Minutes from when an account was below MM to when somebody acted on it: `latency[i]` accounts took i minutes. */
  readonly latency: readonly number[];
  /** Accounts that were acted on, and traders that have ended below zero. */
  readonly failed: number;
  readonly belowZero: number;
  readonly policies: PolicyTable | undefined;
  /**
   * The contracts beside the model, in this run or in one of fewer traders of the same scenario: after every minute all markets
   * and whoever something was done to, at the end everybody. All of it was equal to the wei, or there would be no result.
   */
  readonly check:
    | {
        /** Traders of the run in which they were compared. */
        readonly traders: number;
        /** Accounts that were compared, added up over all comparisons. */
        readonly accounts: number;
        readonly markets: number;
        readonly comparisons: number;
        readonly transactions: number;
        readonly gas: bigint;
      }
    | undefined;
}

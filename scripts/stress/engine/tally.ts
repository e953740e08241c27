/** Adds up what a run comes to. */
import { PPM } from "../../../packages/sdk/src/index.ts";
import { max, ONE } from "../../simulation/fixedPoint.ts";
import type { Payer, Result } from "../result.ts";
import type { Charged } from "./waterfall.ts";

/** Of payers, how many are kept. */
const MOST_PAYERS = 2_000;
/** Of equal size, in which payers are put by leverage and by notional. */
const GROUPS = 10;

interface Paying {
  readonly first: Charged;
  readonly notional: bigint;
  readonly profit: bigint;
  readonly isHedger: boolean;
  haircut: bigint;
}

export class Payers {
  readonly #payers = new Map<number, Paying>();

  add(charged: Charged, { notional, profit, isHedger }: { notional: bigint; profit: bigint; isHedger: boolean }): void {
    const known = this.#payers.get(charged.account);
    if (known === undefined)
      this.#payers.set(charged.account, { first: charged, notional, profit, isHedger, haircut: charged.haircut });
    else known.haircut += charged.haircut;
  }

  summary(): Pick<Result, "payers" | "payerCount" | "haircutByLeverage" | "haircutByNotional"> {
    const all = [...this.#payers.values()].map(({ first, notional, profit, isHedger, haircut }): Payer => {
      const { account, equity } = first;
      return { account, notional, equity, leverage: ratio(notional, equity), haircut, profit, isHedger };
    });
    return {
      payers: all.toSorted((a, b) => (a.haircut > b.haircut ? -1 : 1)).slice(0, MOST_PAYERS),
      payerCount: all.length,
      haircutByLeverage: grouped(all, ({ leverage }) => leverage),
      haircutByNotional: grouped(all, ({ notional }) => Number(notional / ONE)),
    };
  }
}

/** In groups of equal size by something, the median of haircut / equity, ppm. */
function grouped(payers: readonly Payer[], by: (payer: Payer) => number) {
  const sorted = payers.toSorted((a, b) => by(a) - by(b));
  return Array.from({ length: Math.min(GROUPS, sorted.length) }, (_, group) => {
    const from = Math.floor((group * sorted.length) / Math.min(GROUPS, sorted.length));
    const to = Math.floor(((group + 1) * sorted.length) / Math.min(GROUPS, sorted.length));
    const part = sorted.slice(from, to);
    const parts = part.map(({ haircut, equity }) => ratio(haircut, equity) * Number(PPM)).sort((a, b) => a - b);
    const last = part.at(-1);
    return { upTo: last === undefined ? 0 : by(last), median: parts[parts.length >> 1] ?? 0, payers: part.length };
  });
}

function ratio(a: bigint, b: bigint): number {
  return Number((a * 1_000_000_000n) / max(b, 1n)) / 1_000_000_000;
}

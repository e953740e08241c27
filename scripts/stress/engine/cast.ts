/** Who takes part, by number: callers of the waterfall, traders, keepers, and the market maker. */
import { CALLER } from "./model.ts";

export interface Cast {
  readonly traders: number;
  readonly keepers: readonly number[];
  /** Takes the other side of every opening and of every reduction, and has enough for it. */
  readonly maker: number;
}

export function castOf(traders: number, keepers: number): Cast {
  return {
    traders,
    keepers: Array.from({ length: keepers }, (_, i) => traders + 1 + i),
    maker: traders + keepers + 1,
  };
}

export function isTrader({ traders }: Cast, number: number): boolean {
  return number !== CALLER && number <= traders;
}

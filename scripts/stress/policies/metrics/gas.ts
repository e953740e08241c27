/**
 * What it would cost on chain, gas of whole transactions. Only ours is measured as it stands; of the others one part is measured
 * and how it is counted is an assumption, which stands beside it.
 */
import type { Allocation } from "../allocation.ts";
import type { Moment } from "../moment.ts";

export interface GasFigures {
  /** Ours: one account in default, whatever the number of holders … */
  readonly first: number;
  /** … and each further one in the same call. */
  readonly further: number;
  /** Taking a position over from one account: our liquidation, with its fee. */
  readonly takeOver: number;
  /** One counterparty closed against one account in default, a transaction of its own: dYdX v1, measured alike. */
  readonly pair: number;
}

/** As `bench/` measures them and the README's table of gas has them. */
export const GAS: GasFigures = { first: 165_098, further: 18_584, takeOver: 129_049, pair: 143_030 };

/** What is assumed, by policy. */
export function gasAssumptions({ first, further, takeOver, pair }: GasFigures = GAS): Readonly<Record<string, string>> {
  const [one, more, over, each] = [first, further, takeOver, pair].map((gas) => gas.toLocaleString("en"));
  return {
    ours: `measured: ${one}, and ${more} for each further defaulter; a holder pays for nothing until it acts`,
    queue: `${each} for each pair of a defaulter and a counterparty, measured on dYdX v1; the ranking itself is free`,
    "profit pro rata": "the same for each payer, though a payer may meet several defaulters; profits and caps are free",
    "water-filling": "the same for each account that is reduced; the level is found for nothing",
    "funding index": `as ours, and ${over} for taking each defaulter's position over first`,
    "integer pro rata": "as the queue's for each account that is reduced; proportions are computed for nothing",
  };
}

export function gasOf({ defaulters }: Moment, { policy, pairs }: Allocation, figures: GasFigures = GAS): number {
  const inOneCall = figures.first + figures.further * (defaulters.length - 1);
  if (policy === "ours") return inOneCall;
  if (policy === "funding index") return inOneCall + figures.takeOver * defaulters.length;
  return figures.pair * pairs;
}

/** How much equity accounts have when a crash comes, as part of their notional. */
import { InputError } from "../commandLine.ts";

/** A part of the open interest whose equity lies evenly between two values; at a single one where they are the same. */
export interface Group {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Of one side; both sides are alike. Shares add up to one. */
export type Population = readonly Group[];

/** Rates, as parts of notional. */
export interface Margins {
  readonly maintenance: number;
  /** Of an empty market, and at the cap of open interest. */
  readonly initial: number;
  readonly initialAtCap: number;
}

/** Share of open interest by leverage at which it was opened. */
export interface Leverage {
  readonly leverage: number;
  readonly share: number;
}

export type Crowd =
  /** Everybody stands at the maintenance margin whenever keepers have been there: no crowd is worse. */
  | { readonly kind: "worst" }
  /** Everybody has opened with as much as the initial margin allowed while the market filled to its cap. */
  | { readonly kind: "limit" }
  | { readonly kind: "leverage"; readonly groups: readonly Leverage[] };

/** Into so many steps the filling of a market is cut. */
const FILLING_STEPS = 8;
/** How far shares may be from a hundred percent together. */
const TOLERANCE = 1e-6;

/**
 * Somebody who has opened with equity e₀ has, some time later, anything between the maintenance margin and e₀, each as
 * likely: below the former one is liquidated, and what has been gained is not counted.
 */
export function populationOf(crowd: Crowd, margins: Margins): Population {
  const { maintenance } = margins;
  switch (crowd.kind) {
    case "worst":
      return [{ share: 1, low: maintenance, high: maintenance }];
    case "limit":
      return whileFilling([{ leverage: Infinity, share: 1 }], margins);
    case "leverage":
      return whileFilling(crowd.groups, margins);
  }
}

/** With the leverage that each wants, or what the initial margin lets it have when its turn comes. */
function whileFilling(groups: readonly Leverage[], { maintenance, initial, initialAtCap }: Margins): Population {
  return Array.from({ length: FILLING_STEPS }, (_, i) => {
    const least = initial + ((initialAtCap - initial) * (i + 0.5)) / FILLING_STEPS;
    return groups.map(({ leverage, share }) => ({
      share: share / FILLING_STEPS,
      low: maintenance,
      high: Math.max(1 / leverage, least),
    }));
  }).flat();
}

/** F(z): the part of the open interest whose equity lies below z. */
export function partBelow(population: Population, z: number): number {
  let part = 0;
  for (const { share, low, high } of population) {
    if (z >= high) part += z > low ? share : 0;
    else if (z > low) part += (share * (z - low)) / (high - low);
  }
  return part;
}

/** H(z) = E max(0, z − equity): what is missing after a move of z, per open interest; the integral of F. */
export function missingAfter(population: Population, z: number): number {
  let missing = 0;
  for (const { share, low, high } of population) {
    if (z >= high) missing += share * (z - (low + high) / 2);
    else if (z > low) missing += (share * (z - low) ** 2) / (2 * (high - low));
  }
  return missing;
}

/** `worst`, `limit`, or `LEVERAGE:PERCENT,…` like `3:40,10:40,25:20`. */
export function parseCrowd(text: string): Crowd {
  if (text === "worst" || text === "limit") return { kind: text };
  const groups = text.split(",").map((part) => {
    const [, leverage, percent] = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)%?$/.exec(part.trim()) ?? [];
    const group = { leverage: Number(leverage), share: Number(percent) / 100 };
    if (group.leverage >= 1 && group.share > 0) return group;
    throw new InputError(
      `--population must be worst, limit, or shares of open interest like 3:40,10:40,25:20, not "${text}"`,
    );
  });
  const total = groups.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) < TOLERANCE) return { kind: "leverage", groups };
  throw new InputError(`--population: shares add up to ${Math.round(total * 1e4) / 100} %, not 100 %`);
}

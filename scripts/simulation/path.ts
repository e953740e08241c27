/** What the demo walks along: the prices of all markets at the same moments. */
export interface PricePath {
  /** What it is and where it comes from, in a line. */
  readonly title: string;
  readonly markets: readonly string[];
  /** The first step is where positions are opened. */
  readonly steps: readonly PriceStep[];
}

export interface PriceStep {
  /** Unix seconds, rising from step to step. */
  readonly time: number;
  /** One for each market, 18 decimals, above zero. */
  readonly prices: readonly bigint[];
}

/** Hours and minutes, UTC. */
export function clock(time: number): string {
  return new Date(time * 1000).toISOString().slice(11, 16);
}

/** Date, hours and minutes, UTC. */
export function dateAndClock(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ");
}

/** What one call of the benchmark has found. */
import type { Outcome } from "../committed.ts";
import type { PartName } from "../parts.ts";
import type { Peers } from "../peers.ts";

export interface Found {
  readonly part: PartName;
  readonly outcome: Outcome;
  readonly seconds: number;
}

export interface Run {
  readonly found: readonly Found[];
  readonly peers: Peers;
}

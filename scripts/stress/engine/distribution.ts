/** Accounts by equity, in steps that grow by half. */
import { ONE } from "../../simulation/fixedPoint.ts";
import type { Distribution } from "../result.ts";

const FIRST = 10;
const FACTOR = 1.5;

export function distributionOf(equities: Iterable<bigint>): Distribution {
  const counts = new Map<number, number>();
  for (const equity of equities) {
    const bin = binOf(Number(equity / ONE));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const bins = [...counts.keys()];
  const [lowest, highest] = [Math.min(0, ...bins), Math.max(0, ...bins)];
  const range = Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i);
  return { edges: [...range, highest + 1].map(edgeOf), counts: range.map((bin) => counts.get(bin) ?? 0) };
}

/** 0 is from zero to the first edge, 1 the next, −1 below zero. */
function binOf(whole: number): number {
  if (whole < 0) return -1;
  if (whole < FIRST) return 0;
  return 1 + Math.floor(Math.log(whole / FIRST) / Math.log(FACTOR) + 1e-9);
}

function edgeOf(bin: number): number {
  if (bin < 0) return -Infinity;
  return bin === 0 ? 0 : Math.round(FIRST * FACTOR ** (bin - 1));
}

/** Bars beside each other that count the same: ours and peers', or now and committed. */
import type { Comparison } from "../committed.ts";
import { peerText, ranked, type Peers } from "../peers.ts";
import { number } from "./wording.ts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly isOurs: boolean;
}

export interface Bars {
  readonly title: string;
  readonly unit: string;
  readonly note?: string;
  readonly bars: readonly Bar[];
}

/** For each operation that was measured. */
export function besidePeers(comparisons: readonly Comparison[], { operations }: Peers): Bars[] {
  const figures = new Map(comparisons.map(({ figure }) => [figure.name, figure.value]));
  return operations.flatMap(({ name, ours, comparable, peers }) => {
    const measured = ours.flatMap((of) => {
      const value = figures.get(of);
      return value === undefined ? [] : [{ of, value }];
    });
    if (measured.length === 0) return [];
    const variants = shortened(measured.map(({ of }) => of));
    return {
      title: name,
      unit: "gas",
      note: comparable,
      bars: [
        ...measured.map(({ value }, i) => ({ label: `Zerofloor${variants[i] ?? ""}`, value, isOurs: true })),
        ...ranked(peers).map((peer) => ({ label: peerText(peer), value: peer.gas, isOurs: false })),
      ],
    };
  });
}

/** Now and when it was committed, on what may have been another machine. */
export function besideCommitted(comparisons: readonly Comparison[]): Bars[] {
  return comparisons.map(({ figure, committed }) => ({
    title: figure.name,
    unit: figure.unit,
    note: `${figure.better} is better`,
    bars: [
      { label: "now", value: figure.value, isOurs: true },
      ...(committed === undefined ? [] : [{ label: "committed", value: committed.value, isOurs: false }]),
    ],
  }));
}

/** What tells several figures of one operation apart: the last words, behind the comma. */
function shortened(names: readonly string[]): string[] {
  return names.map((name) => {
    const cut = name.lastIndexOf(", ");
    return names.length === 1 ? "" : cut < 0 ? "" : `, ${name.slice(cut + 2)}`;
  });
}

const WIDTH = 40;

export function barsText({ title, bars }: Bars): string[] {
  const most = Math.max(...bars.map(({ value }) => value));
  const wide = Math.max(...bars.map(({ label }) => label.length));
  const lines = bars.map(({ label, value, isOurs }) => {
    const length = Math.max(1, Math.round((value / most) * WIDTH));
    return `  ${label.padEnd(wide)}  ${(isOurs ? "█" : "░").repeat(length)} ${number(value)}`;
  });
  return [title, ...lines];
}

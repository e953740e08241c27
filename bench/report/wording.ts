/** How figures and what is said about them read, in the terminal and on the page. */
import type { Comparison } from "../committed.ts";
import type { Figure } from "../figure.ts";
import { bestFor, peerText, type Peers } from "../peers.ts";

export function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 1_000 ? 1 : 0 });
}

/** `+24.1 %`: how much more `value` is than `than`. */
export function more(value: number, than: number): string {
  const percent = (value / than - 1) * 100;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(1)} %`;
}

/** What the committed figure was, unless it is the same, and whether that is good. */
export function verdictText({ figure, committed, verdict }: Comparison): string {
  if (committed === undefined) return "new";
  if (verdict !== "same") return `${verdict}, was ${number(committed.value)}`;
  return figure.value === committed.value ? "same" : `same, was ${number(committed.value)}`;
}

export function toleranceText({ committed, figure }: Comparison): string {
  const tolerance = committed?.tolerance ?? figure.tolerance;
  return tolerance === 0 ? "none" : `${number(tolerance * 100)} %`;
}

export function reachText({ committed, figure }: Comparison): string {
  const reach = committed?.reach;
  if (reach === undefined) return "";
  const isReached = figure.better === "lower" ? figure.value <= reach : figure.value >= reach;
  return `${number(reach)} ${isReached ? "ok" : "missed"}`;
}

/** The figures that a peer does better, said plainly. */
export function dearer(figures: readonly Figure[], peers: Peers): string[] {
  return figures.flatMap(({ name, value }) => {
    const best = bestFor(peers, name);
    return best === undefined || value <= best.gas
      ? []
      : [`${name}: ${more(value, best.gas)} against ${peerText(best)}`];
  });
}

/** More are counted only. */
const MOST_NAMES = 8;

/** What has to be done about an outcome, if anything. */
export function advice(comparisons: readonly Comparison[], missing: readonly string[]): string[] {
  const of = (verdict: Comparison["verdict"]) => comparisons.filter((one) => one.verdict === verdict);
  const list = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}: ${names.length > MOST_NAMES ? `${names.length} figures` : names.join("; ")}`];
  const named = (verdict: Comparison["verdict"]) => of(verdict).map(({ figure }) => figure.name);
  return [
    ...list("WORSE than committed by more than the tolerance", named("worse")),
    ...list("NEW, not committed yet", named("new")),
    ...list("MISSING, committed but not measured", missing),
    ...list("better than committed, worth an --update", named("better")),
  ];
}

/** How large the next crash is, judged by the recorded ones: by their ranks, and beyond the largest by a Pareto tail. */
import type { Random } from "../simulation/random.ts";
import { exceedances, gamma } from "./draw.ts";
import type { Tail } from "./tail.ts";

export interface SeverityDistribution {
  /** Of recorded crashes, descending, natural logarithms. */
  readonly severities: readonly number[];
  /** With which probability the next crash exceeds each. */
  readonly exceedances: readonly number[];
  /** Undefined where nothing is known beyond the largest: then no larger move is any rarer. */
  readonly tailIndex: number | undefined;
}

/**
 * The next of n + 1 crashes that might have come in any order is the largest with probability 1 / (n + 1), and exceeds the
 * k-th largest of the n before it with k / (n + 1). This asks nothing of the distribution.
 */
export function expected(severities: readonly number[], tail: Tail | undefined): SeverityDistribution {
  const descending = [...severities].sort((a, b) => b - a);
  return {
    severities: descending,
    exceedances: descending.map((_, i) => (i + 1) / (descending.length + 1)),
    tailIndex: tail?.index,
  };
}

/**
 * One of the distributions that the recorded crashes may have come from. Exceedances of the k-th largest of n are
 * distributed like order statistics of uniform numbers, with the mean k / (n + 1) (Rubin 1981, "The Bayesian bootstrap": the
 * weights of crashes are drawn, not the crashes). α of k Pareto moves is Gamma(k) / Σ ln(x / u).
 */
export function drawn(random: Random, severities: readonly number[], tail: Tail | undefined): SeverityDistribution {
  const { severities: descending } = expected(severities, tail);
  return {
    severities: descending,
    exceedances: exceedances(random, descending.length),
    tailIndex: tail === undefined ? undefined : (gamma(random, tail.count) * tail.index) / tail.count,
  };
}

/** The probability that the next crash has a larger move. Between two recorded ones log-linear, below all of them linear. */
export function exceedance({ severities, exceedances, tailIndex }: SeverityDistribution, severity: number): number {
  const [largest, rarest] = [severities[0] ?? 0, exceedances[0] ?? 0];
  if (severity >= largest) return tailIndex === undefined ? rarest : rarest * (severity / largest) ** -tailIndex;
  const above = severities.findLastIndex((recorded) => recorded > severity);
  const [x1, p1] = [severities[above] ?? 0, exceedances[above] ?? 0];
  const [x0, p0] = [severities[above + 1], exceedances[above + 1]];
  if (x0 === undefined || p0 === undefined) return 1 - ((1 - p1) * severity) / x1;
  return p1 * (p0 / p1) ** (Math.log(x1 / severity) / Math.log(x1 / x0));
}

/** The move that the next crash exceeds with a probability; beyond all bounds where no tail says how rare it is. */
export function severityAt(distribution: SeverityDistribution, probability: number): number {
  const { severities, exceedances, tailIndex } = distribution;
  const [largest, rarest] = [severities[0] ?? 0, exceedances[0] ?? 0];
  if (probability <= rarest) {
    if (probability === rarest) return largest;
    return tailIndex === undefined ? Infinity : largest * (rarest / probability) ** (1 / tailIndex);
  }
  let [low, high] = [0, largest];
  for (let i = 0; i < 60; ++i) {
    const middle = (low + high) / 2;
    if (exceedance(distribution, middle) > probability) low = middle;
    else high = middle;
  }
  return high;
}

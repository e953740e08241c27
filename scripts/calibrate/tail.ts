/** How fast larger and larger moves become rarer: Hill's estimate of a Pareto tail. */

/** As many of the largest as are taken for the tail, */
const MOST = 20;
/** and as few as say anything: with five the index is known to ±45 %. */
const FEWEST = 5;

export interface Tail {
  /** α: a move that is twice as large is 2^α times as rare. */
  readonly index: number;
  /** How many moves it is judged by. */
  readonly count: number;
  /** The move that all of them exceed, natural logarithm. */
  readonly threshold: number;
}

/**
 * α = k / Σ ln(x_i / u) over the k largest moves x_i, u the next one (Hill 1975, "A simple general approach to inference
 * about the tail of a distribution"): the maximum likelihood where moves beyond u are Pareto. Undefined where there are
 * too few of them.
 */
export function tailOf(moves: readonly number[]): Tail | undefined {
  const descending = moves.filter((move) => move > 0).sort((a, b) => b - a);
  const count = Math.min(MOST, descending.length - 1);
  const threshold = descending[count] ?? 0;
  const total = descending.slice(0, Math.max(count, 0)).reduce((sum, move) => sum + Math.log(move / threshold), 0);
  return count < FEWEST || total === 0 ? undefined : { index: count / total, count, threshold };
}

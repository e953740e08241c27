/** Random numbers of distributions, from the generator that is the same everywhere. */
import type { Random } from "../simulation/random.ts";

const FINENESS = 2n ** 53n;

/** Between zero and one, neither included. */
export function uniform(random: Random): number {
  return Number(random.between(1n, FINENESS - 1n)) / Number(FINENESS);
}

/** With mean one. */
export function exponential(random: Random): number {
  return -Math.log(uniform(random));
}

/** With a whole shape and scale one: as many exponentials. */
export function gamma(random: Random, shape: number): number {
  let total = 0;
  for (let i = 0; i < shape; ++i) total += exponential(random);
  return total;
}

/**
 * The probabilities with which the next of exchangeable numbers exceeds the largest of `count` before it, the second
 * largest, …: order statistics of uniform numbers, whatever the distribution is. Ascending.
 */
export function exceedances(random: Random, count: number): number[] {
  const spacings = Array.from({ length: count + 1 }, () => exponential(random));
  const total = spacings.reduce((a, b) => a + b, 0);
  let sum = 0;
  return spacings.slice(0, count).map((spacing) => (sum += spacing) / total);
}

/** The values below which parts of the list lie; between two of them in proportion. */
export function quantiles(values: readonly number[], parts: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return parts.map((part) => {
    const at = part * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
    return low === high ? low : low + (high - low) * (at - Math.floor(at));
  });
}

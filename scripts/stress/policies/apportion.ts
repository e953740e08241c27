/** Pro rata under caps: what cannot be given to one goes to the others, in the same proportions. */
import { at } from "../../../packages/sdk/src/math/list.ts";
import { sum } from "../../simulation/fixedPoint.ts";

/** Who can still be given something, and how much in all. */
interface Round {
  /** At their caps already, or nothing. */
  readonly given: bigint[];
  readonly open: readonly number[];
  readonly left: bigint;
  readonly weight: bigint;
}

/**
 * `total`, or the sum of the caps of those with a weight if that is less, in parts that add up to it exactly. Each part is
 * within one of its proportion: cumulative floors, so that the order of the list decides who bears a unit more.
 * Assumes that no number is negative.
 */
export function apportion(total: bigint, weights: readonly bigint[], caps: readonly bigint[]): bigint[] {
  const { given, open, left, weight } = untilNoCapBinds(total, weights, caps);
  let [seen, spent] = [0n, 0n];
  for (const i of open) {
    seen += at(weights, i);
    const upTo = (left * seen) / weight;
    given[i] = upTo - spent;
    spent = upTo;
  }
  return given;
}

/** The same by largest remainder: floors first, then one more for whoever was cut most; at a tie, for whoever comes first. */
export function apportionByRemainder(total: bigint, weights: readonly bigint[], caps: readonly bigint[]): bigint[] {
  const { given, open, left, weight } = untilNoCapBinds(total, weights, caps);
  const remainders = open.map((i) => ({ i, remainder: (left * at(weights, i)) % weight }));
  for (const i of open) given[i] = (left * at(weights, i)) / weight;
  let rest = left - sum(open.map((i) => at(given, i)));
  // What is left over is less than one for each that was cut, so that nobody is asked twice and no cap is passed.
  for (const { i } of remainders.sort((a, b) =>
    a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1,
  )) {
    if (rest === 0n) break;
    given[i] = at(given, i) + 1n;
    --rest;
  }
  return given;
}

/** Gives everybody its cap whose proportion reaches it, again and again. */
function untilNoCapBinds(total: bigint, weights: readonly bigint[], caps: readonly bigint[]): Round {
  const given = weights.map(() => 0n);
  let open = [...weights.keys()].filter((i) => at(weights, i) > 0n && at(caps, i) > 0n);
  let left = total;
  for (;;) {
    const weight = sum(open.map((i) => at(weights, i)));
    const bound = open.filter((i) => left * at(weights, i) >= at(caps, i) * weight);
    if (bound.length === 0) return { given, open, left, weight };
    for (const i of bound) {
      given[i] = at(caps, i);
      left -= at(caps, i);
    }
    const full = new Set(bound);
    open = open.filter((i) => !full.has(i));
  }
}

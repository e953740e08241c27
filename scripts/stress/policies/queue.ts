/**
 * The ranking queue of the large exchanges. The other side is ranked by profit ratio · effective leverage, and closed from the
 * top, whole positions at a time, the last one in part, at the bankruptcy price of whoever is in default.
 *
 *   profit ratio        = (value at mark − value at entry) / |value at entry|
 *   effective leverage  = |value at mark| / (value at mark − value at bankruptcy) = notional / equity
 *   rank                = ratio · leverage where the ratio is above zero, ratio / leverage where not
 *
 * Source: BitMEX, "What is auto-deleveraging", and the examples beside it (one position whole, the next one in part); Binance's
 * rank is the same up to what it divides by. Hyperliquid publishes (mark / entry) · (notional / account value), for a long; it
 * closes at the previous mark and not at the bankruptcy price. arXiv 2602.15182, §3.5, has the queue as greedy in this sense.
 *
 * Nothing asks whether a counterparty can bear it: its equity counts through leverage alone, and a gap may be more than is left.
 *
 * Ours, where these say nothing: ranks are taken once, at the mark, and not again after each pair; whoever is in default is
 * served in the order of the list; a tie is broken by the order of the list; the price is moved towards the mark by what the
 * fund pays, pro rata to deficits, so that every policy has the same amount to raise.
 *
 * Rounding: the charge up, for each pair; the payer bears it.
 */
import { max, min } from "../../../packages/sdk/src/math/integer.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { mulDivUp } from "../../../packages/sdk/src/math/rounding.ts";
import { shareDown } from "../../../packages/sdk/src/types/usd.ts";
import { type Allocation, allocationOf } from "./allocation.ts";
import { deficitOf, type Holder, type Moment, neededOf } from "./moment.ts";

/** A rank as a fraction, whose denominator is above zero. */
interface Rank {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function queue(moment: Moment): Allocation {
  const line = ranked(moment).map((i) => ({ i, left: at(moment.opposing, i).size }));
  const [closed, charges] = [moment.opposing.map(() => 0n), moment.opposing.map(() => 0n)];
  const [needed, deficits] = [neededOf(moment), deficitOf(moment)];
  let [first, pairs, seen, spent] = [0, 0, 0n, 0n];
  for (const { size, deficit } of moment.defaulters) {
    seen += deficit;
    // Cumulative, so that what is to be raised for each adds up to the needed amount exactly.
    const raised = shareDown(needed, seen, deficits) - spent;
    spent += raised;
    let left = size;
    while (left > 0n) {
      const turn = line[first];
      if (turn === undefined) break;
      const matched = min(left, turn.left);
      closed[turn.i] = at(closed, turn.i) + matched;
      charges[turn.i] = at(charges, turn.i) + mulDivUp(raised, matched, size);
      left -= matched;
      turn.left -= matched;
      if (turn.left === 0n) ++first;
      ++pairs;
    }
  }
  const parts = moment.opposing.map(({ id }, i) => ({ id, closed: at(closed, i), charge: at(charges, i) }));
  return allocationOf("queue", moment, parts, { pairs });
}

/** Which of the other side comes first, second, …: indices into `moment.opposing`. */
export function ranked(moment: Moment): number[] {
  const ranks = moment.opposing.map((holder, i) => ({ i, ...rankOf(moment, holder) }));
  return ranks
    .sort((a, b) => {
      const difference = b.numerator * a.denominator - a.numerator * b.denominator;
      return difference > 0n ? 1 : difference < 0n ? -1 : a.i - b.i;
    })
    .map(({ i }) => i);
}

function rankOf({ mark, longsDefaulted }: Moment, { size, entryPrice, equity }: Holder): Rank {
  const gain = longsDefaulted ? entryPrice - mark : mark - entryPrice;
  // Nobody's leverage is infinite: whoever has nothing has a wei.
  const [notional, worth] = [size * mark, max(equity, 1n)];
  return gain > 0n
    ? { numerator: gain * notional, denominator: entryPrice * worth }
    : { numerator: gain * worth, denominator: entryPrice * notional };
}

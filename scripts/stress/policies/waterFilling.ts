/**
 * Leverage water-filling: whoever has the highest leverage is reduced first, down to the next highest, then both together, and
 * so on, until all of the size is closed; then everybody who was reduced has the same leverage ℓ, and nobody has more.
 *
 *   closed_i = (size_i − ℓ · equity_i / mark)⁺,  Σ closed_i = the size that defaulted
 *
 * Source: arXiv 2603.15963 (risk-based auto-deleveraging): the policy that minimises the highest leverage, in the setting of one
 * asset and isolated margin. The paper was at hand as an abstract and in the summaries of others only: this is as we read it.
 *
 * Ours: leverage is notional in this market over the equity of the account before it is charged; each size closed is charged
 * the average of what is to be raised for it (mark less bankruptcy price), as for the queue. So a large charge falls on those with
 * the least equity, which is a consequence of this and no claim about the paper. Its second part weighs leverage by a common
 * factor, so that hedged portfolios are reduced less; one market alone does not show that.
 *
 * Rounding: closed sizes add up exactly; the charge up, the payer bears it.
 */
import { max } from "../../../packages/sdk/src/math/integer.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { mulDivUp } from "../../../packages/sdk/src/math/rounding.ts";
import { type Allocation, allocationOf } from "./allocation.ts";
import { apportion } from "./apportion.ts";
import { type Holder, type Moment, neededOf, sizeToClose } from "./moment.ts";

export function waterFilling(moment: Moment): Allocation {
  const [total, needed] = [sizeToClose(moment), neededOf(moment)];
  const kept = drain(moment.opposing, total);
  const parts = moment.opposing.map(({ id, size }, i) => {
    const closed = size - at(kept, i);
    return { id, closed, charge: total === 0n ? 0n : mulDivUp(needed, closed, total) };
  });
  return allocationOf("water-filling", moment, parts);
}

/** What each of them keeps, a size. */
function drain(holders: readonly Holder[], total: bigint): bigint[] {
  // Nobody's leverage is infinite: whoever has nothing has a wei.
  const accounts = holders.map(({ size, equity }, i) => ({ i, size, equity: max(equity, 1n) }));
  const order = [...accounts].sort((a, b) => compare(b.size * a.equity, a.size * b.equity) || a.i - b.i);
  const kept = holders.map(({ size }) => size);
  let [size, equity] = [0n, 0n];
  for (const [k, account] of order.entries()) {
    size += account.size;
    equity += account.equity;
    const next = order[k + 1];
    // At the leverage of the next one, these would have given up less than what is to be closed: it is reduced as well.
    if (next !== undefined && (size - total) * next.equity < next.size * equity) continue;
    const reduced = order.slice(0, k + 1);
    const left = apportion(
      size - total,
      reduced.map((one) => one.equity),
      reduced.map((one) => one.size),
    );
    for (const [n, { i }] of reduced.entries()) kept[i] = at(left, n);
    break;
  }
  return kept;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

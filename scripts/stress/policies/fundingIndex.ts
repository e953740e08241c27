/**
 * Loss through the funding index, on both sides: what is to be raised is divided by all open positions, long and short, and
 * every one of them pays that for each unit of its size. No position of a counterparty is closed.
 *
 *   per unit = ⌈B / (Σ long + Σ short)⌉,  charge = ⌈size · per unit⌉
 *
 * Source: Drift (`resolve_perp_bankruptcy`: both cumulative funding rates are moved against their holders by the loss over
 * Σ |base| of both sides, up) and Mango (`socialize_loss`: the loss over open interest, on both funding indices).
 *
 * Both take the position over first: a liquidator buys it at a discount, and only the money that is then missing is
 * socialised. So here somebody takes the size over at mark, and pays its part of the loss like everybody else. That somebody
 * with the capital for it comes at that moment is the assumption under which this policy needs no closing at all.
 *
 * Rounding: per unit up to the 18th digit, the charge up; holders bear both. (Theirs are coarser: 1e-6 of a unit of money.)
 */
import { mulDivUp } from "../../../packages/sdk/src/math/rounding.ts";
import { ONE } from "../../../packages/sdk/src/types/price.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { type Allocation, allocationOf, type Part } from "./allocation.ts";
import { defaultedSize, type Holder, type Moment, neededOf } from "./moment.ts";

export function fundingIndex(moment: Moment): Allocation {
  const takenOver = defaultedSize(moment.defaulters);
  const open = takenOver + sum([...moment.opposing, ...moment.sameSide].map(({ size }) => size));
  const perUnit = mulDivUp(neededOf(moment), ONE, open);
  const charge = (size: bigint) => mulDivUp(size, perUnit, ONE);
  const part = ({ id, size }: Holder): Part => ({ id, closed: 0n, charge: charge(size) });
  return allocationOf("funding index", moment, moment.opposing.map(part), {
    sameSide: moment.sameSide.map(part),
    takenOver,
    takerCharge: charge(takenOver),
    pairs: 0,
  });
}

/**
 * Integer-contract pro rata: the size is closed pro rata to size in whole contracts, at the bankruptcy price.
 *
 * Source: the contract-space pro rata of arXiv 2512.01112 and 2602.15182, §5 ("integer pro-rata"), as their published analysis
 * counts it: the size that defaulted up to whole contracts; each holder's proportion down; what is left over by largest
 * remainder; nobody more than the whole contracts that it has.
 *
 * Ours: at a tie the order of the list decides; where caps bind, what they leave is given to the others until nothing more can
 * be (the published one asks each once); a charge is not capped by profit, because a price is not. What is closed beyond what
 * defaulted is less than one contract, and stays with the house; what cannot be closed in whole contracts stays open.
 *
 * Rounding: the charge up, the payer bears it. The rounding to contracts is the policy itself.
 */
import { at } from "../../../packages/sdk/src/math/list.ts";
import { mulDivUp } from "../../../packages/sdk/src/math/rounding.ts";
import { type Allocation, allocationOf } from "./allocation.ts";
import { apportionByRemainder } from "./apportion.ts";
import { type Moment, neededOf, sizeToClose } from "./moment.ts";

export function integerProRata(moment: Moment): Allocation {
  const { contract, opposing } = moment;
  const [total, needed] = [sizeToClose(moment), neededOf(moment)];
  const sizes = opposing.map(({ size }) => size);
  const whole = sizes.map((size) => size / contract);
  const contracts = apportionByRemainder(mulDivUp(total, 1n, contract), sizes, whole);
  const parts = opposing.map(({ id }, i) => {
    const closed = at(contracts, i) * contract;
    return { id, closed, charge: total === 0n ? 0n : mulDivUp(needed, closed, total) };
  });
  return allocationOf("integer pro rata", moment, parts);
}

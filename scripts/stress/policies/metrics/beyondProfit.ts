/**
 * Who pays out of collateral. arXiv 2602.15182 lets a deleveraging take profit only (0 ≤ x_i ≤ u_i); what is charged beyond that
 * is measured here, and beside it the paper's term for concentration, max x_i / u_i.
 */
import { max } from "../../../../packages/sdk/src/math/integer.ts";
import { PPM } from "../../../../packages/sdk/src/types/riskParameters.ts";
import { positivePart, shareUp } from "../../../../packages/sdk/src/types/usd.ts";
import { sum } from "../../../simulation/fixedPoint.ts";
import type { Allocation } from "../allocation.ts";
import { type Moment, profitOf } from "../moment.ts";
import { after, type After } from "./after.ts";

export interface BeyondProfit {
  /** How many are charged more than the profit of their position, or have none … */
  readonly accounts: number;
  /** … and how much more, money. */
  readonly amount: bigint;
  /** The largest part of a payer's profit that is charged, ppm, over payers with a profit. Up. Zero where there is none. */
  readonly largestPart: bigint;
}

/** Of both sides: a survivor of the defaulters' side may pay as well. */
export function beyondProfitOf(moment: Moment, allocation: Allocation): BeyondProfit {
  const mirrored = { ...moment, longsDefaulted: !moment.longsDefaulted };
  const profits = [
    ...after(moment.opposing, allocation.opposing).map((one) => paid(moment, one)),
    ...after(moment.sameSide, allocation.sameSide).map((one) => paid(mirrored, one)),
  ].filter(({ charge }) => charge > 0n);
  const beyond = profits.map(({ charge, profit }) => positivePart(charge - profit));
  return {
    accounts: beyond.filter((amount) => amount > 0n).length,
    amount: sum(beyond),
    largestPart: profits
      .filter(({ profit }) => profit > 0n)
      .reduce((most, { charge, profit }) => max(most, shareUp(PPM, charge, profit)), 0n),
  };
}

function paid(moment: Moment, { holder, part }: After): { charge: bigint; profit: bigint } {
  return { charge: part.charge, profit: positivePart(profitOf(moment, holder)) };
}

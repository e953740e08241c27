/**
 * Ours: the fund first; the rest is a haircut on the whole opposing side, pro rata to size, up to a cap; the size that
 * defaulted is closed against that side at mark, pro rata to size (docs/mechanism.md, §8). Nothing is derived here: the
 * waterfall is `previewDeleverage`, which is equal to the contracts to the wei, and a holder's part is what it is worth and
 * what it has before and after.
 *
 * Rounding: the haircut up per share, what a share is worth down; a holder bears about a wei more, and has up to a size-wei less.
 */
import { healthOf } from "../../../packages/sdk/src/logic/health.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { previewDeleverage } from "../../../packages/sdk/src/modules/deleveraging.ts";
import {
  openAccount,
  type Opened,
  openMarkets,
  type StoredAccount,
} from "../../../packages/sdk/src/periphery/ledgerPreview.ts";
import { holdingOf, sizeOfHolding } from "../../../packages/sdk/src/types/portfolio.ts";
import { ONE_BASE } from "../../../packages/sdk/src/types/side.ts";
import { magnitude } from "../../../packages/sdk/src/types/size.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import { type Allocation, allocationOf, type Part } from "./allocation.ts";
import type { Moment } from "./moment.ts";
import { storedMoment } from "./sdkMarket.ts";

export const ours = (moment: Moment): Allocation => oursAt(moment, ONE_BASE);

/** @param base A of the opposing side: what earlier deleveragings have left of it. */
export function oursAt(moment: Moment, base: bigint): Allocation {
  const stored = storedMoment(moment, base);
  const before = openMarkets(stored.house);
  const { allocations, bounty, opened } = previewDeleverage(
    before,
    stored.defaulters.map((account) => openAccount(before, account)),
  );
  const part = (account: StoredAccount): Part => {
    const [had, has] = [worth(before, account), worth(opened, account)];
    return { id: account.id, closed: had.size - has.size, charge: had.equity - has.equity };
  };
  return allocationOf("ours", moment, stored.opposing.map(part), {
    sameSide: stored.sameSide.map(part),
    insured: sum(allocations.map(({ insured }) => insured)),
    bounty,
    shortfall: sum(allocations.map(({ shortfall }) => shortfall)),
    // A call names those in default only: no counterparty is written.
    pairs: 0,
  });
}

function worth(opened: Opened, stored: StoredAccount): { size: bigint; equity: bigint } {
  const account = openAccount(opened, stored);
  const size = magnitude(sizeOfHolding(holdingOf(account, 0), at(opened.books, 0)));
  return { size, equity: healthOf(account, opened.books).equity };
}

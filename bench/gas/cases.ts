/** What is measured. Each case sets a market up, then measures single transactions that nothing in them has warmed. */
import type { Figure } from "../figure.ts";
import { batches } from "./batches.ts";
import { collateral } from "./collateral.ts";
import { deleveraging } from "./deleveraging.ts";
import { fills, fillsAfterDeleveraging } from "./fills.ts";
import { liquidation } from "./liquidation.ts";
import { prices } from "./prices.ts";

export const cases: readonly (() => Promise<Figure[]>)[] = [
  collateral,
  fills,
  fillsAfterDeleveraging,
  liquidation,
  deleveraging,
  batches,
  prices,
];

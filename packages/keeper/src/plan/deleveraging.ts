/** Accounts in default, worst first, many in one call. Needs no capital. */
import { type AccountId, type Opened, previewDeleverage, Standing } from "zerofloor";
import type { Seen } from "../roster.ts";
import { type Action, chunks } from "./action.ts";

/** Accounts in one call: about a million of gas. */
const MOST_IN_ONE = 50;

export function planDeleveraging(opened: Opened, worstFirst: readonly Seen[]): Action[] {
  const inDefault = worstFirst.filter(({ standing }) => standing === Standing.InDefault);
  return chunks(inDefault, MOST_IN_ONE).map((part) => {
    const portfolios = part.map(({ account }) => account);
    const { bounty } = previewDeleverage(opened, portfolios);
    return { kind: "deleverage", accounts: portfolios.map(({ id }) => id as AccountId), bounty };
  });
}

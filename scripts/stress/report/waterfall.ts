/** The waterfall by tier: each bar begins where the one above it ends. */
import { escape, toNumber } from "../../page/plot.ts";
import type { Table } from "../../page/table.ts";
import { sum } from "../../simulation/fixedPoint.ts";
import type { Result } from "../result.ts";
import { figureOf, partOf } from "./people.ts";
import { BLUE, GREY, ORANGE, SHORTFALL } from "./style.ts";

export interface Tier {
  readonly name: string;
  readonly about: string;
  readonly colour: number;
  /** Money. */
  readonly borne: bigint;
}

export function tiersOf({ waterfall }: Result): Tier[] {
  return [
    {
      ...{ name: "Traders' own", about: "lost by those who were liquidated or in default", colour: GREY },
      borne: waterfall.ownLosses,
    },
    {
      ...{ name: "Insurance fund", about: "up to its assets and the market's bucket", colour: BLUE },
      borne: waterfall.insured,
    },
    {
      ...{ name: "Haircut", about: "of the opposing side, pro rata to size", colour: ORANGE },
      borne: waterfall.haircuts,
    },
    {
      ...{ name: "Shortfall", about: "winners of the market wait for it", colour: SHORTFALL },
      borne: waterfall.shortfall,
    },
  ];
}

export function waterfallChart(result: Result): string {
  const all = tiersOf(result);
  const behind = all.slice(1);
  const note = (text: string) => `<p class="note">${escape(text)}</p>`;
  return [
    "<h3>Everything that was lost by those who had to be acted on</h3>",
    cascade(all) || '<p class="none">nobody was liquidated or in default</p>',
    "<h3>Of it, what traders did not have, with the bounties for resolving it</h3>",
    cascade(behind) || '<p class="none">nothing: no trader lost more than it had</p>',
    note(
      "Deficits + bounties = insurance fund + haircut + shortfall, to the last digit. Each chart has its own scale.",
    ),
  ].join("\n");
}

function cascade(tiers: readonly Tier[]): string {
  const total = sum(tiers.map(({ borne }) => borne));
  if (total <= 0n) return "";
  let before = 0n;
  const rows = tiers.map(({ name, about, colour, borne }) => {
    const [left, wide] = [percentOf(before, total), percentOf(borne, total)];
    before += borne;
    const bar = borne === 0n ? "" : `<i style="left:min(${left}%, 100% - 2px);width:${wide}%"></i>`;
    return (
      `<div class="tier" style="--c:var(--c${colour})"><span>${escape(name)}<small>${escape(about)}</small></span>` +
      `<span class="track">${bar}</span><b>${figureOf(borne)}<small>${partOf(borne, total)}</small></b></div>`
    );
  });
  return `<div class="tiers" role="img" aria-label="${escape(tiers.map(({ name, borne }) => `${name} ${figureOf(borne)}`).join(", "))}">${rows.join("")}</div>`;
}

function percentOf(part: bigint, whole: bigint): number {
  return Math.round((10_000 * 100 * toNumber(part)) / toNumber(whole)) / 10_000;
}

/** The same in figures. */
export function waterfallTable(result: Result): Table {
  const { deficit, bounty } = result.waterfall;
  const needed = deficit + bounty;
  return {
    head: ["waterfall, tokens", "borne", "of deficits and bounties"],
    rows: tiersOf(result).map(({ name, borne }, i) => [name, figureOf(borne), i === 0 ? "" : partOf(borne, needed)]),
  };
}

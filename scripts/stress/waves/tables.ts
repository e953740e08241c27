/** The reproduction as tables, for the terminal and for the page. */
import type { Table } from "../../page/table.ts";
import { formatFixed } from "../../simulation/fixedPoint.ts";
import { weiText } from "../policies/text.ts";
import type { AtMultiple, WaveResult } from "./reproduce.ts";

export interface Section {
  readonly title: string;
  readonly table: Table;
}

export function sections(results: readonly WaveResult[]): Section[] {
  return [
    { title: "Needed in each wave, dollars", table: needed(results) },
    {
      title: "Ours at the fill: overshoot in wei, by opposing open interest over what was closed",
      table: ours(results),
    },
    { title: "The others at the fill, on the same assumed books: overshoot / undershoot", table: others(results) },
  ];
}

function needed(results: readonly WaveResult[]): Table {
  return {
    head: ["wave", "coins", "schedule", "published", "difference", "published: production", "integer pro rata"],
    rows: results.map(({ wave, coins, needed: found, published }) => [
      String(wave),
      String(coins),
      dollars(found),
      published ? dollars(published.needed) : "",
      published ? dollars(found - published.needed) : "",
      published ? dollars(published.production) : "",
      published ? dollars(published.integerProRata) : "",
    ]),
  };
}

function ours(results: readonly WaveResult[]): Table {
  const multiples = results[0]?.sweep ?? [];
  return {
    head: ["wave", ...multiples.map(({ multiple }) => factor(multiple)), "undershoot", "most, A at 2^-9", "bound"],
    rows: results.map(({ wave, sweep }) => [
      String(wave),
      ...sweep.map((one) => one.ours.overshoot.toLocaleString("en")),
      most(sweep, (one) => one.undershoot),
      most(sweep, (one) => one.wornOvershoot),
      most(sweep, (one) => one.wornBound),
    ]),
  };
}

function others(results: readonly WaveResult[]): Table {
  const policies = results[0]?.sweep[0]?.others.map(({ policy }) => policy) ?? [];
  return {
    head: ["wave", "interest", ...policies],
    rows: results.flatMap(({ wave, sweep }) =>
      sweep.map(({ multiple, others: found }, i) => [
        i === 0 ? String(wave) : "",
        factor(multiple),
        ...found.map(({ overshoot, undershoot }) =>
          undershoot === 0n ? weiText(overshoot) : `${weiText(overshoot)} / ${weiText(undershoot)}`,
        ),
      ]),
    ),
  };
}

function most(sweep: readonly AtMultiple[], of: (ours: AtMultiple["ours"]) => bigint): string {
  return sweep
    .map((one) => of(one.ours))
    .reduce((a, b) => (a > b ? a : b))
    .toLocaleString("en");
}

function dollars(value: bigint): string {
  return formatFixed(value, 0);
}

function factor(multiple: bigint): string {
  return `${formatFixed(multiple * 10n ** 12n, 2).replace(/\.?0+$/, "")}×`;
}

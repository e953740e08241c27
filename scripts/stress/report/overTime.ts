/** What changes from minute to minute. */
import { figure, toNumber, type Column, type Plot, type Series } from "../../page/plot.ts";
import { max, min, PPM } from "../../simulation/fixedPoint.ts";
import { dateAndClock } from "../../simulation/path.ts";
import { priceText } from "../../simulation/wording.ts";
import type { Result, Step } from "../result.ts";
import { count, figureOf } from "./people.ts";
import { BLUE, GREY, MARKET_COLOURS, ORANGE, SHORTFALL } from "./style.ts";

/** Minutes beyond so many share columns. */
const MOST_COLUMNS = 190;

type Part = readonly Step[];

export interface OverTime {
  readonly prices: string;
  readonly openInterest: string;
  readonly exposure: string;
  readonly accounts: string;
  readonly borne: string;
  readonly fund: string;
  readonly actions: string;
}

export function overTime(result: Result): OverTime {
  const { scenario, steps } = result;
  const parts = squeeze(steps);
  const names = scenario.markets.map(({ name }) => name);
  const columns = (say: (part: Part, column: number) => string): Column[] =>
    parts.map((part, column) => {
      const [from, until] = [part[0]?.time ?? 0, part.at(-1)?.time ?? 0];
      const when = from === until ? dateAndClock(from) : `${dateAndClock(from)} to ${dateAndClock(until).slice(11)}`;
      return { from, until, says: `${when} UTC\n${say(part, column)}` };
    });
  const plot = (one: Omit<Plot, "isHalf">) =>
    figure({
      ...(steps.length === 1 ? widened(one) : one),
      isHalf: true,
      ...(steps.length === 0 ? { empty: "no minute has passed yet" } : {}),
    });
  const best = (pick: (step: Step) => bigint, better: (a: bigint, b: bigint) => bigint) => (part: Part) =>
    part.map(pick).reduce(better);
  const most = (pick: (step: Step) => number) => (part: Part) => Math.max(...part.map(pick));
  const all = (pick: (step: Step) => number) => (part: Part) => part.reduce((total, step) => total + pick(step), 0);
  const money = (of: (part: Part) => bigint) => parts.map((part) => toNumber(of(part)));
  const market = (i: number): Pick<Series, "name" | "colour" | "kind"> => ({
    name: names[i] ?? "",
    colour: i % MARKET_COLOURS,
    kind: i < MARKET_COLOURS ? "line" : "dashes",
  });

  const price = (i: number) => (step: Step) => step.prices[i] ?? 0n;
  const open = (i: number) => best((step) => step.openInterest[i] ?? 0n, max);
  const [before, after] = [best((step) => step.exposure, max), best((step) => step.exposureAfter, max)];
  const [liquidatable, inDefault] = [most((step) => step.liquidatable), most((step) => step.inDefault)];
  const fund = best((step) => step.fund, min);
  const [liquidations, deleveragings] = [all((step) => step.liquidations), all((step) => step.deleveragings)];
  const borne = cumulated(parts);

  return {
    prices: plot({
      title: "Prices",
      unit: "100 is the first minute, the range of each column shaded",
      fromZero: false,
      columns: columns((part) =>
        names
          .map((name, i) => {
            const [low, high] = [best(price(i), min)(part), best(price(i), max)(part)];
            return `${name} ${low === high ? priceText(low) : `${priceText(low)} to ${priceText(high)}`}`;
          })
          .join("\n"),
      ),
      series: names.map((name, i) => {
        const first = steps[0]?.prices[i] ?? 0n;
        const indexed = (of: (part: Part) => bigint) =>
          parts.map((part) => (first === 0n ? 0 : Number((of(part) * PPM) / first) / 10_000));
        return {
          ...market(i),
          name: `${name}, 100 = ${priceText(first)}`,
          values: indexed((part) => part.at(-1)?.prices[i] ?? 0n),
          range: { highs: indexed(best(price(i), max)), lows: indexed(best(price(i), min)) },
        };
      }),
    }),
    openInterest: plot({
      title: "Open interest",
      unit: "tokens, at mark",
      fromZero: true,
      columns: columns((part) => names.map((name, i) => `${name} ${figureOf(open(i)(part))}`).join("\n")),
      series: names.map((_, i) => ({ ...market(i), values: money(open(i)) })),
    }),
    exposure: plot({
      title: "Negative equity exposure",
      unit: "tokens, the sum of all deficits, the highest in each column",
      fromZero: true,
      columns: columns((part) => `before anybody acted ${figureOf(before(part))}\nafter ${figureOf(after(part))}`),
      series: [
        { name: "before anybody acted", colour: SHORTFALL, kind: "area", values: money(before) },
        { name: "after", colour: GREY, kind: "dashes", values: money(after) },
      ],
      ...(steps.every(({ exposure, exposureAfter }) => exposure === 0n && exposureAfter === 0n)
        ? { empty: "nobody was below zero at any minute" }
        : {}),
    }),
    accounts: plot({
      title: "Accounts below MM and in default",
      unit: "how many, before anybody acted, the most in each column",
      fromZero: true,
      columns: columns((part) => `below MM ${count(liquidatable(part))}\nin default ${count(inDefault(part))}`),
      series: [
        { name: "below MM, not below zero", colour: ORANGE, kind: "area", values: parts.map(liquidatable) },
        { name: "in default", colour: SHORTFALL, kind: "area", values: parts.map(inDefault) },
      ],
      ...(steps.every((step) => step.liquidatable === 0 && step.inDefault === 0)
        ? { empty: "nobody was below MM at any minute" }
        : {}),
    }),
    borne: plot({
      title: "Who has paid so far",
      unit: "tokens, from the first minute on",
      fromZero: true,
      columns: columns((_, column) => borneText(borne[column])),
      series: [
        { name: "insurance fund", colour: BLUE, kind: "area", values: borne.map(({ insured }) => toNumber(insured)) },
        { name: "haircut", colour: ORANGE, kind: "line", values: borne.map((so) => toNumber(so.haircuts)) },
        {
          name: "shortfall",
          colour: SHORTFALL,
          kind: "line",
          values: borne.map(({ shortfall }) => toNumber(shortfall)),
        },
      ],
      ...(steps.every(({ insured, haircuts, shortfall }) => insured + haircuts + shortfall === 0n)
        ? { empty: "there was nothing to pay for anybody but the traders themselves" }
        : {}),
    }),
    fund: plot({
      title: "Insurance fund",
      unit: "tokens that it has, the lowest in each column",
      fromZero: true,
      columns: columns((part) => `fund ${figureOf(fund(part))}`),
      series: [{ name: "insurance fund", colour: BLUE, kind: "area", values: money(fund) }],
    }),
    actions: plot({
      title: "Liquidations and deleveragings",
      unit: "how many in each column, deleveragings downwards",
      fromZero: true,
      isMirrored: true,
      columns: columns(
        (part) => `liquidations ${count(liquidations(part))}\ndeleveragings ${count(deleveragings(part))}`,
      ),
      series: [
        { name: "liquidations", colour: BLUE, kind: "bars", values: parts.map(liquidations) },
        { name: "deleveragings", colour: SHORTFALL, kind: "bars", values: parts.map((part) => -deleveragings(part)) },
      ],
      ...(steps.every((step) => step.liquidations === 0 && step.deleveragings === 0)
        ? { empty: "there was none at any minute" }
        : {}),
    }),
  };
}

/** Neighbouring minutes share a column where there are more minutes than columns. */
function squeeze(steps: readonly Step[]): Step[][] {
  const parts: Step[][] = Array.from({ length: Math.min(MOST_COLUMNS, steps.length) }, () => []);
  for (const [i, step] of steps.entries()) parts[Math.floor((i * parts.length) / steps.length)]?.push(step);
  return parts;
}

/** One minute, drawn as if it lasted: a line needs two points. */
function widened<One extends Pick<Plot, "columns" | "series">>(plot: One): One {
  const twice = <Item>(list: readonly Item[]) => [...list, ...list];
  return {
    ...plot,
    columns: twice(plot.columns),
    series: plot.series.map((one) => ({
      ...one,
      values: twice(one.values),
      ...(one.range === undefined ? {} : { range: { highs: twice(one.range.highs), lows: twice(one.range.lows) } }),
    })),
  };
}

interface Borne {
  readonly insured: bigint;
  readonly haircuts: bigint;
  readonly shortfall: bigint;
}

/** Up to the end of each column. */
function cumulated(parts: readonly Part[]): Borne[] {
  let [insured, haircuts, shortfall] = [0n, 0n, 0n];
  return parts.map((part) => {
    for (const step of part) {
      insured += step.insured;
      haircuts += step.haircuts;
      shortfall += step.shortfall;
    }
    return { insured, haircuts, shortfall };
  });
}

function borneText({ insured, haircuts, shortfall }: Borne = { insured: 0n, haircuts: 0n, shortfall: 0n }): string {
  return `insurance fund ${figureOf(insured)}\nhaircut ${figureOf(haircuts)}\nshortfall ${figureOf(shortfall)}`;
}

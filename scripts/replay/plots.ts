/** What is drawn of an event. */
import { figure, toNumber, type Column, type Plot } from "../page/plot.ts";
import { squeeze } from "../simulation/figures.ts";
import { formatFixed, max, min } from "../simulation/fixedPoint.ts";
import { dateAndClock } from "../simulation/path.ts";
import type { Result, Step } from "../simulation/run.ts";
import { percent, priceText } from "../simulation/wording.ts";

/** Steps beyond so many share columns. */
const MOST_COLUMNS = 300;
/** Of the palette: the first ones are the markets'. */
const RED = 8;
const GREY = 9;
const BLUE = 0;
const ORANGE = 1;

export function plots(result: Result): string {
  const { path, steps } = result;
  const parts = squeeze(steps, MOST_COLUMNS);
  const columns = (say: (part: readonly Step[]) => string): Column[] =>
    parts.map((part) => {
      const [from, until] = [part[0]?.time ?? 0, part.at(-1)?.time ?? 0];
      const when = from === until ? dateAndClock(from) : `${dateAndClock(from)} to ${dateAndClock(until).slice(11)}`;
      return { from, until, says: `${when} UTC\n${say(part)}` };
    });
  const over = (pick: (step: Step) => bigint, best: (a: bigint, b: bigint) => bigint) => (part: readonly Step[]) =>
    part.map(pick).reduce(best);
  const highest = (pick: (step: Step) => bigint) => over(pick, max);
  const lowest = (pick: (step: Step) => bigint) => over(pick, min);
  const total = (pick: (step: Step) => number) => (part: readonly Step[]) =>
    part.reduce((found, step) => found + pick(step), 0);
  const money = (values: (part: readonly Step[]) => bigint) => parts.map((part) => toNumber(values(part)));
  const asMoney = (value: bigint) => formatFixed(value, 0);
  const isNone = (list: readonly number[]) => list.every((value) => value === 0);

  const price = (market: number) => (step: Step) => step.prices[market] ?? 0n;
  const state = (market: number, of: "openInterest" | "openInterestLimit" | "initialMargin") => (step: Step) =>
    step.markets[market]?.[of] ?? 0n;
  const before = highest((step) => step.before.negative);
  const after = highest((step) => step.after.negative);
  const fund = lowest((step) => step.fund);
  const liquidations = total((step) => step.liquidations);
  const deleveragings = total((step) => step.deleveragings);

  const all: Plot[] = [
    {
      title: "Price",
      unit: "percent of the first, the range of each column shaded",
      fromZero: false,
      columns: columns((part) =>
        path.markets
          .map((name, i) => {
            const [low, high] = [lowest(price(i))(part), highest(price(i))(part)];
            return `${name} ${low === high ? priceText(low) : `${priceText(low)} to ${priceText(high)}`}`;
          })
          .join("\n"),
      ),
      series: path.markets.map((name, i) => {
        const first = path.steps[0]?.prices[i] ?? 1n;
        const relative = (values: (part: readonly Step[]) => bigint) =>
          parts.map((part) => Number((values(part) * 10n ** 6n) / first) / 10 ** 4);
        return {
          ...{ name: `${name}, 100 = ${priceText(first)}`, colour: i % RED, kind: "line" as const },
          values: relative((part) => part.at(-1)?.prices[i] ?? 0n),
          range: { highs: relative(highest(price(i))), lows: relative(lowest(price(i))) },
        };
      }),
    },
    {
      title: "Equity below zero",
      unit: "all accounts together, the highest in each column",
      fromZero: true,
      columns: columns(
        (part) => `when keepers arrived ${asMoney(before(part))}\nwhen they had acted ${asMoney(after(part))}`,
      ),
      series: [
        { name: "when keepers arrived", colour: RED, kind: "area", values: money(before) },
        { name: "when they had acted", colour: GREY, kind: "dashes", values: money(after) },
      ],
      ...(isNone(money(before)) ? { empty: "nobody's at any step" } : {}),
    },
    {
      title: "Liquidations and deleveragings",
      unit: "how many in each column, deleveragings downwards",
      fromZero: true,
      isMirrored: true,
      columns: columns((part) => `liquidations ${liquidations(part)}\ndeleveragings ${deleveragings(part)}`),
      series: [
        { name: "liquidations", colour: BLUE, kind: "bars", values: parts.map(liquidations) },
        { name: "deleveragings", colour: RED, kind: "bars", values: parts.map((part) => -deleveragings(part)) },
      ],
      ...(isNone([...parts.map(liquidations), ...parts.map(deleveragings)]) ? { empty: "none at any step" } : {}),
    },
    {
      title: "Insurance fund",
      unit: "what it has, the lowest in each column",
      fromZero: true,
      columns: columns((part) => `fund ${asMoney(fund(part))}`),
      series: [{ name: "insurance fund", colour: BLUE, kind: "area", values: money(fund) }],
    },
    ...path.markets.map((name, i): Plot => {
      const open = highest(state(i, "openInterest"));
      const limit = lowest(state(i, "openInterestLimit"));
      return {
        title: `Open interest of ${name}`,
        unit: "at mark, the highest in each column, and up to where it may grow, the lowest",
        fromZero: true,
        columns: columns((part) => `open ${asMoney(open(part))}\nlimit ${asMoney(limit(part))}`),
        series: [
          { name: "open interest", colour: BLUE, kind: "area", values: money(open) },
          { name: "limit", colour: ORANGE, kind: "line", values: money(limit) },
        ],
      };
    }),
    {
      title: "Initial margin",
      unit: "percent of notional, the highest in each column",
      fromZero: true,
      columns: columns((part) =>
        path.markets.map((name, i) => `${name} ${percent(highest(state(i, "initialMargin"))(part))}`).join("\n"),
      ),
      series: path.markets.map((name, i) => ({
        ...{ name, colour: i % RED, kind: "line" as const },
        values: parts.map((part) => Number(highest(state(i, "initialMargin"))(part)) / 10_000),
      })),
    },
  ];
  return all.map(figure).join("\n");
}

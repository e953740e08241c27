/** The same as one page. */
import { htmlDocument } from "../page/document.ts";
import { escape } from "../page/plot.ts";
import { tableHtml, type Table } from "../page/table.ts";
import { formatFixed } from "../simulation/fixedPoint.ts";
import { dateAndClock } from "../simulation/path.ts";
import { percent } from "../simulation/wording.ts";
import { assumptions } from "./assumptions.ts";
import { nameOf } from "./events.ts";
import { plots } from "./plots.ts";
import { factTable, limitTable, marginTable, priceTable, summaryTable, type Replay } from "./tables.ts";

export function page(replays: readonly Replay[]): string {
  const events = replays.map(({ event }, i) => `<li><a href="#event${i + 1}">${escape(nameOf(event))}</a></li>`);
  return htmlDocument(
    "Zerofloor: replays",
    `<h1>Zerofloor: replays with the limits on</h1>
<p>Recorded prices, walked through the clearing house on a chain of their own. Nothing here was traded.
Money is in tokens of the settlement currency, which count as dollars; times are UTC.</p>
<nav><ol>${events.join("")}</ol></nav>
<h2>All events</h2>
${tableHtml(summaryTable(replays))}
<p class="note">Limits on open interest are in percent of what they were at the opening, prices of the first one. Both are the lowest and the highest of any market.</p>
<h2>What is assumed</h2>
${assumptions(replays.map(({ result }) => result))
  .map((text) => `<p>${escape(text)}</p>`)
  .join("\n")}
${tableHtml(parameterTable(replays))}
${replays.map(section).join("\n")}`,
  );
}

function section({ event, result, seconds }: Replay, number: number): string {
  const { path, settings, insurance } = result;
  const [first, last] = [path.steps[0]?.time ?? 0, path.steps.at(-1)?.time ?? 0];
  const steps = (path.steps.length - 1).toLocaleString("en-US");
  return `<section id="event${number + 1}">
<h2>${escape(nameOf(event))}</h2>
<p>${dateAndClock(first)} to ${dateAndClock(last)} UTC, ${steps} steps, walked in ${seconds} s. Files: ${escape(path.title)}.
${settings.accounts} traders, seed ${settings.seed}; ${formatFixed(insurance, 0)} put into the insurance fund.</p>
${plots(result)}
${[factTable, priceTable, limitTable, marginTable].map((make) => tableHtml(make(result))).join("\n")}
</section>`;
}

/** Every market's once: all events have the same. */
function parameterTable(replays: readonly Replay[]): Table {
  const markets = new Map(
    replays.flatMap(({ result }) => result.markets.map((market) => [market.name, market] as const)),
  );
  return {
    head: ["parameters", "initial margin", "at the cap", "maintenance margin", "open interest cap", "gap"],
    rows: [...markets.values()].map((market) => [
      market.name,
      percent(market.initialMargin),
      percent(market.initialMarginAtCap),
      percent(market.maintenanceMargin),
      formatFixed(market.openInterestCap, 0),
      percent(market.gap, 2),
    ]),
  };
}

/** The same as one page that needs nothing else: no network, no script. */
import { formatFixed } from "../simulation/fixedPoint.ts";
import { dateAndClock } from "../simulation/path.ts";
import { percent } from "../simulation/wording.ts";
import { assumptions } from "./assumptions.ts";
import { escape } from "./plot.ts";
import { plots } from "./plots.ts";
import { STYLE } from "./style.ts";
import { factTable, limitTable, marginTable, priceTable, summaryTable, type Replay, type Table } from "./tables.ts";

export function page(replays: readonly Replay[]): string {
  const events = replays.map(({ name }, i) => `<li><a href="#event${i + 1}">${escape(name)}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Zerofloor: replays</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Zerofloor: replays with the limits on</h1>
<p>Recorded prices, walked through the clearing house on a chain of their own. Nothing here was traded.</p>
<nav><ol>${events.join("")}</ol></nav>
<h2>All events</h2>
${table(summaryTable(replays))}
<p class="note">Limits on open interest are in percent of what they were at the opening, prices of the first one. Both are the lowest and the highest of any market.</p>
<h2>What is assumed</h2>
${assumptions(replays.map(({ result }) => result))
  .map((text) => `<p>${escape(text)}</p>`)
  .join("\n")}
${table(parameterTable(replays))}
${replays.map(section).join("\n")}
</body>
</html>
`;
}

function section({ name, result, seconds }: Replay, number: number): string {
  const { path, settings, insurance } = result;
  const [first, last] = [path.steps[0]?.time ?? 0, path.steps.at(-1)?.time ?? 0];
  const steps = (path.steps.length - 1).toLocaleString("en-US");
  return `<section id="event${number + 1}">
<h2>${escape(name)}</h2>
<p>${dateAndClock(first)} to ${dateAndClock(last)} UTC, ${steps} steps, walked in ${seconds} s. Files: ${escape(path.title)}.
${settings.accounts} traders, seed ${settings.seed}; ${formatFixed(insurance, 0)} put into the insurance fund.</p>
${plots(result)}
${[factTable, priceTable, limitTable, marginTable].map((make) => table(make(result))).join("\n")}
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

function table({ head, rows }: Table): string {
  const isProse = head.length === 2 && head[1] === "";
  const cells = (tag: "th" | "td", row: readonly string[]) =>
    row.map((cell, i) => `<${i === 0 ? "th" : tag}>${escape(cell)}</${i === 0 ? "th" : tag}>`).join("");
  const top = isProse ? `<th colspan="2">${escape(head[0] ?? "")}</th>` : cells("th", head);
  return `<div class="wide"><table${isProse ? ' class="prose"' : ""}><thead><tr>${top}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells("td", row)}</tr>`)
    .join("")}</tbody></table></div>`;
}

/** A result as one page that needs nothing else: no network, no script. From the question to the detail. */
import { htmlDocument } from "../../page/document.ts";
import { escape } from "../../page/plot.ts";
import { tableHtml } from "../../page/table.ts";
import { dateAndClock } from "../../simulation/path.ts";
import type { PolicyTable, Result } from "../result.ts";
import { answer } from "./answer.ts";
import { assumedIn } from "./assumed.ts";
import { distributions } from "./distribution.ts";
import { haircuts } from "./haircuts.ts";
import { keyFigures } from "./keyFigures.ts";
import { latencies } from "./latency.ts";
import { overTime, type OverTime } from "./overTime.ts";
import { amount, capital, count, counted, partOf } from "./people.ts";
import { linesOf, RULES } from "./policies.ts";
import { marketTable, scenarioJson, scenarioTable } from "./scenarioText.ts";
import { STYLE } from "./style.ts";
import { tiersOf, waterfallChart } from "./waterfall.ts";

/** Where a reader can go, in this order. */
const SECTIONS: Readonly<Record<string, { title: string; body: (result: Result, drawn: OverTime) => string }>> = {
  waterfall: { title: "Who paid what", body: waterfallChart },
  figures: { title: "Key figures", body: figures },
  crash: { title: "The crash", body: (_, drawn) => pair(drawn.prices, drawn.openInterest) },
  defaults: { title: "Below zero, and for how long", body: defaults },
  equity: { title: "Equity before and after", body: equity },
  haircuts: { title: "Who paid the haircut", body: payers },
  rules: { title: "Would another rule have been kinder?", body: rules },
  assumed: { title: "What is measured and what is assumed", body: assumed },
  scenario: { title: "The scenario", body: scenario },
};

export function page(result: Result): string {
  const drawn = overTime(result);
  const links = Object.entries(SECTIONS).map(([id, { title }]) => `<li><a href="#${id}">${escape(title)}</a></li>`);
  const sections = Object.entries(SECTIONS).map(
    ([id, { title, body }]) => `<section id="${id}">\n<h2>${escape(title)}</h2>\n${body(result, drawn)}\n</section>`,
  );
  return htmlDocument(
    `Zerofloor stress test: ${result.scenario.title}`,
    `${STYLE}
${opening(result)}
<nav aria-label="sections"><ol>${links.join("")}</ol></nav>
${sections.join("\n")}`,
  );
}

function opening(result: Result): string {
  const { scenario: asked, steps, engine } = result;
  const { warnings, lead, points } = answer(result);
  const [first, last] = [steps[0]?.time, steps.at(-1)?.time];
  const when = first === undefined || last === undefined ? [] : [`${dateAndClock(first)} to ${dateAndClock(last)} UTC`];
  const facts = [
    `Zerofloor stress test`,
    asked.markets.map(({ name }) => name).join(", "),
    ...when,
    counted(result.accounts, "trader"),
    engine === "contracts" ? "run on the contracts" : "run on the model",
  ];
  return `<header>
<p class="eyebrow">${escape(facts.join(" · "))}</p>
<h1>${escape(asked.title)}</h1>
${asked.description === "" ? "" : `<p>${escape(asked.description)}</p>`}
${warnings.map((text) => `<p class="banner" role="alert">${escape(text)}</p>`).join("\n")}
<p class="lead">${escape(lead)}</p>
${tiles(result)}
<ul class="points">${points.map((text) => `<li>${escape(text)}</li>`).join("\n")}</ul>
<p class="note">Money is in tokens of the settlement currency, prices in tokens for a unit, times are UTC. MM is the maintenance margin; mark is the price that the house reckons with.</p>
</header>`;
}

function tiles(result: Result): string {
  const { waterfall, belowZero, accounts } = result;
  const needed = waterfall.deficit + waterfall.bounty;
  const borne = tiersOf(result).map(({ name, colour, borne: by }, i) => {
    const below =
      i === 0
        ? "of those liquidated or in default"
        : needed === 0n
          ? "nothing to pay"
          : `${partOf(by, needed)} of what they did not have`;
    return tile(name, amount(by), below, `var(--c${colour})`);
  });
  return `<div class="tiles">${borne.join("")}${tile("Below zero", count(belowZero), `of ${counted(accounts, "trader")} in the end`, "var(--ink)")}</div>`;
}

function tile(name: string, value: string, below: string, colour: string): string {
  return `<div class="tile" style="--c:${colour}"><span>${escape(name)}</span><b>${escape(value)}</b><span>${escape(below)}</span></div>`;
}

function figures(result: Result): string {
  return `<div class="facts">${keyFigures(result).map(tableHtml).join("\n")}</div>`;
}

function defaults(result: Result, drawn: OverTime): string {
  return `<p>An account is in default when its equity is below zero at a new price. It stays so until somebody deleverages it, in the same minute where keepers are awake.</p>
${pair(drawn.exposure, drawn.accounts, drawn.borne, drawn.fund, drawn.actions, latencies(result))}`;
}

function equity(result: Result): string {
  return `<p>All traders, by what they are worth at mark: after the opening, and in the end. Left of the dashed line is below zero.</p>
${pair(distributions(result))}`;
}

function payers(result: Result): string {
  const { payers: kept, payerCount } = result;
  if (payerCount === 0) return '<p class="none">Nobody: no haircut was charged.</p>';
  const dots =
    kept.length < payerCount ? ` Dots are the ${count(kept.length)} who paid most, medians are of all of them.` : "";
  return `<p>${counted(payerCount, "account")} of the opposing side. A haircut is pro rata to size: whoever holds twice as much of the market pays twice as much, so as a part of equity it grows with leverage. Profit, entry price and hedges elsewhere make no difference.${dots}</p>
${pair(haircuts(result))}`;
}

function rules({ policies }: Result): string {
  if (policies === undefined) return '<p class="none">Other rules were not compared in this run.</p>';
  if (policies.events === 0)
    return '<p class="none">There was nothing to compare: no deleveraging had to raise anything from the opposing side.</p>';
  const known = policies.rows.flatMap(({ policy }) => {
    const what = RULES[policy];
    return what === undefined ? [] : [`<li><b>${escape(policy)}</b>: ${escape(what)}</li>`];
  });
  return `<p>The same ${counted(policies.events, "deleveraging")}, each resolved by every rule from the same state. ★ is the best of a line, where they differ; the shaded column is the rule of this house.</p>
${rulesTable(policies)}
${losses(policies)}
${known.length === 0 ? "" : `<h3>The rules</h3>\n<ul class="points">${known.join("\n")}</ul>`}`;
}

function rulesTable(policies: PolicyTable): string {
  const head = policies.rows.map(({ policy, isOurs }) => `<th${isOurs ? ' class="ours"' : ""}>${escape(policy)}</th>`);
  const body = linesOf(policies).map(({ title, unit, lowerIsBetter, cells }) => {
    const better = `${unit === "" ? "" : `${unit}, `}${lowerIsBetter ? "less" : "more"} is better`;
    const row = cells.map(({ text, isBest, isOurs }) => {
      const names = [...(isOurs ? ["ours"] : []), ...(isBest ? ["best"] : [])].join(" ");
      return `<td${names === "" ? "" : ` class="${names}"`}>${escape(text)}</td>`;
    });
    return `<tr><th>${escape(title)} <small>${escape(better)}</small></th>${row.join("")}</tr>`;
  });
  return `<div class="wide" tabindex="0" role="region" aria-label="rules beside each other"><table class="rules"><thead><tr><th></th>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function losses({ losses: found }: PolicyTable): string {
  const title = "<h3>Where the rule of this house loses</h3>";
  if (found.length === 0) return `${title}\n<p>In none of these lines is another rule better.</p>`;
  return `${title}
<p>Another rule is better in:</p>
<ul class="points">${found.map((text) => `<li>${escape(capital(text))}</li>`).join("\n")}</ul>`;
}

function assumed(result: Result): string {
  const list = (texts: readonly string[]) =>
    `<ul class="points">${texts.map((text) => `<li>${escape(text)}</li>`).join("\n")}</ul>`;
  const { measured, assumed: taken } = assumedIn(result);
  return `<h3>Measured</h3>\n${list(measured)}\n<h3>Assumed</h3>\n${list(taken)}`;
}

function scenario({ scenario: asked, file }: Result): string {
  return `<p>Read from ${escape(file)}. The same file and seed give the same run.</p>
${tableHtml(scenarioTable(asked))}
${tableHtml(marketTable(asked))}
<details><summary>As JSON, to run it again</summary>
<pre>${escape(scenarioJson(asked))}</pre></details>`;
}

function pair(...drawn: readonly string[]): string {
  return `<div class="pair">${drawn.join("\n")}</div>`;
}

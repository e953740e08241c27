/** A calibration as one page that needs nothing else: no network, no script. */
import { htmlDocument } from "../page/document.ts";
import { escape } from "../page/plot.ts";
import { tableHtml } from "../page/table.ts";
import type { Calibration } from "./calibration.ts";
import { curves } from "./curves.ts";
import { assumptions, reasoning } from "./reasoning.ts";
import {
  crashTable,
  frontierTable,
  judgedTable,
  levelTable,
  levelText,
  proposalTable,
  sensitivityTable,
} from "./tables.ts";

/** What this page adds to the style of all of them. */
const STYLE = `<style>.key.dots::before { width: .6em; height: .6em; border-radius: 50%; vertical-align: -.02em; }
.named thead th { text-align: left; }</style>`;

export function page(calibration: Calibration): string {
  const { options, files, judged } = calibration;
  const names = files.map((file) => file.replace(/^.*[/\\]/, "")).join(", ");
  return htmlDocument(
    `Zerofloor: calibration of ${options.market}`,
    `${STYLE}
<h1>Calibration of ${escape(options.market)}</h1>
<p>Maintenance margin, insurance fund and open interest that keep the probability of a haircut below a level, from recorded crashes.
The level: at most ${escape(levelText(calibration))}. Latency ${options.latencySeconds / 60} min; population ${escape(options.population)}; seed ${options.seed}.</p>
<p class="note">${escape(names)}</p>
${tableHtml(crashTable(calibration))}
<p class="note">Larger next time: the probability that the next crash moves the price further.${judged.length === 0 ? "" : " Deficits are per open interest, of the population and at worst, with the parameters that are judged first."}</p>
<h2>The answer</h2>
<div class="named">${judged.map((one) => tableHtml(judgedTable(calibration, one))).join("\n")}
${judged.length === 0 ? `<p>No parameter file has a market ${escape(options.market)}.</p>` : ""}
${tableHtml(proposalTable(calibration))}</div>
${paragraphs(reasoning(calibration))}
<h2>Curves</h2>
${curves(calibration)}
<h2>What goes with what, at the level</h2>
${tableHtml(frontierTable(calibration))}
${calibration.proposed.value === undefined ? "" : `<p class="note">* proposed: the gap is half of the maintenance margin.</p>`}
<h2>What a better promise costs</h2>
${tableHtml(levelTable(calibration))}
<p class="note">* the level that was asked for. Half of the maintenance margin is the gap.</p>
<h2>What the answer hangs on</h2>
${tableHtml(sensitivityTable(calibration))}
<h2>What is assumed</h2>
<ul>
${assumptions(calibration)
  .map((text) => `<li>${escape(text)}</li>`)
  .join("\n")}
</ul>`,
  );
}

function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `<p>${escape(text)}</p>`).join("\n");
}

/** What was found, as one page. */
import { htmlDocument } from "../../scripts/page/document.ts";
import { escape, figure, type Plot } from "../../scripts/page/plot.ts";
import { tableHtml } from "../../scripts/page/table.ts";
import { PARTS } from "../parts.ts";
import { besideCommitted, besidePeers, type Bars } from "./bars.ts";
import { isSpreadWide } from "./chart.ts";
import { families, type Family } from "./curves.ts";
import type { Found, Run } from "./run.ts";
import { curveTable, figureTable, gasTable } from "./tables.ts";
import { advice, dearer, number } from "./wording.ts";

export function page({ found, peers }: Run): string {
  const links = found.map(({ part }) => `<li><a href="#${part}">${escape(PARTS[part].title)}</a></li>`);
  return htmlDocument(
    "Zerofloor: benchmark",
    `<h1>Zerofloor: benchmark</h1>
<p>What operations cost, what grows with what, and how fast the programs around the contracts are, beside other protocols and
beside the committed figures.</p>
<nav><ol>${links.join("")}</ol></nav>
${found.map((one) => section(one, peers)).join("\n")}`,
  );
}

function section(found: Found, peers: Run["peers"]): string {
  const { part, outcome, seconds } = found;
  const said = advice(outcome.comparisons, outcome.missing);
  return `<section id="${part}">
<h2>${escape(PARTS[part].title)}</h2>
<p>${escape(PARTS[part].about)} <span class="note">Measured in ${number(seconds)} s.</span></p>
${said.map((line) => `<p class="said">${escape(line)}</p>`).join("\n")}
${outcome.comparisons.length === 0 ? '<p class="none">nothing measured</p>' : bodies[part](found, peers)}
</section>`;
}

const bodies: Record<Found["part"], (found: Found, peers: Run["peers"]) => string> = {
  gas: gasBody,
  scaling: scalingBody,
  sdk: machineBody,
  keeper: machineBody,
};

function gasBody({ outcome: { comparisons } }: Found, peers: Run["peers"]): string {
  const worse = dearer(
    comparisons.map(({ figure: one }) => one),
    peers,
  );
  return `${
    worse.length === 0
      ? ""
      : `<p>Dearer than the best peer:</p><ul>${worse.map((line) => `<li>${escape(line)}</li>`).join("")}</ul>`
  }
<h3>Beside peers</h3>
<p class="note">Peers: ${escape(Object.values(peers.sources).join("; "))}.</p>
<div class="pair">${besidePeers(comparisons, peers).map(barsHtml).join("\n")}</div>
<h3>All figures</h3>
${tableHtml(gasTable(comparisons, peers))}`;
}

function scalingBody({ outcome: { comparisons } }: Found): string {
  const all = families(comparisons.map(({ figure: one }) => one));
  const others = comparisons.filter(({ figure: one }) => one.curve === undefined);
  return `<div class="pair">${all.map((family) => figure(plotOf(family))).join("\n")}</div>
${all.map((family) => tableHtml(curveTable(family, comparisons))).join("\n")}
${tableHtml(figureTable("storage", others))}`;
}

function machineBody({ outcome: { comparisons } }: Found): string {
  return `<div class="pair">${besideCommitted(comparisons).map(barsHtml).join("\n")}</div>
${tableHtml(figureTable("figure", comparisons))}`;
}

function plotOf({ over, unit, curves }: Family): Plot {
  const points = curves[0]?.points ?? [];
  return {
    title: curves.map(({ of }) => of).join(", "),
    unit: unit === "slots" ? "slots of 32 bytes" : unit,
    columns: points.map(({ at }, i) => ({
      ...{ from: at, until: at },
      says: [
        `${number(at)} ${over}`,
        ...curves.map(({ of, points: own }) => `${of} ${number(own[i]?.value ?? 0)}`),
      ].join("\n"),
    })),
    axis: { name: over, isLinear: !isSpreadWide(points.map(({ at }) => at)) },
    isHalf: true,
    series: curves.map(({ of, points: own }, colour) => ({
      ...{ name: of, colour, kind: "line" as const },
      values: own.map(({ value }) => value),
    })),
    fromZero: true,
    ...(curves.every((curve) => curve.points.every(({ value }) => value === 0))
      ? { empty: `0 at each of ${points.map(({ at }) => number(at)).join(", ")} ${over}` }
      : {}),
  };
}

/** HTML and not SVG: words must stay readable where the page is narrow. */
function barsHtml({ title, unit, note, bars }: Bars): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const rows = bars.map(
    ({ label, value, isOurs }) =>
      `<div class="bar${isOurs ? " ours" : ""}"><span>${escape(label)}</span><b>${number(value)}</b>` +
      `<i style="width:${((value / most) * 100).toFixed(2)}%"></i></div>`,
  );
  const about = note === undefined ? "" : `<p class="note">${escape(note)}</p>`;
  return `<figure class="half"><figcaption><b>${escape(title)}</b> <span class="unit">${escape(unit)}</span></figcaption>${rows.join("")}${about}</figure>`;
}

/** The tables and the page of a benchmark, made of figures that were not measured. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { compare } from "../../../bench/committed.ts";
import { gas, onThisMachine, slots, type Figure } from "../../../bench/figure.ts";
import type { PartName } from "../../../bench/parts.ts";
import { readPeers } from "../../../bench/peers.ts";
import { asJson } from "../../../bench/report/json.ts";
import { page } from "../../../bench/report/page.ts";
import type { Found, Run } from "../../../bench/report/run.ts";
import { partText } from "../../../bench/report/text.ts";
import { findBrowser, launch } from "../../utils/browser.ts";

const peers = readPeers();

/** As committed, but for what `now` says of some of them. */
function found(part: PartName, figures: readonly Figure[], now: Readonly<Record<string, number>> = {}): Found {
  const before = Object.fromEntries(figures.map(({ name, value, tolerance }) => [name, { value, tolerance }]));
  const measured = figures.map((figure) => ({ ...figure, value: now[figure.name] ?? figure.value }));
  return { part, outcome: compare(measured, before), seconds: 1 };
}

const OURS = peers.operations.flatMap(({ ours }) => ours);
const points = (of: string, over: string, ats: readonly number[], value: (at: number) => number) =>
  ats.map((at) => gas(`${of} ${at}`, BigInt(value(at)), { of, over, at }));
const MARKETS = [1, 2, 4, 8, 16];
const OPPOSING = [1, 10, 100, 1_000, 10_000];

const run: Run = {
  peers,
  found: [
    found(
      "gas",
      OURS.map((name, i) => gas(name, 100_000n + BigInt(i))),
      { "deposit again": 120_000 },
    ),
    found(
      "scaling",
      [
        ...points("settle", "markets", MARKETS, (at) => 40_000 + 60_000 * at),
        ...points("liquidate", "markets", MARKETS, (at) => 60_000 + 60_000 * at),
        ...points("deleverage", "opposing accounts", OPPOSING, () => 165_098),
        ...OPPOSING.map((at) => slots(`slots ${at}`, 0, { of: "new storage", over: "opposing accounts", at })),
        slots("per <market> & house", 8),
      ],
      { "settle 16": 2_000_000 },
    ),
    found("sdk", [onThisMachine("evaluations", 600_000, "a second", "higher")]),
    found("keeper", []),
  ],
};
const part = (name: PartName) => {
  const one = run.found.find((each) => each.part === name);
  if (one === undefined) throw new Error("no such part");
  return partText(one, peers);
};

describe("the report of a benchmark", () => {
  it("says beside each figure what the best peer needs, and where ours is dearer", () => {
    const text = part("gas");
    expect(text).to.match(/deposit again +120,000 +61,667 +JOJO +\+94\.6 % +worse, was 100,000/);
    expect(text).to.match(/both sides open, lanes used before +100,\d+ +167,983 +dYdX v1, one signature +−40\.\d %/);
    expect(text).to.include("Dearer than the best peer:\n    deposit again: +94.6 % against JOJO");
    expect(text).to.include("WORSE than committed by more than the tolerance: deposit again");
    for (const { gas: figure } of peers.operations.flatMap((operation) => operation.peers))
      expect(text).to.include(figure.toLocaleString("en-US"));
  });

  it("shows curves with what each further one costs, or how flat they are", () => {
    const text = part("scaling");
    expect(text).to.match(/liquidate +120,000 +180,000 +300,000 +540,000 +1,020,000 +60,000 +same/);
    expect(text).to.match(/settle +100,000 .* 2,000,000 +126,667 +worse at 16/);
    expect(text).to.match(/deleverage +165,098( +165,098){4} +0 +same/);
    expect(text).to.match(/1 +10 +100 +1,000 +10,000\n +opposing accounts/);
    expect(text).to.include("from above: ── settle, ── liquidate");
  });

  it("shows what depends on the machine with its tolerance", () => {
    expect(part("sdk")).to.match(/evaluations +600,000 +a second +higher +300 % +same/);
    expect(part("keeper")).to.include("nothing measured");
  });

  it("says the same to programs", () => {
    const json = JSON.parse(asJson(run)) as Record<string, { fails: boolean; figures: object[] }>;
    expect(json["gas"]?.fails).to.be.true;
    expect(json["gas"]?.figures[0]).to.deep.include({ name: "deposit again", value: 120_000, committed: 100_000 });
    expect(json["sdk"]).to.deep.include({ fails: false, missing: [] });
  });

  it("writes a page that needs nothing else", () => {
    const html = page(run);
    expect(html).to.match(/^<!doctype html>/);
    expect(html).to.not.match(/\/\/|<script|<link|<img|@import|url\(|NaN|undefined|Infinity/);
    expect(html).to.include("per &#60;market&#62; &#38; house");
  });
});

describe("the page of a benchmark in a browser", () => {
  const browser = findBrowser();
  if (browser === undefined) {
    console.log("  skipped, and not counted: the page in a browser, because none is installed");
    return;
  }
  /** What is wider than the page, which figures have no height, and what is drawn outside of its drawing. */
  const LAYOUT = `(() => {
    const visible = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
    const outside = [...document.querySelectorAll("svg text, svg circle")].filter((one) => {
      const [box, all] = [one.getBoundingClientRect(), one.ownerSVGElement.getBoundingClientRect()];
      return box.left < all.left - 1 || box.right > all.right + 1 || box.top < all.top - 1 || box.bottom > all.bottom + 1;
    });
    return {
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      figures: document.querySelectorAll("figure").length,
      invisible: [...document.querySelectorAll("figure, svg, .bar, .bar i, h2, table")].filter((one) => !visible(one)).length,
      lines: [...document.querySelectorAll("polyline")].map((one) => one.getTotalLength() > 50),
      outside: outside.map((one) => one.textContent),
      smallest: Math.min(...[...document.querySelectorAll("svg text")].map((one) => one.getBoundingClientRect().height)),
    };
  })()`;

  const look = async (width: number): Promise<unknown> => {
    const folder = mkdtempSync(join(tmpdir(), "zerofloor-page-"));
    const file = join(folder, "page.html");
    writeFileSync(file, page(run));
    const running = await launch(browser);
    try {
      return await (await running.open(file, width)).evaluate(LAYOUT);
    } finally {
      await running.close();
      rmSync(folder, { recursive: true });
    }
  };

  for (const width of [1_200, 500]) {
    it(`is laid out in ${width} pixels: nothing too wide, everything drawn, letters that can be read`, async () => {
      const { smallest, ...layout } = (await look(width)) as { smallest: number };
      expect(layout).to.deep.equal({
        overflow: 0,
        figures: peers.operations.length + 3 + 1,
        invisible: 0,
        lines: [true, true, true],
        outside: [],
      });
      expect(smallest).to.be.at.least(10);
    }).timeout(120_000);
  }
});

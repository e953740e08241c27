/** The report of a stress run: its files agree with each other, and a browser shows the page as it is meant. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { InputError } from "../../../scripts/commandLine.ts";
import { formatFixed, parseFixed, sum } from "../../../scripts/simulation/fixedPoint.ts";
import { payersCsv, policiesCsv, stepsCsv } from "../../../scripts/stress/report/csv.ts";
import { FORMAT, toJson } from "../../../scripts/stress/report/json.ts";
import { page } from "../../../scripts/stress/report/page.ts";
import { amount, figureOf, percentage } from "../../../scripts/stress/report/people.ts";
import { linesOf, standing } from "../../../scripts/stress/report/policies.ts";
import { summary } from "../../../scripts/stress/report/text.ts";
import { writeReport } from "../../../scripts/stress/report/write.ts";
import type { PolicyTable, Result } from "../../../scripts/stress/result.ts";
import { Scenario } from "../../../scripts/stress/scenario.ts";
import { temporaryFolder } from "../../utils/commands.ts";
import { type Browser, findBrowser, launch, type Page } from "../../utils/browser.ts";
import { exampleResult, quietResult } from "./exampleResult.ts";

const { folder, remove } = temporaryFolder();
const FULL = exampleResult();
const QUIET = quietResult();
const NAMES = ["payers.csv", "policies.csv", "report.html", "result.json", "steps.csv"];
const SECTIONS = ["waterfall", "figures", "crash", "defaults", "equity", "haircuts", "rules", "assumed", "scenario"];

after(remove);

describe("a stress report as JSON", () => {
  const parsed = (result: Result) => JSON.parse(toJson(result)) as Record<string, unknown>;

  it("has every figure as it was", () => {
    const json = parsed(FULL);
    expect(json["format"]).to.equal(FORMAT);
    expect(Object.keys(json)).to.include.members(Object.keys(FULL));
    expect(asBefore(json["waterfall"] as object)).to.deep.equal(FULL.waterfall);
    expect((json["steps"] as object[]).map(asBefore)).to.deep.equal(FULL.steps);
    expect((json["payers"] as object[]).map(asBefore)).to.deep.equal(FULL.payers);
    for (const key of ["before", "after", "latency", "haircutByLeverage", "haircutByNotional", "failed"] as const)
      expect(json[key], key).to.deep.equal(FULL[key]);
    expect((json["check"] as Record<string, unknown>)["gas"]).to.equal(FULL.check?.gas.toString());
  });

  it("has the scenario such that it can be run again", () => {
    expect(Scenario.parse(parsed(FULL)["scenario"])).to.deep.equal(FULL.scenario);
  });

  it("does not depend on the order of keys in the result", () => {
    const turned = Object.fromEntries(Object.entries(FULL).reverse()) as unknown as Result;
    expect(toJson(turned)).to.equal(toJson(FULL));
  });

  it("says null where there is nothing", () => {
    const json = parsed(QUIET);
    expect([json["policies"], json["check"]]).to.deep.equal([null, null]);
    expect(toJson(FULL)).to.include("null");
  });
});

describe("a stress report as CSV", () => {
  it("has a row for each minute, with columns for each market, and the sums of the waterfall", () => {
    const { head, rows } = table(stepsCsv(FULL));
    expect(rows).to.have.length(FULL.steps.length);
    expect(head).to.include.members(["time", "utc", "price_BTC", "open_interest_SOL", "exposure_after", "fund"]);
    const column = (name: string) => rows.map((row) => parseFixed(row[head.indexOf(name)] ?? "") ?? 0n);
    for (const name of ["deficit", "bounty", "insured", "haircuts", "shortfall"] as const)
      expect(sum(column(name)), name).to.equal(FULL.waterfall[name]);
    expect(column("price_ETH")).to.deep.equal(FULL.steps.map(({ prices }) => prices[1]));
    expect(rows[0]?.[1]).to.equal("2025-10-10T14:00:00Z");
  });

  it("has a row for each payer", () => {
    const { head, rows } = table(payersCsv(FULL));
    expect(rows).to.have.length(FULL.payers.length);
    const haircuts = rows.map((row) => parseFixed(row[head.indexOf("haircut")] ?? "") ?? 0n);
    expect(haircuts).to.deep.equal(FULL.payers.map(({ haircut }) => haircut));
  });

  it("has a row for each policy, and nothing where a value is unknown", () => {
    const { head, rows } = table(policiesCsv(FULL));
    expect(head.slice(0, 3)).to.deep.equal(["policy", "is_ours", "undershoot"]);
    expect(rows.map(([policy]) => policy)).to.deep.equal(FULL.policies?.rows.map(({ policy }) => policy));
    expect(rows[4]?.[head.indexOf("forgone5")]).to.equal("");
    expect(table(policiesCsv(QUIET))).to.deep.equal({ head: ["policy", "is_ours"], rows: [] });
  });

  it("quotes what must be quoted, and ends lines as RFC 4180 has it", () => {
    const policies: PolicyTable = {
      columns: [],
      rows: [{ policy: 'all, "or"\nnothing', isOurs: true, values: [] }],
      traders: 1,
      events: 1,
      losses: [],
    };
    expect(policiesCsv({ ...FULL, policies })).to.equal('policy,is_ours\r\n"all, ""or""\nnothing",true\r\n');
  });
});

describe("a stress report in a terminal", () => {
  for (const [name, result] of [
    ["full", FULL],
    ["quiet", QUIET],
  ] as const)
    it(`fits into 100 columns: ${name}`, () => {
      const text = plain(summary(result));
      expect(Math.max(...text.split("\n").map((line) => line.length))).to.be.at.most(100);
      expect(text).to.not.match(/…(?! (lowest|in the end|after|accounts))|NaN|undefined|Infinity/);
    });

  it("shows the waterfall, and where ours loses", () => {
    const text = plain(summary(FULL));
    expect(text).to.match(new RegExp(`Haircut +${formatFixed(FULL.waterfall.haircuts, 0)}`));
    expect(text).to.match(/accounts touched +11,204 +\*93 /);
    for (const loss of FULL.policies?.losses ?? []) expect(text.replace(/\s+/g, " ")).to.include(loss);
  });

  it("says first that a run was broken off", () => {
    expect(plain(summary(QUIET)).split("\n")[2]).to.match(/^ {2}This run was broken off after 1 of 2 minutes/);
  });
});

describe("rules beside each other", () => {
  const of = (lowerIsBetter: boolean, ...values: (number | undefined)[]): PolicyTable => ({
    columns: [{ key: "k", title: "t", unit: "money", lowerIsBetter }],
    rows: values.map((value, i) => ({ policy: `${i}`, isOurs: i === 0, values: [value] })),
    ...{ traders: 1, events: 1, losses: [] },
  });
  const best = (table: PolicyTable) => linesOf(table)[0]?.cells.map(({ isBest }) => isBest);

  it("marks the best, in both directions, and nobody where all are alike", () => {
    expect(best(of(true, 1, 2, undefined))).to.deep.equal([true, false, false]);
    expect(best(of(false, 1, 2, 2))).to.deep.equal([false, true, true]);
    expect(best(of(true, 2, 2, undefined))).to.deep.equal([false, false, false]);
  });

  it("counts how ours stands", () => {
    expect(standing(of(true, 1, 2))).to.deep.equal({ criteria: 1, best: 1, level: 0, behind: 0 });
    expect(standing(of(false, 1, 2))).to.deep.equal({ criteria: 1, best: 0, level: 0, behind: 1 });
    // Half of a cent of 10,000 cannot be told apart by a reader.
    expect(standing(of(true, 10_000.004, 10_000))).to.deep.equal({ criteria: 1, best: 0, level: 1, behind: 0 });
    expect(standing(of(true, undefined, 2))).to.deep.equal({ criteria: 0, best: 0, level: 0, behind: 0 });
  });
});

describe("numbers as people read them", () => {
  it("are short, and never look like nothing where there is something", () => {
    const money = (text: string) => parseFixed(text) ?? 0n;
    const texts = ["0", "0.001", "12.5", "999999", "12345678", "-1234000000"].map((text) => amount(money(text)));
    expect(texts).to.deep.equal(["0", "less than 0.01", "12.50", "999,999", "12.3 million", "−1.23 billion"].map(held));
    expect(["1234.5", "0.001", "0"].map((text) => figureOf(money(text)))).to.deep.equal(["1,235", "< 0.01", "0"]);
    const parts = [0, 1, 4_000, 999_999, 1_000_000, -138_700].map(percentage);
    expect(parts).to.deep.equal(["0 %", "< 0.01 %", "0.4 %", "99.9 %", "100 %", "−13.9 %"].map(held));
  });
});

describe("a stress report as files", () => {
  it("writes all of them into a folder that it makes, and over what was there", () => {
    const target = join(folder, "new", "run");
    writeReport(QUIET, target);
    const paths = writeReport(FULL, target);
    expect(readdirSync(target).sort()).to.deep.equal(NAMES);
    expect(paths[0]).to.equal(join(target, "report.html"));
    expect(readFileSync(join(target, "result.json"), "utf8")).to.equal(toJson(FULL));
  });

  it("leaves what was there, and nothing else, where a file cannot be made", () => {
    const target = join(folder, "kept");
    writeReport(FULL, target);
    const broken = { ...FULL, steps: [{ ...FULL.steps[0], prices: undefined }] } as unknown as Result;
    expect(() => writeReport(broken, target)).to.throw();
    expect(readdirSync(target).sort()).to.deep.equal(NAMES);
    expect(readFileSync(join(target, "result.json"), "utf8")).to.equal(toJson(FULL));
  });

  it("says in a line where it cannot write", () => {
    const target = join(folder, "file");
    writeFileSync(target, "");
    expect(() => writeReport(QUIET, target)).to.throw(InputError, "file: the report cannot be written there");
    const taken = join(folder, "taken");
    mkdirSync(join(taken, "steps.csv"), { recursive: true });
    expect(() => writeReport(QUIET, taken)).to.throw(InputError);
    expect(readdirSync(taken).filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
  });
});

describe("a stress report as a page", () => {
  const HOSTILE = '<script>document.title = "taken"</script><img src=x onerror="document.title = 1"> & "quotes"';

  it("needs nothing else", () => {
    for (const html of [page(FULL), page(QUIET)]) {
      expect(html).to.match(/^<!doctype html>/);
      expect(html).to.not.match(/https?:|<script|<link|<img|@import|url\(|NaN|undefined|Infinity/);
    }
  });

  it("says what was paid, by whom, and that a run was broken off", () => {
    const html = page(FULL);
    const { insured, haircuts, shortfall } = FULL.waterfall;
    for (const money of [insured, haircuts, shortfall]) expect(html).to.include(`<b>${figureOf(money)}<small>`);
    expect(html).to.not.include('role="alert"');
    expect(page(QUIET)).to.match(/role="alert">This run was broken off after 1 of 2 minutes/);
    expect(page({ ...FULL, belowZero: 2 })).to.match(/role="alert">2 traders ended below zero/);
    for (const loss of FULL.policies?.losses ?? []) expect(html.toLowerCase()).to.include(loss.toLowerCase());
  });

  it("renders before the first minute, too", () => {
    expect(page({ ...QUIET, steps: [] })).to.not.match(/NaN|undefined|Infinity/);
    expect(plain(summary({ ...QUIET, steps: [] }))).to.not.match(/NaN|undefined|Infinity/);
  });

  const executable = findBrowser();
  if (executable !== undefined)
    describe("in a browser", () => {
      let browser: Browser;
      before(async () => {
        browser = await launch(executable);
      });
      after(() => browser.close());

      const open = (name: string, result: Result, width: number) =>
        browser.open(writeReport(result, join(folder, name))[0] ?? "", width);
      const numbers = async (shown: Page, expression: string) =>
        JSON.parse((await shown.evaluate(`JSON.stringify(${expression})`)) as string) as number[];
      /** Widths and heights of all drawings. */
      const SIZES = '[...document.querySelectorAll("svg")].flatMap((one) => [one.clientWidth, one.clientHeight])';

      for (const [name, result, plots] of [
        ["full", FULL, 12],
        ["quiet", QUIET, 4],
      ] as const)
        for (const width of [1_200, 390])
          it(`shows every section at ${width} pixels, with nothing that stands out: ${name}`, async () => {
            const shown = await open(name, result, width);
            expect(shown.complaints).to.deep.equal([]);
            expect(shown.requests).to.have.length(1);
            expect(shown.requests[0]).to.match(/^file:.*report\.html$/);
            expect(await shown.evaluate("document.documentElement.scrollWidth")).to.equal(width);
            const ids = 'JSON.stringify([...document.querySelectorAll("section")].map(({ id }) => id))';
            expect(JSON.parse((await shown.evaluate(ids)) as string)).to.deep.equal(SECTIONS);
            const sizes = await numbers(shown, SIZES);
            expect(sizes.length).to.equal(2 * plots);
            expect(Math.min(...sizes)).to.be.at.least(100);
            const heights = '[...document.querySelectorAll("section")].map((one) => one.offsetHeight)';
            expect(Math.min(...(await numbers(shown, heights)))).to.be.at.least(80);
          });

      it("is as light or as dark as its reader has it", async () => {
        const shown = await open("full", FULL, 1_200);
        const paper = () => shown.evaluate("getComputedStyle(document.body).backgroundColor");
        const light = await paper();
        await shown.setDark(true);
        expect(await paper()).to.not.equal(light);
      });

      it("shows a hostile title as text", async () => {
        const title = HOSTILE;
        const scenario = { ...FULL.scenario, title, description: HOSTILE };
        const shown = await open("hostile", { ...FULL, scenario, file: HOSTILE }, 1_200);
        expect(await shown.evaluate('document.querySelector("h1").textContent')).to.equal(HOSTILE);
        expect(await shown.evaluate("document.title")).to.equal(`Zerofloor stress test: ${HOSTILE}`);
        expect(await shown.evaluate('document.querySelectorAll("script, img").length')).to.equal(0);
        expect(shown.complaints).to.deep.equal([]);
        expect(shown.requests).to.have.length(1);
      });
    });
});

const COUNTED = new Set(["time", "liquidatable", "inDefault", "liquidations", "deleveragings", "reactions"]);

/** Decimals in quotes become money again; anything else stays. */
function asBefore(found: object): Record<string, unknown> {
  const back = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(back);
    return typeof value === "string" ? parseFixed(value) : value;
  };
  return Object.fromEntries(
    Object.entries(found).map(([key, value]: [string, unknown]) => [key, COUNTED.has(key) ? value : back(value)]),
  );
}

/** Of a CSV without quotes. */
function table(csv: string): { head: string[]; rows: string[][] } {
  expect(csv).to.match(/\r\n$/);
  const [head = [], ...rows] = csv
    .slice(0, -2)
    .split("\r\n")
    .map((line) => line.split(","));
  for (const row of rows) expect(row).to.have.length(head.length);
  return { head, rows };
}

/** Without colours. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- the escape that begins a colour
  return text.replace(/\u001b\[\d+m/g, "");
}

/** With the space that does not break before a unit. */
function held(text: string): string {
  return text.replace(/ (?=%|million|billion)|(?<=<) /g, "\u00a0");
}

/** What is drawn of a calibration. */
import type { Calibration } from "./calibration.ts";
import { chart, type Chart, type Curve } from "./curve.ts";
import { gapOf, GRID, judgeOf, type Estimate } from "./judge.ts";
import { parseCrowd, type Crowd } from "./population.ts";
import { interval, move, percent } from "./wording.ts";

const BLUE = 0;
const ORANGE = 1;
const GREEN = 2;
/** Of the palette, for one fund after the other. */
const COLOURS = [3, 1, 2, 7, 5, 6];
/** What the fund holds, of open interest. */
const FUNDS = [0.005, 0.02, 0.05, 0.1, 0.2];
/** Two that are nearer than so much of each other are one. */
const NEAR = 0.1;
const LOWEST = 0.005;
/** Places along the maintenance margin, from half a percent to the governor's bound, as many for each doubling. */
const PER_DOUBLING = 5;
const MAINTENANCES = steps(0.005, 0.5);

export function curves(calibration: Calibration): string {
  return [severityChart, fundChart, crowdChart, frontierChart].map((of) => chart(of(calibration))).join("\n");
}

/** How large the next crash is. */
function severityChart(calibration: Calibration): Chart {
  const { crashes, judge, level } = calibration;
  const end = Math.expm1(Math.max(calibration.move, 1.5 * Math.max(...crashes.map(({ severity }) => severity))));
  const [left, right] = [0.01, Math.min(5, Math.max(0.2, end * 1.2))];
  const { severities, exceedances } = judge.distribution;
  const recorded = severities.map(Math.expm1).filter((x) => x > left && x < right);
  const places = [...steps(left, right), ...recorded].sort((a, b) => a - b);
  const estimates = places.map((x) => judge.exceedance(Math.log1p(x)));
  return {
    title: "How far the price goes in the next crash",
    unit: "probability that its largest move within the latency is larger",
    below: "largest move, as a rise; a fall to 1 / (1 + rise) counts as much",
    x: [left, right],
    y: [LOWEST, 1],
    level: { y: level, says: `level: ${percent(level)} in one crash` },
    places: [{ x: Math.expm1(calibration.move), says: `${move(calibration.move)} or ${move(-calibration.move)}` }],
    curves: [
      curve("by rank, then the tail, with 90 % of what is drawn", BLUE, places, estimates),
      {
        ...{ name: "recorded crashes", colour: ORANGE, kind: "dots" },
        points: severities.map((severity, i) => ({ x: Math.expm1(severity), y: exceedances[i] ?? 0 })),
      },
    ],
    hints: hintsAt(places, (i, x) => `more than +${percent(x)}: ${said(estimates[i])}`),
  };
}

/** Probability against maintenance margin, one line for each fund. */
function fundChart(calibration: Calibration): Chart {
  const { judge, judged, level, options } = calibration;
  const [first] = judged;
  const at = (fund: number) => MAINTENANCES.map((maintenance) => judge.haircut(judge.margins(maintenance), fund));
  const shipped = first === undefined ? undefined : { fund: first.gap, estimates: at(first.gap) };
  const others = FUNDS.filter((fund) => shipped === undefined || Math.abs(fund / shipped.fund - 1) > NEAR).map(
    (fund) => ({
      fund,
      estimates: at(fund),
    }),
  );
  return {
    title: "Haircut against maintenance margin, by what the fund holds of open interest",
    unit: `probability in one crash, population ${options.population}`,
    below: "maintenance margin",
    x: [LOWEST, 0.5],
    y: [LOWEST, 1],
    level: { y: level, says: `level: ${percent(level)} in one crash` },
    places:
      first === undefined
        ? []
        : [{ x: first.margins.maintenance, says: `judged: ${percent(first.margins.maintenance)}` }],
    curves: [
      ...(shipped === undefined
        ? []
        : [curve(`${percent(shipped.fund)}, as judged`, BLUE, MAINTENANCES, shipped.estimates)]),
      ...others.map(({ fund, estimates }, i) =>
        bare(curve(percent(fund), COLOURS[i % COLOURS.length] ?? 0, MAINTENANCES, estimates)),
      ),
    ],
    hints: hintsAt(MAINTENANCES, (i, x) =>
      [
        `maintenance margin ${percent(x)}`,
        ...(shipped === undefined ? [] : [`fund ${percent(shipped.fund)}: ${said(shipped.estimates[i])}`]),
        ...others.map(({ fund, estimates }) => `fund ${percent(fund)}: ${percent(estimates[i]?.value ?? 0)}`),
      ].join("\n"),
    ),
  };
}

/** Probability against maintenance margin with half of it as the gap, one line for each crowd. */
function crowdChart(calibration: Calibration): Chart {
  const { judge, level, model, proposed, options } = calibration;
  const rule = (of: typeof judge) =>
    MAINTENANCES.map((maintenance) => of.haircut(of.margins(maintenance), gapOf(maintenance)));
  const asked = rule(judge);
  const others = ["worst", "limit", "3:40,10:40,25:20"]
    .filter((name) => name !== options.population)
    .map((name) => ({ name, estimates: rule(judgeOf({ ...model, draws: 1, crowd: parseCrowd(name) })) }));
  return {
    title: "The same with half of the maintenance margin as the gap, by who is in the market",
    unit: "probability in one crash",
    below: "maintenance margin",
    x: [LOWEST, 0.5],
    y: [LOWEST, 1],
    level: { y: level, says: `level: ${percent(level)} in one crash` },
    places:
      proposed.value === undefined
        ? []
        : [{ x: proposed.value / GRID, says: `proposed: ${percent(proposed.value / GRID)}` }],
    curves: [
      curve(`${crowdName(model.crowd, options.population)}, as asked`, BLUE, MAINTENANCES, asked),
      ...others.map(({ name, estimates }, i) =>
        bare(curve(crowdName(parseCrowd(name), name), [ORANGE, GREEN, 3][i] ?? 0, MAINTENANCES, estimates)),
      ),
    ],
    hints: hintsAt(MAINTENANCES, (i, x) =>
      [
        `maintenance margin ${percent(x)}, gap ${percent(gapOf(x))}`,
        `${options.population}: ${said(asked[i])}`,
        ...others.map(({ name, estimates }) => `${name}: ${percent(estimates[i]?.value ?? 0)}`),
      ].join("\n"),
    ),
  };
}

/** Which fund goes with which maintenance margin. */
function frontierChart(calibration: Calibration): Chart {
  const { judge, level, judged } = calibration;
  const found = MAINTENANCES.map((x) => ({ x, needed: judge.fundFor(level, judge.margins(x)) })).filter(
    ({ needed }) => needed.value !== undefined && needed.value > 0,
  );
  const places = found.map(({ x }) => x);
  const estimates = found.map(({ needed: { value = 0, low = GRID, high = GRID } }) => ({
    ...{ value: value / GRID, low: Math.max(low, 1) / GRID, high: high / GRID },
  }));
  return {
    title: "What the fund must hold of open interest to keep the level",
    unit: `percent of open interest at ${percent(level)} in one crash`,
    below: "maintenance margin",
    x: [LOWEST, 0.5],
    y: [LOWEST, 1],
    curves: [
      curve("fund, or gap, that keeps the level, with 90 % of what is drawn", BLUE, places, estimates),
      {
        ...{ name: "as judged", colour: ORANGE, kind: "dots" },
        points: judged.map(({ margins, gap }) => ({ x: margins.maintenance, y: gap })),
      },
    ],
    hints: hintsAt(places, (i, x) => `maintenance margin ${percent(x)}: ${said(estimates[i])} of open interest`),
    ...(found.length === 0 ? { empty: "no fund up to the whole open interest keeps the level" } : {}),
  };
}

function crowdName(crowd: Crowd, written: string): string {
  switch (crowd.kind) {
    case "worst":
      return "everybody at the maintenance margin";
    case "limit":
      return "everybody opened at the limit";
    case "leverage":
      return `leverage ${written}`;
  }
}

function curve(name: string, colour: number, places: readonly number[], estimates: readonly Estimate[]): Curve {
  return {
    ...{ name, colour, kind: "line" },
    points: places.map((x, i) => ({ x, y: estimates[i]?.value ?? 0 })),
    range: { lows: estimates.map(({ low }) => low), highs: estimates.map(({ high }) => high) },
  };
}

/** Without its interval, beside one that has it. */
function bare({ name, colour, kind, points }: Curve): Curve {
  return { name, colour, kind, points };
}

function said(estimate: Estimate | undefined): string {
  return estimate === undefined ? "" : `${percent(estimate.value)} (${interval(estimate)})`;
}

function hintsAt(places: readonly number[], say: (i: number, x: number) => string): Chart["hints"] {
  return places.map((x, i) => ({
    from: Math.sqrt(x * (places[i - 1] ?? x)),
    until: Math.sqrt(x * (places[i + 1] ?? x)),
    says: say(i, x),
  }));
}

function steps(from: number, until: number): number[] {
  const count = Math.ceil(Math.log2(until / from) * PER_DOUBLING);
  return Array.from({ length: count + 1 }, (_, i) => from * (until / from) ** (i / count));
}

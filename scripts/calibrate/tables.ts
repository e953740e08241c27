/** What a calibration came to, as tables of text: the same for the terminal and for the page. */
import type { Table } from "../page/table.ts";
import { perYear, type Calibration, type Judged } from "./calibration.ts";
import { gapOf, GRID, type Needed } from "./judge.ts";
import { exceedance } from "./severity.ts";
import {
  interval,
  leverage,
  money,
  move,
  needed,
  neededInterval,
  percent,
  roundedDown,
  thousandths,
  UNKNOWN,
} from "./wording.ts";

/** The governor's bound on the maintenance margin, and the fund's on the gap. */
const HIGHEST_MAINTENANCE = 0.5;
const HIGHEST_GAP = 1;

/** What was recorded, and what it would have left behind. */
export function crashTable({ crashes, judged, judge }: Calibration): Table {
  const [first] = judged;
  const deficits = first === undefined ? [] : ["deficit / OI", "at worst"];
  return {
    head: ["recorded crashes", "largest fall", "largest rise", "within", "larger next time", ...deficits],
    rows: crashes.map(({ day, fall, rise, severity, candleSeconds }, i) => [
      day,
      move(-fall),
      move(rise),
      `${candleSeconds / 60} min`,
      percent(exceedance(judge.distribution, severity)),
      ...(first === undefined ? [] : [percent(first.deficits[i] ?? 0), percent(first.deficitsAtWorst[i] ?? 0)]),
    ]),
  };
}

export function judgedTable(calibration: Calibration, judged: Judged): Table {
  const { margins, fund, cap, gap, crash, year } = judged;
  return {
    head: [title(judged), ""],
    rows: [
      ...(judged.name === "as named" ? [] : [["in the parameters of", judged.name]]),
      ["maintenance margin", percent(margins.maintenance)],
      ["initial margin", `${percent(margins.initial)} when empty, ${percent(margins.initialAtCap)} when full`],
      ["fund, open interest", `${money(fund)} for ${money(cap)}: ${percent(gap, 2)}`],
      ["haircut in one crash", `${percent(crash.value)}  (${interval(crash)})`],
      ["haircut in a year", year === undefined ? UNKNOWN : `${percent(year.value)}  (${interval(year)})`],
      ["level", levelText(calibration)],
      ["keeps the level", keeps(calibration, judged) ? "yes" : "NO; it would with one of these changed:"],
      ...(keeps(calibration, judged) ? [] : changes(judged)),
    ],
  };
}

function changes({ margins, neededMaintenance, neededFund, fund, cap }: Judged): string[][] {
  const share = (neededFund.value ?? Infinity) / GRID;
  const range = neededInterval(neededFund, HIGHEST_GAP);
  return [
    [
      "… maintenance margin",
      neededMaintenance.value === undefined
        ? `no margin up to ${percent(HIGHEST_MAINTENANCE, 0)} does`
        : `${needed(neededMaintenance)} in place of ${percent(margins.maintenance)}  (${neededInterval(neededMaintenance, HIGHEST_MAINTENANCE)})`,
    ],
    [
      "… fund",
      Number.isFinite(share)
        ? `${money(share * cap)} in place of ${money(fund)}: ${percent(share)}  (${range})`
        : "more than is open",
    ],
    [
      "… open interest",
      Number.isFinite(share)
        ? `${money(roundedDown(fund / share))} in place of ${money(cap)}, with a gap of ${percent(share)}`
        : `less than ${money(fund)}, which the fund holds`,
    ],
  ];
}

/** The smallest maintenance margin with half of it as the gap, and all that follows from it. */
export function proposalTable({ proposed, judge, fund, cap }: Calibration): Table {
  const head = ["proposed", ""];
  if (proposed.value === undefined) {
    return {
      head,
      rows: [
        [
          "maintenance margin",
          `none up to ${percent(HIGHEST_MAINTENANCE, 0)} keeps the level with half of it as the gap`,
        ],
      ],
    };
  }
  const maintenance = proposed.value / GRID;
  const { initial, initialAtCap } = judge.margins(maintenance);
  const gap = gapOf(maintenance);
  const open = roundedDown(fund / gap);
  return {
    head,
    rows: [
      ["maintenance margin", `${thousandths(proposed.value)}  (${neededInterval(proposed, HIGHEST_MAINTENANCE)})`],
      [
        "initial margin",
        `${percent(initial)} when empty (${leverage(initial)}), ${percent(initialAtCap)} when full (${leverage(initialAtCap)})`,
      ],
      ["incentive and fund fee", `at most ${percent(maintenance / 2)} together`],
      ["gap", `${percent(gap)}, half of it`],
      [`OI for ${money(fund)}`, money(open)],
      ...(cap === undefined ? [] : [[`fund for OI of ${money(cap)}`, money(gap * cap)]]),
    ],
  };
}

/** Which funds go with which maintenance margins, at the level. */
export function frontierTable({ frontier, fund, cap }: Calibration): Table {
  return {
    head: [
      "MM",
      "leverage, empty",
      "full",
      "gap = fund / OI",
      `OI for ${money(fund)}`,
      ...(cap === undefined ? [] : [`fund for ${money(cap)}`]),
    ],
    rows: frontier.map(({ margins, gap, isProposed }) => [
      `${percent(margins.maintenance)}${isProposed ? " *" : ""}`,
      leverage(margins.initial),
      leverage(margins.initialAtCap),
      Number.isFinite(gap) ? percent(gap) : `> ${percent(HIGHEST_GAP, 0)}`,
      gap === 0 ? "any" : Number.isFinite(gap) ? money(roundedDown(fund / gap)) : UNKNOWN,
      ...(cap === undefined ? [] : [Number.isFinite(gap) ? money(gap * cap) : UNKNOWN]),
    ]),
  };
}

/** What a better promise costs. */
export function levelTable({ levels, level, judge }: Calibration): Table {
  const gap = ({ value }: Needed) => (value === undefined ? UNKNOWN : percent(gapOf(value / GRID)));
  return {
    head: ["haircut in a year", "in one crash", "MM", "90 % of draws", "gap", "IM, empty"],
    rows: levels.map(({ perYear, perCrash, needed: margin }) => [
      `${perYear === undefined ? UNKNOWN : percent(perYear)}${perCrash === level ? " *" : ""}`,
      percent(perCrash),
      needed(margin),
      neededInterval(margin, HIGHEST_MAINTENANCE),
      gap(margin),
      margin.value === undefined ? UNKNOWN : percent(judge.margins(margin.value / GRID).initial),
    ]),
  };
}

export function sensitivityTable({ sensitivity, judged }: Calibration): Table {
  const hasJudged = judged.length > 0;
  return {
    head: ["what if", ...(hasJudged ? ["haircut in one crash"] : []), "MM proposed"],
    rows: sensitivity.map(({ what, haircut, proposed }) => [
      what,
      ...(hasJudged ? [percent(haircut ?? Number.NaN)] : []),
      proposed === undefined ? `> ${percent(HIGHEST_MAINTENANCE, 0)}` : thousandths(proposed),
    ]),
  };
}

export function keeps({ level }: Calibration, { crash }: Judged): boolean {
  return crash.value <= level;
}

export function levelText({ level, rate }: Calibration): string {
  const year = rate === undefined ? "" : `, ${percent(perYear(level, rate))} in a year`;
  return `${percent(level)} in one crash${year}`;
}

function title({ name }: Judged): string {
  return name === "as named" ? "as named" : "shipped";
}

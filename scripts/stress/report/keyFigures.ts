/** Key figures: what happened, in a table. */
import type { Table } from "../../page/table.ts";
import { dateAndClock } from "../../simulation/path.ts";
import type { Result } from "../result.ts";
import { count, counted, figureOf, partOf } from "./people.ts";
import { latencyWithin, totalsOf } from "./totals.ts";

/** Two columns of prose each: losses and who was hit, then the house. */
export function keyFigures(result: Result): Table[] {
  return [losses(result), accounts(result), house(result), run(result)];
}

function losses({ waterfall, payerCount }: Result): Table {
  const { ownLosses, incentives, liquidationFees, deficit, bounty, insured, haircuts, shortfall } = waterfall;
  const ofAll = (part: bigint) => (part === 0n ? "" : ` (${partOf(part, deficit + bounty)})`);
  return {
    head: ["money, tokens", ""],
    rows: [
      ["lost of their own by those acted on", figureOf(ownLosses)],
      ["penalties to liquidators (incentives)", figureOf(incentives)],
      ["penalties to the fund (fund fees)", figureOf(liquidationFees)],
      ["deficits", figureOf(deficit)],
      ["bounties", figureOf(bounty)],
      ["paid by the insurance fund", `${figureOf(insured)}${ofAll(insured)}`],
      ["haircut", `${figureOf(haircuts)}${ofAll(haircuts)}, of ${counted(payerCount, "account")}`],
      ["shortfall", `${figureOf(shortfall)}${ofAll(shortfall)}`],
    ],
  };
}

function accounts(result: Result): Table {
  const { accounts: all, failed, belowZero, latency, payerCount } = result;
  const totals = totalsOf(result);
  const within = [0.5, 0.99, 1].map((part) => latencyWithin(latency, part));
  return {
    head: ["accounts", ""],
    rows: [
      ["traders", count(all)],
      ["liquidated or deleveraged", withPart(failed, all)],
      ["paid a haircut", withPart(payerCount, all)],
      ["below zero in the end", withPart(belowZero, all)],
      ["most below MM at one time", count(totals.mostLiquidatable)],
      ["most in default at one time", count(totals.mostInDefault)],
      [
        "latency: half, 99 %, all within",
        within[0] === undefined ? "–" : `${within.map((minutes) => count(minutes ?? 0)).join(", ")} min`,
      ],
      ["added margin, reduced or closed", counted(totals.reactions, "time")],
    ],
  };
}

function house(result: Result): Table {
  const { liquidations, takenOver, deleveragings, closed, exposure, worstExposureAfter, fund, openInterest } =
    totalsOf(result);
  const when = (moment: { time: number; value: bigint }) =>
    moment.value === 0n ? "0" : `${figureOf(moment.value)}, at ${dateAndClock(moment.time)}`;
  return {
    head: ["the house, tokens and UTC", ""],
    rows: [
      ["liquidations", `${count(liquidations)}, of ${figureOf(takenOver)} at mark`],
      ["deleveragings", `${count(deleveragings)}, closing ${figureOf(closed)} at mark`],
      ["negative equity exposure, highest", when(exposure.highest)],
      ["… after everybody had acted", figureOf(worstExposureAfter)],
      ["insurance fund, before the opening", figureOf(result.scenario.fund)],
      ["… lowest", when(fund.lowest)],
      ["… in the end", figureOf(fund.last.value)],
      [
        "open interest, first and last minute",
        `${figureOf(openInterest.first.value)}, ${figureOf(openInterest.last.value)}`,
      ],
    ],
  };
}

function run(result: Result): Table {
  const { engine, seconds, steps, check, isPartial } = result;
  const { minutes, minutesPlanned } = totalsOf(result);
  const [first, last] = [steps[0]?.time, steps.at(-1)?.time];
  return {
    head: ["the run", ""],
    rows: [
      ["minutes", isPartial ? `${count(minutes)} of ${count(minutesPlanned)}, broken off` : count(minutes)],
      ["from, UTC", first === undefined ? "–" : dateAndClock(first)],
      ["to, UTC", last === undefined ? "–" : dateAndClock(last)],
      ["engine", engineText(engine, check)],
      ["took", seconds < 1 ? "less than a second" : counted(Math.round(seconds), "second")],
      ...(check === undefined
        ? []
        : [
            ["compared to the wei", counted(check.comparisons, "time")],
            ["… accounts in all", count(check.accounts)],
            ["transactions, gas", `${count(check.transactions)}, ${check.gas.toLocaleString("en-US")}`],
          ]),
    ],
  };
}

function engineText(engine: Result["engine"], check: Result["check"]): string {
  if (engine === "contracts") return "the contracts, the model beside them";
  if (check === undefined) return "the model alone";
  return `the model; the contracts with ${count(check.traders)} traders`;
}

function withPart(part: number, all: number): string {
  return part === 0 ? "0" : `${count(part)} (${partOf(BigInt(part), BigInt(all))})`;
}

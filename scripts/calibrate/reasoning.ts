/** How the numbers came about and what they stand on, in words. */
import type { Calibration } from "./calibration.ts";
import { gapOf, GRID, type Model } from "./judge.ts";
import type { Crowd } from "./population.ts";
import { money, move, percent, thousandths } from "./wording.ts";

/** From the files to the proposed margin. */
export function reasoning(calibration: Calibration): string[] {
  return [severityText(calibration), levelReached(calibration), deficitText(calibration), answerText(calibration)];
}

function severityText({ crashes, judge }: Calibration): string {
  const n = crashes.length;
  const largest = crashes.reduce((a, b) => (b.severity > a.severity ? b : a));
  const { tail } = judge;
  const rank = `${n === 1 ? "One crash is recorded. If the next one might as well have been the first," : `${n} crashes are recorded. If the next one might as well have been any of them,`} it is the largest of all with a probability of 1 in ${n + 1}: it moves the price further than ${largest.day} did (${bothWays(largest.severity)}, the same in logarithms) with ${percent(1 / (n + 1))}. This asks nothing of the distribution, and it is all that ${n === 1 ? "one crash can" : `${n} crashes can`} show.`;
  if (tail === undefined) return `${rank} Here are too few separate jumps to say how much rarer a larger one is.`;
  return `${rank} Beyond that a Pareto tail: twice the move is ${(2 ** tail.index).toFixed(1)} times as rare (index ${tail.index.toFixed(2)}, from the ${tail.count} largest moves that lie an hour apart, all above ${percent(Math.expm1(tail.threshold))}).`;
}

function levelReached(calibration: Calibration): string {
  const { level, judge, move: beyond, crashes, options } = calibration;
  const rarest = 1 / (crashes.length + 1);
  const where =
    level >= rarest
      ? "which lies within what was recorded"
      : `which lies beyond what was recorded (${percent(rarest)}), so that it rests on the tail`;
  const asked =
    options.per === "crash"
      ? `The level, ${percent(level)} in one crash,`
      : `The level, ${percent(options.probability)} in a year, is ${percent(level)} in one crash,`;
  const { low, high } = judge.exceedance(beyond);
  return `${asked} ${where}. With this probability the largest move of the next crash exceeds ${bothWays(beyond)} (drawn again and again, moves of this size have probabilities of ${percent(low)} to ${percent(high)}).`;
}

function deficitText({ options, model }: Calibration): string {
  const worst =
    "Every unit of open interest defaults once, and had the maintenance margin when keepers came last. So whatever the crowd, a crash costs the fund at most (largest move − maintenance margin) · open interest, and a haircut needs a move beyond maintenance margin + fund / open interest within the latency.";
  if (options.crowd.kind === "worst")
    return `${worst} That is taken here: everybody stands at the maintenance margin at every moment.`;
  return `${worst} Less if not everybody stands there. Here ${openedWith(options.crowd, model)}, and has by now anything between that and the maintenance margin. The recorded hour after each of the largest moves is walked with such a crowd on both sides, its moves scaled until the fund is empty; how large the largest is by then is what must be improbable.`;
}

function openedWith(crowd: Crowd, { initialFactor, initialAtCapFactor }: Model): string {
  const limit = `the initial margin allowed while the market filled, from ${initialFactor} to ${initialAtCapFactor} times the maintenance margin`;
  if (crowd.kind !== "leverage") return `everybody opened with what ${limit}`;
  const groups = crowd.groups.map(({ leverage, share }) => `${leverage} x (${percent(share, 0)} of open interest)`);
  return `everybody opened with a leverage of ${groups.join(", ")}, or with what ${limit}, where that is less`;
}

function answerText({ proposed, judged }: Calibration): string {
  const [first] = judged;
  const found =
    proposed.value === undefined
      ? "No maintenance margin that the governor allows keeps the level with half of it as the gap: such a market bears this level only with a fund as large as the table says, or, where there is none, not at all."
      : `The smallest maintenance margin that keeps the level with half of it as the gap is ${thousandths(proposed.value)}, with a gap of ${percent(gapOf(proposed.value / GRID))}. A lower one asks for more fund, or for less open interest; the table shows what goes with what.`;
  if (first === undefined) return found;
  const needs = first.neededFund.value === undefined ? "more than all of it" : thousandths(first.neededFund.value);
  return `${found} What was judged (${first.name}) has ${percent(first.gap, 2)} of its open interest in the fund and a maintenance margin of ${percent(first.margins.maintenance)}, which would need ${needs}.`;
}

/** What a reader must believe. */
export function assumptions(calibration: Calibration): string[] {
  const { options, rate, crashes, proxies, fund, model } = calibration;
  const coarse = crashes.filter(({ candleSeconds }) => candleSeconds > options.latencySeconds);
  return [
    "The files are crashes that somebody thought worth keeping, not a sample of all days. So the statement is about a crash like these; between them nothing is taken to happen. With a maintenance margin so low that an ordinary bad day exceeds it, the truth is worse than the figure.",
    rate === undefined
      ? "How often such a crash comes is not known here, so that nothing is said about a year."
      : rate.isGiven
        ? `Such a crash comes ${rate.perYear} times a year, as was said, one independent of the other.`
        : `Such a crash comes ${rate.perYear.toFixed(2)} times a year: ${rate.crashes} in ${rate.years.toFixed(1)} years, the years from the first to the last, of any market in the folder; one independent of the other.`,
    `From the price at which an account falls below maintenance margin until somebody has acted, ${options.latencySeconds / 60} min pass at most, the delay of the feed included. Keepers then take over all that is below it; where their own money does not suffice, accounts with less stay behind and this is too hopeful.`,
    ...(coarse.length === 0
      ? []
      : [
          `Candles of ${coarse.map(({ day }) => day).join(", ")} are longer than that. How far the price went within the latency is not in them; taken is how far it went within a candle, which is more.`,
        ]),
    "Within a candle the price goes from its open against the direction in which it closed, all the way back, then to its close. A move that straddles two candles may be larger than taken; one of the rows above says what that would change.",
    "The market is full when the crash comes, with as many longs as shorts, nobody adds margin, and nobody opens anew during it; what may be opened then is bounded by what the fund has left.",
    `The fund has all that the market may draw, ${money(fund)}, for this market alone. Markets that crash together share it. Penalties that it earns meanwhile are not counted; a bounty of ${percent(model.bountyRate, 2)} of what defaults is.`,
    ...(proxies.length === 0 ? [] : [`Prices of ${proxies.join(", ")} stand for those of ${options.market}.`]),
    `Intervals hold 90 % of ${options.draws.toLocaleString("en-US")} draws (seed ${options.seed}) of how improbable each recorded crash was and of the tail's index, at the given number of crashes a year. They do not hold the assumptions.`,
  ];
}

function bothWays(log: number): string {
  return `${move(-log)} or ${move(log)}`;
}

/** What a crash leaves to the insurance fund, per open interest, and how large it must be to leave more than that. */
import type { Course, Crash } from "./crash.ts";
import { missingAfter, partBelow, type Crowd, type Margins, type Population } from "./population.ts";

export interface Question {
  readonly crowd: Crowd;
  readonly margins: Margins;
  readonly population: Population;
  /** What a caller of `deleverage` earns, as part of the notional that defaulted. */
  readonly bountyRate: number;
}

/** Beyond a move of e^3, to twenty times or a twentieth of the price, nothing is asked any more. */
const FURTHEST = 3;
/** No maintenance margin is lower: the governor's bound. */
const NEAREST = 0.001;
/** By so much severities are told apart when the first that is too large is looked for. */
const COARSE = 1.2;
const FINE_STEPS = 14;

/** @param severity The largest move of the crash; all of its moves are scaled with it. Natural logarithm. */
export function deficitOf(crash: Crash, severity: number, question: Question): number {
  const scale = crash.severity === 0 ? 0 : severity / crash.severity;
  if (question.crowd.kind === "worst") return deficitAtWorst(crash, scale, question);
  return crash.courses.reduce((most, course) => Math.max(most, deficitOfCourse(course, scale, question)), 0);
}

/**
 * Every unit of open interest defaults once and had the maintenance margin when keepers came last, so that a crash costs at
 * most what its largest move costs if it meets everybody there.
 */
function deficitAtWorst({ fall, rise }: Crash, scale: number, { margins, bountyRate }: Question): number {
  const of = (loss: number, price: number) =>
    loss > margins.maintenance ? loss - margins.maintenance + bountyRate * price : 0;
  const [fallen, risen] = [Math.exp(-fall * scale), Math.exp(rise * scale)];
  return Math.max(of(1 - fallen, fallen), of(risen - 1, risen));
}

/**
 * Walks a course with a population on either side and nobody who opens anew. Prices are parts of the first one, P = 1.
 *
 * A long with equity e at first has e + P − 1 and leaves when that is below m · P, so at the first visit with
 * e < 1 − (1 − m) · P; a short when e < (1 + m) · P − 1. Those who are above zero are taken over and cost nothing. Those below
 * leave d − e behind, d the loss per unit, |P − 1|; together, of those who were not reached before (T the reach until then),
 * H(d) − H(T) − (d − T) · F(T). The size that defaults is closed on the other side, in proportion.
 */
export function deficitOfCourse(course: Course, scale: number, question: Question): number {
  const { margins, population, bountyRate } = question;
  const m = margins.maintenance;
  const reach = { long: m, short: m };
  const size = { long: 1, short: 1 };
  let [openInterest, total] = [1, 0];
  for (const { side, log } of course) {
    const price = Math.exp(log * scale);
    const loss = Math.abs(price - 1);
    const before = reach[side];
    reach[side] = Math.max(before, side === "long" ? 1 - (1 - m) * price : (1 + m) * price - 1);
    if (loss <= before) continue;
    const part = partBelow(population, before);
    const missing = missingAfter(population, loss) - missingAfter(population, before) - (loss - before) * part;
    const defaulted = partBelow(population, loss) - part;
    total += size[side] * (missing + bountyRate * price * defaulted);
    const closed = Math.min(size[side] * defaulted, openInterest);
    const other = side === "long" ? "short" : "long";
    size[other] *= openInterest === 0 ? 0 : (openInterest - closed) / openInterest;
    openInterest -= closed;
  }
  return total;
}

/**
 * The smallest severity of such a crash at which the deficit exceeds what the fund may pay, both per open interest. A larger
 * one may leave less, where its beginning drives out those whom its middle would have met; the first that is too large counts.
 */
export function severityBeyond(crash: Crash, fundPerOpenInterest: number, question: Question): number {
  const isTooLarge = (severity: number) => deficitOf(crash, severity, question) > fundPerOpenInterest;
  if (crash.severity === 0) return Infinity;
  let low = Math.max(question.margins.maintenance, NEAREST) / 2;
  while (!isTooLarge(low * COARSE)) {
    low *= COARSE;
    if (low > FURTHEST) return Infinity;
  }
  let high = low * COARSE;
  for (let i = 0; i < FINE_STEPS; ++i) {
    const middle = (low + high) / 2;
    if (isTooLarge(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The premium of fills over mark, how it fades, and how far the funding index moves for it. */
import { abs, divFloor, max, min } from "./math.ts";

/** A premium is counted in these parts of mark. */
const PREMIUM_ONE = 10n ** 8n;
const DAY = 86_400n;
const FADES_WITHIN = 28_800n;

function clampOf(maxFundingRate: bigint): bigint {
  return maxFundingRate * 100n;
}

/** A premium from before the clamp was lowered counts up to it. */
function clamped(premium: bigint, maxFundingRate: bigint): bigint {
  const clamp = clampOf(maxFundingRate);
  return max(-clamp, min(clamp, premium));
}

/** What a premium loses every second. */
function fadingOf(maxFundingRate: bigint): bigint {
  return clampOf(maxFundingRate) / FADES_WITHIN + 1n;
}

/** What is left of a premium after some seconds. */
export function faded(premium: bigint, seconds: bigint, maxFundingRate: bigint): bigint {
  const left = max(0n, abs(clamped(premium, maxFundingRate)) - seconds * fadingOf(maxFundingRate));
  return premium < 0n ? -left : left;
}

/** How far F moves in some seconds. `mark` in value units. */
export function accrued(mark: bigint, premium: bigint, seconds: bigint, maxFundingRate: bigint): bigint {
  const fading = fadingOf(maxFundingRate);
  const height = abs(clamped(premium, maxFundingRate));
  const whole = min(seconds, height / fading);
  let twiceTheArea = whole * (2n * height - whole * fading);
  // In the second in which it ends, the premium falls from what is left to zero.
  if (seconds > whole) twiceTheArea += height - whole * fading;
  if (premium < 0n) twiceTheArea = -twiceTheArea;
  return divFloor(mark * twiceTheArea, 2n * PREMIUM_ONE * DAY);
}

/** A fill pulls the premium towards its own distance from mark. */
export function afterFill(
  premium: bigint,
  price: bigint,
  mark: bigint,
  size: bigint,
  openInterest: bigint,
  maxFundingRate: bigint,
): bigint {
  const distance = clamped(divFloor((price - mark) * PREMIUM_ONE, mark), maxFundingRate);
  return clamped(premium + divFloor((distance - premium) * size, size + openInterest), maxFundingRate);
}

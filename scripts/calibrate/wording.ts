/** How numbers of a calibration look. */
import { GRID, type Estimate, type Needed } from "./judge.ts";

export const UNKNOWN = "–";

/** A part of one: `9.6 %`, and not `0.0 %` for what is rare. */
export function percent(part: number, digits = 1): string {
  if (!Number.isFinite(part)) return UNKNOWN;
  const shown = (100 * part).toFixed(digits);
  return part > 0 && Number(shown) === 0 ? `< ${(0.1 ** digits).toFixed(digits)} %` : `${shown} %`;
}

export function interval({ low, high }: Estimate): string {
  return `${percent(low)} … ${percent(high)}`;
}

/** A move of the price, from its natural logarithm. */
export function move(log: number): string {
  return `${log < 0 ? "−" : "+"}${percent(Math.abs(Math.expm1(log)))}`;
}

/** What is needed, in percent of notional. */
export function needed({ value }: Needed): string {
  return thousandths(value);
}

/** The interval of what is needed; beyond the bounds where nothing within them suffices. */
export function neededInterval({ low, high }: Needed, highest: number): string {
  const beyond = `> ${percent(highest, 0)}`;
  return `${low === undefined ? beyond : thousandths(low)} … ${high === undefined ? beyond : thousandths(high)}`;
}

export function thousandths(value: number | undefined): string {
  return value === undefined ? UNKNOWN : percent(value / GRID);
}

/** Whole tokens. */
export function money(amount: number): string {
  return Number.isFinite(amount) ? Math.round(amount).toLocaleString("en-US") : UNKNOWN;
}

/** Two digits that count, rounded down: what may be open. */
export function roundedDown(amount: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(amount, 1))) - 1);
  return Math.floor(amount / unit + 1e-9) * unit;
}

/** The largest leverage that a margin lets anybody open with. */
export function leverage(margin: number): string {
  return `${(1 / margin).toFixed(1)} x`;
}

/** Numbers as people read them: `12.3 million`, `0.4 %`. What programs read is in `json.ts` and `csv.ts`. */
import { formatFixed, ONE, PPM } from "../../simulation/fixedPoint.ts";

const THOUSAND = 1_000n;
/** Keeps a number and what belongs to it in one line. */
const NB = "\u00a0";
const WORDS = [
  { from: 10n ** 12n, word: "trillion" },
  { from: 10n ** 9n, word: "billion" },
  { from: 10n ** 6n, word: "million" },
];

/** Money in a sentence. What is there never looks like nothing. */
export function amount(money: bigint): string {
  const size = magnitude(money);
  if (size === 0n) return "0";
  if (size < ONE / 100n) return `${money < 0n ? "more than −" : "less than "}0.01`;
  const named = WORDS.find(({ from }) => size >= from * ONE);
  if (named === undefined) return minus(formatFixed(money, size < THOUSAND * ONE ? 2 : 0));
  const scaled = money / named.from;
  return `${minus(formatFixed(scaled, magnitude(scaled) < 10n * ONE ? 2 : 1))}${NB}${named.word}`;
}

/** Money in a table: whole tokens from a thousand on. */
export function figureOf(money: bigint): string {
  const size = magnitude(money);
  if (size === 0n) return "0";
  if (size < ONE / 100n) return money < 0n ? "> −0.01" : "< 0.01";
  return minus(formatFixed(money, size < THOUSAND * ONE ? 2 : 0));
}

export function count(things: number): string {
  return minus(things.toLocaleString("en-US"));
}

/** `1 account`, `2 accounts`. */
export function counted(things: number, one: string, many = `${one}s`): string {
  return `${count(things)} ${things === 1 ? one : many}`;
}

/** What part of the whole it is; nothing where there is no whole. */
export function partOf(part: bigint, whole: bigint): string {
  return whole === 0n ? "" : percentage(Number((part * 10_000n * PPM) / whole) / 10_000);
}

/** Of parts per million. */
export function percentage(ppm: number): string {
  const percent = ppm / 10_000;
  const size = Math.abs(percent);
  if (size === 0) return `0${NB}%`;
  if (size < 0.01) return `<${NB}0.01${NB}%`;
  const digits = size < 0.1 ? 2 : size < 99.95 || size >= 100.05 ? 1 : 0;
  // Nearly all is not all, and beyond a thousand nobody reads tenths.
  if (size < 100 && size >= 99.95) return `${percent < 0 ? "−" : ""}99.9${NB}%`;
  return `${minus(percent.toLocaleString("en-US", { maximumFractionDigits: size >= 1_000 ? 0 : digits, minimumFractionDigits: 0 }))}${NB}%`;
}

/** Any other number: three digits that count, and no zeros behind them. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 1_000 ? 0 : size >= 1 ? 2 : 4;
  const text = value.toLocaleString("en-US", { maximumFractionDigits: digits });
  return value !== 0 && /^-?0$/.test(text) ? value.toPrecision(2) : minus(text);
}

/** Where there is little room: `1.19 bn`. */
export function short(value: number): string {
  const size = Math.abs(value);
  const [unit, word] = size >= 1e12 ? [1e12, "tn"] : size >= 1e9 ? [1e9, "bn"] : [1e6, "mn"];
  return `${number(value / unit)}${NB}${word}`;
}

/** On an axis or an edge: `2.5k`, `1M`. */
export function compact(value: number): string {
  const size = Math.abs(value);
  const [unit, letter] = size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
  return `${minus(Number((value / unit).toPrecision(3)).toString())}${letter}`;
}

/** `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}

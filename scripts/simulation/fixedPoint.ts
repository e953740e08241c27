/** Money, prices and sizes: bigints with 18 decimals. `number` never holds any of them. */
export const DECIMALS = 18;
export const ONE = 10n ** 18n;
/** Rates are parts per million. */
export const PPM = 1_000_000n;

/** The value of a plain decimal number, or undefined where `text` is none. Digits beyond the 18th must be zeros. */
export function parseFixed(text: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = "0", fraction = ""] = match;
  if (/[^0]/.test(fraction.slice(DECIMALS))) return undefined;
  const value = BigInt(whole) * ONE + BigInt(fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0"));
  return sign === "-" ? -value : value;
}

/** `1,234.57`: rounded half away from zero. */
export function formatFixed(value: bigint, digits = 2): string {
  const unit = 10n ** BigInt(DECIMALS - digits);
  const magnitude = value < 0n ? -value : value;
  const rounded = (magnitude + unit / 2n) / unit;
  const whole = (rounded / 10n ** BigInt(digits)).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits === 0 ? "" : `.${(rounded % 10n ** BigInt(digits)).toString().padStart(digits, "0")}`;
  return `${value < 0n && rounded !== 0n ? "-" : ""}${whole}${fraction}`;
}

/** All 18 decimals, without separators: for files that programs read. */
export function exactFixed(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  return `${value < 0n ? "-" : ""}${magnitude / ONE}.${(magnitude % ONE).toString().padStart(DECIMALS, "0")}`;
}

export function sum(values: Iterable<bigint>): bigint {
  let total = 0n;
  for (const value of values) total += value;
  return total;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function divUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

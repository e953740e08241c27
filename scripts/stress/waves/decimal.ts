/** Decimal numbers as programs write them: with an exponent, or with more digits than money has. */
import { DECIMALS } from "../../simulation/fixedPoint.ts";

/** To 18 decimals, to the nearest, half up; undefined where `text` is no number that is not negative. */
export function parseDecimal(text: string): bigint | undefined {
  const match = /^(\d{1,40})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = "0", fraction = "", exponent = "0"] = match;
  const digits = BigInt(whole + fraction);
  // How many decimals are too many, or too few.
  const beyond = fraction.length - Number(exponent) - DECIMALS;
  if (beyond <= 0) return digits * 10n ** BigInt(-beyond);
  const divisor = 10n ** BigInt(beyond);
  return (digits + divisor / 2n) / divisor;
}

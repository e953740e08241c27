/** What is offered for gas (EIP-1559), wei. Knows no transaction. */

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface FeeLimits {
  readonly maximumPrice: bigint;
  readonly tip: bigint;
}

/** What nodes ask for in place of a transaction that they have: a tenth more. An eighth, so that rounding does not matter. */
const BUMP = 8n;

/** Undefined where gas is dearer than the operator wants to pay. */
export function feesFor(baseFee: bigint, { maximumPrice, tip }: FeeLimits): Fees | undefined {
  if (baseFee + tip > maximumPrice) return undefined;
  // The base fee rises by at most an eighth a block: room for five blocks.
  return { maxFeePerGas: min(2n * baseFee + tip, maximumPrice), maxPriorityFeePerGas: tip };
}

/** What replaces a transaction that was offered `old`. Undefined where it would cost more than the operator wants. */
export function bumped(old: Fees, baseFee: bigint, limits: FeeLimits): Fees | undefined {
  const tip = old.maxPriorityFeePerGas + old.maxPriorityFeePerGas / BUMP + 1n;
  const least = old.maxFeePerGas + old.maxFeePerGas / BUMP + 1n;
  if (least > limits.maximumPrice) return undefined;
  const fee = min(max(least, 2n * baseFee + tip), limits.maximumPrice);
  return { maxFeePerGas: fee, maxPriorityFeePerGas: min(tip, fee) };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

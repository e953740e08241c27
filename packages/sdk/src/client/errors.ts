/** What a call was refused with, in words: any revert of the contracts, whichever of them it comes from. */
import { ONE } from "../types/price.ts";

/** A refusal of the contracts, with its numbers by name as the contracts give them. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  /** The same as `message`, which is one line: viem's name for it. */
  readonly shortMessage: string;

  constructor(
    /** Of the error: `InsufficientMargin`. */
    readonly errorName: string,
    readonly args: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  ) {
    super(sentence(errorName, args), options);
    this.shortMessage = this.message;
  }
}

/** An argument, as the ABI describes it. */
export interface ErrorParameter {
  readonly name?: string | undefined;
}

/** A refusal as somebody has decoded it. */
export function contractError(
  name: string,
  parameters: readonly ErrorParameter[],
  values: readonly unknown[],
  cause: unknown,
): ContractError {
  const named = parameters.map(({ name: parameter }, i) => [parameter ?? String(i), values[i]] as const);
  return new ContractError(name, Object.fromEntries(named), { cause });
}

/** The data that a revert came with: the first that any cause of an error has. */
export function revertData(error: unknown): `0x${string}` | undefined {
  const seen = new Set<unknown>();
  for (let next: unknown = error; typeof next === "object" && next !== null && !seen.has(next);) {
    seen.add(next);
    const { data, raw, info, error: inner, cause } = next as Record<string, unknown>;
    for (const found of [data, raw, (data as { data?: unknown } | undefined)?.data])
      if (typeof found === "string" && /^0x([0-9a-f]{8}|[0-9a-f]{8}[0-9a-f]{64}.*)$/i.test(found))
        return found as `0x${string}`;
    next = cause ?? inner ?? (info as { error?: unknown } | undefined)?.error;
  }
  return undefined;
}

function sentence(name: string, args: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(args).map(([key, value]) => `${key} ${show(key, value)}`);
  return shown.length === 0 ? name : `${name}: ${shown.join(", ")}`;
}

/** Arguments that are money, sizes or prices: 18 decimals, whichever error they belong to. */
const DECIMAL = new Set([
  ...[
    "secured",
    "required",
    "equity",
    "maintenanceMargin",
    "deficit",
    "unpaid",
    "collateral",
    "asked",
    "notional",
    "minimum",
  ],
  ...["openInterest", "before", "cap", "price", "buyPrice", "sellPrice", "mark", "band"],
]);

function show(key: string, value: unknown): string {
  return typeof value === "bigint" && DECIMAL.has(key) ? decimal(value) : String(value);
}

/** 18 decimals, without zeros at the end. */
function decimal(value: bigint): string {
  const [sign, size] = value < 0n ? ["-", -value] : ["", value];
  const fraction = (size % ONE).toString().padStart(18, "0").replace(/0+$/, "");
  return `${sign}${size / ONE}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The refusals of the protocol that a preview can foresee, with the names and numbers of `contracts/interfaces/Errors.sol`. */

/** By name, what each carries. */
export interface RefusalArguments {
  AmountIsZero: object;
  SameAccount: { account: string };
  SizeOutOfRange: { size: bigint; limit: bigint };
  UnknownMarket: { market: bigint };
  MarkJumped: { market: bigint; mark: bigint };
  PriceOutOfBand: { price: bigint; mark: bigint; band: bigint };
  DeficitMustBeDeleveraged: { account: string; deficit: bigint };
  NotLiquidatable: { account: string; equity: bigint; maintenanceMargin: bigint };
  NoPosition: { account: string; market: bigint };
  PositionTooSmall: { notional: bigint; minimum: bigint };
  TooManyMarkets: { count: bigint; limit: bigint };
  MarketIsReduceOnly: { market: bigint; openInterest: bigint; before: bigint };
  OpenInterestAboveCap: { market: bigint; notional: bigint; cap: bigint };
  FeeAboveMaximum: { fee: bigint; maximum: bigint };
  InsufficientCollateral: { collateral: bigint; asked: bigint };
  InsufficientMargin: { account: string; secured: bigint; required: bigint };
  HealthWouldFall: { account: string; equity: bigint; maintenanceMargin: bigint };
  UnpaidLoss: { account: string; unpaid: bigint };
  /** The oracle vouches for a price that the market cannot take. */
  PriceRefused: { market: bigint; price: bigint; publishedAt: bigint };
  /**
   * The oracle itself refuses, for a reason that only it knows: not an error of the contracts, which pass on what
   * `PriceOracle.read` reverts with.
   */
  OracleRefused: { market: bigint };
}

/** What a call would be refused with. */
export type Refusal = {
  [Name in keyof RefusalArguments]: { readonly name: Name; readonly args: Readonly<RefusalArguments[Name]> };
}[keyof RefusalArguments];

/** A refusal on its way out of a preview. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(readonly refusal: Refusal) {
    super(refusal.name);
  }
}

export function refuse<Name extends keyof RefusalArguments>(name: Name, args: RefusalArguments[Name]): never {
  throw new Refused({ name, args } as unknown as Refusal);
}

/** What a preview answers: what the call would do, or what it would be refused with. */
export type Preview<Result> =
  (Result & { readonly accepted: true }) | { readonly accepted: false; readonly refusal: Refusal };

export function attempt<Result>(make: () => Result): Preview<Result> {
  try {
    return { ...make(), accepted: true };
  } catch (error) {
    if (error instanceof Refused) return { accepted: false, refusal: error.refusal };
    throw error;
  }
}

/**
 * Where the clearing house keeps what, and how it is packed (`contracts/periphery/HouseStorage.sol`): what its `load` is
 * asked for, and what the words mean. Reads storage as it is and adds no meaning. A house is not upgradeable, so what is
 * right for one stays right.
 */
import { at } from "../math/list.ts";
import type { EndedGeneration, HaircutLimit, MarketState } from "../types/marketState.ts";
import { NO_POSITION, type Position } from "../types/position.ts";
import type { RiskParameters } from "../types/riskParameters.ts";
import { ONE_BASE } from "../types/side.ts";

export type Hex = `0x${string}`;
/** Of bytes as hex, to hex. The SDK's mathematics has none: ethers and viem each bring their own. */
export type Hash = (data: Hex) => Hex;

const [ACCOUNTS, POSITIONS, MARKETS, RISK, HAIRCUT_LIMITS, ENDED] = [0n, 1n, 3n, 4n, 5n, 6n];
export const MARKET_WORDS = 7;
export const RISK_WORDS = 2;
/** Bits of a market's flags: which of its slots count. */
const [LONG_COUNTS, SHORT_COUNTS, SHORTFALL_COUNTS] = [1n, 2n, 4n];
/** Money of risk parameters is kept in thousandths. */
const MILLI = 10n ** 15n;

// ---------------------------------------------------------------------- slots

/** Finds slots, and remembers those that others are found from. */
export class Slots {
  private readonly known = new Map<string, bigint>();

  constructor(private readonly hash: Hash) {}

  account(id: string): Hex {
    return hex(this.mapped(BigInt(id), ACCOUNTS));
  }

  /** Its two words: the position, and what is owed. */
  position(id: string, market: number): [Hex, Hex] {
    const base = this.mapped(BigInt(market), this.remembered(BigInt(id), POSITIONS));
    return [hex(base), hex(base + 1n)];
  }

  /** The market's words, then those of its parameters. */
  market(market: number): Hex[] {
    const key = BigInt(market);
    const [state, risk] = [this.remembered(key, MARKETS), this.remembered(key, RISK)];
    return [...range(MARKET_WORDS).map((i) => hex(state + i)), ...range(RISK_WORDS).map((i) => hex(risk + i))];
  }

  haircutLimit(market: number): Hex {
    return hex(this.remembered(BigInt(market), HAIRCUT_LIMITS));
  }

  endedGeneration(market: number, generation: bigint): Hex {
    return hex(this.mapped(generation, this.remembered(BigInt(market), ENDED)));
  }

  private remembered(key: bigint, slot: bigint): bigint {
    const name = `${key}:${slot}`;
    const found = this.known.get(name) ?? this.mapped(key, slot);
    this.known.set(name, found);
    return found;
  }

  private mapped(key: bigint, slot: bigint): bigint {
    return BigInt(this.hash(`0x${word(key)}${word(slot)}`));
  }
}

function range(count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => BigInt(i));
}

function word(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}

function hex(value: bigint): Hex {
  return `0x${word(BigInt.asUintN(256, value))}`;
}

// ---------------------------------------------------------------------- words

/** collateral 128 | markets 128 */
export function decodeAccount(found: bigint): { collateral: bigint; markets: bigint } {
  return { collateral: uint(found, 0, 128), markets: uint(found, 128, 128) };
}

/** shares 112 | paidValue 112 | generation 24 | hasOwed 8; owed 256 */
export function decodePosition(found: bigint, owed: bigint): Position {
  if (found === 0n) return NO_POSITION;
  return {
    shares: int(found, 0, 112),
    paidValue: int(found, 112, 112),
    generation: uint(found, 224, 24),
    hasOwed: hasOwed(found),
    owed: int(owed, 0, 256),
  };
}

/** Whether the second word of a position means anything. */
export function hasOwed(found: bigint): boolean {
  return uint(found, 248, 8) !== 0n;
}

/** Slots that do not count are read as what they stand for. */
export function decodeMarket(words: readonly bigint[]): MarketState {
  const [w0, w1, w2, w5] = [at(words, 0), at(words, 1), at(words, 2), at(words, 5)];
  const flags = uint(w0, 248, 8);
  const counts = (flag: bigint) => (flags & flag) !== 0n;
  const long = counts(LONG_COUNTS) ? at(words, 3) : ONE_BASE;
  const short = counts(SHORT_COUNTS) ? at(words, 4) : ONE_BASE;
  const w6 = counts(SHORTFALL_COUNTS) ? at(words, 6) : 0n;
  return {
    pool: uint(w0, 0, 112),
    fees: uint(w0, 112, 72),
    acceptedAt: uint(w0, 184, 32),
    publishLag: uint(w0, 216, 24),
    scale: uint(w0, 240, 8),
    flags,
    longShares: uint(w1, 0, 112),
    shortShares: uint(w1, 112, 112),
    accruedAt: uint(w1, 224, 32),
    fundingIndex: int(w2, 0, 112),
    mark: uint(w2, 112, 96),
    premium: int(w2, 208, 24),
    generation: uint(w2, 232, 24),
    longBase: uint(long, 0, 128),
    longCash: int(long, 128, 128),
    shortBase: uint(short, 0, 128),
    shortCash: int(short, 128, 128),
    high: uint(w5, 0, 96),
    previousHigh: uint(w5, 96, 96),
    low: uint(w5, 192, 64),
    shortfall: uint(w6, 0, 112),
    payout: uint(w6, 112, 48),
  };
}

/** See `contracts/types/RiskParameters.sol`. */
export function decodeRisk(trading: bigint, closing: bigint): RiskParameters {
  return {
    status: uint(trading, 0, 2),
    isolatedOnly: uint(trading, 2, 1) !== 0n,
    initialMargin: uint(trading, 3, 20),
    initialMarginAtCap: uint(trading, 23, 20),
    volatilityMargin: uint(trading, 43, 20),
    maintenanceMargin: uint(trading, 63, 19),
    tradeFee: uint(trading, 82, 14),
    priceBand: uint(trading, 96, 19),
    openInterestCap: uint(trading, 115, 60) * MILLI,
    minNotional: uint(trading, 175, 30) * MILLI,
    shortfallLimit: uint(trading, 205, 20),
    maxFundingRate: uint(trading, 225, 31),
    incentiveMin: uint(closing, 0, 24),
    incentiveMax: uint(closing, 24, 24),
    fundFee: uint(closing, 48, 24),
    buffer: uint(closing, 72, 24),
    bountyRate: uint(closing, 96, 24),
    bountyCap: uint(closing, 120, 80),
  };
}

/** longLeft 104 | shortLeft 104 | markAcceptedAt 32 */
export function decodeHaircutLimit(found: bigint): HaircutLimit {
  return {
    longLeft: uint(found, 0, 104),
    shortLeft: uint(found, 104, 104),
    markAcceptedAt: uint(found, 208, 32),
  };
}

/** longValue 112 | shortValue 112 | longShift 8 | shortShift 8 */
export function decodeEndedGeneration(found: bigint): EndedGeneration {
  return {
    longValue: int(found, 0, 112),
    shortValue: int(found, 112, 112),
    longShift: uint(found, 224, 8),
    shortShift: uint(found, 232, 8),
  };
}

function uint(found: bigint, from: number, bits: number): bigint {
  return BigInt.asUintN(bits, found >> BigInt(from));
}

function int(found: bigint, from: number, bits: number): bigint {
  return BigInt.asIntN(bits, found >> BigInt(from));
}

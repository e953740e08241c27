/** Orders of `OrderSettlement`, and what is signed of them (EIP-712). */
import { toUint, within } from "../math/narrow.ts";
import type { AccountId } from "../types/accountId.ts";

/** As `IOrderSettlement.Order` has it: sizes and prices with 18 decimals, `fee` ppm of notional. */
export interface Order {
  readonly account: AccountId;
  readonly market: number;
  readonly isBuy: boolean;
  /** Never opens, enlarges or flips a position. */
  readonly reduceOnly: boolean;
  readonly size: bigint;
  /** The worst price that is accepted. */
  readonly price: bigint;
  /** See `orderNonce`. */
  readonly nonce: bigint;
  /** `OrderSettlement.epochOf` the account. */
  readonly epoch: bigint;
  /** Unix seconds, from which on it is void. */
  readonly expiry: number;
  /** What whoever submits the pair earns of it, ppm of notional. */
  readonly fee: number;
}

export interface SignedOrder {
  readonly order: Order;
  readonly signature: `0x${string}`;
}

/** The fields that are signed, in their order. */
export const ORDER_TYPES = {
  Order: [
    { name: "account", type: "bytes32" },
    { name: "market", type: "uint8" },
    { name: "isBuy", type: "bool" },
    { name: "reduceOnly", type: "bool" },
    { name: "size", type: "uint128" },
    { name: "price", type: "uint128" },
    { name: "nonce", type: "uint96" },
    { name: "epoch", type: "uint64" },
    { name: "expiry", type: "uint40" },
    { name: "fee", type: "uint24" },
  ],
} as const;

/** The domain of one settlement contract on one chain: an order is good nowhere else. */
export function orderDomain(chainId: number, settlement: string) {
  return { name: "Zerofloor Orders", version: "1", chainId, verifyingContract: settlement as `0x${string}` };
}

/**
 * `lane << 64 | sequence`. A lane is held by one order at a time: orders that are to stand side by side go into several lanes,
 * and a higher sequence replaces what is in a lane when it is first filled.
 * @throws OutOfRange Where `lane` has more than 32 bits or `sequence` more than 64.
 */
export function orderNonce(lane: bigint, sequence: bigint): bigint {
  return (toUint("lane", lane, 32) << 64n) | toUint("sequence", sequence, 64);
}

/** Refuses what could be signed and never be filled, before it is signed. */
export function requireSensible(order: Order): void {
  within("size", order.size, 1n, (1n << 128n) - 1n);
  within("price", order.price, 1n, (1n << 128n) - 1n);
  within("market", BigInt(order.market), 0n, 127n);
  within("fee", BigInt(order.fee), 0n, 10_000n);
  toUint("nonce", order.nonce, 96);
  toUint("epoch", order.epoch, 64);
  toUint("expiry", BigInt(order.expiry), 40);
}

/** Signing orders for the `OrderSettlement` venue: what the demo, the benches and the system tests share. */
import { Signature, type Signer, type TypedDataDomain, type TypedDataField } from "ethers";

/** `IOrderSettlement.Order`, field for field. Sizes and prices have 18 decimals. */
export interface Order {
  /** 32 bytes as hex: the owner's address and the number of the sub-account. */
  readonly account: string;
  readonly market: bigint;
  readonly isBuy: boolean;
  readonly reduceOnly: boolean;
  readonly size: bigint;
  readonly price: bigint;
  /** `orderNonce(lane, sequence)`. */
  readonly nonce: bigint;
  readonly epoch: bigint;
  /** Seconds since 1970. From this second on the order is void. */
  readonly expiry: bigint;
  /** Parts per million of notional, for whoever submits the pair. */
  readonly fee: bigint;
}

export interface SignedOrder {
  readonly order: Order;
  readonly signature: string;
}

export const ORDER_TYPES: Record<"Order", TypedDataField[]> = {
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
};

/** Where an order stands: in which lane, and after which of the lane's earlier orders. */
export function orderNonce(lane: bigint, sequence: bigint): bigint {
  return (lane << 64n) | sequence;
}

export function orderDomain(settlement: string, chainId: bigint): TypedDataDomain {
  return { name: "Zerofloor Orders", version: "1", chainId, verifyingContract: settlement };
}

/**
 * `order` signed by the account's owner, or by a key with the trade right on the account. The signature is the 64 bytes
 * of ERC-2098: a word of calldata less.
 */
export async function signOrder(
  signer: Pick<Signer, "signTypedData">,
  settlement: string,
  chainId: bigint,
  order: Order,
): Promise<SignedOrder> {
  const signature = await signer.signTypedData(orderDomain(settlement, chainId), ORDER_TYPES, order);
  return { order, signature: Signature.from(signature).compactSerialized };
}

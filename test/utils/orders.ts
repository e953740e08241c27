/** Signing orders for the `OrderSettlement` venue: what the demo, the benches and the system tests share. */
import { Signature, type Signer } from "ethers";
import { ORDER_TYPES, orderDomain } from "../../packages/sdk/src/client/orders.ts";

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
  const domain = orderDomain(Number(chainId), settlement);
  const signature = await signer.signTypedData(domain, { Order: [...ORDER_TYPES.Order] }, order);
  return { order, signature: Signature.from(signature).compactSerialized };
}

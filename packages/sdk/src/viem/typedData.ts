/** What is signed, as `signTypedData` of viem and wagmi take it. */
import type { Address, Contracts } from "../client/deployment.ts";
import { type Order, ORDER_TYPES, orderDomain, requireSensible } from "../client/orders.ts";
import { PERMIT_TYPES } from "../client/permits.ts";

interface Where {
  readonly chainId: number;
  readonly contracts: Contracts;
}

/** An order for `OrderSettlement`. */
export function orderTypedData({ chainId, contracts }: Where, order: Order) {
  requireSensible(order);
  const domain = orderDomain(chainId, contracts.settlement);
  return { domain, types: ORDER_TYPES, primaryType: "Order", message: order } as const;
}

export interface Permit {
  readonly owner: Address;
  /** Token units. */
  readonly value: bigint;
  /** `nonces(owner)` of the token. */
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly deadline: bigint;
  /** Name and version of the token, as its `eip712Domain` answers. */
  readonly name: string;
  readonly version: string;
}

/** An allowance of the collateral token for the vault (ERC-2612). */
export function permitTypedData({ chainId, contracts }: Where, { name, version, ...message }: Permit) {
  return {
    domain: { name, version, chainId, verifyingContract: contracts.token as Address },
    types: PERMIT_TYPES,
    primaryType: "Permit",
    message: { ...message, spender: contracts.vault as Address },
  } as const;
}

/**
 * What traders send. Each function sends one transaction and returns it; what the contracts refuse is thrown as a
 * `ContractError`, where the node says so before it is sent.
 */
import {
  type ContractTransaction,
  type ContractTransactionResponse,
  Signature,
  type Signer,
  type TypedDataDomain,
} from "ethers";
import { losersFor } from "../client/claims.ts";
import { type Order, ORDER_TYPES, orderDomain, requireSensible, type SignedOrder } from "../client/orders.ts";
import { PERMIT_SECONDS, PERMIT_TYPES } from "../client/permits.ts";
import { openAccount, openMarkets } from "../periphery/ledgerPreview.ts";
import { type AccountId, NO_ACCOUNT } from "../types/accountId.ts";
import { hasGain } from "../types/portfolio.ts";
import { type Client, providerOf, readHouse, signerOf } from "./client.ts";
import { decoded } from "./errors.ts";

type Sent = Promise<ContractTransactionResponse>;

// ---------------------------------------------------------------------- batch

/**
 * Several calls in one transaction, all or none. The margin of the accounts that the sender may trade for is checked once, at
 * the end.
 * @param steps What the methods of any contract make: `client.house.settle.populateTransaction(accounts)`.
 */
export async function batch({ house }: Client, steps: readonly Promise<ContractTransaction>[]): Sent {
  const calls = (await Promise.all(steps)).map(({ to, data }) => ({ target: to, data }));
  return decoded(house.batch(calls));
}

// ---------------------------------------------------------------------- collateral

export interface Deposit {
  readonly account: AccountId;
  /** Token units. */
  readonly amount: bigint;
  /** Whether to sign an allowance (ERC-2612) where there is none, so that no approval has to be sent first. */
  readonly permit?: boolean;
}

/** Adds collateral to any account. The sender pays; without `permit` the vault needs the token's allowance. */
export async function deposit(client: Client, { account, amount, permit = false }: Deposit): Sent {
  const { token, house, vault } = client;
  const signer = signerOf(client);
  const owner = await signer.getAddress();
  const allowed = async () => (await token.allowance(owner, vault)) >= amount;
  const plain = () => decoded(house.depositFor(account, amount));
  if (!permit || (await allowed())) return plain();
  const { deadline, v, r, s } = await signPermit(client, owner, amount);
  try {
    return await batch(client, [
      token.permit.populateTransaction(owner, vault, amount, deadline, v, r, s),
      house.depositFor.populateTransaction(account, amount),
    ]);
  } catch (error) {
    // A signature can be used by anybody who sees it. Then the allowance is there, and the permit fails.
    if (await allowed()) return plain();
    throw error;
  }
}

async function signPermit(client: Client, owner: string, value: bigint) {
  const { token, vault } = client;
  const [spender, nonce, found] = await Promise.all([vault.getAddress(), token.nonces(owner), token.eip712Domain()]);
  const domain: TypedDataDomain = {
    name: found.name,
    version: found.version,
    chainId: found.chainId,
    verifyingContract: found.verifyingContract,
  };
  const block = await providerOf(client).getBlock("latest");
  const deadline = BigInt(block?.timestamp ?? 0) + PERMIT_SECONDS;
  const message = { owner, spender, value, nonce, deadline };
  const signed = await signerOf(client).signTypedData(domain, mutable(PERMIT_TYPES), message);
  const { v, r, s } = Signature.from(signed);
  return { deadline, v, r, s };
}

export interface Withdrawal {
  readonly account: AccountId;
  /** Token units. */
  readonly amount: bigint;
  readonly to: string;
  /** Accounts that may owe what this one has won: they are settled first, as far as that is needed. */
  readonly losers?: readonly string[];
}

/**
 * Takes free collateral out. Where gains of the account still wait, they are collected in the same transaction: from the pools,
 * and from as many of `losers` as the claims need.
 */
export async function withdraw(client: Client, { account, amount, to, losers = [] }: Withdrawal): Sent {
  const { house: stored, accounts } = await readHouse(client, { accounts: [account, ...losers] });
  const opened = openMarkets(stored);
  const [winner, ...others] = accounts.map((one) => openAccount(opened, one));
  if (winner === undefined || !hasGain(winner, opened.books))
    return decoded(client.house.withdraw(account, amount, to));
  const list = [...losersFor(opened, winner, others).map(({ id }) => id), account];
  return batch(client, [
    client.house.settle.populateTransaction(list),
    client.house.withdraw.populateTransaction(account, amount, to),
  ]);
}

// ---------------------------------------------------------------------- orders

/** Signs an order for `OrderSettlement`. The key is the owner's, or one that holds the trade right on the account. */
export async function signOrder(client: Client, order: Order, signer: Signer = signerOf(client)): Promise<SignedOrder> {
  requireSensible(order);
  const { chainId } = await providerOf(client).getNetwork();
  const domain = orderDomain(Number(chainId), await client.settlement.getAddress());
  const signature = Signature.from(await signer.signTypedData(domain, mutable(ORDER_TYPES), order));
  // The 64 bytes of ERC-2098: a word of calldata less.
  return { order, signature: signature.compactSerialized as `0x${string}` };
}

export interface Pair {
  readonly buy: SignedOrder;
  readonly sell: SignedOrder;
  /** As much as both allow without it. */
  readonly maxSize?: bigint;
  /** The account that earns what the signers offer. */
  readonly feeTo?: AccountId;
}

/** Fills two orders that cross. Anyone may. */
export async function settleOrders(client: Client, { buy, sell, maxSize = MOST, feeTo = NO_ACCOUNT }: Pair): Sent {
  const { settlement } = client;
  return decoded(settlement.settle(buy.order, buy.signature, sell.order, sell.signature, maxSize, feeTo));
}

const MOST = (1n << 128n) - 1n;

/** Voids an order and every one before it in its lane. */
export async function cancelOrder({ settlement }: Client, { account, nonce }: Pick<Order, "account" | "nonce">): Sent {
  return decoded(settlement.cancelOrder(account, nonce));
}

/** Voids every order of an account. New ones must name the epoch that begins with it. */
export async function cancelAllOrders({ settlement }: Client, account: AccountId): Sent {
  return decoded(settlement.cancelAll(account));
}

/** ethers takes no read-only lists. */
function mutable<Field>(types: Readonly<Record<string, readonly Field[]>>): Record<string, Field[]> {
  return Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]]));
}

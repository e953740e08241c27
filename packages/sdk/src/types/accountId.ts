/** Names an account: its owner and one of the owner's sub-accounts (`contracts/types/AccountId.sol`). */
import { toUint } from "../math/narrow.ts";

/** 32 bytes: `owner` in the upper 160 bits, `number` in the lower 96. */
export type AccountId = `0x${string}`;

/** The account of nobody: what is passed where no account is meant. */
export const NO_ACCOUNT: AccountId = `0x${"0".repeat(64)}`;

/** @throws OutOfRange Where `number` has more than 96 bits. */
export function accountId(owner: string, number = 0n): AccountId {
  if (!/^0x[0-9a-fA-F]{40}$/.test(owner)) throw new Error(`not an address: ${owner}`);
  return `0x${owner.slice(2).toLowerCase()}${toUint("number", number, 96).toString(16).padStart(24, "0")}`;
}

/** In lower case, without a checksum. */
export function ownerOf(account: string): `0x${string}` {
  return `0x${account.slice(2, 42).toLowerCase()}`;
}

export function subAccountOf(account: string): bigint {
  return BigInt(`0x${account.slice(42)}`);
}

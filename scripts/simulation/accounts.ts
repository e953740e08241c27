import { concat, toBeHex, ZeroHash } from "ethers";

/** The trade right of `types/Rights.sol`. */
export const TRADE = 1;
export const NO_ACCOUNT = ZeroHash;

/** `types/AccountId.sol`: the owner, then the number of the sub-account in 96 bits. */
export function accountId(owner: string, number = 0n): string {
  return concat([owner, toBeHex(number, 12)]);
}

/** Allowances by signature (ERC-2612). */

export const PERMIT_TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** For how long a permit that this SDK signs is good, seconds: the time that a transaction may take to be included. */
export const PERMIT_SECONDS = 1_200n;

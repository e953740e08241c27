/** Where a clearing house and what belongs to it stand on one chain. */

export type Address = `0x${string}`;

export interface Deployment {
  readonly chainId: number;
  /** The first contract stands in this block: nothing before it is of interest. */
  readonly startBlock: number;
  readonly contracts: Contracts;
  /** By market number. */
  readonly markets: readonly { readonly name: string; readonly source: string }[];
}

/** Addresses, as `deployment.json` of a deployment has them. */
export interface Contracts {
  readonly manager: string;
  readonly token: string;
  readonly oracle: string;
  readonly house: string;
  readonly vault: string;
  readonly fund: string;
  readonly governor: string;
  readonly lens: string;
  readonly settlement: string;
}

/** What reading a clearing house asks of a chain: everything in one block, so that it fits together. */
import type { Hash, Hex } from "../periphery/houseStorage.ts";
import type { OraclePrice } from "../periphery/ledgerPreview.ts";

/** A clearing house as it was in one block. `./ethers` and `./viem` make one. */
export interface Source {
  readonly keccak256: Hash;
  /** Of the block, unix seconds. */
  readonly time: bigint;
  /** `ClearingHouse.load` */
  load(slots: readonly Hex[]): Promise<readonly string[]>;
  /** `ClearingHouse.marketCount` */
  marketCount(): Promise<number>;
  /** `PriceOracle.read`: undefined where the oracle refuses. What is wrong with the connection is an error. */
  price(market: number, mark: bigint, acceptedAt: bigint): Promise<OraclePrice | undefined>;
  /** `InsuranceFund.available` and the gap of `limitOf`. */
  fundLimit(market: number): Promise<{ readonly available: bigint; readonly gap: bigint }>;
  /** `ClearingHouse.fundAccount` */
  fundAccount(): Promise<string>;
  /** `CollateralVault.unit` */
  tokenUnit(): Promise<bigint>;
}

/** Zerofloor with viem 2 and wagmi: contracts to be passed to their hooks, reading, what is signed, errors. */
export * from "../client/deployment.ts";
export { ContractError } from "../client/errors.ts";
export { type Order, orderNonce, type SignedOrder } from "../client/orders.ts";
export type { ReadHouse, Wanted } from "../client/readHouse.ts";
export type { Source } from "../client/source.ts";
export * from "../generated/abis.ts";
export { contractsOf } from "./contracts.ts";
export { decodeError } from "./errors.ts";
export { readHouse, sourceAt } from "./reading.ts";
export { orderTypedData, permitTypedData } from "./typedData.ts";

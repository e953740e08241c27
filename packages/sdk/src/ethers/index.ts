/** Zerofloor with ethers 6: typed contracts, reading, writing, errors. */
export * from "../client/deployment.ts";
export { ContractError } from "../client/errors.ts";
export { type Order, orderNonce, type SignedOrder } from "../client/orders.ts";
export type { ReadHouse, Wanted } from "../client/readHouse.ts";
export type { Source } from "../client/source.ts";
export { type Client, connect, readHouse, sourceAt } from "./client.ts";
export { decoded, decodeError } from "./errors.ts";
export * from "./factories.ts";
export * from "./writes.ts";

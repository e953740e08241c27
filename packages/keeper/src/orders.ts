/** Resting orders that positions are sold on to: a file that somebody else keeps, read again whenever it changes. */
import { readFileSync, statSync } from "node:fs";
import { isHexString } from "ethers";
import { type AccountId } from "zerofloor";
import type { Client, SignedOrder } from "zerofloor/ethers";
import { z } from "zod";
import type { Log } from "./log.ts";
import type { Offer } from "./plan/desk.ts";
import { reasonOf, SetupError } from "./setupError.ts";

const Whole = z
  .union([z.string().regex(/^\d{1,78}n?$/), z.int().nonnegative()])
  .transform((found) => BigInt(String(found).replace("n", "")));
const Hex = (bytes: number) =>
  z.custom<`0x${string}`>((found) => isHexString(found, bytes), `must be ${bytes} bytes in hex`);

const Orders = z.array(
  z.strictObject({
    order: z.strictObject({
      account: Hex(32).transform((id) => id.toLowerCase() as AccountId),
      market: z.int().min(0).max(127),
      isBuy: z.boolean(),
      reduceOnly: z.boolean(),
      size: Whole,
      price: Whole,
      nonce: Whole,
      epoch: Whole,
      expiry: z.int().nonnegative(),
      fee: z.int().min(0).max(10_000),
    }),
    signature: z.union([Hex(64), Hex(65)]),
  }),
);

export class OrderFile {
  #changed = -1;
  #orders: readonly SignedOrder[] = [];

  constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {}

  /** @throws SetupError Where the file cannot be used. */
  load(): void {
    try {
      const { mtimeMs } = statSync(this.path);
      if (mtimeMs === this.#changed) return;
      this.#orders = Orders.parse(JSON.parse(readFileSync(this.path, "utf8")));
      this.#changed = mtimeMs;
    } catch (cause) {
      const [issue] = cause instanceof z.ZodError ? cause.issues : [];
      const why = issue === undefined ? reasonOf(cause) : `${issue.path.join(".")}: ${issue.message}`;
      throw new SetupError(`${this.path}: is no file of signed orders: ${why}`, { cause });
    }
  }

  /** What could be filled now. Where the file is being written, what was there before. */
  async offers(client: Client, time: number): Promise<Offer[]> {
    try {
      this.load();
    } catch (error) {
      this.log.warn({}, reasonOf(error));
    }
    const good = this.#orders.filter(({ order }) => order.expiry > time + 60);
    const left = await Promise.all(good.map(({ order }) => client.settlement.remaining(order)));
    return good.map((signed, i) => ({ signed, left: left[i] ?? 0n })).filter((offer) => offer.left > 0n);
  }
}

/** Which storage slots a transaction took and which it freed, from the chain's own trace. */
import { z } from "zod";
import type { World } from "./world.ts";

const Touched = z.record(z.string(), z.object({ storage: z.record(z.string(), z.string()).optional() }));
/** What was written, before and after. A slot is in one of them only where it is zero in the other. */
const Trace = z.object({ pre: Touched, post: Touched });

export interface Slots {
  /** Zero before, and no longer. */
  readonly taken: number;
  readonly freed: number;
}

/** In one contract, or in all together. */
export async function slotsOf(
  { connection }: World,
  transaction: string,
  contract?: { getAddress(): Promise<string> },
): Promise<Slots> {
  const options = { tracer: "prestateTracer", tracerConfig: { diffMode: true } };
  const found: unknown = await connection.ethers.provider.send("debug_traceTransaction", [transaction, options]);
  const { pre, post } = Trace.parse(found);
  const only = (await contract?.getAddress())?.toLowerCase();
  const missingIn = (others: z.infer<typeof Touched>, touched: z.infer<typeof Touched>) =>
    Object.entries(touched)
      .filter(([address]) => only === undefined || address === only)
      .flatMap(([address, { storage = {} }]) =>
        Object.keys(storage).filter((slot) => others[address]?.storage?.[slot] === undefined),
      ).length;
  return { taken: missingIn(pre, post), freed: missingIn(post, pre) };
}

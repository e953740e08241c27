/** One number that a benchmark found, and what is good about it. Knows no other numbers to compare it with. */
import { z } from "zod";

export const Figure = z.strictObject({
  name: z.string().min(1),
  value: z.number().nonnegative(),
  unit: z.string().min(1),
  better: z.enum(["lower", "higher"]),
  /** By which part it may be worse than the committed one before that is a failure, where none has been committed yet. */
  tolerance: z.number().nonnegative(),
  /** Which curve it is a point of. */
  curve: z.strictObject({ of: z.string().min(1), over: z.string().min(1), at: z.number().int().positive() }).optional(),
});
export type Figure = z.infer<typeof Figure>;

/** Signatures and addresses have zero bytes now and then: gas may differ by this part and be the same. */
export const GAS_TOLERANCE = 0.005;

export function gas(name: string, value: bigint, curve?: Figure["curve"]): Figure {
  const figure = { name, value: Number(value), unit: "gas", better: "lower", tolerance: GAS_TOLERANCE } as const;
  return curve === undefined ? figure : { ...figure, curve };
}

/** Slots of 32 bytes: one more is one too many. */
export function slots(name: string, value: number, curve?: Figure["curve"]): Figure {
  const figure = { name, value, unit: "slots", better: "lower", tolerance: 0 } as const;
  return curve === undefined ? figure : { ...figure, curve };
}

/** What depends on the machine: a failure only where it is several times worse. */
export function onThisMachine(name: string, value: number, unit: string, better: Figure["better"]): Figure {
  return { name, value, unit, better, tolerance: 3 };
}

/** What one machine has in common with another, as far as two kinds of work take equally long on both. */
export function ratio(name: string, value: number, unit: string, better: Figure["better"] = "lower"): Figure {
  return { name, value, unit, better, tolerance: 1 };
}

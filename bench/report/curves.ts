/** Figures that are points of curves, put together again. */
import type { Figure } from "../figure.ts";

export interface Curve {
  readonly of: string;
  readonly unit: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/** Curves that count the same along both axes, and are drawn into one plot. */
export interface Family {
  readonly over: string;
  readonly unit: string;
  readonly curves: readonly Curve[];
}

export function families(figures: readonly Figure[]): Family[] {
  const found = new Map<string, { over: string; unit: string; curves: Map<string, Curve["points"]> }>();
  for (const { curve, unit, value } of figures) {
    if (curve === undefined) continue;
    const key = `${curve.over} ${unit}`;
    const family = found.get(key) ?? { over: curve.over, unit, curves: new Map<string, Curve["points"]>() };
    found.set(key, family);
    family.curves.set(curve.of, [...(family.curves.get(curve.of) ?? []), { at: curve.at, value }]);
  }
  return [...found.values()].map(({ over, unit, curves }) => ({
    over,
    unit,
    curves: [...curves].map(([of, points]) => ({ of, unit, points: [...points].sort((a, b) => a.at - b.at) })),
  }));
}

/** The least and the greatest that a curve has: how flat it is, or how much each further one costs. */
export function growth({ points }: Curve): { readonly each: number; readonly spread: number } {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return { each: 0, spread: 0 };
  const values = points.map(({ value }) => value);
  return {
    each: (last.value - first.value) / (last.at - first.at),
    spread: Math.max(...values) - Math.min(...values),
  };
}

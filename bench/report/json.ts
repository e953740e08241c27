/** The same for programs. */
import type { Run } from "./run.ts";

export function asJson({ found }: Run): string {
  const parts = found.map(({ part, outcome: { comparisons, missing, fails }, seconds }) => [
    part,
    {
      ...{ seconds, fails, missing },
      figures: comparisons.map(({ figure, committed, verdict }) => ({
        ...figure,
        ...(committed === undefined ? {} : { committed: committed.value, tolerance: committed.tolerance }),
        verdict,
      })),
    },
  ]);
  return `${JSON.stringify(Object.fromEntries(parts), null, 2)}\n`;
}

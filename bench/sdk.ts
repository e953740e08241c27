import type { Progress } from "../scripts/simulation/run.ts";
import { figuresOf } from "./child.ts";
import type { Figure } from "./figure.ts";

export function measureSdk(progress: Progress): Promise<Figure[]> {
  return figuresOf(["packages/sdk/bench/evaluations.ts", "--json"], progress);
}

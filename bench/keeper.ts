import type { Progress } from "../scripts/simulation/run.ts";
import { figuresOf } from "./child.ts";
import type { Figure } from "./figure.ts";

export function measureKeeper(progress: Progress): Promise<Figure[]> {
  return figuresOf(["--expose-gc", "packages/keeper/bench/keeper.ts", "--json"], progress);
}

/** Deleveraging one account, against how many hold the other side: the waterfall reaches all of them through two numbers. */
import type { Progress } from "../../scripts/simulation/run.ts";
import { deleverageAgainst, FEW_TOKENS } from "../deleverage.ts";
import { gas, slots, type Figure } from "../figure.ts";

const OPPOSING = [1, 10, 100, 1_000, 10_000];
/** Opened between two steps of the progress bar. */
const CHUNK = 250;

export async function opponents(progress: Progress): Promise<Figure[]> {
  const chunks = OPPOSING.reduce((sum, accounts) => sum + Math.ceil(accounts / CHUNK), 0);
  progress.stage("opposing accounts", chunks);
  const figures: Figure[] = [];
  for (const accounts of OPPOSING) {
    const found = await deleverageAgainst(accounts, FEW_TOKENS, () => {
      progress.advance();
    });
    const against = `against ${accounts.toLocaleString("en-US")} opposing account${accounts === 1 ? "" : "s"}`;
    const over = "opposing accounts";
    figures.push(
      gas(`deleverage ${against}`, found.gas, { of: "deleverage", over, at: accounts }),
      slots(`deleverage ${against}, new storage`, found.slots, { of: "deleverage, new storage", over, at: accounts }),
    );
  }
  return figures;
}

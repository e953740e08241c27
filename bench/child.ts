/**
 * Figures of a program that runs on its own, so that nothing else is in its memory or takes its time. It writes lines of JSON:
 * `{"stage":…,"total":…}` and `{"advance":1}` while it goes on, and `{"figures":[…]}` once.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Progress } from "../scripts/simulation/run.ts";
import { Figure } from "./figure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const Line = z.union([
  z.strictObject({ stage: z.string(), total: z.number().int().positive() }),
  z.strictObject({ advance: z.literal(1) }),
  z.strictObject({ figures: z.array(Figure) }),
]);

export async function figuresOf(program: readonly string[], progress: Progress): Promise<Figure[]> {
  const child = spawn(process.execPath, ["--import", "tsx", ...program], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  let found: Figure[] | undefined;
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = Line.parse(JSON.parse(text));
      if ("figures" in line) found = line.figures;
      else if ("stage" in line) progress.stage(line.stage, line.total);
      else progress.advance();
    }
  } catch (error) {
    child.kill();
    throw error;
  }
  const status = await ended;
  if (found === undefined || status !== 0)
    throw new Error(`${program.join(" ")} ended with ${status} and without figures`);
  return found;
}

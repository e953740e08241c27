/** Commands as a person meets them, and files to give to them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Facts of exchanges, beside the checkout; not in it, and not in every place. */
export const SHARED_DATA = fileURLToPath(new URL("../../../shared/data", import.meta.url));
export const HEAD = "timestamp,open,high,low,close,volume";

/** Runs one of `scripts/` to its end. */
export function runScript(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", `scripts/${script}`, ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

/** A folder for files that a test writes. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "zerofloor-"));
  return {
    folder,
    file: (name: string, ...lines: string[]): string => {
      const path = join(folder, name);
      writeFileSync(path, `${lines.join("\n")}\n`);
      return path;
    },
    remove: (): void => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** A candle of `minute` past ten. */
export function candle(minute: number, prices = "100,110,90,105"): string {
  return `2025-01-01T10:${minute.toString().padStart(2, "0")}:00Z,${prices},1`;
}

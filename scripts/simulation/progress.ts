import { Presets, SingleBar } from "cli-progress";
import type { Progress } from "./run.ts";

/** For whoever does not look: tests, pipes. */
export function noProgress(): Progress {
  const nothing = () => undefined;
  return { stage: nothing, advance: nothing, end: nothing };
}

/** A bar on stderr; nothing at all where that is no terminal. */
export function terminalProgress(): Progress {
  if (!process.stderr.isTTY) return noProgress();
  const bar = new SingleBar(
    {
      format: "  {label} {bar} {value}/{total}  {eta_formatted}",
      hideCursor: true,
      clearOnComplete: true,
      barsize: 40,
      // Steps take from a hundredth of a second to many: the time that is left is judged by the last ones together.
      etaBuffer: 200,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  return {
    stage(label, total) {
      bar.stop();
      bar.start(total, 0, { label: label.padEnd(22) });
    },
    advance() {
      bar.increment();
    },
    end() {
      bar.stop();
    },
  };
}

/** How long an account stayed below its maintenance margin before somebody acted. */
import type { Result } from "../result.ts";
import { bars, hits } from "./bins.ts";
import { drawing, evenly, nothing, places } from "./frame.ts";
import { counted } from "./people.ts";
import { BLUE } from "./style.ts";

/** Minutes at which bins begin: each goes up to the next one, the last one is open. */
const BINS = [0, 1, 2, 3, 4, 5, 10, 20, 60, 240];

export function latencies({ latency }: Result): string {
  const [title, unit] = ["Liquidation latency", "accounts, by minutes below MM until somebody acted"];
  if (latency.every((accounts) => accounts === 0)) return nothing(title, unit, "nobody had to be acted on");
  const last = latency.findLastIndex((accounts) => accounts > 0);
  // At least up to five minutes, so that "at once" looks like it.
  const used = BINS.filter((from) => from <= Math.max(last, 5));
  const until = (i: number) => used[i + 1] ?? Infinity;
  const counts = used.map((from, i) => latency.slice(from, until(i)).reduce((all, accounts) => all + accounts, 0));
  const names = used.map((from, i) => (until(i) - from === 1 ? `${from}` : `${from}+`));
  const span = (i: number) =>
    until(i) === Infinity ? `${used[i] ?? 0} or more` : [...new Set([used[i], until(i) - 1])].join(" to ");
  const x = places(
    used.length,
    names.map((label, i) => ({ edge: i + 0.5, label })),
  );
  const y = evenly(0, Math.max(...counts), "y");
  return drawing({
    ...{ title, unit, keys: [], x, y, xName: "minutes; 0 is the same minute" },
    inside:
      bars(counts, x, y, BLUE) +
      hits(
        counts.map((accounts, i) => `${span(i)} min: ${counted(accounts, "account")}`),
        x,
      ),
  });
}

/** The book alone: no node, no chain. */
import { ONE, openMarkets, PPM, type StoredAccount } from "zerofloor";
import { storedAccount as holding, storedHouse, storedMarket } from "../../sdk/test/plainHouse.ts";
import { Roster } from "../src/roster.ts";
import { atLeast, atMost, count as counted, type Figure, MACHINE } from "./figures.ts";

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const MARKS = [60_000n, 2_500n, 150n];

function accountOf(n: number): StoredAccount {
  const entered = MARKS.map((mark, market) => {
    const size = ((1_000n + BigInt((n * 7_919) % 100_000)) * ONE) / mark;
    return { market, size: (n + market) % 2 === 0 ? size : -size, price: mark * ONE };
  });
  return holding(`0x${n.toString(16).padStart(64, "0")}`, BigInt(3_000 + ((n * 104_729) % 20_000)) * ONE, entered);
}

function openedAt(fallen: bigint) {
  const markets = MARKS.map((mark, market) =>
    storedMarket(market, (mark * ONE * (1_000n - fallen)) / 1_000n, 10n ** 24n),
  );
  return openMarkets(storedHouse(markets));
}

/** 100,000 accounts, cross-margined over three markets. */
export function measureBook(): Figure[] {
  const count = 100_000;
  const before = heap();
  const roster = new Roster(PPM);
  const opened = openedAt(0n);
  roster.open(opened);
  for (let from = 0; from < count; from += 5_000)
    roster.put(
      opened,
      Array.from({ length: 5_000 }, (_, n) => accountOf(from + n)),
    );
  const [megabytes, resident] = [heap() - before, process.memoryUsage().rss / 2 ** 20];

  let best = 0;
  for (let round = 0; round < 5; ++round) {
    // Read anew, everybody is due.
    const fresh = new Roster(PPM);
    fresh.open(opened);
    for (let from = 0; from < count; from += 5_000)
      fresh.put(
        opened,
        Array.from({ length: 5_000 }, (_, n) => accountOf(from + n)),
      );
    const begun = performance.now();
    const { measured } = fresh.look(opened);
    best = Math.max(best, measured / ((performance.now() - begun) / 1_000));
  }
  roster.look(opened);
  const now = openedAt(5n);
  roster.open(now);
  const begun = performance.now();
  const { measured } = roster.look(now);
  const took = performance.now() - begun;
  return [
    { what: "heap for them", found: megabytes, unit: "MB", target: atMost(500), tolerance: 0.5 },
    { what: "memory of the whole process", found: resident, unit: "MB", target: atMost(500), tolerance: 1 },
    { what: "accounts measured", found: best, unit: "a second", target: atLeast(200_000), tolerance: MACHINE },
    counted("accounts measured after a fall of half a per cent", measured),
    { what: "time that takes", found: took, unit: "ms" },
  ];
}

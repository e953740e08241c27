/**
 * The crash of 10 October 2025, from figures that are public knowledge.
 *
 * What was reported, and by whom:
 * - Before: BTC near 116,500 to 117,000, ETH near 4,013 (CoinDesk's page of 10 October, "Ether's 7% Plunge Leads Crypto
 *   Liquidations").
 * - Timing: a cascade of 40 minutes from 20:50 UTC on, with the worst minute at 21:15 (Amberdata, "How $3.21B Vanished in
 *   60 Seconds"); the highest volatility between 21:10 and 21:20 (Binance's statement of 12 October).
 * - Lows: BTC 101,500 and a return to 112,500, ETH back above 3,800, SOL "over 30 %" down (news of 11 October, after
 *   Cointelegraph); ETH 3,436 (Coinglass and CoinMarketCap); SOL near 144 and back to 183 (Tekedia, 14 October).
 *
 * What was not: the levels between these, at 21:00, 21:10 and 21:16. They are round numbers that give the two legs the
 * reported timing. Between two rows the path is a straight line, minute by minute. No exchange's candles are in here;
 * `--prices` walks those.
 */
import { ONE } from "../simulation/fixedPoint.ts";
import type { PricePath, PriceStep } from "../simulation/path.ts";

const MARKETS = ["BTC", "ETH", "SOL"] as const;

const DAY = Date.UTC(2025, 9, 10) / 1000;

/** UTC, then whole dollars in the order of the markets. */
const POINTS: readonly (readonly [string, readonly bigint[]])[] = [
  ["20:40", [117_000n, 4_010n, 206n]], // reported
  ["20:50", [117_000n, 4_010n, 206n]], // reported: the cascade begins
  ["21:00", [114_500n, 3_880n, 198n]], // chosen: the first leg
  ["21:10", [114_500n, 3_880n, 198n]], // chosen: a pause
  ["21:16", [109_000n, 3_660n, 180n]], // chosen: the second leg
  ["21:20", [101_500n, 3_436n, 144n]], // reported: the lows
  ["21:30", [109_000n, 3_660n, 176n]], // chosen: the cascade is over
  ["22:00", [112_500n, 3_810n, 183n]], // reported: the rebound
];

function minuteOf(utc: string): number {
  return DAY / 60 + Number(utc.slice(0, 2)) * 60 + Number(utc.slice(3));
}

/**
 * On straight lines between the points; what a line leaves beyond 8 decimals is cut off, as a feed does.
 *
 * @param every Minutes from one price to the next. The more, the further prices jump.
 */
export function october2025(every = 1): PricePath {
  const steps: PriceStep[] = [];
  const [first] = POINTS;
  if (first !== undefined) steps.push(stepAt(minuteOf(first[0]), first[1], first[1], 0n, 1n));
  for (const [i, [until, to]] of POINTS.entries()) {
    const previous = POINTS[i - 1];
    if (previous === undefined) continue;
    const start = minuteOf(previous[0]);
    const minutes = minuteOf(until) - start;
    for (let passed = 1; passed <= minutes; ++passed) {
      steps.push(stepAt(start + passed, previous[1], to, BigInt(passed), BigInt(minutes)));
    }
  }
  return {
    title: "the crash of 10 October 2025, public figures, straight lines between them",
    markets: MARKETS,
    steps: steps.filter((_, minute) => minute % every === 0 || minute === steps.length - 1),
  };
}

function stepAt(
  minute: number,
  from: readonly bigint[],
  to: readonly bigint[],
  passed: bigint,
  minutes: bigint,
): PriceStep {
  const tick = ONE / 10n ** 8n;
  const prices = from.map((price, market) => {
    const moved = (((to[market] ?? price) - price) * ONE * passed) / minutes;
    const exact = price * ONE + moved;
    return exact - (exact % tick);
  });
  return { time: minute * 60, prices };
}

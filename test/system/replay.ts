/** The worst minutes of recorded crashes, with the limits on. The files are not part of the repository. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { eventsFrom } from "../../scripts/replay/events.ts";
import { marketFigures } from "../../scripts/simulation/figures.ts";
import { noProgress } from "../../scripts/simulation/progress.ts";
import { holds, run, type Result } from "../../scripts/simulation/run.ts";
import { SHARED_DATA } from "../utils/commands.ts";

/** Which files, from when to when (UTC), and how many of a thousand the price moves at least from one mark to the next. */
const WINDOWS = [
  {
    files: ["2020-03-12_BTCUSDT_perp_1m_window", "2020-03-12_ETHUSDT_perp_1m_window"],
    from: "10:35",
    until: "10:50",
    gap: 150n,
  },
  { files: ["2021-05-19_BTCUSDT_spot_1m", "2021-05-19_ETHUSDT_spot_1m"], from: "13:00", until: "13:12", gap: 40n },
  { files: ["2024-08-05_BTCUSDT_spot_1m", "2024-08-05_ETHUSDT_spot_1m"], from: "01:10", until: "01:25", gap: 10n },
  {
    files: ["BTC", "ETH", "SOL", "DOGE"].map((name) => `2025-10-10_${name}USDT_perp_5m`),
    from: "21:05",
    until: "21:35",
    gap: 450n,
  },
];
const THOUSAND = 1_000n;

describe("a replay of recorded prices", () => {
  const paths = WINDOWS.map(({ files }) => files.map((file) => join(SHARED_DATA, `${file}.csv`)));
  if (!paths.flat().every((file) => existsSync(file))) {
    console.log("  skipped, and not counted: replays of recorded prices, because ../shared/data is not here");
    return;
  }

  for (const [i, { files, from, until, gap }] of WINDOWS.entries()) {
    const day = files[0]?.slice(0, "2020-03-12".length) ?? "";

    describe(`of ${day}`, () => {
      let result: Result;

      before(async () => {
        const [event, ...others] = eventsFrom(paths[i] ?? []);
        if (event === undefined || others.length > 0) throw new Error("not one event");
        const [first, last] = [from, until].map((clock) => Date.parse(`${day}T${clock}:00Z`) / 1_000);
        const steps = event.path.steps.filter(({ time }) => time >= (first ?? 0) && time <= (last ?? 0));
        const path = { ...event.path, steps };
        result = await run({ path, accounts: 24, seed: 1n, insurance: undefined }, noProgress());
      });

      it("accounts for everything and leaves nobody below zero (P1, P2)", () => {
        expect(result.steps.filter(({ accounted, floored }) => !accounted || !floored)).to.be.empty;
        expect(holds(result)).to.be.true;
      });

      it("holds its limits: what was open at first, what was refused after jumps, and the margin in between", () => {
        for (const { market, openInterest, openInterestLimit, initialMargin } of marketFigures(result)) {
          expect(openInterest.first.value <= openInterestLimit.first.value, market).to.be.true;
          expect(initialMargin.highest.value >= initialMargin.first.value, market).to.be.true;
        }
        const worst = marketFigures(result).map(({ gap: { value } }) => (value < 0n ? -value : value) / THOUSAND);
        expect(
          worst.some((moved) => moved >= gap),
          `moves of ${worst.join(", ")} thousandths`,
        ).to.be.true;
      });
    });
  }
});

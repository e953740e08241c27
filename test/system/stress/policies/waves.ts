/** 10 October 2025 as a schedule: what was needed, to the dollar, and how little of it ours misses. */
import { existsSync } from "node:fs";
import { expect } from "chai";
import { InputError } from "../../../../scripts/commandLine.ts";
import { parseFixed } from "../../../../scripts/simulation/fixedPoint.ts";
import { assumedMoment } from "../../../../scripts/stress/waves/assumedMoment.ts";
import { parseDecimal } from "../../../../scripts/stress/waves/decimal.ts";
import { MULTIPLES, reproduce, type WaveResult } from "../../../../scripts/stress/waves/reproduce.ts";
import { readSchedule, SCHEDULE, type Wave } from "../../../../scripts/stress/waves/schedule.ts";
import { wavesText } from "../../../../scripts/stress/waves/text.ts";
import { temporaryFolder } from "../../../utils/commands.ts";
import { ONE } from "./moments.ts";

const HEAD = "wave,t_start_ms,t_end_ms,coin,gap_usd_x_qty,qty_contracts,gap_per_contract_usd";
/** Made up. */
const LINES = [
  "1,1000,1000,AAA,100.5,40.2,2.5",
  "1,1000,1000,BBB,8.000000000001062e-06,2.0,4.000000000000531e-06",
  "3,2000,2000,AAA,0.0,7.0,0.0",
];

describe("a schedule of deleveragings", () => {
  const files = temporaryFolder();
  after(() => {
    files.remove();
  });

  it("is read wave by wave, exactly to the 18th digit", () => {
    const [first, second] = readSchedule(files.file("schedule.csv", HEAD, ...LINES));
    expect(first).to.include({ wave: 1, time: 1000, needed: (1005n * ONE) / 10n + 8_000_000_000_001n });
    expect(first?.entries.map(({ coin, size }) => [coin, size])).to.deep.equal([
      ["AAA", (402n * ONE) / 10n],
      ["BBB", 2n * ONE],
    ]);
    expect(second).to.include({ wave: 3, needed: 0n });
  });

  it("is refused with the reason where it is none", () => {
    const refused = (file: string, words: string) => {
      expect(() => readSchedule(file)).to.throw(InputError, words);
    };
    refused(`${files.folder}/missing.csv`, "not part of this repository");
    refused(files.file("empty.csv", HEAD), "is empty");
    refused(files.file("other.csv", "a,b", "1,2"), "columns are missing");
    refused(files.file("ragged.csv", HEAD, "1,2"), "no CSV file");
    refused(
      files.file("words.csv", HEAD, LINES[0]?.replace("40.2", "many") ?? ""),
      "line 2: qty_contracts is no number",
    );
    refused(files.file("nothing.csv", HEAD, LINES[0]?.replace("40.2", "0.0") ?? ""), "nothing was closed");
  });

  it("numbers have exponents, and more digits than money", () => {
    expect(parseDecimal("4222.73250000006")).to.equal(parseFixed("4222.73250000006"));
    expect(parseDecimal("8e-06")).to.equal(8n * 10n ** 12n);
    expect(parseDecimal("1.5E+2")).to.equal(150n * ONE);
    expect(parseDecimal("0.0000000000000000005")).to.equal(1n);
    expect(parseDecimal("0.00000000000000000049")).to.equal(0n);
    for (const text of ["", "-1", "1e", "0x1", "1e100", "NaN"]) expect(parseDecimal(text), text).to.equal(undefined);
  });

  it("becomes a moment with the amount, the size and the multiple that were asked for", () => {
    const [first] = readSchedule(files.file("schedule.csv", HEAD, ...LINES));
    for (const entry of first?.entries ?? []) {
      for (const multiple of MULTIPLES) {
        const { defaulters, opposing, sameSide } = assumedMoment(entry, multiple);
        const total = (of: readonly { readonly size: bigint }[]) => of.reduce((all, { size }) => all + size, 0n);
        expect(defaulters).to.deep.equal([{ id: "defaulter", size: entry.size, deficit: entry.needed }]);
        expect(total(opposing)).to.equal((entry.size * multiple) / 10n ** 6n);
        expect(total(sameSide)).to.equal(total(opposing) - entry.size);
      }
    }
  });

  it("misses nothing of what is needed, and a wave in which nothing was needed charges nobody", () => {
    checkOurs(readSchedule(files.file("schedule.csv", HEAD, ...LINES)));
  });
});

describe("10 October 2025", () => {
  if (!existsSync(SCHEDULE)) {
    console.log("  skipped, and not counted: the waves of 10 October 2025, because ../shared/data is not here");
    return;
  }

  it("needed what was published, wave by wave, to the dollar, and ours charges that and wei", () => {
    const results = checkOurs(readSchedule());
    expect(results.map(({ wave }) => wave)).to.deep.equal([1, 2, 4, 5, 7]);
    for (const { wave, needed, recomputed, published } of results) {
      const dollars = (money: bigint) => (money + ONE / 2n) / ONE;
      expect(dollars(needed), `wave ${wave}`).to.equal(dollars(published?.needed ?? 0n));
      expect(dollars(recomputed), `wave ${wave}`).to.equal(dollars(needed));
    }
    const text = wavesText(results);
    for (const words of ["2,266,240", "1,383,878", "1,065,843", "115,497", "8,056", "Assumed"])
      expect(text).to.include(words);
  });
});

/** Less than a thousand billionths of a dollar in any wave, at any open interest, however far A has fallen. */
function checkOurs(waves: readonly Wave[]): WaveResult[] {
  const results = reproduce(waves);
  for (const { wave, needed, sweep } of results) {
    expect(sweep.map(({ multiple }) => multiple)).to.deep.equal([...MULTIPLES]);
    for (const { ours, others } of sweep) {
      expect(ours.undershoot, `wave ${wave}`).to.equal(0n);
      expect(ours.overshoot <= ours.bound && ours.wornOvershoot <= ours.wornBound, `wave ${wave}`).to.equal(true);
      expect(ours.wornBound < 10n ** 6n, `wave ${wave}`).to.equal(true);
      if (needed === 0n)
        expect([ours.overshoot, ...others.map(({ overshoot }) => overshoot)]).to.deep.equal(
          others.map(() => 0n).concat(0n),
        );
    }
  }
  return results;
}

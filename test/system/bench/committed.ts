/** What counts as worse than the committed figures. */
import { expect } from "chai";
import { compare, readCommitted, snapshotText, updated, type Committed } from "../../../bench/committed.ts";
import { gas, onThisMachine, slots, type Figure } from "../../../bench/figure.ts";

const committed = (value: number, tolerance = 0.005): Committed => ({ value, tolerance });

function verdict(figure: Figure, before: Committed) {
  const { comparisons, fails } = compare([figure], { [figure.name]: before });
  return `${comparisons[0]?.verdict ?? "none"}${fails ? ", fails" : ""}`;
}

describe("committed figures", () => {
  it("take a figure for the same within its tolerance, and fail one that is worse by more", () => {
    expect(verdict(gas("deposit", 100_000n), committed(100_000))).to.equal("same");
    expect(verdict(gas("deposit", 100_500n), committed(100_000))).to.equal("same");
    expect(verdict(gas("deposit", 100_501n), committed(100_000))).to.equal("worse, fails");
  });

  it("report a figure that is better, and do not fail", () => {
    expect(verdict(gas("deposit", 99_600n), committed(100_000))).to.equal("same");
    expect(verdict(gas("deposit", 99_000n), committed(100_000))).to.equal("better");
  });

  it("know what is better higher: a tolerance of three is a quarter, or four times as much", () => {
    const speed = (value: number) => onThisMachine("speed", value, "a second", "higher");
    expect(verdict(speed(25_000), committed(100_000, 3))).to.equal("same");
    expect(verdict(speed(24_999), committed(100_000, 3))).to.equal("worse, fails");
    expect(verdict(speed(400_000), committed(100_000, 3))).to.equal("same");
    expect(verdict(speed(400_001), committed(100_000, 3))).to.equal("better");
    const time = (value: number) => onThisMachine("time", value, "ms", "lower");
    expect(verdict(time(400), committed(100, 3))).to.equal("same");
    expect(verdict(time(401), committed(100, 3))).to.equal("worse, fails");
    expect(verdict(time(25), committed(100, 3))).to.equal("same");
    expect(verdict(time(24), committed(100, 3))).to.equal("better");
  });

  it("let nothing come out of nothing: zero stays zero", () => {
    expect(verdict(slots("slots", 0), committed(0, 0))).to.equal("same");
    expect(verdict(slots("slots", 1), committed(0, 0))).to.equal("worse, fails");
    expect(verdict(slots("slots", 0), committed(1, 0))).to.equal("better");
    expect(verdict(onThisMachine("speed", 0, "a second", "higher"), committed(5, 3))).to.equal("worse, fails");
  });

  it("take the tolerance that is committed, not the one that is measured with", () => {
    expect(verdict(gas("deposit", 109_000n), committed(100_000, 0.1))).to.equal("same");
  });

  it("fail a figure that is new, and one that is no longer measured", () => {
    const outcome = compare([gas("new", 1n)], { old: committed(1) });
    expect(outcome.comparisons.map((one) => one.verdict)).to.deep.equal(["new"]);
    expect(outcome.missing).to.deep.equal(["old"]);
    expect(outcome.fails).to.be.true;
    expect(compare([gas("new", 1n)], {}).fails).to.be.true;
    expect(compare([], { old: committed(1) }).fails).to.be.true;
    expect(compare([], {}).fails).to.be.false;
  });

  it("are not compared with two figures of one name", () => {
    expect(() => compare([gas("same", 1n), gas("same", 2n)], {})).to.throw("two figures have the same name");
  });

  it("are written anew for the parts that were measured, with their tolerances and targets", () => {
    const before = { gas: { a: { value: 1, tolerance: 0.1, reach: 5 }, gone: committed(1) }, sdk: { s: committed(9) } };
    expect(updated(before, "gas", [gas("a", 2n), gas("b", 3n)])).to.deep.equal({
      gas: { a: { value: 2, tolerance: 0.1, reach: 5 }, b: { value: 3, tolerance: 0.005 } },
      sdk: { s: committed(9) },
    });
  });

  it("are written as they are read", () => {
    const snapshot = readCommitted();
    expect(JSON.parse(snapshotText(snapshot))).to.deep.equal(snapshot);
    expect(Object.keys(snapshot)).to.include.members(["gas", "scaling", "sdk"]);
  });
});

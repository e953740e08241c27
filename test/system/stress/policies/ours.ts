/** Ours is what the house does: the worked examples, the SDK asked directly, and how little more than needed is charged. */
import { expect } from "chai";
import fc from "fast-check";
import { openAccount, openMarkets, previewDeleverage } from "../../../../packages/sdk/src/index.ts";
import { magnitude } from "../../../../packages/sdk/src/types/size.ts";
import { storedAccount, storedHouse, storedMarket } from "../../../../packages/sdk/test/plainHouse.ts";
import { sum } from "../../../../scripts/simulation/fixedPoint.ts";
import { chargedBy } from "../../../../scripts/stress/policies/allocation.ts";
import { defaultedSize, neededOf } from "../../../../scripts/stress/policies/moment.ts";
import { ours, oursAt } from "../../../../scripts/stress/policies/ours.ts";
import { roundingBound } from "../../../../scripts/stress/policies/sdkMarket.ts";
import { moments, ONE, plainHolder, plainMoment } from "./moments.ts";

const ONE_BASE = 1n << 126n;

describe("our policy", () => {
  it("is worked example 2 of docs/mechanism.md", () => {
    const moment = plainMoment({
      defaulters: [{ id: "long", size: 10n * ONE, deficit: 50n * ONE }],
      opposing: [plainHolder("seven", 7n * ONE, 80n * ONE), plainHolder("others", 93n * ONE, 1_000n * ONE)],
      sameSide: [plainHolder("survivor", 90n * ONE, 1_000n * ONE)],
      insurance: 20n * ONE,
    });
    const { opposing, sameSide, insured, shortfall, pairs } = ours(moment);
    expect(opposing.map(({ charge }) => charge)).to.deep.equal([(21n * ONE) / 10n, (279n * ONE) / 10n]);
    for (const [i, exact] of [(7n * ONE) / 10n, (93n * ONE) / 10n].entries()) {
      // A is rounded down: up to a size-wei more is closed.
      expect([exact, exact + 1n]).to.include(opposing[i]?.closed);
    }
    expect(sameSide).to.deep.equal([{ id: "survivor", closed: 0n, charge: 0n }]);
    expect([insured, shortfall, pairs]).to.deep.equal([20n * ONE, 0n, 0]);
  });

  it("is worked example 1, where nothing is left of the side and the generation ends", () => {
    const moment = plainMoment({
      mark: 1_700n * ONE,
      highestMark: 2_000n * ONE,
      defaulters: [{ id: "alice", size: 10n * ONE, deficit: 1_000n * ONE }],
      opposing: [plainHolder("bob", 10n * ONE, 23_000n * ONE, { entryPrice: 2_000n * ONE })],
      insurance: 400n * ONE,
    });
    const { opposing, insured, imbalance } = ours(moment);
    expect(opposing).to.deep.equal([{ id: "bob", closed: 10n * ONE, charge: 600n * ONE }]);
    expect([insured, imbalance]).to.deep.equal([400n * ONE, 0n]);
  });

  it("is what previewDeleverage says of a small book that is written by hand", () => {
    // Longs a 10 (−50) and d 10 (400), shorts b 5 (120), c 15 (400), entered at 110 and 100.
    const opened = openMarkets(
      storedHouse([storedMarket(0, 100n * ONE, 20n * ONE, { fundAvailable: 7n * ONE })], 7n * ONE),
    );
    const a = storedAccount("a", 50n * ONE, [{ market: 0, size: 10n * ONE, price: 110n * ONE }]);
    const { allocations } = previewDeleverage(opened, [openAccount(opened, a)]);
    const moment = plainMoment({
      defaulters: [{ id: "a", size: 10n * ONE, deficit: 50n * ONE }],
      opposing: [plainHolder("b", 5n * ONE, 120n * ONE), plainHolder("c", 15n * ONE, 400n * ONE)],
      sameSide: [plainHolder("d", 10n * ONE, 400n * ONE)],
      insurance: 7n * ONE,
    });
    const found = ours(moment);
    expect(allocations[0]).to.include({ insured: found.insured, byShorts: 43n * ONE, shortfall: found.shortfall });
    expect(allocations[0]?.shortClosed).to.equal(sum(found.opposing.map(({ closed }) => closed)));
    const over = chargedBy(found) - (allocations[0]?.byShorts ?? 0n);
    expect(over >= 0n && over <= 2n).to.equal(true);
  });

  it("charges at most about a wei for each holder more than is needed, and never less, however far A has fallen", () => {
    let largest = 0n;
    fc.assert(
      fc.property(moments, fc.integer({ min: 0, max: 9 }), fc.bigInt(0n, 10n ** 6n), (moment, bits, part) => {
        const base = (ONE_BASE >> BigInt(bits)) - ((ONE_BASE >> BigInt(bits + 1)) * part) / 10n ** 6n;
        const allocation = oursAt(moment, base);
        const over = chargedBy(allocation) + allocation.shortfall - neededOf(moment);
        expect(over >= 0n && over <= roundingBound(moment, base)).to.equal(true, `over by ${over}`);
        // Sizes are exact to one size-wei for each holder and touch (P5), and a generation that ends is a touch.
        expect(magnitude(allocation.imbalance) <= 2n * BigInt(moment.opposing.length) + 2n).to.equal(true);
        if (over > largest) largest = over;
      }),
      { numRuns: 500 },
    );
    expect(largest > 0n).to.equal(true);
  });

  it("leaves as shortfall what the cap does not let it charge", () => {
    // Shorts default by more than all that longs hold is worth.
    const moment = plainMoment({
      longsDefaulted: false,
      defaulters: [{ id: "short", size: ONE, deficit: 250n * ONE }],
      opposing: [plainHolder("long", 2n * ONE, 500n * ONE)],
      sameSide: [plainHolder("survivor", ONE, 500n * ONE)],
    });
    const { opposing, shortfall } = ours(moment);
    expect(opposing[0]?.charge).to.equal(200n * ONE);
    expect(shortfall).to.equal(50n * ONE);
  });

  it("closes all of a side that is smaller than what defaulted", () => {
    const moment = plainMoment({
      defaulters: [{ id: "long", size: 3n * ONE, deficit: 3n * ONE }],
      opposing: [plainHolder("short", 2n * ONE, 50n * ONE)],
    });
    const { opposing, imbalance } = ours(moment);
    expect(opposing[0]?.closed).to.equal(2n * ONE);
    expect(imbalance).to.equal(2n * ONE - defaultedSize(moment.defaulters));
  });

  it("charges a bounty as well, which is not needed", () => {
    const moment = plainMoment({
      defaulters: [{ id: "long", size: 10n * ONE, deficit: 50n * ONE }],
      opposing: [plainHolder("short", 10n * ONE, 800n * ONE)],
      bountyRate: 1_000n,
      bountyCap: 100n * ONE,
    });
    // The pool holds nothing to pay it from: a bounty is cut to what there is.
    expect(ours(moment).bounty).to.equal(0n);
    const insured = { ...moment, insurance: 20n * ONE };
    const { bounty, insured: paid } = ours(insured);
    expect([bounty, paid]).to.deep.equal([ONE, 20n * ONE]);
    expect(chargedBy(ours(insured)) - neededOf(insured)).to.equal(ONE);
  });
});

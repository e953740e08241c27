/** What every policy keeps, whatever the moment: nothing is lost, and nobody is closed by more than it has. */
import { expect } from "chai";
import fc from "fast-check";
import { sum } from "../../../../scripts/simulation/fixedPoint.ts";
import { POLICIES } from "../../../../scripts/stress/policies/all.ts";
import { type Allocation, chargedBy, isTouched, type Policy } from "../../../../scripts/stress/policies/allocation.ts";
import { apportion, apportionByRemainder } from "../../../../scripts/stress/policies/apportion.ts";
import { measure } from "../../../../scripts/stress/policies/metrics/measure.ts";
import { fundingIndex } from "../../../../scripts/stress/policies/fundingIndex.ts";
import { integerProRata } from "../../../../scripts/stress/policies/integerProRata.ts";
import {
  defaultedSize,
  type Moment,
  neededOf,
  profitCapacity,
  requireMoment,
  sizeToClose,
} from "../../../../scripts/stress/policies/moment.ts";
import { profitProRata } from "../../../../scripts/stress/policies/profitProRata.ts";
import { queue, ranked } from "../../../../scripts/stress/policies/queue.ts";
import { waterFilling } from "../../../../scripts/stress/policies/waterFilling.ts";
import { moments, ONE, plainHolder, plainMoment } from "./moments.ts";

const closedBy = ({ opposing }: Allocation) => sum(opposing.map(({ closed }) => closed));
const count = (items: readonly unknown[]) => BigInt(items.length);

/** @param check Gets what the policy answers at any moment. */
function always(policy: Policy, check: (moment: Moment, allocation: Allocation) => void): void {
  fc.assert(
    fc.property(moments, (moment) => {
      requireMoment(moment);
      check(moment, policy(moment));
    }),
    { numRuns: 300 },
  );
}

describe("every deleveraging policy", () => {
  for (const policy of POLICIES) {
    it(`closes nobody by more than it has, charges nobody less than nothing: ${policy(example()).policy}`, () => {
      always(policy, (moment, allocation) => {
        for (const [holders, parts] of [
          [moment.opposing, allocation.opposing],
          [moment.sameSide, allocation.sameSide],
        ] as const) {
          expect(parts.map(({ id }) => id)).to.deep.equal(holders.map(({ id }) => id));
          for (const [i, { closed, charge }] of parts.entries()) {
            expect(closed >= 0n && closed <= (holders[i]?.size ?? 0n) && charge >= 0n).to.equal(true);
          }
        }
        // What is not charged is told: nothing disappears.
        expect(chargedBy(allocation) + allocation.shortfall >= neededOf(moment)).to.equal(true);
        expect(measure(moment, allocation).tracking.undershoot <= allocation.shortfall).to.equal(true);
      });
    });
  }
});

describe("the queue", () => {
  it("closes exactly what defaulted, and rounds up by a wei for each pair", () => {
    always(queue, (moment, allocation) => {
      expect(closedBy(allocation)).to.equal(defaultedSize(moment.defaulters));
      expect(allocation.imbalance).to.equal(0n);
      const over = chargedBy(allocation) - neededOf(moment);
      expect(over >= 0n && over <= BigInt(allocation.pairs)).to.equal(true);
      expect(allocation.pairs < moment.defaulters.length + moment.opposing.length).to.equal(true);
    });
  });

  it("closes whole positions from the top", () => {
    always(queue, (moment, { opposing }) => {
      const order = ranked(moment).map((i) => ({ closed: opposing[i]?.closed, size: moment.opposing[i]?.size }));
      const partly = order.findIndex(({ closed, size }) => closed !== size);
      if (partly >= 0) expect(order.slice(partly + 1).every(({ closed }) => closed === 0n)).to.equal(true);
    });
  });

  it("ranks by profit and leverage, and losers last", () => {
    const long = { longsDefaulted: false, mark: 110n * ONE };
    const opposing = [
      plainHolder("loser, highly levered", ONE, 5n * ONE, { entryPrice: 120n * ONE }),
      plainHolder("loser, hardly levered", ONE, 90n * ONE, { entryPrice: 120n * ONE }),
      plainHolder("winner, hardly levered", ONE, 90n * ONE),
      plainHolder("winner, highly levered", ONE, 10n * ONE),
      plainHolder("large winner, hardly levered", ONE, 90n * ONE, { entryPrice: 20n * ONE }),
    ];
    // 1/10 · 11 = 1.1, 4.5 · 11/9 = 5.5, 1/10 · 11/9; of losers −1/12 divided by 22 and by 11/9.
    const moment = plainMoment({ ...long, opposing, defaulters: [{ id: "short", size: ONE, deficit: ONE }] });
    expect(ranked(moment)).to.deep.equal([4, 3, 2, 0, 1]);
  });
});

describe("profit-weighted pro rata", () => {
  it("raises what profits suffice for, exactly, and takes nobody's collateral", () => {
    always(profitProRata, (moment, allocation) => {
      const capacities = moment.opposing.map((holder) => profitCapacity(moment, holder));
      const [needed, all] = [neededOf(moment), sum(capacities)];
      expect(chargedBy(allocation)).to.equal(needed < all ? needed : all);
      expect(closedBy(allocation)).to.equal(sizeToClose(moment));
      for (const [i, { charge }] of allocation.opposing.entries()) {
        expect(charge <= (capacities[i] ?? 0n)).to.equal(true);
        // Within a wei of its proportion.
        if (needed < all) expect(charge * all - needed * (capacities[i] ?? 0n) <= all).to.equal(true);
      }
    });
  });
});

describe("water-filling", () => {
  it("closes exactly what defaulted, and rounds up by a wei for each that is reduced", () => {
    always(waterFilling, (moment, allocation) => {
      expect(closedBy(allocation)).to.equal(defaultedSize(moment.defaulters));
      const over = chargedBy(allocation) - neededOf(moment);
      expect(over >= 0n && over <= count(allocation.opposing.filter(isTouched))).to.equal(true);
    });
  });

  it("leaves nobody with more leverage than those who were reduced, and these with the same", () => {
    always(waterFilling, (moment, { opposing }) => {
      const after = moment.opposing.map(({ size, equity }, i) => {
        const closed = opposing[i]?.closed ?? 0n;
        return { left: size - closed, closed, equity: equity === 0n ? 1n : equity };
      });
      for (const reduced of after.filter(({ closed }) => closed > 0n)) {
        for (const other of after) {
          // other's leverage ≤ the reduced one's, up to a size-wei on each side.
          expect((other.left - 1n) * reduced.equity <= (reduced.left + 1n) * other.equity).to.equal(true);
        }
      }
    });
  });
});

describe("the funding index", () => {
  it("closes nothing, hands all of it to a taker, and rounds up per unit and for each position", () => {
    always(fundingIndex, (moment, allocation) => {
      expect(closedBy(allocation)).to.equal(0n);
      expect(allocation.takenOver).to.equal(defaultedSize(moment.defaulters));
      const open = allocation.takenOver + sum([...moment.opposing, ...moment.sameSide].map(({ size }) => size));
      const over = chargedBy(allocation) - neededOf(moment);
      const positions = count(moment.opposing) + count(moment.sameSide) + 1n;
      expect(over >= 0n && over <= open / ONE + 1n + positions).to.equal(true);
    });
  });
});

describe("integer-contract pro rata", () => {
  it("closes exactly what defaulted where everything is in whole contracts", () => {
    always(integerProRata, (moment, allocation) => {
      expect(closedBy(allocation)).to.equal(defaultedSize(moment.defaulters));
      const over = chargedBy(allocation) - neededOf(moment);
      expect(over >= 0n && over <= count(allocation.opposing)).to.equal(true);
      for (const [i, { closed }] of allocation.opposing.entries()) {
        expect(closed % moment.contract).to.equal(0n);
        const proportion = closed * sum(moment.opposing.map(({ size }) => size));
        const ideal = sizeToClose(moment) * (moment.opposing[i]?.size ?? 0n);
        const one = moment.contract * sum(moment.opposing.map(({ size }) => size));
        expect(proportion - ideal < one && ideal - proportion < one).to.equal(true);
      }
    });
  });

  it("closes and charges up to a contract more where it is not, and leaves open what no whole contract is of", () => {
    const defaulters = [{ id: "long", size: (5n * ONE) / 2n, deficit: 25n * ONE }];
    const holders = [plainHolder("a", 6n * ONE, 100n * ONE), plainHolder("b", 4n * ONE, 100n * ONE)];
    const more = integerProRata(plainMoment({ defaulters, opposing: holders }));
    // Three contracts: 1.8 and 1.2, the one left over to the larger remainder. Ten for each.
    expect(more.opposing.map(({ closed }) => closed / ONE)).to.deep.equal([2n, 1n]);
    expect(more.opposing.map(({ charge }) => charge / ONE)).to.deep.equal([20n, 10n]);
    expect([more.imbalance, more.shortfall]).to.deep.equal([ONE / 2n, 0n]);
    const small = holders.map((holder) => ({ ...holder, size: holder.size / 5n }));
    const less = integerProRata(
      plainMoment({ defaulters: [{ id: "long", size: 2n * ONE, deficit: 20n * ONE }], opposing: small }),
    );
    expect(less.opposing.map(({ closed }) => closed / ONE)).to.deep.equal([1n, 0n]);
    expect([less.imbalance, less.shortfall]).to.deep.equal([-ONE, 10n * ONE]);
  });
});

describe("pro rata under caps", () => {
  const drawn = fc
    .array(fc.tuple(fc.bigInt(0n, 10n ** 6n), fc.bigInt(0n, 10n ** 6n)), { minLength: 1, maxLength: 10 })
    .chain((items) => fc.tuple(fc.bigInt(0n, 10n ** 7n), fc.constant(items)));

  for (const divide of [apportion, apportionByRemainder]) {
    it(`adds up, and passes no cap: ${divide.name}`, () => {
      fc.assert(
        fc.property(drawn, ([total, items]) => {
          const [weights, caps] = [items.map(([weight]) => weight), items.map(([, cap]) => cap)];
          const given = divide(total, weights, caps);
          const room = sum(items.map(([weight, cap]) => (weight > 0n ? cap : 0n)));
          expect(sum(given)).to.equal(total < room ? total : room);
          given.forEach((one, i) => expect(one >= 0n && one <= (caps[i] ?? 0n)).to.equal(true));
          // Whoever has room has as much for its weight as anybody, up to the rounding of both.
          for (const [i, one] of given.entries()) {
            if (one + 1n >= (caps[i] ?? 0n) || (weights[i] ?? 0n) === 0n) continue;
            for (const [j, other] of given.entries()) {
              if ((weights[j] ?? 0n) === 0n) continue;
              expect((other - 1n) * (weights[i] ?? 0n) <= (one + 1n) * (weights[j] ?? 0n)).to.equal(true);
            }
          }
        }),
        { numRuns: 1_000 },
      );
    });
  }
});

function example(): Moment {
  return plainMoment({
    defaulters: [{ id: "long", size: ONE, deficit: ONE }],
    opposing: [plainHolder("short", 2n * ONE, 10n * ONE)],
  });
}

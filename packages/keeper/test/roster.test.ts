import { expect } from "chai";
import fc from "fast-check";
import { healthOf, type Opened, openMarkets, PPM, type StoredAccount } from "zerofloor";
import { byDistance, Roster } from "../src/roster.ts";
import { ONE, storedAccount, storedHouse, storedMarket } from "../../sdk/test/plainHouse.ts";

const SIZE = 10n ** 24n;
const ONE_BASE = 1n << 126n;

interface At {
  readonly price: bigint;
  /** A of the long side, in parts of 1,000. */
  readonly base?: bigint;
  readonly haircut?: bigint;
  readonly maintenanceMargin?: bigint;
  readonly generation?: bigint;
}

function openedAt(...markets: readonly At[]): Opened {
  const stored = markets.map(
    ({ price, base = 1_000n, haircut = 0n, maintenanceMargin = 50_000n, generation = 0n }, i) =>
      storedMarket(i, price * ONE, SIZE, {
        // Three of four flags: a side that has been deleveraged is read from its own slot.
        state: { flags: 1n, longBase: (ONE_BASE * base) / 1_000n, longCash: -(haircut * ONE) << 20n, generation },
        risk: { maintenanceMargin },
      }),
  );
  return openMarkets(storedHouse(stored));
}

const long = (id: string, collateral: bigint, size: bigint, price: bigint): StoredAccount =>
  storedAccount(id, collateral * ONE, [{ market: 0, size: size * ONE, price: price * ONE }]);

describe("Roster", () => {
  it("holds those with a position only", () => {
    const roster = new Roster(PPM);
    const opened = openedAt({ price: 100n });
    roster.open(opened);
    roster.put(opened, [long("a", 100n, 1n, 100n), storedAccount("b", ONE, [])]);
    expect(roster.ids()).to.deep.equal(["a"]);
    roster.put(opened, [storedAccount("a", ONE, [])]);
    expect(roster.ids()).to.deep.equal([]);
  });

  it("measures only those whom a price may have brought below the level", () => {
    const roster = new Roster(PPM);
    const first = openedAt({ price: 100n });
    roster.open(first);
    roster.put(first, [long("close", 7n, 1n, 100n), long("far", 60n, 1n, 100n)]);
    expect(roster.look(first).measured).to.equal(2);
    expect(roster.look(first).measured).to.equal(0);
    const second = openedAt({ price: 97n });
    roster.open(second);
    const { measured, seen } = roster.look(second);
    expect([measured, seen.map(({ account }) => account.id)]).to.deep.equal([1, ["close"]]);
    expect(seen[0]?.equity).to.equal(4n * ONE);
  });

  it("measures everybody where a margin rate has risen", () => {
    const roster = new Roster(PPM);
    const first = openedAt({ price: 100n });
    roster.open(first);
    roster.put(first, [long("far", 30n, 1n, 100n)]);
    roster.look(first);
    const second = openedAt({ price: 100n, maintenanceMargin: 90_000n });
    roster.open(second);
    expect(roster.look(second).measured).to.equal(1);
  });

  it("wants those read again whose generation has ended, and everybody where markets have come", () => {
    const roster = new Roster(PPM);
    const first = openedAt({ price: 100n }, { price: 10n });
    roster.open(first);
    const other = storedAccount("b", ONE, [{ market: 1, size: ONE, price: 10n * ONE }]);
    roster.put(first, [long("a", 30n, 1n, 100n), other]);
    const second = openedAt({ price: 100n, generation: 1n }, { price: 10n });
    expect(roster.outdated(second, new Set())).to.deep.equal(["a"]);
    expect(roster.outdated(first, new Set([1]))).to.deep.equal(["b"]);
    expect(roster.outdated(openedAt({ price: 100n }), new Set())).to.deep.equal(["a", "b"]);
  });

  it("puts the largest deficit first, then the lowest equity per margin", () => {
    const roster = new Roster(PPM);
    const opened = openedAt({ price: 90n });
    roster.open(opened);
    roster.put(opened, [
      long("thin", 11n, 1n, 100n),
      long("thinner", 101n, 10n, 100n),
      long("under", 9n, 1n, 100n),
      long("deep", 80n, 10n, 100n),
    ]);
    const ids = roster
      .look(opened)
      .seen.sort(byDistance)
      .map(({ account }) => account.id);
    expect(ids).to.deep.equal(["deep", "under", "thinner", "thin"]);
  });

  it("is not late where nothing is to spare: a short, a price that only rises, a side whose shares stand for less", () => {
    for (const base of [1_000n, 400n]) {
      const at = (tenths: bigint) =>
        openMarkets(
          storedHouse([
            storedMarket(0, (tenths * ONE) / 10n, SIZE, {
              state: { flags: 2n, shortBase: (ONE_BASE * base) / 1_000n },
            }),
          ]),
        );
      const roster = new Roster(PPM);
      roster.open(at(1_000n));
      // V of a short that was opened at 100: −A · 100.
      const paidValue = -((((100n * ONE) << 20n) * base) / 1_000n);
      const position = { shares: (-ONE * 1_000n) / base, paidValue, generation: 0n, hasOwed: false, owed: 0n };
      roster.put(at(1_000n), [
        { id: "short", collateral: 40n * ONE, markets: 1n, positions: new Map([[0, position]]) },
      ]);
      let looks = 0;
      for (let tenths = 1_000n; ; tenths += 1n) {
        const opened = at(tenths);
        roster.open(opened);
        const { seen, measured } = roster.look(opened);
        looks += measured;
        // 40 − (p − 100) < p / 20
        expect([tenths, seen.length]).to.deep.equal([tenths, tenths * 105n > 140_000n ? 1 : 0]);
        if (seen.length > 0) break;
      }
      expect(looks).to.be.below(20);
    }
  });

  it("misses nobody whom measuring everybody would find, whatever prices, haircuts and closings", () => {
    const account = fc.record({
      collateral: fc.bigInt(0n, 400n),
      sizes: fc.tuple(fc.bigInt(-20n, 20n), fc.bigInt(-20n, 20n)),
      entry: fc.bigInt(80n, 120n),
    });
    const step = fc.record({
      move: fc.tuple(fc.integer({ min: -80, max: 80 }), fc.integer({ min: -80, max: 80 })),
      closes: fc.constantFrom(0n, 0n, 0n, 100n, 300n),
      haircut: fc.constantFrom(0n, 0n, 0n, 1n, 7n),
    });
    fc.assert(
      fc.property(
        fc.array(account, { minLength: 1, maxLength: 20 }),
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(PPM, 1_250_000n),
        (accounts, steps, level) => {
          const stored = accounts.map(({ collateral, sizes, entry }, n) =>
            storedAccount(
              `${n}`,
              collateral * ONE,
              sizes.flatMap((size, market) => (size === 0n ? [] : [{ market, size: size * ONE, price: entry * ONE }])),
            ),
          );
          let [prices, base, haircut] = [[1_000_000, 1_000_000], 1_000n, 0n];
          const open = () => {
            const [first = 0, second = 0] = prices;
            const scaled = (price: number) => BigInt(Math.round(price)) * 10n ** 14n;
            return openMarkets(
              storedHouse([
                storedMarket(0, scaled(first), SIZE, {
                  state: {
                    ...{ flags: 1n, longBase: (ONE_BASE * base) / 1_000n },
                    longCash: (-(haircut * ONE) << 20n) + (((100n * ONE) << 20n) * (1_000n - base)) / 1_000n,
                  },
                }),
                storedMarket(1, scaled(second), SIZE, {
                  risk: { maintenanceMargin: 20_000n, incentiveMax: 5_000n, priceBand: 20_000n },
                }),
              ]),
            );
          };
          const roster = new Roster(level);
          const opened = open();
          roster.open(opened);
          roster.put(opened, stored);
          for (const { move, closes, haircut: more } of steps) {
            prices = prices.map((price, i) => (price * (1_000 + (move[i] ?? 0))) / 1_000);
            base -= (base * closes) / 1_000n;
            haircut += more;
            const now = open();
            roster.open(now);
            const found = roster.look(now).seen.map(({ account: { id } }) => id);
            const all = roster.portfolios().filter((each) => {
              const { equity, maintenanceMargin } = healthOf(each, now.books);
              return equity < (maintenanceMargin * level) / PPM;
            });
            expect(found.sort()).to.deep.equal(all.map(({ id }) => id).sort());
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

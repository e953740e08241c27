/** Whom to settle so that a gain can be paid. */
import { expect } from "chai";
import { losersFor, openAccount, openMarkets } from "../src/index.ts";
import { type Entered, ONE, storedAccount, storedHouse, storedMarket } from "./plainHouse.ts";

const SIZE = 1_000n * ONE;
const entered = (market: number, size: bigint, price = 100n): Entered => ({
  market,
  size: size * ONE,
  price: price * ONE,
});

/** Everybody entered at 100, and the mark is at 101: who is long by n has won n, who is short by n has lost it. */
function chosen(pools: readonly bigint[], winner: readonly Entered[], losers: Record<string, [bigint, Entered[]]>) {
  const markets = pools.map((pool, market) => storedMarket(market, 101n * ONE, SIZE, { state: { pool: pool * ONE } }));
  const opened = openMarkets(storedHouse(markets));
  const others = Object.entries(losers).map(([id, [collateral, holds]]) =>
    openAccount(opened, storedAccount(id, collateral * ONE, holds)),
  );
  const before = structuredClone({ books: opened.books, others });
  const found = losersFor(opened, openAccount(opened, storedAccount("winner", 0n, winner)), others).map(({ id }) => id);
  expect({ books: opened.books, others }, "nothing that was passed has changed").to.deep.equal(before);
  return found;
}

const LOSERS: Record<string, [bigint, Entered[]]> = {
  small: [1_000n, [entered(0, -5n)]],
  middle: [1_000n, [entered(0, -30n)]],
  large: [1_000n, [entered(0, -50n)]],
};

describe("whom a claim waits for", () => {
  it("nobody, where the pool holds enough", () => {
    expect(chosen([60n], [entered(0, 60n)], LOSERS)).to.deep.equal([]);
    expect(chosen([0n], [entered(0, -60n)], LOSERS), "who has lost waits for nobody").to.deep.equal([]);
  });

  it("the largest losses first, and no more than are needed", () => {
    expect(chosen([10n], [entered(0, 60n)], LOSERS)).to.deep.equal(["large"]);
    expect(chosen([9n], [entered(0, 60n)], LOSERS)).to.deep.equal(["large", "middle"]);
    expect(chosen([0n], [entered(0, 500n)], LOSERS)).to.deep.equal(["large", "middle", "small"]);
  });

  it("not those who cannot pay, nor those who have won", () => {
    const others = { ...LOSERS, large: [0n, [entered(0, -50n)]] as [bigint, Entered[]] };
    expect(chosen([0n], [entered(0, 60n)], others)).to.deep.equal(["middle", "small"]);
    expect(chosen([0n], [entered(0, 60n)], { friend: [1_000n, [entered(0, 7n)]] })).to.deep.equal([]);
  });

  it("in every market of the winner, and in no other", () => {
    const others: Record<string, [bigint, Entered[]]> = {
      first: [1_000n, [entered(0, -5n)]],
      both: [1_000n, [entered(0, -1n), entered(1, -9n)]],
      elsewhere: [1_000n, [entered(2, -90n)]],
    };
    expect(chosen([0n, 0n, 0n], [entered(0, 6n), entered(1, 9n)], others)).to.deep.equal(["first", "both"]);
    // Who is settled pays into all of their markets at once.
    const whole = { ...others, both: [1_000n, [entered(0, -6n), entered(1, -9n)]] as [bigint, Entered[]] };
    expect(chosen([0n, 0n, 0n], [entered(0, 6n), entered(1, 9n)], whole)).to.deep.equal(["both"]);
  });
});

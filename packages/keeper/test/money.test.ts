import { expect } from "chai";
import { bumped, feesFor } from "../src/fees.ts";
import { costOf, pays } from "../src/profit.ts";

const GWEI = 10n ** 9n;
const ONE = 10n ** 18n;

describe("fees", () => {
  const limits = { maximumPrice: 50n * GWEI, tip: GWEI };

  it("offer room for a rising base fee, up to the highest price", () => {
    expect(feesFor(10n * GWEI, limits)).to.deep.equal({ maxFeePerGas: 21n * GWEI, maxPriorityFeePerGas: GWEI });
    expect(feesFor(40n * GWEI, limits)?.maxFeePerGas).to.equal(50n * GWEI);
    expect(feesFor(49n * GWEI, limits)?.maxFeePerGas).to.equal(50n * GWEI);
    expect(feesFor(49n * GWEI + 1n, limits)).to.equal(undefined);
  });

  it("are raised by more than a tenth, and with the base fee", () => {
    const old = { maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: GWEI };
    const next = bumped(old, GWEI, limits);
    expect(next).to.deep.equal({ maxFeePerGas: 22_500_000_001n, maxPriorityFeePerGas: 1_125_000_001n });
    expect(bumped(old, 20n * GWEI, limits)?.maxFeePerGas).to.equal(41_125_000_001n);
    expect(bumped(old, 40n * GWEI, limits)?.maxFeePerGas).to.equal(50n * GWEI);
    expect(bumped({ ...old, maxFeePerGas: 45n * GWEI }, GWEI, limits)).to.equal(undefined);
  });
});

describe("profit", () => {
  const prices = { gasPrice: 10n * GWEI, coinPrice: 3_000n * ONE };

  it("counts gas at the price of the coin, upwards", () => {
    expect(costOf(100_000n, prices)).to.equal(3n * ONE);
    expect(costOf(1n, { gasPrice: 1n, coinPrice: 1n })).to.equal(1n);
  });

  it("is asked of what is done for money only", () => {
    expect(pays(4n * ONE, 100_000n, prices, ONE)).to.equal(true);
    expect(pays(4n * ONE - 1n, 100_000n, prices, ONE)).to.equal(false);
    expect(pays(undefined, 100_000n, prices, ONE)).to.equal(true);
  });
});

/** The command in a crash where everything goes wrong that can. The same with ten thousand accounts: `npm run bench:keeper`. */
import { expect } from "chai";
import { ONE } from "zerofloor";
import { startAnvil } from "../../../test/system/anvil.ts";
import { buildHouse, type House, type Position } from "./support/house.ts";
import { type Rehearsed, rehearse } from "./support/rehearsal.ts";
import { newKey } from "./support/running.ts";

const PRICES = [100_000n * ONE, 2_000n * ONE];
/** Every one of them is below its margin before it is below zero at some price of the path, or jumps over that. */
const CROWD: Position[] = Array.from({ length: 60 }, (_, n) => ({
  ...{ number: BigInt(n + 1), market: n % 5 === 0 ? 0 : 1 },
  ...(n % 5 === 0 ? { size: ONE / 50n } : { size: ONE }),
  collateral: BigInt(120 + 12 * n) * ONE,
}));
const PATH = [1_960n, 1_880n, 1_790n, 1_700n, 1_560n, 1_380n];

describe("rehearsal of a keeper", function () {
  this.timeout(120_000);
  let house: House;
  let found: Rehearsed;

  before(async () => {
    const node = await startAnvil({ chainId: 31_337n, gasLimit: 60_000_000n, baseFee: 10n ** 9n });
    house = await buildHouse(node, PRICES);
    await house.open(CROWD);
    const keeper = newKey();
    await house.endow(keeper.address, 1_000_000n * ONE);
    await node.provider.send("evm_setAutomine", [false]);
    found = await rehearse(house, {
      ...{ ...keeper, numbers: CROWD.map(({ number }) => number), path: PATH },
      ...{ millisecondsPerBlock: 120, timeoutMilliseconds: 400 },
    });
  });
  after(() => house.node.stop());

  it("leaves nobody below margin at any price", () => {
    expect(found.due).to.be.above(25);
    expect(found.missed).to.equal(0);
  });

  it("has met every kind of fault, a loss of power and a reorganisation", () => {
    const met = ["behind", "drop", "hang", "noReceipt", "reordered", "tooManyLogs", "wrongNonce"];
    expect([...found.faults.keys()].sort()).to.deep.equal(met);
    expect(found.kills).to.equal(1);
    expect(found.replaced).to.be.at.least(3);
    expect(found.steppedBack).to.equal(true);
  });

  it("ends when it is told to, and has nothing left to do", () => {
    expect(found.statuses).to.deep.equal([0, 0]);
  });

  it("has sent nothing in vain and done nothing twice", () => {
    expect(found.inVain).to.deep.equal([]);
    expect(found.twice).to.equal(0);
    expect(found.liquidated).to.be.above(10);
    expect(found.deleveraged).to.be.above(15);
  });
});

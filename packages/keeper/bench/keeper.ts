/**
 * How fast a keeper is: `node --expose-gc --import tsx packages/keeper/bench/keeper.ts`. First the book alone, with 100,000
 * accounts cross-margined over three markets; then whole passes over a crash, block by block, with 10,000 accounts on a real
 * node.
 *
 * Exit status: 0 if every target is met, 1 if not.
 */
import { openMarkets, ONE, PPM, type StoredAccount } from "zerofloor";
import { startAnvil } from "../../../test/system/anvil.ts";
import { storedAccount as holding, storedHouse, storedMarket } from "../../sdk/test/plainHouse.ts";
import { newMetrics } from "../src/metrics.ts";
import { silent } from "../src/log.ts";
import { Roster } from "../src/roster.ts";
import { start } from "../src/start.ts";
import { buildHouse, OTHER, UNIT } from "../test/support/house.ts";
import { configOf, newKey } from "../test/support/running.ts";

const TARGETS = { perSecond: 200_000, megabytes: 500, reaction: 250 };
const misses: string[] = [];

function tell(what: string, found: number, target?: { readonly value: number; readonly isFloor: boolean }): void {
  const aim = target && `, target ${target.isFloor ? "at least" : "at most"} ${target.value.toLocaleString("en")}`;
  console.log(`  ${what.padEnd(58)} ${Math.round(found).toLocaleString("en").padStart(12)}${aim ?? ""}`);
  if (target !== undefined && (target.isFloor ? found < target.value : found > target.value)) misses.push(what);
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

// ---------------------------------------------------------------------- the book alone

const MARKS = [60_000n, 2_500n, 150n];

function accountOf(n: number): StoredAccount {
  const entered = MARKS.map((mark, market) => {
    const size = ((1_000n + BigInt((n * 7_919) % 100_000)) * ONE) / mark;
    return { market, size: (n + market) % 2 === 0 ? size : -size, price: mark * ONE };
  });
  return holding(`0x${n.toString(16).padStart(64, "0")}`, BigInt(3_000 + ((n * 104_729) % 20_000)) * ONE, entered);
}

function openedAt(fallen: bigint) {
  const markets = MARKS.map((mark, market) =>
    storedMarket(market, (mark * ONE * (1_000n - fallen)) / 1_000n, 10n ** 24n),
  );
  return openMarkets(storedHouse(markets));
}

function measureBook(): void {
  const count = 100_000;
  console.log(`The book: ${count.toLocaleString("en")} accounts, cross-margined over three markets`);
  const before = heap();
  const roster = new Roster(PPM);
  const opened = openedAt(0n);
  roster.open(opened);
  for (let from = 0; from < count; from += 5_000)
    roster.put(
      opened,
      Array.from({ length: 5_000 }, (_, n) => accountOf(from + n)),
    );
  tell("megabytes", heap() - before, { value: TARGETS.megabytes, isFloor: false });

  let best = 0;
  for (let round = 0; round < 5; ++round) {
    // Read anew, everybody is due.
    const fresh = new Roster(PPM);
    fresh.open(opened);
    for (let from = 0; from < count; from += 5_000)
      fresh.put(
        opened,
        Array.from({ length: 5_000 }, (_, n) => accountOf(from + n)),
      );
    const begun = performance.now();
    const { measured } = fresh.look(opened);
    best = Math.max(best, measured / ((performance.now() - begun) / 1_000));
  }
  tell("accounts measured a second", best, { value: TARGETS.perSecond, isFloor: true });

  roster.look(opened);
  const now = openedAt(5n);
  roster.open(now);
  const begun = performance.now();
  const { measured } = roster.look(now);
  tell("accounts measured after a fall of half a per cent", measured);
  tell("milliseconds that takes", performance.now() - begun);
}

// ---------------------------------------------------------------------- a crash

const [ACCOUNTS, IN_GROUP] = [10_000, 100];
const ETH = 1;
const ENOUGH = { gasLimit: 900_000_000n };

async function measureCrash(): Promise<void> {
  console.log(`\nA crash: ${ACCOUNTS.toLocaleString("en")} accounts on a node of this machine, 30 % in 30 blocks`);
  const node = await startAnvil({ chainId: 31_337n, gasLimit: 1_000_000_000n, baseFee: 10n ** 9n });
  try {
    const house = await buildHouse(node, [100_000n * ONE, 2_000n * ONE]);
    const { crowd, client } = house;
    for (let n = 0; n < ACCOUNTS; n += IN_GROUP) {
      // From 2.5 times leverage to 17 times, in steps of a group.
      const collateral = 120n * UNIT + (BigInt(n) * 700n * UNIT) / BigInt(ACCOUNTS);
      await crowd.fund(BigInt(n + 1), IN_GROUP, collateral, ENOUGH);
      await crowd.open(BigInt(n + 1), IN_GROUP, true, OTHER, ETH, ONE, 2_000n * ONE, ENOUGH);
    }
    const { key, address } = newKey();
    await house.endow(address, 100_000_000n * ONE);
    await node.provider.send("evm_setBlockGasLimit", ["0x3938700"]);
    await node.provider.send("evm_setAutomine", [false]);

    const reactions: number[] = [];
    const metrics = { ...newMetrics().of("bench"), reacted: (seconds: number) => reactions.push(seconds * 1_000) };
    const config = configOf(house, key, { liquidation: { account: 0n, maximumLeverage: 10 } });
    const { keeper, close } = await start(
      config,
      { dryRun: false, atAnyCost: true },
      { log: silent, metrics, alertUrl: undefined },
    );
    const mine = () => node.provider.send("evm_mine", []);
    const begun = performance.now();
    await keeper.pass();
    tell("milliseconds to find and read all of them", performance.now() - begun);

    const first = await node.provider.getBlockNumber();
    const slowest: number[] = [];
    for (let price = 1_980n; price >= 1_400n; price -= 20n) {
      await house.setPrice(ETH, price * ONE);
      await mine();
      reactions.length = 0;
      await keeper.pass();
      if (reactions[0] !== undefined) slowest.push(reactions[0]);
    }
    let blocks = 0;
    for (let left = 1; left > 0 && blocks < 50; ++blocks) {
      await mine();
      await keeper.pass();
      const numbers = Array.from({ length: ACCOUNTS }, (_, n) => BigInt(n + 1));
      left = 0;
      for (let n = 0; n < ACCOUNTS; n += 500)
        left += (await house.standings(numbers.slice(n, n + 500))).filter((standing) => standing !== 0).length;
    }
    close();

    slowest.sort((a, b) => a - b);
    tell("milliseconds from a block to the first transaction, median", slowest[slowest.length >> 1] ?? NaN, {
      value: TARGETS.reaction,
      isFloor: false,
    });
    tell("the slowest", slowest.at(-1) ?? NaN);
    const { house: contract } = client;
    const perBlock = new Map<number, number>();
    const counts = { liquidated: 0, deleveraged: 0 };
    for (const { blockNumber } of await contract.queryFilter(contract.filters.Liquidated(), first)) {
      perBlock.set(blockNumber, (perBlock.get(blockNumber) ?? 0) + 1);
      ++counts.liquidated;
    }
    counts.deleveraged = (await contract.queryFilter(contract.filters.Deleveraged(), first)).length;
    tell("liquidations", counts.liquidated);
    tell("of them in one block of 60 million gas, at most", Math.max(0, ...perBlock.values()));
    tell("accounts deleveraged", counts.deleveraged);
    tell("blocks after the last price until nobody was left", blocks);
  } finally {
    await node.stop();
  }
}

measureBook();
await measureCrash();
for (const miss of misses) console.log(`missed: ${miss}`);
process.exitCode = misses.length === 0 ? 0 : 1;

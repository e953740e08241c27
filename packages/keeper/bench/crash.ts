/** Whole passes over a crash, block by block, on a node that answers as it should. */
import { ONE } from "zerofloor";
import { silent } from "../src/log.ts";
import { newMetrics } from "../src/metrics.ts";
import { chunks } from "../src/plan/action.ts";
import { start } from "../src/start.ts";
import type { House } from "../test/support/house.ts";
import { configOf } from "../test/support/running.ts";
import { type Crowded, ETH, NUMBERS } from "./crowd.ts";
import { atMost, count, type Figure, MACHINE } from "./figures.ts";

const [HIGHEST, LOWEST, STEP] = [1_980n, 1_400n, 20n];
const MOST_BLOCKS_AFTER = 50;

/** 30 % in 30 blocks. */
export async function measureCrash({ house, key }: Crowded, onBlock: () => void): Promise<Figure[]> {
  const { provider } = house.node;
  const reactions: number[] = [];
  const metrics = { ...newMetrics().of("bench"), reacted: (seconds: number) => reactions.push(seconds * 1_000) };
  const { keeper, close } = await start(
    configOf(house, key, { liquidation: { account: 0n, maximumLeverage: 10 } }),
    { dryRun: false, atAnyCost: true },
    { log: silent, metrics, alertUrl: undefined },
  );
  const mine = () => provider.send("evm_mine", []);
  const begun = performance.now();
  await keeper.pass();
  const finding = performance.now() - begun;

  const first = await provider.getBlockNumber();
  const firsts: number[] = [];
  for (let price = HIGHEST; price >= LOWEST; price -= STEP) {
    await house.setPrice(ETH, price * ONE);
    await mine();
    reactions.length = 0;
    await keeper.pass();
    if (reactions[0] !== undefined) firsts.push(reactions[0]);
    onBlock();
  }
  let blocks = 0;
  do {
    await mine();
    await keeper.pass();
  } while (++blocks < MOST_BLOCKS_AFTER && (await anybodyIsLeft(house)));
  await close();

  firsts.sort((a, b) => a - b);
  const { house: contract } = house.client;
  const liquidated = await contract.queryFilter(contract.filters.Liquidated(), first);
  const perBlock = new Map<number, number>();
  for (const { blockNumber } of liquidated) perBlock.set(blockNumber, (perBlock.get(blockNumber) ?? 0) + 1);
  const deleveraged = await contract.queryFilter(contract.filters.Deleveraged(), first);
  const mostInOne = Math.max(0, ...perBlock.values());
  return [
    { what: "to find and read all of them", found: finding, unit: "ms", tolerance: MACHINE },
    {
      ...{ what: "from a block to the first transaction, median", found: firsts[firsts.length >> 1] ?? NaN },
      ...{ unit: "ms", target: atMost(250), tolerance: MACHINE },
    },
    { what: "from a block to the first transaction, slowest", found: firsts.at(-1) ?? NaN, unit: "ms" },
    count("liquidations", liquidated.length),
    { what: "liquidations in one block of 60 million gas", found: mostInOne, unit: "at most", tolerance: 0.1 },
    count("accounts deleveraged", deleveraged.length),
    count("blocks after the last price until nobody was left", blocks),
  ];
}

async function anybodyIsLeft(house: House): Promise<boolean> {
  for (const part of chunks(NUMBERS, 500))
    if ((await house.standings(part)).some((standing) => standing !== 0)) return true;
  return false;
}

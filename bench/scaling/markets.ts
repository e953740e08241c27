/**
 * What depends on how many markets an account is in: settling it, liquidating it, and a margin check. The check is measured
 * in a withdrawal, in which nothing else depends on that. Each of the markets has a price that nobody has read yet, so that
 * every one is fetched from its feed and accepted: the dearest case.
 */
import type { Progress } from "../../scripts/simulation/run.ts";
import { gas, type Figure } from "../figure.ts";
import {
  accountOf,
  ALL,
  at,
  deploy,
  enter,
  gasOf,
  ONE,
  people,
  PRICE,
  setPrice,
  trade,
  type Signer,
  type World,
} from "../world.ts";

/** The last is as many as an account may be in. */
export const MARKETS = [1, 2, 4, 8, 16];

export async function markets(progress: Progress): Promise<Figure[]> {
  progress.stage("markets of an account", MARKETS.length);
  const figures: Figure[] = [];
  for (const count of MARKETS) {
    figures.push(...(await inMarkets(count)));
    progress.advance();
  }
  return figures;
}

async function inMarkets(count: number): Promise<Figure[]> {
  const world = await deploy(count, PRICE);
  const { alice, bob, submitter, keeper } = people(world);
  const carol = at(world.signers, 4);
  for (const signer of [submitter, keeper]) await enter(world, signer, 10_000_000n);
  await trade(world, submitter, keeper, submitter, ONE, PRICE, 1n);
  // Alice withdraws, Bob is settled, and Carol has no more than her ten units in each market can lose.
  for (const signer of [alice, bob]) await enterAll(world, signer, count, 100_000n);
  await enterAll(world, carol, count, 2_300n * BigInt(count));
  const house = world.house;

  await setPrices(world, count, PRICE + ONE);
  const withdrawn = await gasOf(house.connect(alice).withdraw(accountOf(alice.address), 5_000_000n, alice.address));
  await setPrices(world, count, PRICE - ONE);
  const settled = await gasOf(house.connect(keeper).settle([accountOf(bob.address)]));
  await setPrices(world, count, 1_780n * ONE);
  const account = accountOf(carol.address);
  const liquidated = await gasOf(house.connect(keeper).liquidate(account, 0n, ALL, accountOf(keeper.address)));
  if ((await house.sizeOf(account, 0n)) !== 0n) throw new Error("the liquidation was not full");

  const inAll = `in ${count} market${count === 1 ? "" : "s"}`;
  const point = (of: string) => ({ of, over: "markets of the account", at: count });
  return [
    gas(`settle an account ${inAll}`, settled, point("settle")),
    gas(`liquidate one position of an account ${inAll}`, liquidated, point("liquidate")),
    gas(`withdraw with margin check of an account ${inAll}`, withdrawn, point("withdraw with margin check")),
  ];
}

/** A long of ten units in each market. */
async function enterAll(world: World, signer: Signer, count: number, collateral: bigint): Promise<void> {
  await enter(world, signer, collateral);
  const { submitter } = people(world);
  for (let market = 0; market < count; ++market)
    await trade(world, submitter, signer, submitter, 10n * ONE, PRICE, nextSequence(), BigInt(market));
}

/** Of the orders of one lane, each above those before it. */
let sequence = 1n;
function nextSequence(): bigint {
  return ++sequence;
}

async function setPrices(world: World, count: number, price: bigint): Promise<void> {
  for (let market = 0; market < count; ++market) await setPrice(world, market, price);
}

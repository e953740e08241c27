import { gas, type Figure } from "../figure.ts";
import { accountOf, ALL, deploy, enter, gasOf, ONE, people, PRICE, setPrice, trade } from "../world.ts";

export async function liquidation(): Promise<Figure[]> {
  return [
    // A little below maintenance margin, half of the position restores the buffer; far below, it takes all of it.
    gas("partial liquidation with insurance fee, keeper already in the market", await liquidateAt(1_840n * ONE, true)),
    gas("full liquidation with insurance fee, keeper already in the market", await liquidateAt(1_780n * ONE, false)),
  ];
}

async function liquidateAt(price: bigint, leavesSome: boolean): Promise<bigint> {
  const world = await deploy(1, PRICE);
  const { alice, bob, submitter, keeper } = people(world);
  await enter(world, alice, 2_300n);
  for (const signer of [bob, keeper]) await enter(world, signer, 1_000_000n);
  await trade(world, submitter, alice, bob, 10n * ONE, PRICE, 1n);
  await trade(world, submitter, keeper, bob, 10n * ONE, PRICE, 2n);
  await setPrice(world, 0, price);
  const account = accountOf(alice.address);
  const used = await gasOf(world.house.connect(keeper).liquidate(account, 0n, ALL, accountOf(keeper.address)));
  const left = (await world.house.sizeOf(account, 0n)) !== 0n;
  if (left !== leavesSome) throw new Error(`a liquidation at ${price} left ${left ? "something" : "nothing"}`);
  return used;
}

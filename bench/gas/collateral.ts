import { gas, type Figure } from "../figure.ts";
import { accountOf, deploy, enter, gasOf, ONE, people, PRICE, setPrice, trade } from "../world.ts";

export async function collateral(): Promise<Figure[]> {
  const world = await deploy(1, PRICE);
  const { alice, bob, submitter } = people(world);
  await enter(world, alice, 100_000n);
  await enter(world, bob, 100_000n);
  const house = world.house.connect(alice);
  const deposit = await gasOf(house.deposit(0n, 5_000_000n));
  await trade(world, submitter, alice, bob, ONE, PRICE, 1n);
  const inMarket = await gasOf(house.deposit(0n, 5_000_000n));
  const account = accountOf(alice.address);
  const unchanged = await gasOf(house.withdraw(account, 5_000_000n, alice.address));
  await setPrice(world, 0, PRICE + ONE);
  const accepting = await gasOf(house.withdraw(account, 5_000_000n, alice.address));
  return [
    gas("deposit again", deposit),
    gas("deposit again, with a position", inMarket),
    gas("withdraw with a position, price unchanged", unchanged),
    gas("withdraw with a position, new price", accepting),
  ];
}

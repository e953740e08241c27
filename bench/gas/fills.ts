import { gas, type Figure } from "../figure.ts";
import { accountOf, at, deploy, enter, gasOf, NO_ACCOUNT, ONE, people, PRICE, setPrice, trade } from "../world.ts";

export async function fills(): Promise<Figure[]> {
  const world = await deploy(2, PRICE);
  const { alice, bob, submitter } = people(world);
  for (const signer of [alice, bob]) await enter(world, signer, 100_000n);
  // The market has traded before, and its rounding reserve is full.
  const [carol, dave] = [at(world.signers, 4), at(world.signers, 5)];
  for (const signer of [carol, dave]) await enter(world, signer, 100_000n);
  for (const market of [0n, 1n]) await trade(world, submitter, carol, dave, 10n * ONE, PRICE, market + 1n, market);

  const fresh = await gasOf(trade(world, submitter, alice, bob, ONE, PRICE, 1n));
  await setPrice(world, 0, PRICE + ONE);
  const close = await gasOf(trade(world, submitter, bob, alice, ONE, PRICE + ONE, 2n));
  const reused = await gasOf(trade(world, submitter, alice, bob, ONE, PRICE, 3n, 1n));
  await setPrice(world, 1, PRICE + ONE);
  const increased = await gasOf(trade(world, submitter, alice, bob, ONE, PRICE + ONE, 4n, 1n));
  return [
    gas("two signed orders filled, both sides open, lanes used before", reused),
    gas("two signed orders filled, both sides open, lanes never used", fresh),
    gas("two signed orders filled, both sides close", close),
    gas("two signed orders filled, both sides grow, new price", increased),
  ];
}

/** A market that has been deleveraged has A and B of its sides to read, and one away from mark a premium to write. */
export async function fillsAfterDeleveraging(): Promise<Figure[]> {
  const world = await deploy(1, PRICE);
  const { alice, bob, submitter, keeper } = people(world);
  await enter(world, alice, 2_200n);
  for (const signer of [bob, keeper]) await enter(world, signer, 1_000_000n);
  await trade(world, submitter, alice, bob, 10n * ONE, PRICE, 1n);
  await trade(world, submitter, keeper, bob, 10n * ONE, PRICE, 2n);
  const low = 1700n * ONE;
  await setPrice(world, 0, low);
  await world.house.connect(keeper).deleverage([accountOf(alice.address)], NO_ACCOUNT);
  await trade(world, submitter, keeper, bob, ONE, low + ONE, 3n);
  await setPrice(world, 0, low + ONE);
  const grown = await gasOf(trade(world, submitter, keeper, bob, ONE, low + 2n * ONE, 4n));
  return [gas("the same away from mark, in a market that has been deleveraged", grown)];
}

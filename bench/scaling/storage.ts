/** Storage: how many slots of 32 bytes each thing takes, and what they grow with. Counted in the traces of transactions. */
import type { Progress } from "../../scripts/simulation/run.ts";
import { slots, type Figure } from "../figure.ts";
import { slotsOf, type Slots } from "../slots.ts";
import {
  accountOf,
  deploy,
  enter,
  listMarket,
  NO_ACCOUNT,
  ONE,
  people,
  PRICE,
  receiptOf,
  setPrice,
  trade,
  TRADE,
  type World,
} from "../world.ts";
import { MARKETS } from "./markets.ts";

const MOST = Math.max(...MARKETS);

export async function storage(progress: Progress): Promise<Figure[]> {
  progress.stage("storage", MOST + 2);
  const advance = () => {
    progress.advance();
  };
  const perMarket = await ofAMarket();
  advance();
  const perGeneration = await ofAGeneration();
  advance();
  return [...perMarket, ...perGeneration, ...(await ofAnAccount(advance))];
}

type Sent = Parameters<typeof receiptOf>[0];

async function slotsIn(world: World, sent: Sent, contract?: World["house"] | World["venue"]): Promise<Slots> {
  return slotsOf(world, (await receiptOf(sent)).hash, contract);
}

async function ofAMarket(): Promise<Figure[]> {
  const world = await deploy(1, PRICE);
  const { alice, bob, submitter } = people(world);
  for (const signer of [alice, bob]) await enter(world, signer, 100_000n);
  let [inHouse, elsewhere] = [0, 0];
  for (const sent of await listMarket(world, PRICE)) {
    const house = await slotsIn(world, Promise.resolve(sent), world.house);
    const all = await slotsIn(world, Promise.resolve(sent));
    inHouse += house.taken;
    elsewhere += all.taken - house.taken;
  }
  // Two of them are the positions.
  const filled = await slotsIn(world, trade(world, submitter, alice, bob, ONE, PRICE, 1n, 1n), world.house);
  return [
    slots("per market: the house, when it is listed", inHouse),
    slots("per market: oracle and insurance fund, when it is listed", elsewhere),
    slots("per market: the house, with the first fill", filled.taken - 2),
  ];
}

/** Everybody on one side defaults, so that the other is closed with it, and the market begins anew. */
async function ofAGeneration(): Promise<Figure[]> {
  const world = await deploy(1, PRICE);
  const { alice, bob, submitter, keeper } = people(world);
  await enter(world, alice, 2_200n);
  // The keeper has an account already, for the bounty.
  for (const signer of [bob, keeper]) await enter(world, signer, 1_000_000n);
  await trade(world, submitter, alice, bob, 10n * ONE, PRICE, 1n);
  await setPrice(world, 0, 1700n * ONE);
  const ended = await slotsIn(
    world,
    world.house.connect(keeper).deleverage([accountOf(alice.address)], NO_ACCOUNT),
    world.house,
  );
  return [slots("per generation that ends: the house", ended.taken)];
}

/** Alice's slots in the house, while she opens one position after the other against Bob, who is in all markets already. */
async function ofAnAccount(onOpened: () => void): Promise<Figure[]> {
  const world = await deploy(MOST, PRICE);
  const { alice, bob, submitter, keeper } = people(world);
  for (const signer of [bob, keeper]) await enter(world, signer, 1_000_000n);
  let sequence = 0n;
  const fill = (market: number, buyer: typeof alice, seller: typeof alice) =>
    trade(world, submitter, buyer, seller, ONE, PRICE, ++sequence, BigInt(market));
  for (let market = 0; market < MOST; ++market) await fill(market, keeper, bob);

  const house = world.house.connect(alice);
  await world.token.mint(alice.address, 10n ** 12n);
  await world.token.connect(alice).approve(await world.house.vault(), 10n ** 12n);
  const deposited = await slotsIn(world, house.deposit(0n, 10n ** 12n), world.house);
  const allowed = await slotsIn(world, house.setOperator(0n, await world.venue.getAddress(), TRADE), world.house);
  const opened: Slots[] = [];
  let lane = 0;
  for (let market = 0; market < MOST; ++market) {
    const { hash } = await receiptOf(fill(market, alice, bob));
    opened.push(await slotsOf(world, hash, world.house));
    lane += (await slotsOf(world, hash, world.venue)).taken;
    onOpened();
  }
  const closed = await slotsIn(world, fill(0, bob, alice), world.house);

  const inMarkets = MARKETS.map((count) =>
    slots(
      `an account in ${count} market${count === 1 ? "" : "s"}: the house`,
      opened.slice(0, count).reduce((sum, one) => sum + one.taken - one.freed, deposited.taken),
      { of: "an account's storage in the house", over: "markets of the account", at: count },
    ),
  );
  return [
    slots("per account: the house, with its first deposit", deposited.taken),
    slots("per account and market: the house, with a position", opened[0]?.taken ?? NaN),
    slots("… left of that when the position is closed", (opened[0]?.taken ?? NaN) - closed.freed + closed.taken),
    slots("per account and operator: the house, with a right", allowed.taken),
    slots("per account and lane: the venue, in which 16 orders were filled one after the other", lane),
    ...inMarkets,
  ];
}

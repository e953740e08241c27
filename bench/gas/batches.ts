import { gas, type Figure } from "../figure.ts";
import {
  accountOf,
  ALL,
  crowd,
  deploy,
  enter,
  fundLimit,
  gasOf,
  NO_ACCOUNT,
  ONE,
  people,
  PRICE,
  setPrice,
  trade,
} from "../world.ts";

const MANY = 100;

type Kind = "deleverage" | "liquidate";

export async function batches(): Promise<Figure[]> {
  const further = async (kind: Kind, many: bigint) => (many - (await resolve(kind, 1))) / BigInt(MANY - 1);
  const deleveraged = await resolve("deleverage", MANY);
  const liquidated = await resolve("liquidate", MANY);
  return [
    gas(`each further account of ${MANY} in one deleverage`, await further("deleverage", deleveraged)),
    gas(`each further account of ${MANY} in one batch of liquidate`, await further("liquidate", liquidated)),
    gas(`one batch of ${MANY} full liquidations`, liquidated),
  ];
}

/** As many accounts, all in the same situation, in one transaction. */
async function resolve(kind: Kind, count: number): Promise<bigint> {
  const world = await deploy(1, PRICE);
  const { submitter, keeper } = people(world);
  for (const signer of [submitter, keeper]) await enter(world, signer, 10_000_000n);
  await trade(world, submitter, keeper, submitter, ONE, PRICE, 1n);
  const situation = { size: count, isLong: true, price: PRICE, collateral: 2_300n, position: 10n * ONE };
  const all = await crowd(world, { ...situation, other: 1_000_000n });
  await world.fund.setLimit(0n, fundLimit(400n));
  await setPrice(world, 0, (kind === "deleverage" ? 1700n : 1780n) * ONE);
  const owner = await all.getAddress();
  const accounts = Array.from({ length: count }, (_, n) => accountOf(owner, BigInt(n)));
  const house = world.house.connect(keeper);
  if (kind === "deleverage") return gasOf(house.deleverage(accounts, NO_ACCOUNT));
  const target = await house.getAddress();
  const to = accountOf(keeper.address);
  const data = (account: string) => house.interface.encodeFunctionData("liquidate", [account, 0n, ALL, to]);
  const used = await gasOf(house.batch(accounts.map((account) => ({ target, data: data(account) }))));
  for (const account of accounts)
    if ((await house.sizeOf(account, 0n)) !== 0n) throw new Error("a liquidation of a batch was not full");
  return used;
}

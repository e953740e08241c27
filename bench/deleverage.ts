/** One account in default, deleveraged against a side of any number of accounts: what gas and scaling share. */
import { slotsOf } from "./slots.ts";
import {
  accountOf,
  crowd,
  deploy,
  enter,
  fundLimit,
  NO_ACCOUNT,
  ONE,
  people,
  PRICE,
  receiptOf,
  setPrice,
  trade,
} from "./world.ts";

/** What the fund may pay in this market, in whole tokens: a part of the deficit, or more than all of it. */
export const FEW_TOKENS = 400n;
export const MANY_TOKENS = 1_000_000n;

export interface Deleveraged {
  readonly gas: bigint;
  /** That it took, in all contracts together. */
  readonly slots: number;
}

export async function deleverageAgainst(
  opposing: number,
  mayPay: bigint,
  onOpened: (count: number) => void = () => undefined,
): Promise<Deleveraged> {
  const world = await deploy(1, PRICE);
  const { alice, bob, submitter, keeper } = people(world);
  // The submitter is short too.
  await crowd(world, { size: opposing - 1, isLong: false, price: PRICE, other: 1_000_000n, onOpened });
  for (const signer of [alice, bob]) await enter(world, signer, 2_200n);
  await enter(world, submitter, 1_000_000n);
  await enter(world, keeper, 1_000n);
  await trade(world, submitter, alice, submitter, 10n * ONE, PRICE, 1n);
  await trade(world, submitter, bob, submitter, 10n * ONE, PRICE, 2n);
  // The fund has enough for all of it in any case; its bucket for this market holds so much. With few tokens it bears no open
  // interest, so there was more when it was opened.
  await world.fund.setLimit(0n, fundLimit(mayPay));
  await setPrice(world, 0, 1700n * ONE);
  const receipt = await receiptOf(world.house.connect(keeper).deleverage([accountOf(alice.address)], NO_ACCOUNT));
  const allocated = receipt.logs
    .map((log) => world.house.interface.parseLog(log))
    .find((event) => event?.name === "DeficitAllocated");
  const isCharged = allocated?.args["shortHaircut"] !== 0n;
  if (allocated === undefined || isCharged !== mayPay < MANY_TOKENS)
    throw new Error(`the fund could pay ${mayPay}, and a haircut was ${isCharged ? "" : "not "}charged`);
  return { gas: receipt.gasUsed, slots: (await slotsOf(world, receipt.hash)).taken };
}

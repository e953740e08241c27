/** Ten thousand accounts on a node of this machine. */
import { ONE } from "zerofloor";
import { type Node, startAnvil } from "../../../test/system/anvil.ts";
import { buildHouse, type House, OTHER, UNIT } from "../test/support/house.ts";
import { newKey } from "../test/support/running.ts";

export const ACCOUNTS = 10_000;
export const NUMBERS = Array.from({ length: ACCOUNTS }, (_, n) => BigInt(n + 1));
export const ETH = 1;
const IN_GROUP = 100;
const ENOUGH = { gasLimit: 900_000_000n };
const PRICES = [100_000n * ONE, 2_000n * ONE];
/** 60 million. */
const GAS_OF_A_BLOCK = "0x3938700";

export interface Crowded {
  readonly house: House;
  readonly key: string;
  readonly address: string;
}

/** @param work Finds everybody there, a keeper's key with money and gas, and blocks that come when they are told to. */
export async function withCrowd<T>(work: (crowded: Crowded) => Promise<T>): Promise<T> {
  const node = await startAnvil({ chainId: 31_337n, gasLimit: 1_000_000_000n, baseFee: 10n ** 9n });
  try {
    return await work(await crowdOn(node));
  } finally {
    await node.stop();
  }
}

async function crowdOn(node: Node): Promise<Crowded> {
  const house = await buildHouse(node, PRICES);
  for (let n = 0; n < ACCOUNTS; n += IN_GROUP) {
    // From 2.5 times leverage to 17 times, in steps of a group.
    const collateral = 120n * UNIT + (BigInt(n) * 700n * UNIT) / BigInt(ACCOUNTS);
    await house.crowd.fund(BigInt(n + 1), IN_GROUP, collateral, ENOUGH);
    await house.crowd.open(BigInt(n + 1), IN_GROUP, true, OTHER, ETH, ONE, 2_000n * ONE, ENOUGH);
  }
  const keeper = newKey();
  await house.endow(keeper.address, 100_000_000n * ONE);
  await node.provider.send("evm_setBlockGasLimit", [GAS_OF_A_BLOCK]);
  await node.provider.send("evm_setAutomine", [false]);
  return { house, ...keeper };
}

import { gas, type Figure } from "../figure.ts";
import { composed, deploy, now, PRICE, type World } from "../world.ts";
import type { PriceOracle } from "../../typechain/index.js";

/** What a call that needs a mark pays for it: one Chainlink feed behind its proxy; or two of them, and the sequencer's. */
export async function prices(): Promise<Figure[]> {
  const world = await deploy(1, PRICE);
  return [
    gas("mark read from one feed", await reading(world, world.oracle)),
    gas("mark read from two feeds, with the sequencer's", await reading(world, await composed(world, PRICE))),
  ];
}

async function reading({ connection }: World, oracle: PriceOracle): Promise<bigint> {
  const meter = await connection.ethers.deployContract("GasMeter");
  const read = oracle.interface.encodeFunctionData("read", [0, PRICE, await now(connection)]);
  return (await meter.getFunction("gasOf").staticCall(oracle, read)) as bigint;
}

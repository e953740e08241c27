/** A clearing house on a node, with a crowd in it. The node includes what is sent at once while it is built. */
import { ZeroAddress } from "ethers";
import { accountId, type AccountId, ONE } from "zerofloor";
import { parameterPath, readParameterFile } from "../../../../deploy/parameterFile.ts";
import { listingCalls } from "../../../../scripts/deployment/markets.ts";
import { roleCalls } from "../../../../scripts/deployment/roles.ts";
import {
  AccessManager__factory,
  type ChainlinkAggregator,
  ChainlinkAggregator__factory,
  ChainlinkProxy__factory,
  ChainlinkSource__factory,
  ClearingHouse__factory,
  ClearingHouseLens__factory,
  Crowd__factory,
  MockPyth__factory,
  OrderSettlement__factory,
  PermitToken__factory,
  PriceOracle__factory,
  PythKeeper__factory,
  PythSource__factory,
} from "../../../../typechain/index.js";
import { connect } from "../../../sdk/src/ethers/client.ts";
import type { Node } from "../../../../test/system/anvil.ts";

export const UNIT = 10n ** 6n;
const FEED_TICK = 10n ** 10n;
const GAS = { gasLimit: 16_000_000n };
const NAMES = ["BTC", "ETH"] as const;
/** The account that is on the other side of everybody. */
export const OTHER = 1_000_000n;
export const PYTH_ID = `0x${"ab".repeat(32)}`;

export interface Position {
  readonly number: bigint;
  readonly market: number;
  /** Above zero for a long. */
  readonly size: bigint;
  /** Money. */
  readonly collateral: bigint;
}

export type House = Awaited<ReturnType<typeof buildHouse>>;

/** @param prices 18 decimals, of BTC and ETH. */
export async function buildHouse(
  node: Node,
  prices: readonly bigint[],
  { pyth: withPyth = false }: { readonly pyth?: boolean } = {},
) {
  const { provider, somebody } = node;
  const now = async () => (await provider.getBlock("latest"))?.timestamp ?? 0;
  const file = readParameterFile(parameterPath("local"));
  const startBlock = await provider.getBlockNumber();
  const manager = await new AccessManager__factory(somebody).deploy(somebody);
  const token = await new PermitToken__factory(somebody).deploy("Test USD", "tUSD", 6);
  const oracle = await new PriceOracle__factory(somebody).deploy(manager, ZeroAddress, 0);
  const house = await new ClearingHouse__factory(somebody).deploy(token, oracle, manager, 604_800, 86_400);
  const lens = await new ClearingHouseLens__factory(somebody).deploy(house);
  const settlement = await new OrderSettlement__factory(somebody).deploy(house);
  const contracts = {
    manager: await manager.getAddress(),
    token: await token.getAddress(),
    oracle: await oracle.getAddress(),
    house: await house.getAddress(),
    vault: await house.vault(),
    fund: await house.insuranceFund(),
    governor: await house.governor(),
    lens: await lens.getAddress(),
    settlement: await settlement.getAddress(),
  };
  const client = connect({ contracts }, somebody);
  await manager.multicall(await roleCalls(client, somebody.address), GAS);

  const pyth = await new MockPyth__factory(somebody).deploy(86_400, 7);
  const update = async (price: bigint, publishedAt: number) =>
    pyth.createPriceFeedUpdateData(PYTH_ID, price / FEED_TICK, 0, -8, price / FEED_TICK, 0, publishedAt, 0);
  await pyth.updatePriceFeeds([await update(prices[1] ?? 0n, await now())], { value: 7, ...GAS });
  const aggregators: ChainlinkAggregator[] = [];
  const markets: { readonly name: string; readonly source: string }[] = [];
  for (const [i, name] of NAMES.entries()) {
    const parameters = file.markets[name];
    if (parameters === undefined) throw new Error(`no ${name}`);
    const aggregator = await new ChainlinkAggregator__factory(somebody).deploy(8, `${name} / USD`);
    await aggregator.setAnswer((prices[i] ?? 0n) / FEED_TICK, await now());
    const proxy = await new ChainlinkProxy__factory(somebody).deploy(aggregator);
    const source =
      withPyth && name === "ETH"
        ? await new PythSource__factory(somebody).deploy(pyth, PYTH_ID)
        : await new ChainlinkSource__factory(somebody).deploy(proxy);
    const at = await source.getAddress();
    // The insurance fund has nothing, and bounds nothing.
    const fundLimit = { ...parameters.fundLimit, gap: 0n };
    for (const { target, data } of await listingCalls(client, i, { ...parameters, fundLimit }, at))
      await manager.execute(target, data, GAS);
    aggregators.push(aggregator);
    markets.push({ name, source: at });
  }
  const pythKeeper = await new PythKeeper__factory(somebody).deploy(pyth, house);
  const crowd = await new Crowd__factory(somebody).deploy(house);
  const mint = (to: string, money: bigint) => token.mint(to, (money * UNIT) / ONE, GAS);
  await mint(await crowd.getAddress(), 1_000_000_000n * ONE);
  await crowd.fund(OTHER, 1, 500_000_000n * UNIT, GAS);
  const owner = await crowd.getAddress();
  // From here on time does not depend on the machine: a price is newer than the last one if its block is.
  await provider.send("anvil_setBlockTimestampInterval", [12]);

  return {
    node,
    deployed: {
      chainId: Number((await provider.getNetwork()).chainId),
      deployer: somebody.address,
      startBlock,
      contracts,
      markets,
    },
    client,
    crowd,
    pyth,
    pythKeeper: await pythKeeper.getAddress(),
    update,
    idOf: (number: bigint): AccountId => accountId(owner, number),
    /** What sets a price, as of the newest block. */
    async priceCall(market: number, price: bigint) {
      const aggregator = aggregators[market];
      if (aggregator === undefined) throw new Error(`no market ${market}`);
      return aggregator.setAnswer.populateTransaction(price / FEED_TICK, await now());
    },
    async setPrice(market: number, price: bigint) {
      // Before everything else in its block.
      const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n };
      await somebody.sendTransaction({ ...(await this.priceCall(market, price)), ...GAS, ...fees });
    },
    /** Opens positions at the present marks. */
    async open(positions: readonly Position[]) {
      for (const { number, market, size, collateral } of positions) {
        await crowd.fund(number, 1, (collateral * UNIT) / ONE, GAS);
        const mark = (await client.lens.marketSummary(market)).mark;
        await crowd.open(number, 1, size > 0n, OTHER, market, size < 0n ? -size : size, mark, GAS);
      }
    },
    /** Gives somebody gas, and money in its account 0. */
    async endow(address: string, money: bigint) {
      await provider.send("anvil_setBalance", [address, `0x${(10n * ONE).toString(16)}`]);
      if (money === 0n) return;
      await mint(somebody.address, money);
      await token.approve(contracts.vault, (money * UNIT) / ONE, GAS);
      await house.depositFor(accountId(address), (money * UNIT) / ONE, GAS);
    },
    /** Standings of everybody of the crowd, and of whoever else is named. */
    async standings(numbers: readonly bigint[]): Promise<number[]> {
      const found = await client.lens.standings(numbers.map((number) => accountId(owner, number)));
      return found.map(Number);
    },
  };
}

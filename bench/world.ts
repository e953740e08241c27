/** A deployment to measure in: real contracts on the in-process chain under Cancun rules, prices behind a Chainlink-shaped
 * proxy and aggregator. */
import { type ContractTransactionReceipt, type ContractTransactionResponse, ZeroAddress } from "ethers";
import { network } from "hardhat";
import {
  type ChainlinkAggregator,
  type ClearingHouse,
  type Crowd,
  type InsuranceFund,
  type MarketGovernor,
  type OrderSettlement,
  type PriceOracle,
  type TestToken,
} from "../typechain/index.js";
import { orderNonce } from "../packages/sdk/src/client/orders.ts";
import { signOrder, type SignedOrder } from "../test/utils/orders.js";

export const ONE = 10n ** 18n;
export const PRICE = 2000n * ONE;
/** As a size: as much as may be taken. */
export const ALL = 2n ** 255n;
export const NO_ACCOUNT = `0x${"0".repeat(64)}`;
export const TRADE = 1n;
const FEED_DECIMALS = 8;
/** Nothing is asked of a price but that it is not older than a day. */
export const ANY_PRICE = {
  maxAge: 86_400n,
  maxConfidence: 0n,
  maxMove: 2n ** 64n - 1n,
  second: ZeroAddress,
  secondMaxAge: 0n,
  maxDeviation: 0n,
  lowest: 1n,
  highest: 2n ** 96n - 1n,
};
const FAR_FUTURE = 4_000_000_000n;

export type Connection = Awaited<ReturnType<typeof network.create>>;
export type Signer = Awaited<ReturnType<Connection["ethers"]["getSigners"]>>[number];

type Receipt = Pick<ContractTransactionReceipt, "gasUsed" | "hash" | "logs">;

export interface World {
  readonly connection: Connection;
  readonly token: TestToken;
  readonly house: ClearingHouse;
  readonly fund: InsuranceFund;
  readonly oracle: PriceOracle;
  readonly governor: MarketGovernor;
  readonly venue: OrderSettlement;
  readonly signers: readonly Signer[];
  readonly feeds: ChainlinkAggregator[];
  readonly chainId: bigint;
}

export type RiskParameters = Parameters<MarketGovernor["listMarket"]>[0];

/** What the local deployment's markets look like, with every fee, bounty and limit switched on. */
const RISK: RiskParameters = {
  status: 1n,
  isolatedOnly: false,
  initialMargin: 100_000n,
  initialMarginAtCap: 200_000n,
  volatilityMargin: 500_000n,
  maintenanceMargin: 50_000n,
  incentiveMin: 5_000n,
  incentiveMax: 15_000n,
  fundFee: 5_000n,
  tradeFee: 500n,
  priceBand: 50_000n,
  buffer: 1_200_000n,
  openInterestCap: 10n ** 9n * ONE,
  minNotional: 10n * ONE,
  shortfallLimit: 10_000n,
  maxFundingRate: 3_000n,
  bountyRate: 500n,
  bountyCap: 100n * ONE,
};

/** What a market may draw from the insurance fund: `capacity` in whole tokens. */
export function fundLimit(capacity: bigint) {
  return { capacity: capacity * ONE, refillPerSecond: 1n, gap: 50_000n };
}

/** Tokens that the fund begins with: with a gap of 5 % enough for open interest of 200 million. */
const FUND = 10_000_000n;

export async function deploy(markets: number, price: bigint): Promise<World> {
  const connection = await network.create({
    network: "default",
    override: {
      blockGasLimit: 1_000_000_000_000n,
      accounts: { count: 60 },
      // Each transaction has a second of its own, so that none finds a price that another has read.
      initialDate: new Date("2026-01-01T00:00:00Z"),
      initialBaseFeePerGas: 0,
    },
  });
  const { ethers } = connection;
  const signers = await ethers.getSigners();
  const admin = at(signers, 0);
  const contract = async <T>(name: string, ...args: unknown[]): Promise<T> =>
    (await ethers.deployContract(name, args, admin)) as T;

  const manager = await contract<{ getAddress(): Promise<string> }>("AccessManager", admin.address);
  const token = await contract<TestToken>("TestToken", "Test USD", "tUSD", 6);
  const oracle = await contract<PriceOracle>("PriceOracle", await manager.getAddress(), ethers.ZeroAddress, 0n);
  const house = await contract<ClearingHouse>(
    "ClearingHouse",
    await token.getAddress(),
    await oracle.getAddress(),
    await manager.getAddress(),
    7n * 86_400n,
    86_400n,
  );
  const fund = (await ethers.getContractAt("InsuranceFund", await house.insuranceFund())) as unknown as InsuranceFund;
  const governor = (await ethers.getContractAt("MarketGovernor", await house.governor())) as unknown as MarketGovernor;
  const venue = await contract<OrderSettlement>("OrderSettlement", await house.getAddress());

  const { chainId } = await ethers.provider.getNetwork();
  const world = { connection, token, house, fund, oracle, governor, venue, signers, feeds: [], chainId };
  for (let market = 0; market < markets; ++market) await listMarket(world, price);
  await insure(world, admin, FUND);
  return world;
}

/** One more market with a feed of its own. Answers the transactions that write to the clearing house and its neighbours. */
export async function listMarket(world: World, price: bigint): Promise<ContractTransactionResponse[]> {
  const { connection, oracle, governor, fund, feeds } = world;
  const { ethers } = connection;
  const market = feeds.length;
  const feed = (await ethers.deployContract("ChainlinkAggregator", [
    FEED_DECIMALS,
    "BENCH / USD",
  ])) as unknown as ChainlinkAggregator;
  await feed.setAnswer(price / 10n ** 10n, await now(connection));
  const proxy = await ethers.deployContract("ChainlinkProxy", [feed]);
  const source = await ethers.deployContract("ChainlinkSource", [proxy]);
  feeds.push(feed);
  return [
    await oracle.setFeed(market, { ...ANY_PRICE, primary: await source.getAddress() }),
    await governor.listMarket(RISK, 10n ** 24n),
    await fund.setLimit(market, fundLimit(10n * FUND)),
  ];
}

/** `amount` whole tokens for the insurance fund. */
async function insure(world: World, backer: Signer, amount: bigint): Promise<void> {
  await world.token.mint(backer.address, amount * 10n ** 6n);
  await world.token.connect(backer).approve(await world.fund.getAddress(), amount * 10n ** 6n);
  await world.fund.connect(backer).deposit(amount * 10n ** 6n, backer.address);
}

/** An oracle of its own whose market 0 has everything: two feeds, and the sequencer's uptime feed behind a proxy. */
export async function composed({ connection, signers }: World, price: bigint): Promise<PriceOracle> {
  const { ethers, networkHelpers } = connection;
  const admin = at(signers, 0);
  const raising = await ethers.deployContract("SimpleWriteAccessController");
  const flags = await ethers.deployContract("Flags", [raising, raising]);
  const uptime = await ethers.deployContract("ArbitrumSequencerUptimeFeed", [flags, admin]);
  await raising.getFunction("addAccess")(uptime);
  await flags.getFunction("addAccess")(uptime);
  await uptime.getFunction("initialize")();
  await networkHelpers.time.increase(7_200);
  const manager = await ethers.deployContract("AccessManager", [admin]);
  const uptimeProxy = await ethers.deployContract("ChainlinkProxy", [uptime]);
  await uptime.getFunction("addAccess")(uptimeProxy);
  const oracle = (await ethers.deployContract("PriceOracle", [manager, uptimeProxy, 3_600])) as unknown as PriceOracle;
  const sources: string[] = [];
  for (const answer of [price, (price * 1_001n) / 1_000n]) {
    const feed = await ethers.deployContract("ChainlinkAggregator", [FEED_DECIMALS, "BENCH / USD"]);
    await feed.getFunction("setAnswer")(answer / 10n ** 10n, await now(connection));
    const proxy = await ethers.deployContract("ChainlinkProxy", [feed]);
    const source = await ethers.deployContract("ChainlinkSource", [proxy]);
    sources.push(await source.getAddress());
  }
  await oracle.setFeed(0, {
    ...ANY_PRICE,
    primary: at(sources, 0),
    second: at(sources, 1),
    secondMaxAge: 86_400n,
    maxDeviation: 10_000n,
  });
  return oracle;
}

export async function now({ networkHelpers }: Connection): Promise<number> {
  return networkHelpers.time.latest();
}

/** A block passes, and the market has a price that nobody has read yet. */
export async function setPrice(world: World, market: number, price: bigint): Promise<void> {
  await world.connection.networkHelpers.time.increase(12);
  await at(world.feeds, market).setAnswer(price / 10n ** 10n, await now(world.connection));
}

export function accountOf(owner: string, number = 0n): string {
  return `${owner}${number.toString(16).padStart(24, "0")}`;
}

/** `amount` whole tokens of collateral, an allowance for more, and the venue allowed to trade. */
export async function enter(world: World, signer: Signer, amount: bigint): Promise<string> {
  const vault = await world.house.vault();
  await world.token.mint(signer.address, 1_000_000_000n * 10n ** 6n);
  await world.token.connect(signer).approve(vault, 2n ** 256n - 1n);
  await world.house.connect(signer).deposit(0n, amount * 10n ** 6n);
  await world.house.connect(signer).setOperator(0n, await world.venue.getAddress(), TRADE);
  return accountOf(signer.address);
}

export async function order(
  world: World,
  signer: Signer,
  isBuy: boolean,
  size: bigint,
  price: bigint,
  sequence: bigint,
  market = 0n,
): Promise<SignedOrder> {
  return signOrder(signer, await world.venue.getAddress(), world.chainId, {
    account: accountOf(signer.address),
    market,
    isBuy,
    reduceOnly: false,
    size,
    price,
    nonce: orderNonce(0n, sequence),
    epoch: 0n,
    expiry: FAR_FUTURE,
    fee: 0n,
  });
}

/** Both orders filled in one transaction of `submitter`. */
export async function trade(
  world: World,
  submitter: Signer,
  buyer: Signer,
  seller: Signer,
  size: bigint,
  price: bigint,
  sequence: bigint,
  market = 0n,
) {
  const buy = await order(world, buyer, true, size, price, sequence, market);
  const sell = await order(world, seller, false, size, price, sequence, market);
  return world.venue.connect(submitter).settle(buy.order, buy.signature, sell.order, sell.signature, size, NO_ACCOUNT);
}

export async function receiptOf(sent: Promise<{ wait(): Promise<Receipt | null> }>): Promise<Receipt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("no receipt");
  return receipt;
}

export async function gasOf(sent: Promise<{ wait(): Promise<Receipt | null> }>): Promise<bigint> {
  return (await receiptOf(sent)).gasUsed;
}

export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}

/** Who does what in a case. */
export function people({ signers }: World): Record<"alice" | "bob" | "submitter" | "keeper", Signer> {
  return { alice: at(signers, 1), bob: at(signers, 2), submitter: at(signers, 3), keeper: at(signers, 6) };
}

interface CrowdOptions {
  readonly size: number;
  readonly isLong: boolean;
  readonly price: bigint;
  /** Of the crowd's own accounts, the one that all others trade with. */
  readonly other: bigint;
  /** Whole tokens of each. */
  readonly collateral?: bigint;
  readonly position?: bigint;
  readonly onOpened?: (count: number) => void;
}

/** Accounts of a crowd, numbered from zero, funded, each with a position against the crowd's own account `other`. */
export async function crowd(
  world: World,
  { size, isLong, price, other, collateral = 10_000n, position = ONE, onOpened = () => undefined }: CrowdOptions,
): Promise<Crowd> {
  const { ethers } = world.connection;
  const all = (await ethers.deployContract("Crowd", [await world.house.getAddress()])) as unknown as Crowd;
  await world.token.mint(await all.getAddress(), 10n ** 15n * 10n ** 6n);
  await all.fund(other, 1n, 10n ** 10n * 10n ** 6n);
  const chunk = 250;
  // Otherwise it is searched for, by running each of these large transactions again and again.
  const enough = { gasLimit: 1_000_000_000n };
  for (let start = 0; start < size; start += chunk) {
    const count = Math.min(chunk, size - start);
    await all.fund(BigInt(start), BigInt(count), collateral * 10n ** 6n, enough);
    await all.open(BigInt(start), BigInt(count), isLong, other, 0n, position, price, enough);
    onOpened(count);
  }
  return all;
}

/** The real contracts on a chain inside this process, with the names of the model: deploys, acts, reads. */
import { type TransactionResponse, Interface, isError, type LogDescription, ZeroAddress } from "ethers";
import { network } from "hardhat";
import {
  AccessManager__factory,
  type ChainlinkAggregator,
  ChainlinkAggregator__factory,
  ChainlinkProxy__factory,
  ChainlinkSource__factory,
  ClearingHouse__factory,
  ClearingHouseLens__factory,
  CollateralVault__factory,
  InsuranceFund__factory,
  MarketGovernor__factory,
  Onlooker__factory,
  PriceOracle__factory,
  TestToken__factory,
} from "../../typechain/index.js";
import { ANY_PRICE, accountOf } from "../../bench/world.ts";
import { FUND, type Fill, type Listing } from "./house.ts";
import type { Limit } from "./fund.ts";
import type { Risk, Status } from "./risk.ts";

const TRADE = 1n;
/** As the contracts count them; the first is that of a market that is not listed. */
export const STATUSES: readonly (Status | undefined)[] = [undefined, "Active", "ReduceOnly", "Settled"];
const NO_ACCOUNT = `0x${"0".repeat(64)}`;
const PLENTY = 10n ** 30n;
/** Transactions are not estimated first: that would run each of them twice. */
const GAS = { gasLimit: 50_000_000n };
export const COOLDOWN = 7n * 86_400n;
const WINDOW = 86_400n;

/** What a market is listed with. */
export interface FedListing extends Listing {
  readonly feedDecimals: number;
}

/** What a call answered: the name of its error, or what happened. */
export interface Outcome {
  readonly refused?: string;
  readonly events: readonly LogDescription[];
}

export type Chain = Awaited<ReturnType<typeof startChain>>;

/**
 * @param names Of the accounts. Every second one shares its owner with the one before it. The first belongs to the
 * operator, who has the trade right on all of them and makes the calls that are anybody's.
 * @param start Seconds since 1970.
 */
export async function startChain(
  names: readonly string[],
  listings: readonly FedListing[],
  decimals: number,
  start: bigint,
) {
  const { ethers, provider, networkHelpers } = await network.create({
    network: "default",
    override: {
      initialDate: new Date(Number(start - 1_000n) * 1000),
      allowBlocksWithSameTimestamp: true,
      allowUnlimitedContractSize: true, // TEMPORARY
      initialBaseFeePerGas: 0,
      blockGasLimit: GAS.gasLimit,
    },
  });
  const [admin, ...owners] = await ethers.getSigners();
  if (admin === undefined) throw new Error("the chain has no accounts");
  let now = start;
  const tick = () => provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(now)] });
  const sent = async (transaction: Promise<TransactionResponse>) => {
    const receipt = await (await transaction).wait();
    if (receipt === null) throw new Error("a transaction was not mined");
    return receipt;
  };

  /** At the moment of the model, whatever the time is here. */
  const at = async <T>(make: () => Promise<T>): Promise<T> => {
    await tick();
    return make();
  };
  const manager = await at(() => new AccessManager__factory(admin).deploy(admin.address));
  const token = await at(() => new TestToken__factory(admin).deploy("Test USD", "tUSD", decimals));
  const oracle = await at(() => new PriceOracle__factory(admin).deploy(manager, ZeroAddress, 0));
  const house = await at(() => new ClearingHouse__factory(admin).deploy(token, oracle, manager, COOLDOWN, WINDOW));
  const lens = await at(() => new ClearingHouseLens__factory(admin).deploy(house));
  const onlooker = await at(() => new Onlooker__factory(admin).deploy());
  const fund = InsuranceFund__factory.connect(await house.insuranceFund(), admin);
  const governor = MarketGovernor__factory.connect(await house.governor(), admin);
  const vault = CollateralVault__factory.connect(await house.vault(), admin);

  const feeds: ChainlinkAggregator[] = [];
  for (const [market, listing] of listings.entries()) {
    const feed = await at(() => new ChainlinkAggregator__factory(admin).deploy(listing.feedDecimals, "MODEL / USD"));
    await tick();
    await sent(feed.setAnswer(listing.price / 10n ** BigInt(18 - listing.feedDecimals), now));
    const proxy = await at(() => new ChainlinkProxy__factory(admin).deploy(feed));
    const source = await at(() => new ChainlinkSource__factory(admin).deploy(proxy));
    await tick();
    await sent(oracle.setFeed(market, { ...ANY_PRICE, primary: source, maxAge: listing.maxAge }));
    await tick();
    await sent(governor.listMarket(forContracts(listing.risk), listing.maxPrice));
    await tick();
    await sent(fund.setLimit(market, listing.fundLimit));
    feeds.push(feed);
  }

  const people = new Map<string, { owner: typeof admin; id: string; number: bigint }>();
  for (const [i, name] of names.entries()) {
    const number = BigInt(i % 2);
    const owner = i < 2 ? admin : owners[Math.floor(i / 2)];
    if (owner === undefined) throw new Error("the chain has too few accounts");
    people.set(name, { owner, id: accountOf(owner.address, number), number });
    await tick();
    await sent(house.connect(owner).setOperator(number, admin.address, TRADE));
  }
  await tick();
  await sent(token.mint(admin.address, PLENTY));
  for (const spender of [vault, fund]) {
    await tick();
    await sent(token.approve(spender, 2n ** 256n - 1n));
  }

  const errors = new Interface(
    [house, oracle, fund, vault, token, governor]
      .flatMap((contract) => contract.interface.fragments)
      .concat(ChainlinkSource__factory.createInterface().fragments)
      .filter(({ type }) => type !== "constructor"),
  );
  const idOf = (name: string): string =>
    people.get(name)?.id ?? (name === FUND ? accountOf(fund.target as string) : strangerId(name));

  const personOf = (name: string) => {
    const person = people.get(name);
    if (person === undefined) throw new Error(`nobody is called ${name}`);
    return person;
  };

  const { interface: abi } = house;
  const calldata = {
    deposit: (name: string, amount: bigint) => abi.encodeFunctionData("depositFor", [idOf(name), amount]),
    withdraw: (name: string, amount: bigint) => {
      const { id, owner } = personOf(name);
      return abi.encodeFunctionData("withdraw", [id, amount, owner.address]);
    },
    settle: (listed: readonly string[]) => abi.encodeFunctionData("settle", [listed.map(idOf)]),
    accrueFunding: (market: number) => abi.encodeFunctionData("accrueFunding", [market]),
    fill: ({ buyer, seller, feeTo, ...trade }: Fill) =>
      abi.encodeFunctionData("fill", [
        {
          ...trade,
          buyer: idOf(buyer),
          seller: idOf(seller),
          feeTo: trade.buyerFee + trade.sellerFee === 0n ? NO_ACCOUNT : idOf(feeTo),
        },
      ]),
    liquidate: (name: string, market: number, size: bigint, to: string) =>
      abi.encodeFunctionData("liquidate", [idOf(name), market, size, idOf(to)]),
    deleverage: (listed: readonly string[], taker: string | undefined) =>
      abi.encodeFunctionData("deleverage", [listed.map(idOf), taker === undefined ? NO_ACCOUNT : idOf(taker)]),
  };

  async function act(call: () => Promise<TransactionResponse>): Promise<Outcome> {
    await tick();
    try {
      const { logs } = await sent(call());
      const events = logs.map((log) => errors.parseLog(log)).filter((event) => event !== null);
      return { events };
    } catch (error) {
      return { refused: nameOf(error, errors), events: [] };
    }
  }

  return {
    names,
    /** Everything, as it is now: of the accounts in the order of their names, the fund's last. */
    look: () => onlooker.look(lens, [...names, FUND].map(idOf)),
    snapshot: () => networkHelpers.takeSnapshot(),
    /** A block passes at this moment. */
    async pass(time: bigint) {
      now = time;
      await tick();
      await networkHelpers.mine(1);
    },
    setClock(time: bigint) {
      now = time;
    },
    setPrice: (market: number, price: bigint, publishedAt: bigint) =>
      act(() => {
        const feed = feeds[market];
        const decimals = listings[market]?.feedDecimals;
        if (feed === undefined || decimals === undefined) throw new Error("no such feed");
        return feed.setAnswer(price / 10n ** BigInt(18 - decimals), publishedAt, GAS);
      }),
    /** Takes a part in a thousand of everything out of the fund, which has one owner: request, cooldown, redemption. */
    async leaveFund(part: bigint): Promise<Outcome> {
      const shares = ((await fund.balanceOf(admin)) * part) / 1_000n;
      const requested = await act(() => fund.requestWithdrawal(shares, GAS));
      now += COOLDOWN;
      return requested.refused === undefined
        ? act(() => fund.redeem(shares, admin.address, admin.address, GAS))
        : requested;
    },
    insure: (amount: bigint) => act(() => fund.deposit(amount, admin.address, GAS)),
    calldata,
    /** The operator calls the clearing house. */
    send: (data: string) => act(() => admin.sendTransaction({ to: house, data, ...GAS })),
    batch: (calls: readonly string[]) =>
      act(() =>
        house.batch(
          calls.map((data) => ({ target: house, data })),
          GAS,
        ),
      ),
    /** By its owner. */
    withdraw: (name: string, amount: bigint) =>
      act(() => personOf(name).owner.sendTransaction({ to: house, data: calldata.withdraw(name, amount), ...GAS })),
    setRisk: (market: number, risk: Risk) => act(() => governor.setRiskParameters(market, forContracts(risk), GAS)),
    raiseMaintenanceMargin: (market: number) => act(() => governor.raiseMaintenanceMargin(market, GAS)),
    endMarket: (market: number) => act(() => governor.endMarket(market, GAS)),
    setLimit: (market: number, limit: Limit) => act(() => fund.setLimit(market, limit, GAS)),
  };
}

function forContracts({ status, ...risk }: Risk) {
  return { status: STATUSES.indexOf(status), ...risk };
}

/** An account that nobody has ever used. */
function strangerId(name: string): string {
  return `0x${Buffer.from(name).toString("hex").padStart(64, "0")}`;
}

/** The name of the error with which a call was refused. Anything else that goes wrong is not an answer. */
function nameOf(error: unknown, errors: Interface): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const data = isError(cause, "CALL_EXCEPTION") ? cause.data : (cause as { data?: unknown }).data;
    if (typeof data !== "string") continue;
    return errors.parseError(data)?.name ?? data;
  }
  throw error;
}

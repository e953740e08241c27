/**
 * A clearing house on a chain inside this process whose storage is written to directly: any state, without the
 * transactions that would lead to it. Where what lies is written down here for a second time, from `HouseStorage.sol`.
 */
import { AbiCoder, Interface, isError, keccak256, toBeHex, ZeroAddress } from "ethers";
import { network } from "hardhat";
import type { StoredAccount, StoredHouse, StoredMarket } from "../../src/periphery/ledgerPreview.ts";
import type { EndedGeneration, HaircutLimit, MarketState } from "../../src/types/marketState.ts";
import type { Position } from "../../src/types/position.ts";
import type { RiskParameters } from "../../src/types/riskParameters.ts";
import {
  AccessManager__factory,
  ClearingHouse__factory,
  ClearingHouseLens__factory,
  InsuranceFund__factory,
  MarketGovernor__factory,
  PriceOracle__factory,
  TestToken__factory,
  WaywardSource__factory,
} from "../../../../typechain/index.js";

export const NO_ACCOUNT = `0x${"0".repeat(64)}`;
const START = 1_700_000_000n;
/** How many accounts one call of the lens looks at. */
const PART = 25;
const TRADE = 1n;
const MILLI = 10n ** 15n;
/** Transactions and calls are not estimated first: that would run each of them twice. */
const GAS = { gasLimit: 3_000_000_000n };
const BLOCK_GAS = 4_000_000_000n;

/** Only to list markets with: everything of it is overwritten. */
const ANY_RISK = {
  status: 1n,
  isolatedOnly: false,
  initialMargin: 100_000n,
  initialMarginAtCap: 100_000n,
  volatilityMargin: 0n,
  maintenanceMargin: 50_000n,
  incentiveMin: 0n,
  incentiveMax: 0n,
  fundFee: 0n,
  tradeFee: 0n,
  priceBand: 0n,
  buffer: 1_000_000n,
  openInterestCap: 0n,
  minNotional: 0n,
  shortfallLimit: 0n,
  maxFundingRate: 0n,
  bountyRate: 0n,
  bountyCap: 0n,
};

/** What a state is written from, beside what the getters answer. */
export interface FundLimit {
  readonly capacity: bigint;
  readonly refillPerSecond: bigint;
  readonly gap: bigint;
}

export type Chain = Awaited<ReturnType<typeof startChain>>;

/**
 * @param people How many accounts there are. Everybody lets the deployer trade.
 * @param decimals Of the token.
 */
export async function startChain(markets: number, people: number, decimals: number) {
  const connection = await network.create({
    network: "default",
    override: {
      initialDate: new Date(Number(START) * 1000),
      allowBlocksWithSameTimestamp: true,
      initialBaseFeePerGas: 0,
      blockGasLimit: BLOCK_GAS,
    },
  });
  const { ethers, provider } = connection;
  const [admin] = await ethers.getSigners();
  if (admin === undefined) throw new Error("the chain has no accounts");
  const manager = await new AccessManager__factory(admin).deploy(admin.address);
  const token = await new TestToken__factory(admin).deploy("Test USD", "tUSD", decimals);
  const oracle = await new PriceOracle__factory(admin).deploy(manager, ZeroAddress, 0);
  const house = await new ClearingHouse__factory(admin).deploy(token, oracle, manager, 7n * 86_400n, 86_400n);
  const lens = await new ClearingHouseLens__factory(admin).deploy(house);
  const fund = InsuranceFund__factory.connect(await house.insuranceFund(), admin);
  const governor = MarketGovernor__factory.connect(await house.governor(), admin);
  const [houseAddress, fundAccount] = [await house.getAddress(), await house.fundAccount()];

  const sources: string[] = [];
  for (let market = 0; market < markets; ++market) {
    const source = await new WaywardSource__factory(admin).deploy();
    sources.push(await source.getAddress());
    await source.answer(1n, await now());
    await oracle.setFeed(market, {
      primary: source,
      maxAge: 7n * 86_400n,
      maxConfidence: 0n,
      maxMove: 2n ** 64n - 1n,
      second: ZeroAddress,
      secondMaxAge: 0n,
      maxDeviation: 0n,
      lowest: 1n,
      highest: 2n ** 96n - 1n,
    });
    await governor.listMarket(ANY_RISK, 10n ** 18n);
  }
  const ids = Array.from({ length: people }, (_, i) => toBeHex((BigInt(i + 1) << 96n) + BigInt(i % 3), 32));
  for (const id of ids) await write(mapped(admin.address, mapped(id, 2n)), TRADE);

  async function now(): Promise<bigint> {
    const block = await ethers.provider.getBlock("latest");
    return BigInt(block?.timestamp ?? 0);
  }
  async function write(slot: string, word: bigint, contract = houseAddress): Promise<void> {
    const params = [contract, `0x${BigInt(slot).toString(16)}`, toBeHex(word, 32)];
    await provider.request({ method: "hardhat_setStorageAt", params });
  }

  const errors = new Interface(
    [house.interface, oracle.interface, WaywardSource__factory.createInterface()]
      .flatMap(({ fragments }) => fragments)
      .filter(({ type }) => type !== "constructor"),
  );

  const lensAddress = await lens.getAddress();
  /** What the lens answers, or the error that it refuses with. Nothing but the call itself, which ethers would ask around. */
  async function view(
    method: "positionsOf" | "previewLiquidation" | "healths" | "standings",
    args: readonly unknown[],
  ): Promise<{ answer: unknown } | { refusal: NamedError }> {
    const data = lens.interface.encodeFunctionData(method as "healths", args as never);
    try {
      const answer: unknown = await provider.request({
        method: "eth_call",
        params: [{ to: lensAddress, data }, "latest"],
      });
      return { answer: lens.interface.decodeFunctionResult(method as "healths", answer as string)[0] as unknown };
    } catch (error) {
      return { refusal: parse(error, errors) };
    }
  }

  return {
    ids,
    lens,
    house,
    fund,
    fundAccount,
    oracle,
    /** The connection itself, and addresses as a deployment has them: for whoever reads as the clients do. */
    provider,
    runner: ethers.provider,
    contracts: {
      manager: await manager.getAddress(),
      token: await token.getAddress(),
      oracle: await oracle.getAddress(),
      house: houseAddress,
      vault: await house.vault(),
      fund: await fund.getAddress(),
      governor: await governor.getAddress(),
      lens: lensAddress,
      settlement: ZeroAddress,
    },
    tokenUnit: 10n ** BigInt(18 - decimals),
    caller: toBeHex(BigInt(admin.address) << 96n, 32),
    snapshot: async () => (await provider.request({ method: "evm_snapshot", params: [] })) as string,
    revert: (id: string) => provider.request({ method: "evm_revert", params: [id] }),
    close: () => connection.close(),
    /** What comes now is at this moment. */
    async pass(time: bigint): Promise<void> {
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(time)] });
      await provider.request({ method: "evm_mine", params: [] });
    },
    writeAccount: ({ id, collateral, markets }: Omit<StoredAccount, "positions">) =>
      write(mapped(id, 0n), collateral | (markets << 128n)),
    async writePosition(id: string, market: number, p: Position): Promise<void> {
      const slot = mapped(toBeHex(market, 32), mapped(id, 1n));
      const word =
        bits(p.shares, 112) | (bits(p.paidValue, 112) << 112n) | (p.generation << 224n) | (p.hasOwed ? 1n << 248n : 0n);
      await write(slot, word);
      if (p.hasOwed) await write(offset(slot, 1n), bits(p.owed, 256));
    },
    async writeMarket(market: number, s: MarketState): Promise<void> {
      const slot = mapped(toBeHex(market, 32), 3n);
      const words = marketWords(s);
      for (const [i, word] of words.entries()) await write(offset(slot, BigInt(i)), word);
    },
    async writeRisk(market: number, risk: RiskParameters): Promise<void> {
      const slot = mapped(toBeHex(market, 32), 4n);
      await write(slot, tradingWord(risk));
      await write(offset(slot, 1n), closingWord(risk));
    },
    writeHaircutLimit: (market: number, h: HaircutLimit) =>
      write(mapped(toBeHex(market, 32), 5n), h.longLeft | (h.shortLeft << 104n) | (h.markAcceptedAt << 208n)),
    writeEndedGeneration: (market: number, generation: bigint, e: EndedGeneration) =>
      write(
        mapped(toBeHex(generation, 32), mapped(toBeHex(market, 32), 6n)),
        bits(e.longValue, 112) | (bits(e.shortValue, 112) << 112n) | (e.longShift << 224n) | (e.shortShift << 232n),
      ),
    /** What the source of a market says; undefined: nothing. */
    async writePrice(market: number, price: StoredMarket["price"]): Promise<void> {
      const source = sources[market] ?? "";
      await write("0x0", price === undefined ? 2n : 0n, source);
      await write("0x1", price?.price ?? 0n, source);
      await write("0x2", price?.publishedAt ?? 0n, source);
    },
    async setLimit(time: bigint, market: number, limit: FundLimit): Promise<void> {
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(time)] });
      await fund.setLimit(market, limit, GAS);
    },
    view,
    /** The same of a list, in parts: memory of the machine costs more, the more of it a call has. */
    async viewAll(method: "healths" | "standings"): Promise<unknown[]> {
      const found: unknown[] = [];
      for (let n = 0; n < ids.length; n += PART) {
        const answered = await view(method, [ids.slice(n, n + PART)]);
        if (!("answer" in answered)) throw new Error(`${method} is refused: ${answered.refusal.name}`);
        found.push(...(answered.answer as unknown[]));
      }
      return found;
    },
    /** The events of a call made at `time`, or the error that it was refused with. */
    async send(time: bigint, method: "fill" | "deleverage" | "liquidate", args: readonly unknown[]) {
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(time)] });
      try {
        const data = house.interface.encodeFunctionData(method as "fill", args as never);
        const transaction = await admin.sendTransaction({ to: houseAddress, data, ...GAS, gasPrice: 0n });
        const receipt = await transaction.wait();
        const logs = (receipt?.logs ?? []).map((log) => house.interface.parseLog(log) ?? errors.parseLog(log));
        return { events: logs.filter((event) => event !== null) };
      } catch (error) {
        return { refusal: parse(error, errors) };
      }
    },
    /** What is written of a market, through the getters. */
    async readMarket(market: number): Promise<StoredMarket> {
      const state = plain(await lens.marketOf(market)) as MarketState;
      const endedGenerations = new Map<bigint, EndedGeneration>();
      for (let g = 0n; g < state.generation; ++g)
        endedGenerations.set(g, plain(await lens.endedGenerationOf(market, g)) as EndedGeneration);
      return {
        market,
        state,
        risk: plain(await lens.riskParametersOf(market)) as RiskParameters,
        price: await oracle.read(market, state.mark, state.acceptedAt).then(
          ({ price, publishedAt }) => ({ price, publishedAt }),
          () => undefined,
        ),
        endedGenerations,
        haircutLimit: plain(await lens.haircutLimitOf(market)) as HaircutLimit,
        fundAvailable: await fund.available(market),
        fundGap: (await fund.limitOf(market)).gap,
      };
    },
    async readHouse(count = markets): Promise<StoredHouse> {
      const read: StoredMarket[] = [];
      for (let market = 0; market < count; ++market) read.push(await this.readMarket(market));
      const { collateral: fundAssets } = await house.accountOf(fundAccount);
      return { time: await now(), markets: read, fundAssets, tokenUnit: this.tokenUnit };
    },
    async readAccount(id: string): Promise<StoredAccount> {
      const { collateral, markets: set } = await house.accountOf(id);
      const positions = new Map<number, Position>();
      for (let market = 0; market < markets; ++market)
        if (((set >> BigInt(market)) & 1n) !== 0n)
          positions.set(market, plain(await lens.positionOf(id, market)) as Position);
      return { id, collateral, markets: set, positions };
    },
  };
}

/** An error as the contracts name it, with its arguments by name. */
export interface NamedError {
  readonly name: string;
  readonly args: Record<string, unknown>;
}

/** What a getter of ethers answers, as an object. */
export function plain(result: object): object {
  return (result as { toObject(): object }).toObject();
}

function parse(error: unknown, errors: Interface): NamedError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const data = isError(cause, "CALL_EXCEPTION") ? cause.data : (cause as { data?: unknown }).data;
    if (typeof data !== "string") continue;
    const parsed = errors.parseError(data);
    if (parsed === null) return { name: data, args: {} };
    return { name: parsed.name, args: parsed.args.toObject() };
  }
  throw error;
}

// ---------------------------------------------------------------------- where what lies, and how it is packed

const known = new Map<string, string>();

/** The slot of `key` in the mapping at `slot`. */
function mapped(key: string, slot: string | bigint): string {
  const both = `${key}${slot}`;
  const found = known.get(both) ?? keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [key, slot]));
  known.set(both, found);
  return found;
}

function offset(slot: string, by: bigint): string {
  return toBeHex(BigInt(slot) + by, 32);
}

/** Two's complement. */
function bits(value: bigint, width: number): bigint {
  return BigInt.asUintN(width, value);
}

function marketWords(s: MarketState): bigint[] {
  return [
    s.pool | (s.fees << 112n) | (s.acceptedAt << 184n) | (s.publishLag << 216n) | (s.scale << 240n) | (s.flags << 248n),
    s.longShares | (s.shortShares << 112n) | (s.accruedAt << 224n),
    bits(s.fundingIndex, 112) | (s.mark << 112n) | (bits(s.premium, 24) << 208n) | (s.generation << 232n),
    s.longBase | (bits(s.longCash, 128) << 128n),
    s.shortBase | (bits(s.shortCash, 128) << 128n),
    s.high | (s.previousHigh << 96n) | (s.low << 192n),
    s.shortfall | (s.payout << 112n),
  ];
}

function tradingWord(p: RiskParameters): bigint {
  return (
    p.status |
    (p.isolatedOnly ? 4n : 0n) |
    (p.initialMargin << 3n) |
    (p.initialMarginAtCap << 23n) |
    (p.volatilityMargin << 43n) |
    (p.maintenanceMargin << 63n) |
    (p.tradeFee << 82n) |
    (p.priceBand << 96n) |
    ((p.openInterestCap / MILLI) << 115n) |
    ((p.minNotional / MILLI) << 175n) |
    (p.shortfallLimit << 205n) |
    (p.maxFundingRate << 225n)
  );
}

function closingWord(p: RiskParameters): bigint {
  return (
    p.incentiveMin |
    (p.incentiveMax << 24n) |
    (p.fundFee << 48n) |
    (p.buffer << 72n) |
    (p.bountyRate << 96n) |
    (p.bountyCap << 120n)
  );
}

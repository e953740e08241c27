/** The contracts of one deployment, typed, and what reads them. */
import { type ContractRunner, isError, keccak256, type Provider, type Signer } from "ethers";
import { AccessManager__factory } from "../../../../typechain/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.js";
import { ClearingHouse__factory } from "../../../../typechain/factories/contracts/ClearingHouse__factory.js";
import { CollateralVault__factory } from "../../../../typechain/factories/contracts/CollateralVault__factory.js";
import { InsuranceFund__factory } from "../../../../typechain/factories/contracts/InsuranceFund__factory.js";
import { MarketGovernor__factory } from "../../../../typechain/factories/contracts/MarketGovernor__factory.js";
import { ClearingHouseLens__factory } from "../../../../typechain/factories/contracts/periphery/ClearingHouseLens__factory.js";
import { PriceOracle__factory } from "../../../../typechain/factories/contracts/PriceOracle__factory.js";
import { OrderSettlement__factory } from "../../../../typechain/factories/contracts/venues/OrderSettlement__factory.js";
import { PermitToken__factory } from "../../../../typechain/factories/test/mocks/tokens/PermitToken__factory.js";
import type { Contracts } from "../client/deployment.ts";
import { revertData } from "../client/errors.ts";
import { readHouse as readFrom, type ReadHouse, type Wanted } from "../client/readHouse.ts";
import type { Source } from "../client/source.ts";

export type Client = ReturnType<typeof connect>;

/**
 * The contracts at the addresses of a deployment, called by `runner`: a provider reads, a signer also writes. Nothing is asked of
 * the chain here.
 */
export function connect({ contracts: at }: { readonly contracts: Contracts }, runner: ContractRunner) {
  return {
    runner,
    manager: AccessManager__factory.connect(at.manager, runner),
    token: PermitToken__factory.connect(at.token, runner),
    oracle: PriceOracle__factory.connect(at.oracle, runner),
    house: ClearingHouse__factory.connect(at.house, runner),
    vault: CollateralVault__factory.connect(at.vault, runner),
    fund: InsuranceFund__factory.connect(at.fund, runner),
    governor: MarketGovernor__factory.connect(at.governor, runner),
    lens: ClearingHouseLens__factory.connect(at.lens, runner),
    settlement: OrderSettlement__factory.connect(at.settlement, runner),
  };
}

export function providerOf({ runner }: Pick<Client, "runner">): Provider {
  const { provider } = runner;
  if (!provider) throw new Error("the runner of this client has no provider");
  return provider;
}

export function signerOf({ runner }: Pick<Client, "runner">): Signer {
  if (!("getAddress" in runner)) throw new Error("the runner of this client is no signer");
  return runner as Signer;
}

/**
 * What is stored of accounts, and of the markets that they are in, in one block: what `openMarkets` and `openAccount` take.
 * @param blockTag The latest block without it.
 */
export async function readHouse(client: Client, wanted?: Wanted, blockTag?: bigint): Promise<ReadHouse> {
  return readFrom(await sourceAt(client, blockTag), wanted);
}

/** A clearing house as it was in one block. */
export async function sourceAt(client: Client, blockTag?: bigint): Promise<Source> {
  const block = await providerOf(client).getBlock(blockTag ?? "latest");
  if (block === null) throw new Error(`the node does not know block ${blockTag ?? "latest"}`);
  const at = { blockTag: block.number };
  const { house, oracle, fund, vault } = client;
  return {
    keccak256: (data) => keccak256(data) as `0x${string}`,
    time: BigInt(block.timestamp),
    load: (slots) => house.load([...slots], at),
    marketCount: async () => Number(await house.marketCount(at)),
    price: async (market, mark, acceptedAt) => {
      try {
        const { price, publishedAt } = await oracle.read(market, mark, acceptedAt, at);
        return { price, publishedAt };
      } catch (error) {
        if (isError(error, "CALL_EXCEPTION") || revertData(error) !== undefined) return undefined;
        throw error;
      }
    },
    fundLimit: async (market) => {
      const [available, { gap }] = await Promise.all([fund.available(market, at), fund.limitOf(market, at)]);
      return { available, gap };
    },
    fundAccount: () => house.fundAccount(at),
    tokenUnit: () => vault.unit(at),
  };
}

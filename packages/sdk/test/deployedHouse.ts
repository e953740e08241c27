/** A clearing house as `npm run deploy` makes it, with three people who have tokens. */
import { rmSync } from "node:fs";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { parameterPath, readParameterFile } from "../../../deploy/parameterFile.ts";
import { deploymentFolder } from "../../../scripts/deployment/contracts.ts";
import { answerTestFeeds, configure, deployContracts } from "../../../scripts/deployment/deploy.ts";
import { ChainlinkAggregator__factory } from "../../../typechain/index.js";
import { accountId, ONE } from "../src/index.ts";
import { connect } from "../src/ethers/index.ts";

export const TOKEN = 10n ** 6n;
export const ETH_MARKET = 1;
/** Feeds have eight decimals. */
const FEED = 10n ** 8n;
const FUND = 5_000_000n * TOKEN;

export type House = Awaited<ReturnType<typeof startHouse>>;

/** On a chain inside this process. */
export async function startHouse() {
  return startOn(await network.create({ network: "default", override: { allowBlocksWithSameTimestamp: true } }));
}

/** On the chain of a Hardhat node. Ignition keeps a journal of that, which is of no use to the next one. */
export async function startHouseAt(url: string) {
  const journal = `rehearsal-sdk-${process.pid}`;
  try {
    return await startOn(await network.create({ network: "local", override: { url } }), { deploymentId: journal });
  } finally {
    rmSync(deploymentFolder(journal), { recursive: true, force: true });
  }
}

async function startOn(connection: NetworkConnection, journal: { deploymentId?: string } = {}) {
  const parameters = readParameterFile(parameterPath("local"));
  const { ethers, provider } = connection;
  const [deployer, alice, bob, carol] = await ethers.getSigners();
  if (!deployer || !alice || !bob || !carol) throw new Error("the chain has no accounts");
  const found = await deployContracts(connection, parameters, journal);
  await answerTestFeeds(deployer, parameters, found.aggregators);
  await configure(deployer, parameters, found);
  const { contracts } = found;

  const admin = connect({ contracts }, deployer);
  await admin.token.mint(deployer, FUND);
  await admin.token.approve(admin.fund, FUND);
  await admin.fund.deposit(FUND, deployer);
  const people = [alice, bob, carol].map((signer) => ({
    signer,
    client: connect({ contracts }, signer),
    account: accountId(signer.address),
  }));
  for (const { signer } of people) await admin.token.mint(signer, 100_000n * TOKEN);

  return {
    contracts,
    provider,
    people,
    admin,
    chainId: Number((await ethers.provider.getNetwork()).chainId),
    /** Everybody's collateral, and the right of the order book to trade for them. */
    async fund(): Promise<void> {
      for (const { client } of people) {
        await client.token.approve(client.vault, 100_000n * TOKEN);
        await client.house.deposit(0n, 50_000n * TOKEN);
        await client.house.setOperator(0n, client.settlement, 1n);
      }
    },
    /** A price of ETH, 18 decimals, which the market has taken a block ago. */
    async setPrice(price: bigint): Promise<void> {
      const feed = ChainlinkAggregator__factory.connect(found.aggregators[ETH_MARKET] ?? "", deployer);
      await provider.request({ method: "evm_increaseTime", params: [60] });
      await provider.request({ method: "evm_mine", params: [] });
      const block = await ethers.provider.getBlock("latest");
      await feed.setAnswer((price * FEED) / ONE, block?.timestamp ?? 0);
      await admin.house.accrueFunding(ETH_MARKET);
      await provider.request({ method: "evm_increaseTime", params: [12] });
      await provider.request({ method: "evm_mine", params: [] });
    },
    async now(): Promise<number> {
      return (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
    },
    close: () => connection.close(),
  };
}

/** Reading a clearing house with a public client of viem. */
import { ContractFunctionRevertedError, keccak256, type PublicClient } from "viem";
import type { Contracts } from "../client/deployment.ts";
import { readHouse as readFrom, type ReadHouse, type Wanted } from "../client/readHouse.ts";
import type { Source } from "../client/source.ts";
import { contractsOf } from "./contracts.ts";

/** What reading takes: any public client, `usePublicClient()` of wagmi as well. */
export type Reader = Pick<PublicClient, "getBlock" | "readContract">;

/**
 * What is stored of accounts, and of the markets that they are in, in one block: what `openMarkets` and `openAccount` take.
 * @param blockNumber The latest block without it.
 */
export async function readHouse(
  client: Reader,
  deployment: { readonly contracts: Contracts },
  wanted?: Wanted,
  blockNumber?: bigint,
): Promise<ReadHouse> {
  return readFrom(await sourceAt(client, deployment, blockNumber), wanted);
}

/** A clearing house as it was in one block. */
export async function sourceAt(
  client: Reader,
  deployment: { readonly contracts: Contracts },
  at?: bigint,
): Promise<Source> {
  const { number: blockNumber, timestamp: time } = await client.getBlock(at === undefined ? {} : { blockNumber: at });
  const { house, oracle, fund, vault } = contractsOf(deployment);
  return {
    keccak256,
    time,
    load: (slots) => client.readContract({ ...house, functionName: "load", args: [slots], blockNumber }),
    marketCount: async () => Number(await client.readContract({ ...house, functionName: "marketCount", blockNumber })),
    price: async (market, mark, acceptedAt) => {
      try {
        const args = [market, mark, acceptedAt] as const;
        const found = await client.readContract({ ...oracle, functionName: "read", args, blockNumber });
        const [price, publishedAt] = found;
        return { price, publishedAt };
      } catch (error) {
        if (isRefusal(error)) return undefined;
        throw error;
      }
    },
    fundLimit: async (market) => {
      const [available, { gap }] = await Promise.all([
        client.readContract({ ...fund, functionName: "available", args: [market], blockNumber }),
        client.readContract({ ...fund, functionName: "limitOf", args: [market], blockNumber }),
      ]);
      return { available, gap: BigInt(gap) };
    },
    fundAccount: () => client.readContract({ ...house, functionName: "fundAccount", blockNumber }),
    tokenUnit: () => client.readContract({ ...vault, functionName: "unit", blockNumber }),
  };
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error instanceof ContractFunctionRevertedError || (error.cause !== undefined && isRefusal(error.cause)))
  );
}

/** Sending by a real node and a real key. */
import { keccak256, toQuantity } from "ethers";
import type { Chain } from "./chain.ts";
import type { Outlet } from "./sender.ts";

/** Against what happens between an estimate and the block: a price to accept, a generation to walk. Percent. */
const GAS_ROOM = 130n;

interface RawReceipt {
  readonly blockNumber: string;
  readonly status: string;
  readonly gasUsed: string;
  readonly effectiveGasPrice: string;
}

export function outletOf(chain: Chain, chainId: number): Outlet {
  const { provider, wallet } = chain;
  return {
    address: wallet.address,
    nonce: () => provider.getTransactionCount(wallet.address, "latest"),
    receipt: async (hash) => {
      // As the node says it: ethers would go through hundreds of events that nobody looks at.
      const found = (await provider.send("eth_getTransactionReceipt", [hash])) as RawReceipt | null;
      if (found === null) return undefined;
      const [gasUsed, price] = [BigInt(found.gasUsed), BigInt(found.effectiveGasPrice)];
      const [block, succeeded] = [Number(found.blockNumber), Number(found.status) === 1];
      return { block, succeeded, gasUsed, cost: gasUsed * price };
    },
    estimate: async ({ to, data, value }) => {
      // At the newest block, as everything else. Left to itself, a node may take what only waits to be included.
      const call = { from: wallet.address, to, data, value: toQuantity(value) };
      const gas = (await provider.send("eth_estimateGas", [call, "latest"])) as string;
      return (BigInt(gas) * GAS_ROOM) / 100n;
    },
    sign: async (call, nonce, gasLimit, fees) => {
      const raw = await wallet.signTransaction({ ...call, ...fees, nonce, gasLimit, chainId, type: 2 });
      return { raw, hash: keccak256(raw) };
    },
    broadcast: (raw) => chain.broadcast(raw),
  };
}

/** What an AccessManager has ever been told, from its events: the only place that names every member and every function. */
import type { Log, LogDescription, Provider } from "ethers";
import { z } from "zod";
import type { AccessManager } from "../../typechain/index.js";
import type { Client } from "../../packages/sdk/src/ethers/client.ts";

/** Everything that was ever mentioned; what holds now is for the contract to say. */
export interface History {
  /** Who was ever given which role. */
  readonly members: ReadonlyMap<bigint, ReadonlySet<string>>;
  readonly functions: readonly { readonly target: string; readonly selector: string }[];
  readonly targets: ReadonlySet<string>;
  /** The delay that was set last on what the admin changes about a contract. It comes into force days later. */
  readonly adminDelays: ReadonlyMap<string, bigint>;
  /** By number of the market, what it was listed with. */
  readonly maxPrices: ReadonlyMap<number, bigint>;
}

/** A provider bounds what one question may span, each in its own way: what is refused is halved. */
async function logsOf(provider: Provider, address: string, from: number, to: number): Promise<Log[]> {
  try {
    return await provider.getLogs({ address, fromBlock: from, toBlock: to });
  } catch (cause) {
    if (from >= to) throw cause;
    const middle = Math.floor((from + to) / 2);
    return [...(await logsOf(provider, address, from, middle)), ...(await logsOf(provider, address, middle + 1, to))];
  }
}

const Granted = z.object({ roleId: z.bigint(), account: z.string() });
const Opened = z.object({ target: z.string(), selector: z.string() });
const Delayed = z.object({ target: z.string(), delay: z.bigint() });
const Closed = z.object({ target: z.string() });
const Listed = z.object({ market: z.bigint(), maxPrice: z.bigint() });

export async function readHistory(
  provider: Provider,
  { manager, governor }: Client,
  startBlock: number,
): Promise<History> {
  const latest = await provider.getBlockNumber();
  const eventsOf = async (contract: AccessManager | Client["governor"]): Promise<LogDescription[]> => {
    const logs = await logsOf(provider, await contract.getAddress(), startBlock, latest);
    return logs.flatMap((log) => contract.interface.parseLog(log) ?? []);
  };
  const members = new Map<bigint, Set<string>>();
  const functions: { target: string; selector: string }[] = [];
  const targets = new Set<string>();
  const adminDelays = new Map<string, bigint>();
  for (const { name, args } of await eventsOf(manager)) {
    const said: unknown = args.toObject();
    if (name === "RoleGranted") {
      const { roleId, account } = Granted.parse(said);
      members.set(roleId, (members.get(roleId) ?? new Set()).add(account));
    } else if (name === "TargetFunctionRoleUpdated") {
      functions.push(Opened.parse(said));
    } else if (name === "TargetAdminDelayUpdated") {
      const { target, delay } = Delayed.parse(said);
      adminDelays.set(target, delay);
    } else if (name === "TargetClosed") {
      targets.add(Closed.parse(said).target);
    }
  }
  const maxPrices = new Map<number, bigint>();
  for (const { name, args } of await eventsOf(governor)) {
    if (name !== "MarketListed") continue;
    const { market, maxPrice } = Listed.parse(args.toObject());
    maxPrices.set(Number(market), maxPrice);
  }
  return { members, functions, targets, adminDelays, maxPrices };
}

/** A configuration that nothing is wrong with, and what it names. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const EXAMPLE = new URL("../../config.example.json", import.meta.url);

export const ENVIRONMENT = {
  SEPOLIA_RPC_URL: "http://127.0.0.1:49999/",
  SEPOLIA_SEND_RPC_URL: "http://127.0.0.1:2/",
  KEEPER_KEY: `0x${"1".repeat(64)}`,
  ALERT_WEBHOOK: "http://127.0.0.1:3/",
  MARGIN_CALL_WEBHOOK: "http://127.0.0.1:4/",
};

export const addressOf = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;

export const DEPLOYMENT = {
  chainId: 11_155_111,
  deployer: addressOf(1),
  startBlock: 7,
  contracts: {
    manager: addressOf(2),
    token: addressOf(3),
    oracle: addressOf(4),
    house: addressOf(5),
    vault: addressOf(6),
    fund: addressOf(7),
    governor: addressOf(8),
    lens: addressOf(9),
    settlement: addressOf(10),
  },
  markets: [
    { name: "BTC", source: addressOf(11) },
    { name: "ETH", source: addressOf(12) },
  ],
};

/** Fields of the file, to be changed. */
export type Json = Record<string, unknown>;

export function example(): { chains: [Json] } & Json {
  return JSON.parse(readFileSync(EXAMPLE, "utf8")) as { chains: [Json] } & Json;
}

/** A folder with the files that a configuration names. */
export function folderOf(deployment: object = DEPLOYMENT, orders: unknown = []) {
  const folder = mkdtempSync(join(tmpdir(), "keeper-"));
  const file = (name: string, json: unknown) => {
    const path = join(folder, name);
    writeFileSync(path, typeof json === "string" ? json : JSON.stringify(json));
    return path;
  };
  file("deployment.json", deployment);
  file("orders.json", orders);
  return {
    folder,
    file,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

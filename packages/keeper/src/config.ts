/**
 * What an operator decides: one JSON file, whose strings of the form "$NAME" stand for variables of the environment. Knows
 * nothing of a chain.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isAddress, isHexString, parseEther, parseUnits, SigningKey } from "ethers";
import { z } from "zod";
import type { Deployment } from "zerofloor/ethers";
import { reasonOf, SetupError } from "./setupError.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

// ---------------------------------------------------------------------- values

const Decimal = z.string().regex(/^\d{1,30}(\.\d{1,18})?$/, 'must be a decimal number in quotes, like "1.5"');
/** 18 decimals. */
const Money = Decimal.transform((text) => parseEther(text));
const Ether = Money;
const Gwei = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,9})?$/, 'must be a number of gwei in quotes, like "1.5"')
  .transform((text) => parseUnits(text, "gwei"));
const Url = z.url({ protocol: /^https?$/, error: "must be the address of an HTTP server" });
const Address = z.string().refine(isAddress, "must be an address, with its checksum right");
const Key = z.string().refine(isKey, "must be a private key, 32 bytes in hex");
const Seconds = z.int().min(1).max(1_000_000_000);
const Milliseconds = z.int().min(1).max(600_000);
const PriceId = z.string().regex(/^0x[0-9a-f]{64}$/i, "must be 32 bytes in hex");

function isKey(text: string): boolean {
  if (!isHexString(text, 32)) return false;
  try {
    return new SigningKey(text).publicKey !== "";
  } catch {
    return false;
  }
}

// ---------------------------------------------------------------------- the file

const Gas = z.strictObject({
  /** Above this price of a unit of gas nothing is sent. */
  maximumPrice: Gwei,
  /** For whoever builds the block. */
  tip: Gwei,
  /** The most that is spent from midnight to midnight, UTC. */
  dailyCap: Ether,
  /** What a whole unit of the chain's own coin is worth, money; or the name of a market that says so. */
  coinPrice: z.union([Money, z.strictObject({ market: z.string() })]),
  /** What must be left of a transaction's earnings once its gas is paid, money. */
  minimumProfit: Money,
  /** Below this, the keeper does not start, or warns. */
  minimumBalance: Ether,
  /** Blocks after which a transaction that is not included is sent again with a higher fee. */
  patience: z.int().min(1).max(1_000).default(3),
});

const Liquidation = z.strictObject({
  /** Of the key's own accounts, the one that takes positions over. */
  account: z
    .string()
    .regex(/^\d{1,28}$/)
    .transform(BigInt),
  /** The notional that it may hold, in multiples of its equity. */
  maximumLeverage: z.int().min(1).max(100),
  /** A file of signed orders that positions are sold on to. */
  orders: z.string().optional(),
});

const Chain = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/, "must be a name of letters, digits, - and _"),
  /** `deployment.json` of the deployment. */
  deployment: z.string(),
  rpc: Url,
  /** Where transactions are sent instead. */
  sendRpc: Url.optional(),
  key: Key,
  database: z.string(),
  /** As long as this file is there, nothing is sent. */
  stopFile: z.string(),
  pollMilliseconds: Milliseconds.default(1_000),
  timeoutMilliseconds: Milliseconds.default(10_000),
  gas: Gas,
  /** Without it, no position is taken over. */
  liquidation: Liquidation.optional(),
  /** Without it, nobody is settled. Nothing is earned by it. */
  settlement: z
    .strictObject({
      /** Losses below this are left alone, money. */
      minimumLoss: Money,
      everySeconds: Seconds,
    })
    .optional(),
  /** Without it, nobody is warned. */
  marginCalls: z
    .strictObject({
      webhook: Url,
      /** Equity below this multiple of the maintenance margin. */
      level: Decimal.transform((text) => parseUnits(text, 6)).refine(
        (ppm) => ppm > 1_000_000n && ppm <= 10_000_000n,
        "must be above 1 and at most 10",
      ),
    })
    .optional(),
  /** Without it, no price is brought. */
  pyth: z
    .strictObject({
      /** The contract `PythKeeper`. */
      keeper: Address,
      /** A server like Pyth's Hermes. */
      endpoint: Url,
      /** By the name of the market. */
      feeds: z.record(z.string(), PriceId),
    })
    .optional(),
});

const Config = z.strictObject({
  log: z.enum(["debug", "info", "warn", "error"]).default("info"),
  /** Without it, nothing listens. */
  server: z
    .strictObject({
      host: z.string().default("127.0.0.1"),
      port: z.int().min(0).max(65_535),
      /** The age of the last block that was looked at, from which on `/healthz` answers 503. */
      maximumAgeSeconds: Seconds,
    })
    .optional(),
  /** Who is told that something needs a person. */
  alerts: Url.optional(),
  chains: z.array(Chain).min(1, "must name a chain"),
});

export type Config = z.infer<typeof Config>;
export type ChainConfig = z.infer<typeof Chain> & { readonly deployed: Deployed };

const Deployed = z.object({
  chainId: z.int().positive(),
  startBlock: z.int().nonnegative(),
  contracts: z.object({
    manager: Address,
    token: Address,
    oracle: Address,
    house: Address,
    vault: Address,
    fund: Address,
    governor: Address,
    lens: Address,
    settlement: Address,
  }),
  markets: z.array(z.object({ name: z.string(), source: z.string() })),
});
export type Deployed = Deployment;

// ---------------------------------------------------------------------- reading

export interface ReadConfig extends Omit<Config, "chains"> {
  readonly chains: readonly ChainConfig[];
}

/** @throws SetupError With one line that says where it is wrong. Never with the value, which may be secret. */
export function readConfig(path: string, environment: Environment): ReadConfig {
  const config = parse(path, Config, fill(path, readJson(path), environment));
  const beside = (file: string) => resolve(dirname(path), file);
  const chains = config.chains.map((chain) => {
    const file = beside(chain.deployment);
    const deployed = parse(file, Deployed, readJson(file));
    const { liquidation } = chain;
    return {
      ...chain,
      deployed,
      database: beside(chain.database),
      stopFile: beside(chain.stopFile),
      ...(liquidation && {
        liquidation: { ...liquidation, ...(liquidation.orders && { orders: beside(liquidation.orders) }) },
      }),
    };
  });
  for (const [i, { name, database }] of chains.entries()) {
    const before = chains.slice(0, i);
    if (before.some((other) => other.name === name)) throw new SetupError(`${path}: two chains have the name ${name}`);
    if (before.some((other) => other.database === database))
      throw new SetupError(`${path}: two chains have the database ${database}`);
  }
  for (const chain of chains) requireMarkets(path, chain);
  return { ...config, chains };
}

/** The number of a market that the deployment names. */
export function marketOf({ name: chain, deployed }: Pick<ChainConfig, "name" | "deployed">, market: string): number {
  const found = deployed.markets.findIndex(({ name }) => name === market);
  if (found < 0) {
    const known = deployed.markets.map(({ name }) => name).join(", ");
    throw new SetupError(`chain ${chain}: market ${market} is unknown: the deployment has ${known}`);
  }
  return found;
}

function requireMarkets(path: string, chain: ChainConfig): void {
  const { coinPrice } = chain.gas;
  const named = Object.keys(chain.pyth?.feeds ?? {});
  if (typeof coinPrice === "object") named.push(coinPrice.market);
  for (const market of named) {
    try {
      marketOf(chain, market);
    } catch (cause) {
      throw new SetupError(`${path}: ${reasonOf(cause)}`, { cause });
    }
  }
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new SetupError(`${path}: cannot be read`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SetupError(`${path}: is not JSON`, { cause });
  }
}

/** Puts the environment's values where the file has their names. */
function fill(path: string, json: unknown, environment: Environment): unknown {
  if (Array.isArray(json)) return json.map((each) => fill(path, each, environment));
  if (typeof json === "object" && json !== null)
    return Object.fromEntries(Object.entries(json).map(([key, each]) => [key, fill(path, each, environment)]));
  const name = typeof json === "string" ? /^\$(\w+)$/.exec(json)?.[1] : undefined;
  if (name === undefined) return json;
  const value = environment[name];
  if (value === undefined || value === "")
    throw new SetupError(`${path}: names $${name}, which is not in the environment`);
  return value;
}

function parse<T>(path: string, schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new SetupError(`${path}: ${where === "" ? "" : `${where}: `}${issue?.message ?? "is wrong"}`);
}

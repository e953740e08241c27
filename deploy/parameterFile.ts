/** What a deployment is made of: one file per chain, in `deploy/parameters/`. */
import { readFileSync } from "node:fs";
import { getAddress, isAddress, ZeroAddress } from "ethers";
import { z } from "zod";
import { InputError } from "../scripts/commandLine.ts";

const Address = z
  .string()
  .refine((text) => isAddress(text) && text !== ZeroAddress, "must be an address, with its checksum right")
  .transform((text) => getAddress(text));
/** What is too large for a number of JSON, as Ignition writes it: digits and an `n`. */
const Big = z
  .string()
  .regex(/^\d+n$/, 'must be digits and an n, like "1000n"')
  .transform((text) => BigInt(text.slice(0, -1)));
const Whole = z.int().nonnegative().transform(BigInt);

/** The world as it is found, or, where no address stands, as a test chain is given it. */
const Token = z.union([
  z.strictObject({ address: Address, decimals: z.int().min(0).max(18) }),
  z.strictObject({ name: z.string().max(31), symbol: z.string(), decimals: z.int().min(0).max(18) }),
]);
const Feed = z.union([
  z.strictObject({ address: Address, description: z.string(), decimals: z.int().min(0).max(18) }),
  z.strictObject({ firstAnswer: Big, description: z.string(), decimals: z.int().min(0).max(18) }),
]);

/** The fields of `RiskParameters`, in the order of `contracts/types/RiskParameters.sol`. */
const Risk = z.strictObject({
  status: Whole,
  isolatedOnly: z.boolean(),
  initialMargin: Whole,
  initialMarginAtCap: Whole,
  volatilityMargin: Whole,
  maintenanceMargin: Whole,
  incentiveMin: Whole,
  incentiveMax: Whole,
  fundFee: Whole,
  tradeFee: Whole,
  priceBand: Whole,
  buffer: Whole,
  openInterestCap: Big,
  minNotional: Big,
  shortfallLimit: Whole,
  maxFundingRate: Whole,
  bountyRate: Whole,
  bountyCap: Big,
});

const Market = z.strictObject({
  feed: Feed,
  maxAge: Whole,
  maxMove: Whole,
  lowestPrice: Big,
  highestPrice: Big,
  maxPrice: Big,
  risk: Risk,
  fundLimit: z.strictObject({ capacity: Big, refillPerSecond: Big, gap: Whole }),
  /** For people: the command that its numbers come from, and what it said. No contract learns of it. */
  calibration: z
    .string()
    .regex(/^[^\n]+$/, "must be one line")
    .optional(),
});

/** Who has which role, and after how many seconds, once the deployer has handed everything over. */
const Handover = z.strictObject({
  multisig: Address.optional(),
  guardian: Address.optional(),
  riskDelay: Whole,
  adminDelay: Whole,
});

const ParameterFile = z.strictObject({
  chainId: Whole,
  token: Token,
  sequencer: z.strictObject({ feed: Address, grace: Whole }).optional(),
  fundCooldown: Whole,
  fundWindow: Whole,
  handover: Handover,
  markets: z.record(z.string(), Market),
});

export type ParameterFile = z.infer<typeof ParameterFile>;
export type MarketParameters = z.infer<typeof Market>;

/** The file of a network of `hardhat.config.ts`. */
export function parameterPath(network: string): string {
  return `deploy/parameters/${network}.json`;
}

export function readParameterFile(path: string): ParameterFile {
  return readJson(path, ParameterFile);
}

/** A JSON file as its schema reads it, or one line that says where it is wrong. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new InputError(`${path}: cannot be read`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${path}: is not JSON`, { cause });
  }
  const { data, error } = schema.safeParse(json);
  if (error === undefined) return data;
  const [first] = error.issues;
  const where = [path, ...(first?.path.length ? [first.path.join(".")] : [])].join(": ");
  throw new InputError(`${where}: ${first?.message ?? "is wrong"}`, { cause: error });
}

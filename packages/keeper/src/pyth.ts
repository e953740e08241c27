/** Prices that have to be brought to the chain. */
import { Contract, type Provider } from "ethers";
import { type OraclePrice, type StoredHouse } from "zerofloor";
import { z } from "zod";

/** The newest prices, and what proves them to the contract. */
export interface PriceUpdate {
  /** By market. */
  readonly prices: ReadonlyMap<number, OraclePrice>;
  /** As `IPyth.updatePriceFeeds` takes it. */
  readonly data: readonly string[];
}

/** Somebody who has newer prices than the chain. */
export interface PriceServer {
  latest(): Promise<PriceUpdate>;
}

const DECIMALS = 18;
const TIMEOUT_MILLISECONDS = 3_000;

const Answer = z.object({
  binary: z.object({ data: z.array(z.string().regex(/^(0x)?([0-9a-f]{2})*$/i)) }),
  parsed: z.array(
    z.object({
      id: z.string(),
      price: z.object({ price: z.string().regex(/^-?\d+$/), expo: z.int(), publish_time: z.int().nonnegative() }),
    }),
  ),
});

/** A server like Pyth's Hermes. `feeds` are price ids by market. */
export function hermes(endpoint: string, feeds: ReadonlyMap<number, string>): PriceServer {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v2/updates/price/latest`;
  for (const id of feeds.values()) url.searchParams.append("ids[]", id);
  url.searchParams.set("encoding", "hex");
  url.searchParams.set("parsed", "true");
  return {
    latest: async () => {
      const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
      if (!answer.ok) throw new Error(`the price server answers ${answer.status}`);
      const { binary, parsed } = Answer.parse(await answer.json());
      const found = new Map(parsed.map(({ id, price }) => [plain(id), price]));
      const prices = new Map<number, OraclePrice>();
      for (const [market, id] of feeds) {
        const price = found.get(plain(id));
        const scaled = price && scale(BigInt(price.price), price.expo);
        if (price === undefined || scaled === undefined) continue;
        prices.set(market, { price: scaled, publishedAt: BigInt(price.publish_time) });
      }
      return { prices, data: binary.data.map((each) => (each.startsWith("0x") ? each : `0x${each}`)) };
    },
  };
}

/** To 18 decimals, as `PythSource` does it; undefined where it refuses. */
function scale(price: bigint, expo: number): bigint | undefined {
  const digits = DECIMALS + expo;
  return price <= 0n || digits < 0 || digits > 2 * DECIMALS ? undefined : price * 10n ** BigInt(digits);
}

function plain(id: string): string {
  return id.toLowerCase().replace(/^0x/, "");
}

/**
 * The house as it would be with these prices; undefined where the chain has none that is older. The oracle may refuse one all
 * the same: that is seen when a call is simulated.
 */
export function withPrices(house: StoredHouse, { prices }: PriceUpdate): StoredHouse | undefined {
  const markets = house.markets.map((stored) => {
    const brought = prices.get(stored.market);
    const known = stored.price?.publishedAt ?? stored.state.acceptedAt - stored.state.publishLag;
    if (brought === undefined || brought.publishedAt <= known) return stored;
    // A server's clock may be ahead of the last block's.
    const publishedAt = brought.publishedAt < house.time ? brought.publishedAt : house.time;
    return { ...stored, price: { price: brought.price, publishedAt } };
  });
  const isNewer = markets.some((market, i) => market !== house.markets[i]);
  return isNewer ? { ...house, markets } : undefined;
}

/** What Pyth asks for an update, wei. */
export async function updateFee(provider: Provider, keeper: string, data: readonly string[]): Promise<bigint> {
  const source = new Contract(keeper, ["function pyth() view returns (address)"], provider);
  const pyth = String(await source.getFunction("pyth")());
  const contract = new Contract(pyth, ["function getUpdateFee(bytes[]) view returns (uint256)"], provider);
  return BigInt(String(await contract.getFunction("getUpdateFee")(data)));
}

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { expect } from "chai";
import { hermes, withPrices } from "../src/pyth.ts";
import { NOW, ONE, storedHouse, storedMarket } from "../../sdk/test/plainHouse.ts";

const ID = `0x${"ab".repeat(32)}`;

describe("hermes", () => {
  let server: Server;
  let asked: string | undefined;
  let answer: unknown;
  let endpoint: string;

  before(async () => {
    server = createServer((request, response) => {
      asked = request.url;
      response.end(JSON.stringify(answer));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    endpoint = `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}/base/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const price = (found: string, expo: number) => ({
    binary: { encoding: "hex", data: ["504e4155"] },
    parsed: [{ id: ID.slice(2), price: { price: found, conf: "1", expo, publish_time: 1_700_000_100 }, metadata: {} }],
  });

  it("answers prices with 18 decimals, and what proves them", async () => {
    answer = price("250012345678", -8);
    const { prices, data } = await hermes(endpoint, new Map([[3, ID]])).latest();
    expect(asked).to.equal(`/base/v2/updates/price/latest?ids%5B%5D=${ID}&encoding=hex&parsed=true`);
    expect([...prices]).to.deep.equal([[3, { price: 250_012_345_678n * 10n ** 10n, publishedAt: 1_700_000_100n }]]);
    expect(data).to.deep.equal(["0x504e4155"]);
  });

  it("leaves out what the contract would refuse, and throws at nonsense", async () => {
    for (const [found, expo] of [
      ["0", -8],
      ["-5", -8],
      ["5", -19],
      ["5", 19],
    ] as const) {
      answer = price(found, expo);
      expect((await hermes(endpoint, new Map([[3, ID]])).latest()).prices.size).to.equal(0);
    }
    answer = { binary: {} };
    const error: unknown = await hermes(endpoint, new Map([[3, ID]]))
      .latest()
      .catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
  });
});

describe("withPrices", () => {
  const brought = (price: bigint, publishedAt: bigint) => ({
    prices: new Map([[0, { price, publishedAt }]]),
    data: [],
  });
  const stale = storedHouse([storedMarket(0, 100n * ONE, ONE, { state: { publishLag: 50n } })]);
  const fresh = storedHouse([
    storedMarket(0, 100n * ONE, ONE, { price: { price: 100n * ONE, publishedAt: NOW - 10n } }),
  ]);

  it("takes what is newer than what the chain has", () => {
    expect(withPrices(stale, brought(90n, NOW - 49n))?.markets[0]?.price?.price).to.equal(90n);
    expect(withPrices(stale, brought(90n, NOW - 50n))).to.equal(undefined);
    expect(withPrices(fresh, brought(90n, NOW - 9n))?.markets[0]?.price?.price).to.equal(90n);
    expect(withPrices(fresh, brought(90n, NOW - 10n))).to.equal(undefined);
    expect(withPrices(fresh, { prices: new Map(), data: [] })).to.equal(undefined);
  });

  it("dates nothing after the block", () => {
    expect(withPrices(fresh, brought(90n, NOW + 5n))?.markets[0]?.price?.publishedAt).to.equal(NOW);
  });
});

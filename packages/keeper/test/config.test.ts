import { join } from "node:path";
import { expect } from "chai";
import { parseEther } from "ethers";
import { readConfig } from "../src/config.ts";
import { OrderFile } from "../src/orders.ts";
import { silent } from "../src/log.ts";
import { SetupError } from "../src/setupError.ts";
import { DEPLOYMENT, ENVIRONMENT, example, folderOf, type Json } from "./support/deployment.ts";

describe("readConfig", () => {
  const files = folderOf();
  const { file, folder } = files;
  after(() => {
    files.remove();
  });

  /** What is said about a file in which `change` was made. */
  function complaint(change: (config: { chains: [Json] } & Json) => void, environment: Json = ENVIRONMENT): string {
    const config = example();
    change(config);
    const path = file("config.json", config);
    try {
      readConfig(path, environment as Record<string, string>);
      return "";
    } catch (error) {
      expect(error).to.be.instanceOf(SetupError);
      const { message } = error as SetupError;
      expect(message).not.to.include("\n");
      return message.replaceAll(folder, "");
    }
  }
  const chainWith = (change: Json) => (config: { chains: [Json] }) => {
    Object.assign(config.chains[0], change);
  };
  const gasWith = (change: Json) => (config: { chains: [Json] }) => {
    Object.assign(config.chains[0]["gas"] as Json, change);
  };

  it("takes the example, and fills in the environment", () => {
    const { chains, server, alerts } = readConfig(file("config.json", example()), ENVIRONMENT);
    const [chain] = chains;
    expect([server?.port, alerts]).to.deep.equal([9640, ENVIRONMENT.ALERT_WEBHOOK]);
    expect(chain?.rpc).to.equal(ENVIRONMENT.SEPOLIA_RPC_URL);
    expect(chain?.database).to.equal(join(folder, "sepolia.sqlite"));
    expect(chain?.liquidation?.orders).to.equal(join(folder, "orders.json"));
    expect(chain?.gas.maximumPrice).to.equal(200n * 10n ** 9n);
    expect(chain?.gas.minimumProfit).to.equal(parseEther("0.5"));
    expect(chain?.marginCalls?.level).to.equal(1_250_000n);
    expect(chain?.deployed.chainId).to.equal(DEPLOYMENT.chainId);
  });

  it("needs no more than what must be there", () => {
    const config = example();
    const [chain] = config.chains;
    for (const name of ["liquidation", "settlement", "marginCalls", "pyth", "sendRpc"])
      Reflect.deleteProperty(chain, name);
    for (const name of ["log", "server", "alerts"]) Reflect.deleteProperty(config, name);
    const { KEEPER_KEY, SEPOLIA_RPC_URL } = ENVIRONMENT;
    const [read] = readConfig(file("config.json", config), { KEEPER_KEY, SEPOLIA_RPC_URL }).chains;
    expect([read?.liquidation, read?.pyth]).to.deep.equal([undefined, undefined]);
  });

  it("says in one line what is wrong, and shows no secret", () => {
    const none = () => undefined;
    const complaints: [string, string][] = [
      [complaint(none, {}), "/config.json: names $ALERT_WEBHOOK, which is not in the environment"],
      [
        complaint(none, { ...ENVIRONMENT, KEEPER_KEY: "0x1234" }),
        "/config.json: chains.0.key: must be a private key, 32 bytes in hex",
      ],
      [
        complaint(none, { ...ENVIRONMENT, KEEPER_KEY: `0x${"0".repeat(64)}` }),
        "/config.json: chains.0.key: must be a private key, 32 bytes in hex",
      ],
      [complaint(chainWith({ rpc: "ws://x" })), "/config.json: chains.0.rpc: must be the address of an HTTP server"],
      [complaint(chainWith({ deployment: "none.json" })), "/none.json: cannot be read"],
      [complaint(chainWith({ pol: 1 })), '/config.json: chains.0: Unrecognized key: "pol"'],
      [
        complaint(gasWith({ dailyCap: 0.5 })),
        "/config.json: chains.0.gas.dailyCap: Invalid input: expected string, received number",
      ],
      [
        complaint(gasWith({ tip: "1.0000000001" })),
        '/config.json: chains.0.gas.tip: must be a number of gwei in quotes, like "1.5"',
      ],
      [
        complaint(gasWith({ coinPrice: { market: "DOGE" } })),
        "/config.json: chain sepolia: market DOGE is unknown: the deployment has BTC, ETH",
      ],
      [
        complaint(chainWith({ marginCalls: { webhook: "http://127.0.0.1/", level: "1" } })),
        "/config.json: chains.0.marginCalls.level: must be above 1 and at most 10",
      ],
      [
        complaint((config) => {
          Object.assign(config, { chains: [] });
        }),
        "/config.json: chains: must name a chain",
      ],
      [
        complaint((config) => {
          (config.chains as Json[]).push(config.chains[0]);
        }),
        "/config.json: two chains have the name sepolia",
      ],
      [
        complaint((config) => {
          (config.chains as Json[]).push({ ...config.chains[0], name: "b" });
        }),
        "/config.json: two chains have the database /sepolia.sqlite",
      ],
    ];
    for (const [found, expected] of complaints) expect(found).to.equal(expected);
  });

  it("says so where a file is none", () => {
    expect(() => readConfig(file("broken.json", "{"), {})).to.throw(SetupError, "is not JSON");
    expect(() => readConfig(join(folder, "no.json"), {})).to.throw(SetupError, "cannot be read");
    const path = file("deployment.json", { ...DEPLOYMENT, chainId: "x" });
    expect(complaint(() => undefined)).to.match(/^\/deployment.json: chainId: Invalid input/);
    file("deployment.json", DEPLOYMENT);
    expect(path).to.be.a("string");
  });
});

describe("OrderFile", () => {
  const files = folderOf();
  after(() => {
    files.remove();
  });
  const signed = {
    order: {
      ...{ account: `0x${"A".repeat(64)}`, market: 1, isBuy: true, reduceOnly: false, size: "1000000000000000000" },
      ...{ price: "5n", nonce: "0", epoch: 0, expiry: 1_900_000_000, fee: 100 },
    },
    signature: `0x${"1".repeat(130)}`,
  };

  it("reads signed orders, numbers in quotes", async () => {
    const orders = new OrderFile(files.file("orders.json", [signed]), silent);
    const client = { settlement: { remaining: () => Promise.resolve(7n) } };
    const offers = await orders.offers(client as never, 1_700_000_000);
    expect(offers.map(({ left, signed: { order } }) => [left, order.account, order.size, order.price])).to.deep.equal([
      [7n, `0x${"a".repeat(64)}`, 10n ** 18n, 5n],
    ]);
    expect(await orders.offers(client as never, 1_900_000_000)).to.deep.equal([]);
  });

  it("says what is wrong with the file", () => {
    const broken = { ...signed, order: { ...signed.order, price: "-1" } };
    const orders = new OrderFile(files.file("broken.json", [signed, broken]), silent);
    expect(() => {
      orders.load();
    }).to.throw(SetupError, "is no file of signed orders: 1.order.price: Invalid string");
  });
});

/** Deploying, handing over and checking as a person meets them who got something wrong: one line, and nothing is sent. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { Wallet } from "ethers";
import { z } from "zod";
import { parameterPath, readParameterFile } from "../../deploy/parameterFile.ts";
import { rehearse, requireHolder, requireWorld } from "../../scripts/deployment/preflight.ts";
import { ChainlinkProxy__factory } from "../../typechain/index.js";
import { runScript, temporaryFolder } from "../utils/commands.ts";
import { ENOUGH_GAS, newAggregator, placeFeeds, startAnvil, type Node } from "./anvil.ts";

const Json = z.record(z.string(), z.unknown());
const SEPOLIA = parameterPath("sepolia");
const ANSWERS = { BTC: 11_700_000_000_000n, ETH: 401_000_000_000n };
/** Hardhat looks into nobody's keystore there. */
const NO_KEYSTORE = { CI: "true" };
const VARIABLES = ["CI", "SEPOLIA_RPC_URL", "BASE_SEPOLIA_RPC_URL", "DEPLOYER_KEY"];
const { file, remove } = temporaryFolder();

/** The committed file of Sepolia with something else in it. */
function changed(changes: Record<string, unknown>): string {
  return file("changed.json", JSON.stringify({ ...Json.parse(JSON.parse(readFileSync(SEPOLIA, "utf8"))), ...changes }));
}

/** What is wrong, in the words of the command. */
async function complaint(ask: () => Promise<unknown>): Promise<string> {
  return ask().then(
    () => "nothing is wrong",
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
}

describe("wrong input to the commands of a deployment", () => {
  let node: Node;

  before(async () => {
    node = await startAnvil({ chainId: 11_155_111n, gasLimit: 60_000_000n, baseFee: 1_000_000_000n });
    await placeFeeds(node, readParameterFile(SEPOLIA), ANSWERS);
  });
  const environment = { ...process.env };
  afterEach(() => {
    for (const name of VARIABLES) {
      if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = environment[name];
    }
  });
  after(async () => {
    remove();
    await node.stop();
  });

  const key = Wallet.createRandom().privateKey;
  const cases: [string, string, () => { args: string[]; env?: Record<string, string> }, string | RegExp][] = [
    ["no network", "deploy.ts", () => ({ args: [] }), "names no --network (--help shows the options)"],
    ["an unknown option", "check.ts", () => ({ args: ["--net", "x"] }), /^Unknown option '--net'/],
    [
      "a network that nobody knows",
      "check.ts",
      () => ({ args: ["--network", "nowhere", "--parameters", SEPOLIA, "--before-handover"] }),
      /^--network nowhere: not in hardhat\.config\.ts, which has .*sepolia/,
    ],
    ["no parameter file", "deploy.ts", () => ({ args: ["--network", "goerli"] }), /goerli\.json: cannot be read$/],
    [
      "a parameter file that is no JSON",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia", "--parameters", file("bad.json", "{")] }),
      /bad\.json: is not JSON$/,
    ],
    [
      "a number that is none",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia", "--parameters", changed({ fundWindow: "soon" })] }),
      /changed\.json: fundWindow: /,
    ],
    [
      "a word too many in the file",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia", "--parameters", changed({ owner: "me" })] }),
      /changed\.json: .*"owner"/,
    ],
    [
      "a deployment outside its folder",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia", "--deployment", "../other"] }),
      '--deployment must be a name of letters, digits, - and _, not "../other"',
    ],
    [
      "a handover to nobody",
      "handover.ts",
      () => ({ args: ["--network", "sepolia"] }),
      `${SEPOLIA}: handover: names no multisig`,
    ],
    [
      "no address of a node",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia"], env: NO_KEYSTORE }),
      "SEPOLIA_RPC_URL is not set: npx hardhat keystore set SEPOLIA_RPC_URL, or in the environment",
    ],
    [
      "no key",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia"], env: { ...NO_KEYSTORE, SEPOLIA_RPC_URL: node.url } }),
      "DEPLOYER_KEY is not set: npx hardhat keystore set DEPLOYER_KEY, or in the environment",
    ],
    [
      "a key that is none",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia"], env: { SEPOLIA_RPC_URL: node.url, DEPLOYER_KEY: "0x12" } }),
      /^sepolia: [^\n]+$/,
    ],
    [
      "a node that does not answer",
      "deploy.ts",
      () => ({ args: ["--network", "sepolia"], env: { SEPOLIA_RPC_URL: "http://127.0.0.1:9", DEPLOYER_KEY: key } }),
      "sepolia: no node answers at its address",
    ],
    [
      "a node of another chain",
      "deploy.ts",
      () => ({ args: ["--network", "base-sepolia"], env: { BASE_SEPOLIA_RPC_URL: node.url, DEPLOYER_KEY: key } }),
      "base-sepolia: the node is of chain 11155111, the parameter file of chain 84532",
    ],
    [
      "a deployer without money",
      "deploy.ts",
      () => ({
        args: ["--network", "sepolia", "--deployment", "rehearsal-poor"],
        env: { SEPOLIA_RPC_URL: node.url, DEPLOYER_KEY: key },
      }),
      /^deployer 0x[0-9a-fA-F]{40}: has 0\.0 ETH, needs 0\.\d+$/,
    ],
    [
      "addresses that are missing",
      "check.ts",
      () => ({
        args: ["--network", "sepolia", "--before-handover", "--deployment", "rehearsal-none"],
        env: { SEPOLIA_RPC_URL: node.url },
      }),
      "deploy/deployments/rehearsal-none/deployment.json: cannot be read",
    ],
  ];
  for (const [name, script, given, line] of cases) {
    it(`${name}: one line and status 2`, () => {
      const { args, env = {} } = given();
      Object.assign(process.env, env);
      const { status, stderr } = runScript(script, ...args);
      const [said = "", ...others] = stderr.trimEnd().split("\n");
      expect([status, others]).to.deep.equal([2, []]);
      expect(said.startsWith("zerofloor: ")).to.equal(true);
      if (typeof line === "string") expect(said.slice(11)).to.equal(line);
      else expect(said.slice(11)).to.match(line);
    });
  }

  it("shows its options", () => {
    for (const script of ["deploy.ts", "handover.ts", "check.ts", "verify.ts"]) {
      const { status, stdout } = runScript(script, "--help");
      expect([status, stdout.split("\n")[0]]).to.deep.equal([
        0,
        `Usage: npm run ${script.slice(0, -3)} -- --network NAME [options]`,
      ]);
    }
  });

  describe("a world that is not as the file says", () => {
    const parameters = readParameterFile(SEPOLIA);
    const btc = parameters.markets["BTC"] ?? expect.fail("no BTC");
    const at = "address" in btc.feed ? btc.feed.address : expect.fail("no address");
    const nobody = "0x00000000000000000000000000000000000000aa";
    let snapshot: unknown;

    const complaintAbout = (changes: Partial<typeof parameters>) =>
      complaint(() => requireWorld(node.provider, { ...parameters, ...changes }));
    const answered = async (decimals: number, description: string, answer: bigint, age = 0) => {
      const other = await newAggregator(node.somebody, decimals, description, answer, age);
      await (await ChainlinkProxy__factory.connect(at, node.somebody).setAggregator(other, ENOUGH_GAS)).wait();
      return complaintAbout({});
    };

    beforeEach(async () => {
      snapshot = await node.provider.send("evm_snapshot", []);
    });
    afterEach(async () => {
      await node.provider.send("evm_revert", [snapshot]);
    });

    it("nothing", async () => {
      expect(await complaintAbout({})).to.equal("nothing is wrong");
    });

    it("no feed", async () => {
      const feed = { ...btc.feed, address: nobody };
      expect(await complaintAbout({ markets: { BTC: { ...btc, feed } } })).to.equal(
        `feed of BTC: no contract at ${nobody}`,
      );
    });

    it("a contract that is no feed", async () => {
      await node.provider.send("anvil_setCode", [at, "0x00"]);
      expect(await complaintAbout({})).to.equal("feed of BTC: does not answer as one");
    });

    it("a feed of something else", async () => {
      expect(await answered(8, "LINK / USD", ANSWERS.BTC)).to.equal(
        'feed of BTC: description: is "LINK / USD" on the chain, "BTC / USD" in the parameter file',
      );
    });

    it("a feed with other decimals", async () => {
      expect(await answered(18, "BTC / USD", ANSWERS.BTC)).to.equal(
        'feed of BTC: decimals: is "18" on the chain, "8" in the parameter file',
      );
    });

    it("no price", async () => {
      expect(await answered(8, "BTC / USD", 0n)).to.equal("feed of BTC: its answer is 0, which is no price");
    });

    it("an old price", async () => {
      expect(await answered(8, "BTC / USD", ANSWERS.BTC, 100_000)).to.match(
        /^feed of BTC: its answer is 10\d{4} s old, and maxAge is 90000 s$/,
      );
    });

    it("a price out of bounds", async () => {
      expect(await answered(8, "BTC / USD", 1n)).to.match(/^feed of BTC: its price 10000000000 lies outside /);
    });

    it("no token, and a token with other decimals", async () => {
      expect(await complaintAbout({ token: { address: nobody, decimals: 6 } })).to.equal(
        `token: no contract at ${nobody}`,
      );
      expect(await complaintAbout({ token: { address: at, decimals: 6 } })).to.equal(
        'token: decimals: is "8" on the chain, "6" in the parameter file',
      );
    });

    it("numbers that the contracts refuse", async () => {
      const risk = { ...btc.risk, maintenanceMargin: 999n };
      const refused = { ...parameters, markets: { BTC: { ...btc, risk } } };
      expect(await complaint(() => rehearse(refused, [ANSWERS.BTC]))).to.match(
        /^the contracts refuse these parameters: .*ParameterOutOfBounds.*maintenanceMargin/,
      );
    });

    it("a multisig without code, and a guardian that is the deployer", async () => {
      const deployer = { address: nobody };
      const to = { multisig: at, guardian: nobody };
      expect(await complaint(() => requireHolder(node.provider, deployer, to))).to.equal(
        "handover: guardian is the deployer itself",
      );
      expect(await complaint(() => requireHolder(node.provider, deployer, { ...to, multisig: nobody }))).to.equal(
        `handover: multisig: no contract at ${nobody}`,
      );
    });
  });
});

/** Deployments from the first transaction to the last, by the commands that people run, against real node processes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { Wallet, type HDNodeWallet, type JsonRpcSigner } from "ethers";
import { z } from "zod";
import { parameterPath, readParameterFile } from "../../deploy/parameterFile.ts";
import { check } from "../../scripts/deployment/check.ts";
import { connect } from "../../packages/sdk/src/ethers/client.ts";
import { deploymentFolder, deploymentPath, readDeployment } from "../../scripts/deployment/contracts.ts";
import { feedOf } from "../../scripts/deployment/markets.ts";
import { membersBefore } from "../../scripts/deployment/questions/members.ts";
import { ADMIN, RISK } from "../../scripts/deployment/roles.ts";
import { ChainlinkProxy__factory } from "../../typechain/index.js";
import { runScript, temporaryFolder } from "../utils/commands.ts";
import { ENOUGH_GAS, newAggregator, placeFeeds, placeToken, startAnvil, type Likeness } from "./anvil.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ONE = 10n ** 18n;
const GWEI = 10n ** 9n;
const ANSWERS = { BTC: 11_700_000_000_000n, ETH: 401_000_000_000n, SOL: 20_600_000_000n };
const PUBLIC_ROLE = 2n ** 64n - 1n;
const { file, remove } = temporaryFolder();
const Json = z.record(z.string(), z.unknown());

after(remove);

/** A node like those of a public network, a deployer with some money, and the committed parameters with holders of the roles. */
async function stage(network: string, likeness: Likeness, changes: Record<string, unknown> = {}) {
  const node = await startAnvil(likeness);
  const variable = `${network.toUpperCase().replace("-", "_")}_RPC_URL`;
  const [deployer, guardian] = [Wallet.createRandom(), Wallet.createRandom()];
  process.env[variable] = node.url;
  process.env["DEPLOYER_KEY"] = deployer.privateKey;
  await node.provider.send("anvil_setBalance", [deployer.address, `0x${(10n * ONE).toString(16)}`]);
  const parameters = readParameterFile(parameterPath(network));
  await placeFeeds(node, parameters, ANSWERS);
  // Some contract: who it is moves by impersonation.
  const multisig = await newAggregator(node.somebody, 0, "multisig", 1n);

  const committed = Json.parse(JSON.parse(readFileSync(parameterPath(network), "utf8")));
  const handover = { ...Json.parse(committed["handover"]), multisig, guardian: guardian.address };
  const id = `rehearsal-${network}-${process.pid}`;
  const write = (more: Record<string, unknown>) =>
    file(`${network}.json`, JSON.stringify({ ...committed, handover, ...changes, ...more }));
  const path = write({});
  const options = ["--network", network, "--deployment", id, "--parameters", path];
  return {
    node,
    deployer,
    guardian,
    multisig,
    parameters,
    committed,
    id,
    write,
    options,
    run: (script: string, ...more: string[]) => runScript(script, ...options, ...more),
    deployment: () => readDeployment(deploymentPath(id)),
    end: async () => {
      Reflect.deleteProperty(process.env, variable);
      Reflect.deleteProperty(process.env, "DEPLOYER_KEY");
      rmSync(deploymentFolder(id), { recursive: true, force: true });
      await node.stop();
    },
  };
}

type Stage = Awaited<ReturnType<typeof stage>>;

/** Starts the deployment and kills it, as a machine that loses its power, when `nonce` transactions are on the chain. */
async function deployUntil({ node, deployer, options }: Stage, nonce: number): Promise<number> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/deploy.ts", ...options], {
    cwd: ROOT,
    stdio: "ignore",
  });
  const gone = once(child, "exit");
  while (child.exitCode === null && (await node.provider.getTransactionCount(deployer.address)) < nonce)
    await setTimeout(20);
  child.kill("SIGKILL");
  await gone;
  return node.provider.getTransactionCount(deployer.address);
}

function differences(stdout: string): string[] {
  return stdout.split("\n").filter((line) => line.startsWith("✗"));
}

describe("rehearsal on a node like Sepolia's", () => {
  let scene: Stage;

  before(async () => {
    scene = await stage("sepolia", { chainId: 11_155_111n, gasLimit: 60_000_000n, baseFee: GWEI });
  });
  after(() => scene.end());

  it("deploys, and says that the deployer still holds everything", () => {
    const { status, stdout, stderr } = scene.run("deploy.ts");
    expect([status, stderr, differences(stdout)]).to.deep.equal([0, "", []]);
    expect(stdout).to.include("still holds everything: npm run handover -- --network sepolia");
  });

  it("fits every transaction into what a transaction may cost today", async () => {
    const { provider } = scene.node;
    for (let number = await provider.getBlockNumber(); number > 0; number--) {
      const block = await provider.getBlock(number, true);
      for (const { gasLimit } of block?.prefetchedTransactions ?? []) expect(gasLimit <= 2n ** 24n).to.equal(true);
    }
  });

  it("goes on from a journal that ends where a step was planned and not yet sent", () => {
    const path = join(deploymentFolder(scene.id), "journal.jsonl");
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const planned = lines.findLastIndex((line) => line.includes('"DEPLOYMENT_EXECUTION_STATE_INITIALIZE"'));
    writeFileSync(path, `${lines.slice(0, planned + 1).join("\n")}\n`);
    rmSync(deploymentPath(scene.id), { force: true });
    const { status, stdout, stderr } = scene.run("deploy.ts");
    expect([status, stderr]).to.deep.equal([0, ""]);
    expect(stdout).to.match(/^Zerofloor#\w+ had been planned and not sent: planned again$/m);
  });

  it("does not take a deployment for handed over that is not", () => {
    const { status, stdout } = scene.run("check.ts");
    expect(status).to.equal(1);
    expect(stdout).to.match(
      new RegExp(`✗ deployer ${scene.deployer.address}: holds: expected none, found ADMIN, RISK`),
    );
  });

  describe("finds one changed thing", () => {
    let signer: HDNodeWallet;
    let snapshot: unknown;
    const contracts = () => connect(scene.deployment(), signer);
    const found = async () => {
      const { node, parameters, deployment } = scene;
      const lines = await check(node.provider, parameters, deployment(), membersBefore(deployment()), 0n);
      return lines.filter((line) => line.expected !== line.found).map((line) => `${line.what}: ${line.found}`);
    };

    before(() => {
      signer = scene.deployer.connect(scene.node.provider);
    });
    beforeEach(async () => {
      snapshot = await scene.node.provider.send("evm_snapshot", []);
    });
    afterEach(async () => {
      await scene.node.provider.send("evm_revert", [snapshot]);
    });

    it("nothing, where nothing is changed", async () => {
      expect(await found()).to.deep.equal([]);
    });

    it("a role too many", async () => {
      await (await contracts().manager.grantRole(RISK, scene.guardian.address, 5)).wait();
      const [line, ...others] = await found();
      expect(line).to.match(new RegExp(`^role RISK: held by: .*${scene.guardian.address} after 5 s`));
      expect(others).to.deep.equal([]);
    });

    it("a role that nobody knows", async () => {
      await (await contracts().manager.grantRole(7, scene.guardian.address, 0)).wait();
      expect(await found()).to.deep.equal(["other roles that somebody holds: 7"]);
    });

    it("a function open to everybody", async () => {
      const { manager, governor } = contracts();
      const { selector } = governor.getFunction("restrictMarket").fragment;
      await (await manager.setTargetFunctionRole(governor, [selector], PUBLIC_ROLE)).wait();
      expect(await found()).to.deep.equal([`governor.restrictMarket: only: ${PUBLIC_ROLE}`]);
    });

    it("a function of the manager itself that is open", async () => {
      const { manager } = contracts();
      const { selector } = manager.getFunction("grantRole").fragment;
      await (await manager.setTargetFunctionRole(manager, [selector], PUBLIC_ROLE)).wait();
      const at = await manager.getAddress();
      expect(await found()).to.deep.equal([`other functions that are open to a role: ${selector} of ${at}`]);
    });

    it("a role that another role gives, and one that another cancels", async () => {
      const { manager } = contracts();
      await (await manager.setRoleAdmin(RISK, 2)).wait();
      await (await manager.setRoleGuardian(RISK, PUBLIC_ROLE)).wait();
      expect(await found()).to.deep.equal(["role RISK: given by: GUARDIAN", `role RISK: cancelled by: ${PUBLIC_ROLE}`]);
    });

    it("a closed contract, and a delay that nobody ordered", async () => {
      const { manager, fund } = contracts();
      await (await manager.setTargetClosed(fund, true)).wait();
      await (await manager.setTargetAdminDelay(fund, 60)).wait();
      expect(await found()).to.deep.equal([
        `contracts that are closed: ${await fund.getAddress()}`,
        "fund: seconds before the admin's changes, as set last: 60",
      ]);
    });

    it("a parameter", async () => {
      const { governor, fund } = contracts();
      const { risk, fundLimit } = scene.parameters.markets["ETH"] ?? expect.fail("no ETH");
      await (await governor.setRiskParameters(1, { ...risk, tradeFee: 501n }, ENOUGH_GAS)).wait();
      await (await fund.setLimit(0, { ...fundLimit, gap: 10_001n })).wait();
      expect(await found()).to.deep.equal(["BTC: fundLimit.gap: 10001", "ETH: risk.tradeFee: 501"]);
    });

    it("a market too many", async () => {
      const { governor, oracle } = contracts();
      const market = scene.parameters.markets["ETH"] ?? expect.fail("no ETH");
      const source = scene.deployment().markets[1]?.source ?? "";
      await (await oracle.setFeed(2, feedOf(market, source))).wait();
      await (await governor.listMarket(market.risk, market.maxPrice)).wait();
      expect(await found()).to.deep.equal(["markets: 3"]);
    });

    it("a byte of code", async () => {
      const { lens } = scene.deployment().contracts;
      const code = await scene.node.provider.getCode(lens);
      await scene.node.provider.send("anvil_setCode", [lens, code.replace("0x6080", "0x6081")]);
      const [line, ...others] = await found();
      expect(line).to.match(/^lens: code: keccak256 0x/);
      expect(others).to.deep.equal([]);
    });

    it("a feed of something else", async () => {
      const { feed } = scene.parameters.markets["BTC"] ?? expect.fail("no BTC");
      const other = await newAggregator(scene.node.somebody, 8, "LINK / USD", 1n);
      const at = "address" in feed ? feed.address : expect.fail("no address");
      await (await ChainlinkProxy__factory.connect(at, scene.node.somebody).setAggregator(other, ENOUGH_GAS)).wait();
      expect(await found()).to.deep.equal(["BTC: description of the feed: LINK / USD"]);
    });
  });

  describe("is handed over", () => {
    it("in one transaction, after which the deployer holds nothing", async () => {
      const { node, deployer } = scene;
      const sent = await node.provider.getTransactionCount(deployer.address);
      const { status, stdout, stderr } = scene.run("handover.ts");
      expect([status, stderr, differences(stdout)]).to.deep.equal([0, "", []]);
      expect(await node.provider.getTransactionCount(deployer.address)).to.equal(sent + 1);

      const { manager } = connect(scene.deployment(), node.provider);
      for (const role of [ADMIN, RISK])
        expect((await manager.hasRole(role, deployer.address)).isMember).to.equal(false);
    });

    it("lets the multisig add a market, after its delay", async () => {
      const { node, multisig, committed, write } = scene;
      const markets = Json.parse(committed["markets"]);
      const proxy = scene.parameters.markets["ETH"]?.feed ?? expect.fail("no ETH");
      write({ markets: { ...markets, SOL: markets["ETH"] } });
      const { status, stdout } = scene.run("deploy.ts");
      expect(proxy.description).to.equal("ETH / USD");
      expect(status).to.equal(1);
      expect(differences(stdout)[0]).to.equal("✗ markets: expected 3, found 2");

      const to = scene.deployment().contracts.manager;
      const data = (word: string) => new RegExp(`^  ${word} +(0x[0-9a-f]+)$`, "m").exec(stdout)?.[1] ?? "";
      await node.provider.send("anvil_impersonateAccount", [multisig]);
      await node.provider.send("anvil_setBalance", [multisig, `0x${ONE.toString(16)}`]);
      const holder: JsonRpcSigner = await node.provider.getSigner(multisig);
      await (await holder.sendTransaction({ to, data: data("schedule") })).wait();
      const tooEarly = await holder.sendTransaction({ to, data: data("execute") }).then(
        () => "",
        (cause: unknown) => String(cause),
      );
      expect(tooEarly).to.include("revert");
      await node.provider.send("evm_increaseTime", [172_800]);
      await placeFeeds(node, scene.parameters, ANSWERS);
      await (await holder.sendTransaction({ to, data: data("execute") })).wait();

      const { status: after, stdout: table } = scene.run("check.ts");
      expect([after, differences(table)]).to.deep.equal([0, []]);
    });
  });
});

describe("rehearsal on a node like Arbitrum Sepolia's, with its block time, which is killed twice", () => {
  let scene: Stage;

  before(async () => {
    const likeness = { chainId: 421_614n, gasLimit: 1_125_899_906_842_624n, baseFee: GWEI / 10n, blockTime: 0.25 };
    scene = await stage("arbitrum-sepolia", likeness);
  });
  after(() => scene.end());

  for (const nonce of [1, 9]) {
    it(`is killed when ${nonce} transactions are on the chain`, async () => {
      expect(await deployUntil(scene, nonce)).to.be.within(nonce, 11);
      expect(existsSync(deploymentPath(scene.id))).to.equal(nonce === 9);
    });
  }

  it("goes on where it stood, hands over and is as it must be", () => {
    for (const script of ["deploy.ts", "handover.ts"]) {
      const { status, stdout, stderr } = scene.run(script);
      expect([script, status, stderr, differences(stdout)]).to.deep.equal([script, 0, "", []]);
    }
  });
});

describe("rehearsal on a node like Base Sepolia's, with a token that was there before", () => {
  const token = { address: "0x036CbD53842c5426634e7929541eC2318f3dCF7e", decimals: 6 };
  let scene: Stage;

  before(async () => {
    const likeness = { chainId: 84_532n, gasLimit: 200_000_000n, baseFee: GWEI / 100n, blockTime: 2 };
    scene = await stage("base-sepolia", likeness, { token });
    await placeToken(scene.node, token.address, token.decimals);
  });
  after(() => scene.end());

  it("deploys, hands over and is as it must be", () => {
    for (const script of ["deploy.ts", "handover.ts"]) {
      const { status, stdout, stderr } = scene.run(script);
      expect([script, status, stderr, differences(stdout)]).to.deep.equal([script, 0, "", []]);
    }
  });
});

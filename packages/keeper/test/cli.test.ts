/** The command as an operator meets it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { AbiCoder, id } from "ethers";
import { DEPLOYMENT, ENVIRONMENT, example, folderOf, type Json } from "./support/deployment.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

async function run(environment: Json, ...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", CLI, ...args], {
    env: { ...process.env, ...environment } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await gone;
  return { status: child.exitCode, stdout, stderr };
}

interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly [{ readonly data?: string }];
}

/** A node that answers as it is told. */
async function fakeNode(answers: Record<string, unknown>): Promise<{ server: Server; url: string }> {
  const answerTo = ({ id: number, method, params }: Question) => {
    const selector = method === "eth_call" ? `:${params[0].data?.slice(0, 10) ?? ""}` : "";
    return { jsonrpc: "2.0", id: number, result: answers[method + selector] };
  };
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        const asked = JSON.parse(body) as Question | Question[];
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(Array.isArray(asked) ? asked.map(answerTo) : answerTo(asked)));
      },
      () => response.destroy(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, url: `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}/` };
}

describe("zerofloor-keeper", function () {
  this.timeout(60_000);
  const files = folderOf();
  const servers: Server[] = [];
  after(() => {
    files.remove();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const uint = (value: number) => AbiCoder.defaultAbiCoder().encode(["uint256"], [value]);
  const wellDone = {
    eth_chainId: `0x${DEPLOYMENT.chainId.toString(16)}`,
    eth_getCode: "0x60",
    [`eth_call:${id("marketCount()").slice(0, 10)}`]: uint(2),
    eth_getBalance: "0x1",
  };
  const at = async (answers: Record<string, unknown>) => {
    const { server, url } = await fakeNode({ ...wellDone, ...answers });
    servers.push(server);
    return { ...ENVIRONMENT, SEPOLIA_RPC_URL: url };
  };

  it("says in one line what must be put right, with exit status 2", async () => {
    const path = files.file("config.json", example());
    const broken = files.file("broken.json", { ...example(), log: "loud" });
    const strange = example();
    Object.assign(strange.chains[0]["pyth"] as Json, { feeds: { DOGE: `0x${"0".repeat(64)}` } });
    const unknown = files.file("unknown.json", strange);
    const house = DEPLOYMENT.contracts.house;
    const poor = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A";
    const cases: [Promise<Awaited<ReturnType<typeof run>>>, string][] = [
      [run({}), "names no --config (--help shows the options)"],
      [run({}, "--confg", "x"), "Unknown option '--confg' (--help shows the options)"],
      [run({}, "--config", "/none.json"), "/none.json: cannot be read"],
      [
        run(ENVIRONMENT, "--config", broken),
        `${broken}: log: Invalid option: expected one of "debug"|"info"|"warn"|"error"`,
      ],
      [
        run({ ...ENVIRONMENT, KEEPER_KEY: "" }, "--config", path),
        `${path}: names $KEEPER_KEY, which is not in the environment`,
      ],
      [
        run(ENVIRONMENT, "--config", unknown),
        `${unknown}: chain sepolia: market DOGE is unknown: the deployment has BTC, ETH`,
      ],
      [
        run(ENVIRONMENT, "--config", path),
        "chain sepolia: the node does not answer: connect ECONNREFUSED 127.0.0.1:49999",
      ],
      [
        run(await at({ eth_chainId: "0x1" }), "--config", path),
        "chain sepolia: the node is of chain 1, the deployment of chain 11155111",
      ],
      [run(await at({ eth_getCode: "0x" }), "--config", path), `chain sepolia: there is no clearing house at ${house}`],
      [
        run(await at({ [`eth_call:${id("marketCount()").slice(0, 10)}`]: uint(1) }), "--config", path),
        "chain sepolia: market ETH is unknown: the clearing house has 1",
      ],
      [
        run(await at({}), "--config", path),
        `chain sepolia: ${poor} has 0.000000000000000001, and gas.minimumBalance asks for 0.05`,
      ],
    ];
    for (const [running, line] of cases) {
      const { status, stdout, stderr } = await running;
      expect([status, stdout, stderr]).to.deep.equal([2, "", `zerofloor-keeper: ${line}\n`]);
    }
  });

  it("shows its options", async () => {
    const { status, stdout } = await run({}, "--help");
    expect(status).to.equal(0);
    expect(stdout).to.include("--dry-run");
  });
});

/**
 * The package as people install it: packed, linted, installed into a project of each kind, and every recipe of its README run
 * in one of them, as it stands there, against a node.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { network } from "hardhat";
import { z } from "zod";
import { startHouseAt } from "./deployedHouse.ts";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const BIN = fileURLToPath(new URL("../../../node_modules/.bin/", import.meta.url));
const README = readFileSync(join(PACKAGE, "README.md"), "utf8");
const NODE_IN_RECIPES = "http://127.0.0.1:8545";
/** Of every Hardhat node: nobody's money. */
const KEYS = {
  TRADER_KEY: "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  MAKER_KEY: "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
};
const Versions = z.object({ devDependencies: z.record(z.string(), z.string()) });

const run = promisify(execFile);
const { devDependencies } = Versions.parse(
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")),
);
const pinned = (...names: string[]) => names.map((name) => `${name}@${devDependencies[name] ?? expect.fail(name)}`);

describe("the package", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), "zerofloor-package-"));
  let tarball: string;

  before(async () => {
    await run("npm", ["pack", "--pack-destination", folder], { cwd: PACKAGE });
    tarball = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? expect.fail("nothing was packed"),
    );
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** A project with the package in it, and whatever else. */
  async function project(name: string, type: "module" | "commonjs", ...dependencies: string[]) {
    const at = join(folder, name);
    mkdirSync(at);
    writeFileSync(join(at, "package.json"), JSON.stringify({ name, private: true, type }));
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball, ...dependencies], { cwd: at });
    return {
      at,
      write: (file: string, text: string) => {
        writeFileSync(join(at, file), text);
      },
      node: (file: string) => run(process.execPath, [file], { cwd: at, env: { ...process.env, ...KEYS } }),
    };
  }

  it("is what publint and arethetypeswrong ask for", async () => {
    await run(join(BIN, "publint"), ["--strict", tarball]);
    // `node10` cannot resolve subpaths of any package by its exports.
    await run(join(BIN, "attw"), ["--profile", "node16", tarball]);
  });

  it("has the built files and nothing of the sources", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const others = stdout
      .split("\n")
      .filter((file) => !/^package\/(dist\/[\w.-]+\.(mjs|cjs|d\.mts|d\.cts))?$/.test(file));
    expect(others.filter((file) => file !== "").sort()).to.deep.equal(
      ["LICENSE", "README.md", "package.json"].map((file) => `package/${file}`),
    );
  });

  it("works in a CommonJS project", async () => {
    const { write, node } = await project("common", "commonjs", ...pinned("ethers", "viem"));
    write(
      "main.js",
      `const { accountId } = require("zerofloor");
       const { ClearingHouse__factory } = require("zerofloor/ethers");
       const { contractsOf } = require("zerofloor/viem");
       const { errorsAbi } = require("zerofloor/abis");
       const { deploymentOn } = require("zerofloor/addresses");
       console.log(accountId("0x" + "1".repeat(40), 2n), typeof ClearingHouse__factory.connect, typeof contractsOf,
         errorsAbi.some(({ name }) => name === "InsufficientMargin"), deploymentOn(0));`,
    );
    const { stdout } = await node("main.js");
    expect(stdout).to.equal(`0x${"1".repeat(40)}${"2".padStart(24, "0")} function function true undefined\n`);
  });

  it("leaves out of a web page what the page does not use", async () => {
    const { at, write } = await project("page", "module", "vite@8.3.8");
    write("index.html", '<script type="module" src="/main.js"></script>');
    write("main.js", 'import { accountId } from "zerofloor"; document.title = accountId("0x" + "1".repeat(40));');
    await run(join(at, "node_modules/.bin/vite"), ["build", "--logLevel", "warn"], { cwd: at });
    const built = readdirSync(join(at, "dist/assets")).map((file) =>
      readFileSync(join(at, "dist/assets", file), "utf8"),
    );
    // Two functions of a hundred: no bytecode, no ABIs, and no library, which is not even there.
    expect(built.join("")).to.have.lengthOf.below(2_500);
  });

  it("does what the recipes of its README say, and they are typed", async () => {
    const recipes = [...README.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text]) => text ?? "");
    expect(recipes).to.have.lengthOf.at.least(7);
    const typescript = pinned("ethers", "viem", "typescript", "@types/node");
    const { at, write, node } = await project("recipes", "module", ...typescript);

    const server = await network.createServer("default", "127.0.0.1", 0);
    const { port } = await server.listen();
    const url = `http://127.0.0.1:${port}`;
    const house = await startHouseAt(url);
    try {
      const { chainId, contracts } = house;
      write("deployment.json", JSON.stringify({ chainId, startBlock: 0, contracts, markets: [] }));
      const compilerOptions = {
        ...{ target: "es2023", module: "nodenext", strict: true, noEmit: true, resolveJsonModule: true },
        ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, types: ["node"] },
      };
      write("tsconfig.json", JSON.stringify({ compilerOptions }));
      for (const [i, recipe] of recipes.entries()) write(`recipe${i}.ts`, recipe.replaceAll(NODE_IN_RECIPES, url));
      await run(join(at, "node_modules/.bin/tsc"), ["-p", at], { cwd: at }).catch((error: unknown) => {
        throw new Error(z.object({ stdout: z.string() }).parse(error).stdout);
      });

      const said: string[] = [];
      for (const i of recipes.keys()) said.push((await node(`recipe${i}.ts`)).stdout);
      // The same equity by contract and by SDK; the size that was bought; a withdrawal that is refused; again the same equity.
      expect(said[0]).to.match(/true 0n\n$/);
      expect(said[2]).to.equal("2000000000000000000n\n");
      expect(said[3])
        .to.include("equity:")
        .and.to.match(/exposure: 0n/);
      expect(said[4]).to.include("InsufficientCollateral");
      expect(said[6]).to.match(/^true\n132\nInsufficientCollateral: collateral [\d.]+, asked 1000000\n$/);
    } finally {
      await house.close();
      await server.close();
    }
  });
});

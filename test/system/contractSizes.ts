import { expect } from "chai";
import { artifacts } from "hardhat";

/** EIP-170. */
const LIMIT = 24_576;
/** EIP-3860: what a deployment transaction may carry. */
const INITCODE_LIMIT = 49_152;

describe("contract sizes", () => {
  it("every contract can be deployed on a public network", async () => {
    const names = [...(await artifacts.getAllFullyQualifiedNames())].filter((name) => name.startsWith("contracts/"));
    expect(names).to.include("contracts/ClearingHouse.sol:ClearingHouse");
    for (const name of names) {
      const { bytecode, deployedBytecode } = await artifacts.readArtifact(name);
      expect((deployedBytecode.length - 2) / 2, `${name}, deployed`).to.be.at.most(LIMIT);
      expect((bytecode.length - 2) / 2, `${name}, with its constructor`).to.be.at.most(INITCODE_LIMIT);
    }
  });
});

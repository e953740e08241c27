import { expect } from "chai";
import { artifacts } from "hardhat";
import { Interface } from "ethers";

/** Contracts are put together from modules, so the compiler does not compare them with the interface that documents them. */
const DOCUMENTED = [
  ["contracts/interfaces/IClearingHouse.sol:IClearingHouse", "contracts/ClearingHouse.sol:ClearingHouse"],
] as const;

describe("interfaces", () => {
  for (const [documented, built] of DOCUMENTED) {
    it(`${built} is what ${documented} says`, async () => {
      const functionsOf = async (name: string): Promise<string[]> => {
        const { abi } = await artifacts.readArtifact(name);
        const found: string[] = [];
        new Interface(abi).forEachFunction(({ selector, stateMutability, outputs, name }) => {
          found.push(`${name} ${selector} ${stateMutability} (${outputs.map(({ type }) => type).join()})`);
        });
        return found.sort();
      };
      expect(await functionsOf(built)).to.deep.equal(await functionsOf(documented));
    });
  }
});

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import ClearingHouse from "./ClearingHouse.ts";

/** Says what the clearing house's numbers mean. Owns nothing; anyone may deploy another. */
export default buildModule("ClearingHouseLens", (m) => {
  const { house } = m.useModule(ClearingHouse);
  return { lens: m.contract("ClearingHouseLens", [house]) };
});

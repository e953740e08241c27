import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import ClearingHouse from "./ClearingHouse.ts";

/** The vault that the clearing house has deployed. */
export default buildModule("CollateralVault", (m) => {
  const { house } = m.useModule(ClearingHouse);
  return { vault: m.contractAt("CollateralVault", m.staticCall(house, "vault")) };
});

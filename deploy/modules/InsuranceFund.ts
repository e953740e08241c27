import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import ClearingHouse from "./ClearingHouse.ts";

/** The insurance fund that the clearing house has deployed. */
export default buildModule("InsuranceFund", (m) => {
  const { house } = m.useModule(ClearingHouse);
  return { fund: m.contractAt("InsuranceFund", m.staticCall(house, "insuranceFund")) };
});

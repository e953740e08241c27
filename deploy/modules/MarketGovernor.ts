import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import ClearingHouse from "./ClearingHouse.ts";

/** The governor that the clearing house has deployed. */
export default buildModule("MarketGovernor", (m) => {
  const { house } = m.useModule(ClearingHouse);
  return { governor: m.contractAt("MarketGovernor", m.staticCall(house, "governor")) };
});

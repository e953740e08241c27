import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import ClearingHouse from "./ClearingHouse.ts";

/** The first venue. It has no role anywhere: traders give it the trade right themselves. */
export default buildModule("OrderSettlement", (m) => {
  const { house } = m.useModule(ClearingHouse);
  return { settlement: m.contract("OrderSettlement", [house]) };
});

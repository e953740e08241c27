import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import AccessManager from "./AccessManager.ts";

/** The only door through which a price enters. */
export default buildModule("PriceOracle", (m) => {
  const { manager } = m.useModule(AccessManager);
  return { oracle: m.contract("PriceOracle", [manager]) };
});

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import AccessManager from "./AccessManager.ts";
import PriceOracle from "./PriceOracle.ts";
import TestToken from "./TestToken.ts";

/** Deploys its vault, its insurance fund and its governor with itself: the modules of those only find their addresses. */
export default buildModule("ClearingHouse", (m) => {
  const { manager } = m.useModule(AccessManager);
  const { oracle } = m.useModule(PriceOracle);
  const { token } = m.useModule(TestToken);
  const house = m.contract("ClearingHouse", [
    token,
    oracle,
    manager,
    m.getParameter("fundCooldown"),
    m.getParameter("fundWindow"),
  ]);
  return { house };
});

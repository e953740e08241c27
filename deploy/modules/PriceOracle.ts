import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";
import AccessManager from "./AccessManager.ts";

/** The only door through which a price enters. */
export default buildModule("PriceOracle", (m) => {
  const { manager } = m.useModule(AccessManager);
  const oracle = m.contract("PriceOracle", [
    manager,
    m.getParameter("sequencerFeed", ZeroAddress),
    m.getParameter("sequencerGrace", 0),
  ]);
  return { oracle };
});

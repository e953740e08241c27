import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Who may change parameters, and after which delay. Its first admin is whoever deploys. */
export default buildModule("AccessManager", (m) => ({
  manager: m.contract("AccessManager", [m.getAccount(0)]),
}));

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** The settlement token of a test chain: anyone may mint it. */
export default buildModule("TestToken", (m) => ({
  token: m.contract("TestToken", [m.getParameter("name"), m.getParameter("symbol"), m.getParameter("decimals")]),
}));

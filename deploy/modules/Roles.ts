import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { ContractFuture } from "@nomicfoundation/ignition-core";
import { InsuranceFund__factory, MarketGovernor__factory, PriceOracle__factory } from "../../typechain/index.js";
import AccessManager from "./AccessManager.ts";
import InsuranceFund from "./InsuranceFund.ts";
import MarketGovernor from "./MarketGovernor.ts";
import PriceOracle from "./PriceOracle.ts";

/** Lists and ends markets, and sets parameters, feeds and limits. */
export const RISK = 1n;
/** Makes markets reduce-only, and nothing else. */
export const GUARDIAN = 2n;

/** Which role may call what, and who has which role after which delay. */
export default buildModule("Roles", (m) => {
  const { manager } = m.useModule(AccessManager);
  const { oracle } = m.useModule(PriceOracle);
  const { governor } = m.useModule(MarketGovernor);
  const { fund } = m.useModule(InsuranceFund);

  const may = (label: string, target: ContractFuture<string>, functions: string[], role: bigint) =>
    m.call(manager, "setTargetFunctionRole", [target, functions, role], { id: label });
  m.call(manager, "labelRole", [RISK, "RISK"], { id: "LabelRisk" });
  m.call(manager, "labelRole", [GUARDIAN, "GUARDIAN"], { id: "LabelGuardian" });
  const [onOracle, onGovernor, onFund] = [
    PriceOracle__factory.createInterface(),
    MarketGovernor__factory.createInterface(),
    InsuranceFund__factory.createInterface(),
  ];
  const opened = [
    may("RiskSetsFeeds", oracle, [onOracle.getFunction("setFeed").selector], RISK),
    may(
      "RiskSetsMarkets",
      governor,
      [
        onGovernor.getFunction("listMarket").selector,
        onGovernor.getFunction("setRiskParameters").selector,
        onGovernor.getFunction("endMarket").selector,
      ],
      RISK,
    ),
    may("RiskSetsLimits", fund, [onFund.getFunction("setLimit").selector], RISK),
    may("GuardianRestricts", governor, [onGovernor.getFunction("restrictMarket").selector], GUARDIAN),
  ];

  m.call(manager, "grantRole", [RISK, m.getAccount(0), m.getParameter("riskDelay")], {
    id: "GrantRisk",
    after: opened,
  });
  m.call(manager, "grantRole", [GUARDIAN, m.getAccount(1), m.getParameter("guardianDelay")], {
    id: "GrantGuardian",
    after: opened,
  });
  return { manager, oracle, governor, fund };
});

/** TypeChain's factories: `ClearingHouse__factory.connect(address, runner)`, and types of contracts. */
export type { ClearingHouse } from "../../../../typechain/contracts/ClearingHouse.js";
export type { CollateralVault } from "../../../../typechain/contracts/CollateralVault.js";
export type { InsuranceFund } from "../../../../typechain/contracts/InsuranceFund.js";
export type { MarketGovernor } from "../../../../typechain/contracts/MarketGovernor.js";
export type { ClearingHouseLens } from "../../../../typechain/contracts/periphery/ClearingHouseLens.js";
export type { PythKeeper } from "../../../../typechain/contracts/periphery/PythKeeper.js";
export type { PriceOracle } from "../../../../typechain/contracts/PriceOracle.js";
export type { OrderSettlement } from "../../../../typechain/contracts/venues/OrderSettlement.js";
export { ClearingHouse__factory } from "../../../../typechain/factories/contracts/ClearingHouse__factory.js";
export { CollateralVault__factory } from "../../../../typechain/factories/contracts/CollateralVault__factory.js";
export { InsuranceFund__factory } from "../../../../typechain/factories/contracts/InsuranceFund__factory.js";
export { MarketGovernor__factory } from "../../../../typechain/factories/contracts/MarketGovernor__factory.js";
export { ClearingHouseLens__factory } from "../../../../typechain/factories/contracts/periphery/ClearingHouseLens__factory.js";
export { PythKeeper__factory } from "../../../../typechain/factories/contracts/periphery/PythKeeper__factory.js";
export { PriceOracle__factory } from "../../../../typechain/factories/contracts/PriceOracle__factory.js";
export { OrderSettlement__factory } from "../../../../typechain/factories/contracts/venues/OrderSettlement__factory.js";

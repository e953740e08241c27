import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import ClearingHouse from "./ClearingHouse.ts";
import ClearingHouseLens from "./ClearingHouseLens.ts";
import CollateralVault from "./CollateralVault.ts";
import { marketModules } from "./Market.ts";
import OrderSettlement from "./OrderSettlement.ts";
import Roles from "./Roles.ts";
import TestToken from "./TestToken.ts";

/** Everything, on a test chain: a token that anyone may mint, and feeds whose answers anyone may set. */
export function localModule(markets: readonly string[]) {
  return buildModule("Local", (m) => {
    const { token } = m.useModule(TestToken);
    const { house } = m.useModule(ClearingHouse);
    const { lens } = m.useModule(ClearingHouseLens);
    const { vault } = m.useModule(CollateralVault);
    const { settlement } = m.useModule(OrderSettlement);
    const { manager, oracle, governor, fund } = m.useModule(Roles);
    const feeds = marketModules(markets).map(
      (market, number) => [`feed${number}`, m.useModule(market).aggregator] as const,
    );
    return { manager, token, oracle, house, lens, vault, fund, governor, settlement, ...Object.fromEntries(feeds) };
  });
}

export default localModule(["BTC", "ETH", "SOL"]);

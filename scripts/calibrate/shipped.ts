/** What the parameter files of deployments say about a market. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { readParameterFile, type MarketParameters } from "../../deploy/parameterFile.ts";
import { toNumber } from "../page/plot.ts";

const FOLDER = fileURLToPath(new URL("../../deploy/parameters", import.meta.url));
const PPM = 1e6;

/** Rates are parts of notional, money is in tokens. */
export interface ShippedMarket {
  /** The networks whose files say the same. */
  readonly networks: readonly string[];
  readonly maintenance: number;
  readonly initial: number;
  readonly initialAtCap: number;
  readonly incentives: number;
  readonly bountyRate: number;
  /** What the market may draw from the fund at once. */
  readonly fund: number;
  readonly gap: number;
  readonly cap: number;
}

/**
 * One for all networks that agree about the market, in the order of their names; `local`, whose numbers are there to show how
 * losses are borne and not to keep a level, last: curves and sensitivities are of the first.
 */
export function shippedMarkets(market: string): ShippedMarket[] {
  const networks = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort((a, b) => (a === "local" ? 1 : b === "local" ? -1 : a < b ? -1 : 1));
  const groups = new Map<string, ShippedMarket>();
  for (const network of networks) {
    const parameters = readParameterFile(join(FOLDER, `${network}.json`)).markets[market];
    if (parameters === undefined) continue;
    const found = marketFrom(parameters);
    const key = JSON.stringify(found);
    groups.set(key, { ...found, networks: [...(groups.get(key)?.networks ?? []), network] });
  }
  return [...groups.values()];
}

/** How much may be open: the parameter, or what a full fund bears, whichever is less. */
export function openInterestLimit({ cap, fund, gap }: ShippedMarket): number {
  return gap === 0 ? cap : Math.min(cap, fund / gap);
}

function marketFrom({ risk, fundLimit }: MarketParameters): ShippedMarket {
  const rate = (ppm: bigint) => Number(ppm) / PPM;
  return {
    networks: [],
    maintenance: rate(risk.maintenanceMargin),
    initial: rate(risk.initialMargin),
    initialAtCap: rate(risk.initialMarginAtCap),
    incentives: rate(risk.incentiveMax + risk.fundFee),
    bountyRate: rate(risk.bountyRate),
    fund: toNumber(fundLimit.capacity),
    gap: rate(fundLimit.gap),
    cap: toNumber(risk.openInterestCap),
  };
}

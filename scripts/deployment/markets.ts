/** A market as the parameter file has it, in the words of the contracts, and the calls that list it. */
import { ZeroAddress } from "ethers";
import type { MarketParameters } from "../../deploy/parameterFile.ts";
import type { Client } from "../../packages/sdk/src/ethers/client.ts";

/** What RISK calls, on which contract. */
export interface Call {
  readonly target: string;
  readonly data: string;
}

/** What the oracle is told about a market's price. */
export function feedOf(market: MarketParameters, source: string) {
  return {
    primary: source,
    maxAge: market.maxAge,
    maxConfidence: 0n,
    maxDeviation: 0n,
    second: ZeroAddress,
    secondMaxAge: 0n,
    lowest: market.lowestPrice,
    highest: market.highestPrice,
    maxMove: market.maxMove,
  };
}

/** Feed first: a market is listed with a price or not at all. */
export async function listingCalls(
  { oracle, governor, fund }: Client,
  number: number,
  market: MarketParameters,
  source: string,
): Promise<Call[]> {
  const [onOracle, onGovernor, onFund] = [oracle.interface, governor.interface, fund.interface];
  return [
    {
      target: await oracle.getAddress(),
      data: onOracle.encodeFunctionData("setFeed", [number, feedOf(market, source)]),
    },
    {
      target: await governor.getAddress(),
      data: onGovernor.encodeFunctionData("listMarket", [market.risk, market.maxPrice]),
    },
    { target: await fund.getAddress(), data: onFund.encodeFunctionData("setLimit", [number, market.fundLimit]) },
  ];
}

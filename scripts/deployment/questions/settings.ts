/** Whether every number is the parameter file's. */
import { ZeroAddress, type Provider } from "ethers";
import type { MarketParameters, ParameterFile } from "../../../deploy/parameterFile.ts";
import { AggregatorV3Interface__factory, ChainlinkSource__factory } from "../../../typechain/index.js";
import type { History } from "../access.ts";
import { codeText, expectedCode } from "../code.ts";
import type { Client } from "../../../packages/sdk/src/ethers/client.ts";
import type { Deployment } from "../contracts.ts";
import { feedOf } from "../markets.ts";
import type { Question } from "./question.ts";

const MONEY_DECIMALS = 18;

export function moneyQuestions(
  { token, fund }: Client,
  { token: money, fundCooldown, fundWindow }: ParameterFile,
): Question[] {
  return [
    { what: "token: decimals", expected: money.decimals, find: () => token.decimals() },
    ...("address" in money
      ? [{ what: "token", expected: money.address, find: () => token.getAddress() }]
      : [
          { what: "token: name", expected: money.name, find: () => token.name() },
          { what: "token: symbol", expected: money.symbol, find: () => token.symbol() },
        ]),
    { what: "fund: cooldown", expected: fundCooldown, find: () => fund.cooldown() },
    { what: "fund: window", expected: fundWindow, find: () => fund.window() },
  ];
}

export function marketQuestions(
  provider: Provider,
  { oracle, governor, fund }: Client,
  { maxPrices }: History,
  {
    name,
    number,
    market,
    deployment,
  }: { name: string; number: number; market: MarketParameters; deployment: Deployment },
): Question[] {
  const source = deployment.markets.find((one) => one.name === name)?.source ?? ZeroAddress;
  const asked = ChainlinkSource__factory.connect(source, provider);
  const feed = async () =>
    AggregatorV3Interface__factory.connect(
      "address" in market.feed ? market.feed.address : await asked.feed(),
      provider,
    );
  /** One line for each field of what a contract answers. */
  const fields = (
    what: string,
    expected: Record<string, string | bigint | boolean>,
    find: () => Promise<object>,
  ): Question[] =>
    Object.entries(expected).map(([field, value]) => ({
      what: `${name}: ${what}${field}`,
      expected: value,
      find: async () => (await find())[field as never],
    }));
  return [
    {
      what: `${name}: code of its source`,
      expected: async () => {
        const scale = 10n ** BigInt(MONEY_DECIMALS - market.feed.decimals);
        return codeText(await expectedCode("ChainlinkSource", { feed: await (await feed()).getAddress(), scale }));
      },
      find: async () => codeText(await provider.getCode(source)),
    },
    {
      what: `${name}: description of the feed`,
      expected: market.feed.description,
      find: async () => (await feed()).description(),
    },
    {
      what: `${name}: decimals of the feed`,
      expected: market.feed.decimals,
      find: async () => (await feed()).decimals(),
    },
    ...fields("feed.", feedOf(market, source), () => oracle.feedOf(number)),
    {
      what: `${name}: maxPrice`,
      expected: market.maxPrice,
      find: () => Promise.resolve(maxPrices.get(number) ?? "none"),
    },
    ...fields("risk.", market.risk, () => governor.riskParametersOf(number)),
    { what: `${name}: margin that is rising`, expected: 0, find: async () => (await governor.rampOf(number)).target },
    ...fields("fundLimit.", market.fundLimit, () => fund.limitOf(number)),
  ];
}

/**
 * The mathematics of the clearing house in bigints, equal to the contracts to the wei, file for file: read what is stored,
 * open it once (`openMarkets`, `openAccount`), ask anything. Nothing here talks to a chain.
 *
 * Money, sizes and prices have 18 decimals, rates are parts per million, times are unix seconds.
 */

// What is read, and opened.
export { OutOfRange } from "./math/narrow.ts";
export {
  type MarketRecord,
  openAccount,
  type Opened,
  openMarkets,
  type OraclePrice,
  type StoredAccount,
  type StoredHouse,
  type StoredMarket,
} from "./periphery/ledgerPreview.ts";
export { accountId, type AccountId, NO_ACCOUNT, ownerOf, subAccountOf } from "./types/accountId.ts";
export type { Book } from "./types/book.ts";
export { marketsOf, MAX_MARKETS, MAX_MARKETS_PER_ACCOUNT } from "./types/marketSet.ts";
export type { EndedGeneration, HaircutLimit, MarketState } from "./types/marketState.ts";
export type { Holding, Portfolio } from "./types/portfolio.ts";
export type { Position } from "./types/position.ts";
export { MarketStatus, PPM, type RiskParameters } from "./types/riskParameters.ts";
export { ONE } from "./types/price.ts";
export type { Side } from "./types/side.ts";

// What can be asked.
export { exposureAt, type Exposure, type Shock } from "./exposure.ts";
export type { Preview, Refusal, RefusalArguments } from "./interfaces/errors.ts";
export { losersFor } from "./client/claims.ts";
export * from "./logic/health.ts";
export { type Allocation, type DeleveragePreview, previewDeleverage, type Resolved } from "./modules/deleveraging.ts";
export { previewTakeover, type Takeover, type TakeoverPreview } from "./modules/liquidation.ts";
export {
  type Fill,
  type FilledParty,
  type FillPreview,
  MAX_VENUE_FEE,
  maximumSize,
  previewFill,
  type Wish,
} from "./modules/trading.ts";
export {
  accountHealth,
  type AccountHealth,
  bankruptcyPrice,
  initialMarginAfter,
  isCalm,
  liquidationPrice,
  type LiquidationPreview,
  marketSummary,
  type MarketSummary,
  type PositionHealth,
  positionsOf,
  previewLiquidation,
  Standing,
  standing,
} from "./periphery/clearingHouseLens.ts";
export { NEVER } from "./periphery/triggerPrice.ts";

// What it is made of, with the names that the contracts have for it.
export * as FundingRate from "./logic/fundingRate.ts";
export * as InitialMargin from "./logic/initialMargin.ts";
export * as LiquidationTerms from "./logic/liquidationTerms.ts";
export * as LossWaterfall from "./logic/lossWaterfall.ts";
export * as MarkRange from "./logic/markRange.ts";
export * as Rounding from "./math/rounding.ts";
export * as TriggerPrice from "./periphery/triggerPrice.ts";
export * as book from "./types/book.ts";
export * as portfolio from "./types/portfolio.ts";
export * as side from "./types/side.ts";

/**
 * Taking (part of) a position over from an account below its maintenance margin and not below zero
 * (`contracts/modules/Liquidation.sol`).
 */
import { attempt, type Preview, refuse } from "../interfaces/errors.ts";
import { save } from "../ledger/accountLedger.ts";
import { proveMargin, requireMarketRoom, requireNoUnpaidLoss } from "../ledger/ledger.ts";
import { earn, store } from "../ledger/marketLedger.ts";
import { settleAndAgree } from "../logic/liquidationTerms.ts";
import { min } from "../math/integer.ts";
import { at } from "../math/list.ts";
import { toUint } from "../math/narrow.ts";
import { copyOpened, freshIndexOf, type Opened } from "../periphery/ledgerPreview.ts";
import type { Book } from "../types/book.ts";
import {
  copyPortfolio,
  type Holding,
  holdingOf,
  move,
  type Portfolio,
  secured,
  settle,
  settleMarket,
  sizeOfHolding,
} from "../types/portfolio.ts";

/** What somebody would ask for: the arguments of `liquidate`. */
export interface Takeover {
  readonly debtor: Portfolio;
  /** Who takes the position over. */
  readonly taker: Portfolio;
  readonly market: number;
  /** The most to take, above zero. */
  readonly size: bigint;
}

export interface TakeoverPreview {
  /** As they would be stored, in the order of the opened books. */
  readonly debtor: Portfolio;
  readonly taker: Portfolio;
  /** What changes hands, not negative, and what the debtor keeps, signed. */
  readonly size: bigint;
  readonly left: bigint;
  readonly mark: bigint;
  /** What the taker earns, money: in collateral, and of it as a claim on the market's pool. */
  readonly incentive: bigint;
  readonly claim: bigint;
  /** What the insurance fund earns, money. */
  readonly fundFee: bigint;
  /** Markets and fund after it. */
  readonly opened: Opened;
}

/**
 * What `liquidate` would do outside of a batch, called by somebody with the trade right on `taker`: both accounts, markets and
 * fund after it, or the error that it would be refused with. Changes nothing that is passed in.
 * @throws OutOfRange Where a number cannot be an argument of `liquidate`.
 */
export function previewTakeover(opened: Opened, takeover: Takeover): Preview<TakeoverPreview> {
  toUint("size", takeover.size);
  return attempt(() => make(copyOpened(opened), takeover));
}

function make(opened: Opened, { market, size, ...parties }: Takeover): TakeoverPreview {
  if (parties.debtor.id === parties.taker.id) refuse("SameAccount", { account: parties.taker.id });
  if (size === 0n) refuse("AmountIsZero", {});
  const { books, house } = opened;
  const i = freshIndexOf(opened, market);
  const book = at(books, i);
  const [debtor, taker] = [copyPortfolio(parties.debtor), copyPortfolio(parties.taker)];
  const [from, into] = [holdingOf(debtor, i), holdingOf(taker, i)];
  const securedBefore = secured(taker, books);
  const terms = settleAndAgree(debtor, books, i, size);

  const delta = from.isLong ? terms.size : -terms.size;
  move(from, book, -delta);
  move(into, book, delta);
  requireMarketRoom(taker, books, book.id);

  // The fund's account holds no claims on markets: it earns what there is in collateral.
  const fundFee = min(terms.fundFee, debtor.collateral);
  const inCollateral = min(terms.incentive, debtor.collateral - fundFee);
  const claim = terms.incentive - inCollateral;
  debtor.collateral -= fundFee + inCollateral;
  taker.collateral += inCollateral;
  from.owed -= claim;
  into.owed += claim;
  earn(opened, book, fundFee);
  settleTaker(taker, into, opened, book, securedBefore);

  const left = sizeOfHolding(from, book);
  save(debtor, books, house.tokenUnit);
  save(taker, books, house.tokenUnit);
  for (const each of books) store(each);
  const { mark } = book;
  return { debtor, taker, size: terms.size, left, mark, incentive: terms.incentive, claim, fundFee, opened };
}

/** A credit pays unpaid losses first; whoever can pay all of them settles this market alone. */
function settleTaker(taker: Portfolio, into: Holding, opened: Opened, book: Book, securedBefore: bigint): void {
  const { books } = opened;
  if (min(securedBefore, secured(taker, books)) < 0n) settle(taker, books);
  else settleMarket(taker, book, into);
  const now = secured(taker, books);
  requireNoUnpaidLoss(taker.id, now, securedBefore);
  proveMargin(taker, opened, now);
}

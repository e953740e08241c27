/** The previews of calls beside the calls themselves, made on the chain and taken back. */
import { min } from "../../src/math/integer.ts";
import { at } from "../../src/math/list.ts";
import type { LogDescription } from "ethers";
import { accountHealth, isCalm, marketSummary } from "../../src/periphery/clearingHouseLens.ts";
import { openAccount, type Opened } from "../../src/periphery/ledgerPreview.ts";
import { previewDeleverage } from "../../src/modules/deleveraging.ts";
import { previewTakeover } from "../../src/modules/liquidation.ts";
import { type FilledParty, maximumSize, previewFill } from "../../src/modules/trading.ts";
import type { Book } from "../../src/types/book.ts";
import { contains } from "../../src/types/marketSet.ts";
import { type Portfolio, signedShares, sizeOfHolding } from "../../src/types/portfolio.ts";
import { type Chain, NO_ACCOUNT, plain } from "./chain.ts";
import { countUp, Mismatch, same, sameRefusal, type Scene, show, type Tally } from "./compare.ts";
import { type Dice } from "./worlds.ts";

const ONE = 10n ** 18n;
const PPM = 10n ** 6n;
/** Who earns venues' fees: it is in no market, so that nothing but its collateral changes. */
export const VENUE = `0x${(7n << 200n).toString(16).padStart(64, "0")}`;

/** Somebody's wish to trade. */
export interface Trade {
  readonly buyer: Portfolio;
  readonly seller: Portfolio;
  readonly market: number;
  readonly size: bigint;
  readonly price: bigint;
  readonly buyerFee: bigint;
  readonly sellerFee: bigint;
}

/** Makes a call at the moment of the scene, lets `look` see what it has done, and takes it back. */
export async function tried<T>(
  chain: Chain,
  { house }: Scene,
  method: "fill" | "deleverage" | "liquidate",
  args: readonly unknown[],
  look: (sent: Awaited<ReturnType<Chain["send"]>>) => Promise<T>,
): Promise<T> {
  const snapshot = await chain.snapshot();
  const found = await look(await chain.send(house.time, method, args));
  await chain.revert(snapshot);
  return found;
}

// ---------------------------------------------------------------------- fills

export async function compareFill(tally: Tally, chain: Chain, scene: Scene, dice: Dice): Promise<void> {
  await compareTrade(tally, chain, scene, drawTrade(dice, scene));
}

/** Mostly between people who may trade, where trading is possible, of a size that they can bear. */
export function drawTrade(dice: Dice, { opened, portfolios }: Scene): Trade {
  const able = portfolios.filter((account) => accountHealth(opened, account).secured > 0n || dice.chance(8n));
  const [one, two] = dice.shuffle(able.slice(0, -1));
  if (one === undefined || two === undefined) throw new Error("nobody is able to trade");
  const usual = opened.books.filter((book) => (book.fresh && isCalm(book, opened.house.time)) || dice.chance(5n));
  const tradable = usual.length === 0 ? opened.books : usual;
  const mine = tradable.filter(({ id }) => contains(one.markets, id));
  const book = at(dice.shuffle(mine.length !== 0 && dice.chance(70n) ? mine : tradable), 0);
  const i = opened.books.indexOf(book);
  const whale = at(portfolios, portfolios.length - 1);
  const other = dice.chance(50n) || one === whale ? two : whale;
  const had = sizeOfHolding(one.holdings[i] ?? ([] as never), book);
  const magnitude = had < 0n ? -had : had;
  const affordable = (accountHealth(opened, one).secured * dice.between(0n, 20n) * ONE) / book.mark;
  const reduces = had !== 0n && dice.chance(50n);
  const size = reduces
    ? dice.chance(30n)
      ? magnitude
      : (magnitude * dice.between(1n, 1_300_000n)) / PPM
    : affordable <= 0n && !dice.chance(10n)
      ? (dice.scaled(ONE, 1_000n * ONE) * ONE) / book.mark
      : affordable / 5n + dice.between(0n, 2n);
  const buys = reduces ? had < 0n : dice.chance(50n);
  // What leaves room on a side, most of the time.
  const most = dice.chance(95n) ? (ONE << (7n + book.scale)) / 4n : 10n ** 30n;
  const band = (book.mark * book.risk.priceBand) / PPM;
  const price = dice.chance(40n) ? book.mark : book.mark + (band * dice.between(-1_010_000n, 1_010_000n)) / PPM;
  const fee = () => (dice.chance(50n) ? 0n : dice.between(0n, dice.chance(90n) ? 1_000n : 10_001n));
  const [buyer, seller] = buys ? [one, other] : [other, one];
  return {
    buyer: dice.chance(1n) ? seller : buyer,
    seller,
    market: book.id,
    size: size < 0n ? 0n : dice.chance(1n) ? 10n ** 30n + 1n : min(size, most),
    price: price < 0n ? 0n : price,
    buyerFee: fee(),
    sellerFee: fee(),
  };
}

async function compareTrade(tally: Tally, chain: Chain, scene: Scene, trade: Trade): Promise<void> {
  const { buyer, seller, market, size, price, buyerFee, sellerFee } = trade;
  const before = [buyer, seller].map((account) => JSON.stringify(account, (_, v: unknown) => String(v)));
  const preview = previewFill(scene.opened, trade);
  const after = [buyer, seller].map((account) => JSON.stringify(account, (_, v: unknown) => String(v)));
  if (before.join() !== after.join()) throw new Mismatch("a preview has changed what it was given");
  const feeTo = buyerFee + sellerFee === 0n ? NO_ACCOUNT : VENUE;
  const call = [{ ...trade, buyer: buyer.id, seller: seller.id, feeTo }];
  const where = `fill of ${size} at ${price} in market ${market} between ${buyer.id} and ${seller.id}`;
  countUp(tally, "fills");
  await tried(chain, scene, "fill", call, async (sent) => {
    if (preview.accepted === "refusal" in sent)
      throw new Mismatch(`${where}: ${preview.accepted ? "accepted" : show(preview.refusal)}, not ${said(sent)}`);
    if (!preview.accepted && sent.refusal !== undefined) {
      sameRefusal(tally, where, preview.refusal, sent.refusal);
    }
    if (!preview.accepted || sent.events === undefined) return;
    countUp(tally, "fills accepted");
    const event = eventsOf(sent.events, "Filled")[0] ?? {};
    const fees = [preview.buyer, preview.seller].reduce((all, party) => all + party.protocolFee + party.venueFee, 0n);
    same(
      tally,
      where,
      {
        market,
        buyer: buyer.id,
        seller: seller.id,
        size,
        price,
        mark: preview.opened.books.find(({ id }) => id === market)?.mark,
        buyerSize: preview.buyer.size,
        sellerSize: preview.seller.size,
        buyerCollateral: preview.buyer.account.collateral,
        sellerCollateral: preview.seller.account.collateral,
        fees,
      },
      event,
    );
    for (const party of [preview.buyer, preview.seller]) await compareParty(tally, chain, where, preview.opened, party);
    await compareAfter(tally, chain, where, preview.opened, [market]);
  });
}

async function compareParty(
  tally: Tally,
  chain: Chain,
  where: string,
  opened: Opened,
  { account, health, initialMargin, increases }: FilledParty,
): Promise<void> {
  await compareStored(tally, chain, where, opened.books, account);
  const seen = plain(await chain.lens.accountHealth(account.id));
  same(tally, `${where}: health of ${account.id}`, accountHealth(opened, account), seen);
  const { equity, secured, maintenanceMargin, initialMargin: required } = accountHealth(opened, account);
  same(
    tally,
    `${where}: health`,
    { ...health, initialMargin },
    { equity, secured, maintenanceMargin, initialMargin: required },
  );
  countUp(tally, increases ? "fills that increase" : "fills that reduce");
}

/** The most that somebody can open passes, and a size-wei more does not. */
export async function compareMaximum(tally: Tally, chain: Chain, scene: Scene, dice: Dice): Promise<void> {
  const { opened, portfolios } = scene;
  const able = portfolios.slice(0, -1).filter((each) => accountHealth(opened, each).secured > 0n || dice.chance(10n));
  const account = dice.shuffle(able)[0];
  if (account === undefined) return;
  const whale = at(portfolios, portfolios.length - 1);
  const tradable = opened.books.filter((each) => (each.fresh && isCalm(each, opened.house.time)) || dice.chance(5n));
  const book = at(dice.shuffle(tradable.length === 0 ? opened.books : tradable), 0);
  const isBuy = dice.chance(50n);
  const price = book.mark + ((book.mark * book.risk.priceBand) / PPM / 1_000n) * dice.between(-1_000n, 1_000n);
  const venueFee = dice.chance(50n) ? 0n : dice.between(0n, 2_000n);
  const most = maximumSize(opened, { account, market: book.id, isBuy, price, venueFee });
  const [buyer, seller] = isBuy ? [account, whale] : [whale, account];
  const attempt = async (size: bigint): Promise<boolean> => {
    const fees = { buyerFee: isBuy ? venueFee : 0n, sellerFee: isBuy ? 0n : venueFee };
    const feeTo = venueFee === 0n ? NO_ACCOUNT : VENUE;
    const call = { buyer: buyer.id, seller: seller.id, market: book.id, size, price, ...fees, feeTo };
    return tried(chain, scene, "fill", [call], (sent) => Promise.resolve(sent.refusal === undefined));
  };
  const where = `${isBuy ? "buying" : "selling"} at ${price} in market ${book.id} by ${account.id}`;
  countUp(tally, most === 0n ? "maximum sizes of zero" : "maximum sizes above zero");
  if (most !== 0n && !(await attempt(most))) throw new Mismatch(`${where}: ${most} is refused`);
  if (await attempt(most + 1n)) throw new Mismatch(`${where}: ${most + 1n} passes as well`);
  countUp(tally, "figures");
}

// ---------------------------------------------------------------------- liquidations

export async function compareTakeover(tally: Tally, chain: Chain, scene: Scene, dice: Dice): Promise<void> {
  const { opened, portfolios } = scene;
  const near = portfolios.filter((each) => ["1", "2"].includes(String(accountHealth(opened, each).standing)));
  const [debtor] = dice.shuffle(near.length === 0 || dice.chance(10n) ? portfolios : near);
  const whale = at(portfolios, portfolios.length - 1);
  const able = portfolios.filter((account) => accountHealth(opened, account).secured > 0n || dice.chance(8n));
  const taker = dice.chance(50n) ? whale : dice.shuffle(able)[0];
  if (debtor === undefined || taker === undefined) return;
  const mine = opened.books.filter(({ id }) => contains(debtor.markets, id) || dice.chance(2n));
  const [book] = dice.shuffle(mine);
  if (book === undefined) return;
  const had = sizeOfHolding(debtor.holdings[opened.books.indexOf(book)] ?? ([] as never), book);
  const whole = had < 0n ? -had : had;
  const size = dice.chance(50n) ? whole + 1n : (whole * dice.between(0n, 1_100_000n)) / PPM;
  const preview = previewTakeover(opened, { debtor, taker, market: book.id, size });
  const where = `liquidation of ${size} of ${debtor.id} in market ${book.id} by ${taker.id}`;
  countUp(tally, "liquidations");
  await tried(chain, scene, "liquidate", [debtor.id, book.id, size, taker.id], async (sent) => {
    if (preview.accepted === "refusal" in sent)
      throw new Mismatch(`${where}: ${preview.accepted ? "accepted" : show(preview.refusal)}, not ${said(sent)}`);
    if (!preview.accepted && sent.refusal !== undefined) sameRefusal(tally, where, preview.refusal, sent.refusal);
    if (!preview.accepted || sent.events === undefined) return;
    countUp(tally, "liquidations accepted");
    const { mark, incentive, fundFee, left } = preview;
    same(
      tally,
      where,
      {
        ...{ account: debtor.id, market: book.id, to: taker.id, size: preview.size, mark, incentive, fundFee },
        ...{ sizeLeft: left, collateral: preview.debtor.collateral },
      },
      eventsOf(sent.events, "Liquidated")[0] ?? {},
    );
    for (const party of [preview.debtor, preview.taker]) {
      await compareStored(tally, chain, where, preview.opened.books, party);
      const seen = plain(await chain.lens.accountHealth(party.id));
      same(tally, `${where}: health of ${party.id}`, accountHealth(preview.opened, party), seen);
    }
    await compareAfter(tally, chain, where, preview.opened, [book.id]);
  });
}

// ---------------------------------------------------------------------- the waterfall

export async function compareWaterfall(tally: Tally, chain: Chain, scene: Scene, dice: Dice): Promise<void> {
  const { opened, portfolios, world } = scene;
  const defaulters = portfolios.filter((account) => accountHealth(opened, account).equity < 0n);
  const others = dice.shuffle(portfolios).slice(0, Number(dice.between(0n, 2n)));
  const several = Number(dice.chance(60n) ? 1n : dice.between(2n, 12n));
  const listed = dice.shuffle([...dice.shuffle(defaulters).slice(0, several), ...(dice.chance(30n) ? others : [])]);
  if (dice.chance(5n)) listed.push(...listed.slice(0, 1));
  const preview = previewDeleverage(opened, listed);
  const where = `deleveraging ${listed.map(({ id }) => id).join()}`;
  countUp(tally, "deleveragings");
  await tried(chain, scene, "deleverage", [listed.map(({ id }) => id), NO_ACCOUNT], async (sent) => {
    const { events } = sent;
    if (events === undefined) throw new Mismatch(`${where}: ${said(sent)}`);
    const resolved = eventsOf(events, "Deleveraged");
    same(tally, where, [preview.resolved.length], [resolved.length]);
    for (const [n, { account, deficit, covered }] of preview.resolved.entries()) {
      same(tally, where, { account: account.id, deficit, resolved: covered }, resolved[n] ?? {});
      await compareStored(tally, chain, where, preview.opened.books, account);
      countUp(tally, "accounts resolved");
    }
    for (const { market, longClosed, shortClosed, ...parts } of preview.allocations) {
      const total = (name: string, field: string, isLong?: boolean) =>
        eventsOf(events, name)
          .filter((event) => event["market"] === BigInt(market) && (isLong === undefined || event["isLong"] === isLong))
          .reduce((all, event) => all + (event[field] as bigint), 0n);
      same(
        tally,
        `${where}: market ${market}`,
        [longClosed, shortClosed],
        [total("SideScaled", "closed", true), total("SideScaled", "closed", false)],
      );
      same(tally, `${where}: market ${market}`, parts, {
        deficit: total("DeficitAllocated", "deficit"),
        bounty: total("DeficitAllocated", "bounty"),
        insured: total("DeficitAllocated", "insured"),
        byLongs: total("DeficitAllocated", "longHaircut"),
        byShorts: total("DeficitAllocated", "shortHaircut"),
        shortfall: total("DeficitAllocated", "shortfall"),
      });
      for (const part of ["insured", "byLongs", "byShorts", "shortfall", "bounty"] as const)
        if (parts[part] !== 0n) countUp(tally, `with ${part}`);
    }
    const bounties = eventsOf(events, "BountyPaid").map((event) => event["amount"] as bigint);
    same(tally, where, [preview.bounty], [bounties[0] ?? 0n]);
    const markets = opened.books.map(({ id }) => id).filter((id) => listed.some((each) => contains(each.markets, id)));
    await compareAfter(tally, chain, where, preview.opened, markets);
    countUp(tally, "generations ended by deleveraging", eventsOf(events, "GenerationEnded").length);
    // What it has done to whoever was not listed.
    for (const account of dice.shuffle(world.accounts).slice(0, 4)) {
      if (listed.some(({ id }) => id === account.id)) continue;
      const mine = accountHealth(preview.opened, openAccount(preview.opened, account));
      same(tally, `${where}: bystander ${account.id}`, mine, plain(await chain.lens.accountHealth(account.id)));
    }
  });
}

// ---------------------------------------------------------------------- what is left

/** Markets and fund as the lens sees them, and as they are written. */
async function compareAfter(
  tally: Tally,
  chain: Chain,
  where: string,
  opened: Opened,
  markets: number[],
): Promise<void> {
  for (const market of markets) {
    const i = opened.books.findIndex(({ id }) => id === market);
    const [book, record] = [at(opened.books, i), opened.records[i]];
    const summary = plain(await chain.lens.marketSummary(market));
    same(tally, `${where}: market ${market}`, marketSummary(opened, market), summary);
    const s = await chain.lens.marketOf(market);
    const { long, short } = book;
    same(
      tally,
      `${where}: market ${market} as written`,
      [long.shares, long.base, long.cash, short.shares, short.base, short.cash, book.accruedAt, book.payout],
      [s.longShares, s.longBase, s.longCash, s.shortShares, s.shortBase, s.shortCash, s.accruedAt, s.payout],
    );
    same(
      tally,
      `${where}: extremes`,
      { ...record?.extremes },
      { high: s.high, previousHigh: s.previousHigh, low: s.low },
    );
    same(tally, `${where}: limit`, { ...record?.haircutLimit }, plain(await chain.lens.haircutLimitOf(market)));
    same(tally, `${where}: fund`, [record?.fundAvailable], [await chain.fund.available(market)]);
  }
  const { collateral } = await chain.house.accountOf(chain.fundAccount);
  same(tally, `${where}: fund`, [opened.fundAssets], [collateral]);
}

/** An account as it is written. */
async function compareStored(
  tally: Tally,
  chain: Chain,
  where: string,
  books: readonly Book[],
  { id, collateral, markets, holdings }: Portfolio,
): Promise<void> {
  const stored = await chain.readAccount(id);
  same(tally, `${where}: ${id}`, [collateral, markets], [stored.collateral, stored.markets]);
  for (const [i, book] of books.entries()) {
    const [held, position] = [holdings[i], stored.positions.get(book.id)];
    if (held === undefined || position === undefined) continue;
    const owed = position.hasOwed ? position.owed : 0n;
    same(tally, `${where}: ${id} in market ${book.id}`, [signedShares(held), held.owed], [position.shares, owed]);
    if (held.shares === 0n) continue;
    const { paidValue, generation } = position;
    same(tally, `${where}: ${id} in market ${book.id}`, [held.paidValue, book.generation], [paidValue, generation]);
  }
}

export function eventsOf(events: readonly LogDescription[], name: string): Record<string, unknown>[] {
  return events.filter((event) => event.name === name).map(({ args }) => args.toObject());
}

function said(sent: Awaited<ReturnType<Chain["send"]>>): string {
  return sent.refusal === undefined ? "accepted" : `${sent.refusal.name} ${show(sent.refusal.args)}`;
}

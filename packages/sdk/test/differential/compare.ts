/** The SDK beside the contracts: the same questions of the same state, and every figure equal to the wei. */
import { exposureAt } from "../../src/exposure.ts";
import type { Refusal } from "../../src/interfaces/errors.ts";
import { type Health, healthOf } from "../../src/logic/health.ts";
import { initialMarginRates } from "../../src/logic/initialMargin.ts";
import { at } from "../../src/math/list.ts";
import {
  accountHealth,
  initialMarginAfter,
  marketSummary,
  positionsOf,
  previewLiquidation,
  standing,
} from "../../src/periphery/clearingHouseLens.ts";
import {
  openAccount,
  type Opened,
  openMarkets,
  type StoredAccount,
  type StoredHouse,
} from "../../src/periphery/ledgerPreview.ts";
import type { Portfolio } from "../../src/types/portfolio.ts";
import { type Chain, type NamedError, plain } from "./chain.ts";
import { type Dice, drawWorld, type World, writeWorld } from "./worlds.ts";

/** How often what was compared, for the page at the end. */
export type Tally = Map<string, number>;

export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

export function countUp(tally: Tally, what: string, by = 1): void {
  tally.set(what, (tally.get(what) ?? 0) + by);
}

/** Whether two answers are the same, field for field; numbers of markets are numbers here and bigints there. */
export function same(tally: Tally, where: string, ours: object, theirs: object): void {
  const [left, right] = [Object.entries(ours), theirs as Record<string, unknown>];
  for (const [field, value] of left) {
    if (whole(value) !== whole(right[field]))
      throw new Mismatch(`${where}: ${field} is ${String(value)}, not ${String(right[field])}`);
  }
  if (left.length !== Object.keys(right).length)
    throw new Mismatch(`${where}: ${Object.keys(ours).join()} and not ${Object.keys(right).join()}`);
  countUp(tally, "figures", left.length);
}

function whole(value: unknown): unknown {
  return typeof value === "number" ? BigInt(value) : value;
}

export function sameRefusal(tally: Tally, where: string, ours: Refusal, theirs: NamedError): void {
  // The oracle's own reason is not foreseen.
  if (ours.name === "OracleRefused") {
    if (!theirs.name.startsWith("Price") && theirs.name !== "SourceRefuses")
      throw new Mismatch(`${where}: the oracle refuses, and not ${theirs.name}`);
  } else {
    if (ours.name !== theirs.name)
      throw new Mismatch(`${where}: ${ours.name} ${show(ours.args)}, not ${theirs.name} ${show(theirs.args)}`);
    same(tally, `${where}: ${ours.name}`, ours.args, theirs.args);
  }
  countUp(tally, `refused: ${ours.name}`);
}

export function show(args: object): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ");
}

/** One random state, and everything that the lens says of it. */
export interface Scene {
  readonly world: World;
  readonly house: StoredHouse;
  readonly opened: Opened;
  readonly portfolios: readonly Portfolio[];
}

export async function openScene(chain: Chain, seed: bigint, time: bigint, markets: number): Promise<Scene> {
  const world = drawWorld(seed, time, markets, chain.ids, chain.tokenUnit);
  const house = await writeWorld(chain, world);
  const opened = openMarkets(house);
  return { world, house, opened, portfolios: world.accounts.map((account) => openAccount(opened, account)) };
}

export async function compareLens(tally: Tally, chain: Chain, { world, opened, portfolios }: Scene): Promise<void> {
  const { lens, ids } = chain;
  await compareMarkets(tally, chain, opened);
  await compareGetters(tally, chain, world.accounts);
  const rates = initialMarginRates(opened.books);
  const [healths, standings] = [await chain.viewAll("healths"), await chain.viewAll("standings")];
  const single = plain(await lens.accountHealth(ids[0] ?? ""));
  same(tally, "accountHealth", accountHealth(opened, at(portfolios, 0)), single);
  for (const [n, account] of portfolios.entries()) {
    const { id } = account;
    const mine = accountHealth(opened, account, rates);
    same(tally, `health of ${id}`, mine, plain(healths[n] as object));
    same(
      tally,
      `standing of ${id}`,
      [standing(account, opened.books, healthOf(account, opened.books))],
      [standings[n]],
    );
    countUp(tally, `standing ${mine.standing}`);
    await comparePositions(tally, chain, opened, account);
    countUp(tally, "accounts");
  }
}

async function compareMarkets(tally: Tally, { lens }: Chain, opened: Opened): Promise<void> {
  const summaries = await lens.marketSummaries();
  for (const [i, { id, generation, payout }] of opened.books.entries()) {
    same(tally, `market ${id}`, marketSummary(opened, id), plain(summaries[i] as object));
    for (const size of [0n, 1n, 10n ** 18n, 123_456_789n * 10n ** 20n])
      same(
        tally,
        `margin after ${size}`,
        [initialMarginAfter(opened, id, size)],
        [await lens.initialMarginAfter(id, size)],
      );
    if (generation !== opened.house.markets[i]?.state.generation) countUp(tally, "generations ended by opening");
    if (payout !== 0n) countUp(tally, "markets wound up");
    countUp(tally, "markets");
  }
}

/** What is drawn is what the getters answer, for the first accounts of each state. */
async function compareGetters(tally: Tally, chain: Chain, accounts: readonly StoredAccount[]): Promise<void> {
  for (const account of accounts.slice(0, 3)) {
    const { id, collateral, markets, positions } = await chain.readAccount(account.id);
    same(tally, `accountOf ${id}`, [collateral, markets], [account.collateral, account.markets]);
    for (const [market, position] of positions)
      same(tally, `positionOf ${id}`, position, account.positions.get(market) ?? {});
  }
}

async function comparePositions(tally: Tally, chain: Chain, opened: Opened, account: Portfolio): Promise<void> {
  const mine = positionsOf(opened, account);
  if (mine.length === 0) return;
  const answered = await chain.view("positionsOf", [account.id]);
  const theirs = "answer" in answered ? (answered.answer as object[]) : [];
  same(tally, `markets of ${account.id}`, [mine.length], [theirs.length]);
  for (const [n, position] of mine.entries()) {
    const where = `position of ${account.id} in market ${position.market}`;
    same(tally, where, position, plain(theirs[n] ?? {}));
    countUp(tally, "positions");
    // Everybody who can be liquidated, and some of the others.
    const { standing: now } = accountHealth(opened, account);
    if (now !== 1n && BigInt(account.id) >> 96n > 8n) continue;
    const most = position.size < 0n ? -position.size : position.size;
    for (const size of now === 1n ? [most + 1n, most / 3n] : [1n]) {
      const preview = previewLiquidation(opened, account, position.market, size);
      const said = await chain.view("previewLiquidation", [account.id, position.market, size]);
      const what = `${where}, liquidation of ${size}`;
      if (preview.accepted !== "answer" in said)
        throw new Mismatch(`${what}: ${show(preview)}, not ${JSON.stringify(said, (_, v: unknown) => String(v))}`);
      if (!preview.accepted && "refusal" in said) sameRefusal(tally, what, preview.refusal, said.refusal);
      if (!preview.accepted || !("answer" in said)) continue;
      const terms = Object.fromEntries(Object.entries(preview).filter(([field]) => field !== "accepted"));
      same(tally, what, terms, plain(said.answer as object));
      countUp(tally, "liquidations previewed");
    }
  }
}

/** Exposure, against the healths at prices that have really jumped. */
export async function compareExposure(tally: Tally, chain: Chain, scene: Scene, dice: Dice): Promise<void> {
  const { world, opened } = scene;
  const shock = new Map<number, bigint>();
  for (const [i, { id, mark, fresh }] of opened.books.entries()) {
    const factor = dice.scaled(10n ** 16n, 4n * 10n ** 18n);
    const { price, state } = opened.house.markets[i] ?? {};
    // Only where another price would have been accepted just the same.
    if (!fresh || price === undefined || mark === state?.mark || mark !== price.price) continue;
    const jumped = (mark * factor) / 10n ** 18n;
    if (jumped < 1n || jumped >= (1n << 104n) >> (state?.scale ?? 0n)) continue;
    await chain.writePrice(id, { ...price, price: jumped });
    shock.set(id, factor);
  }
  const healths = (await chain.viewAll("healths")) as Pick<Health, "equity" | "maintenanceMargin">[];
  const [exposure, defaults, liquidatable] = [
    healths.reduce((all, { equity }) => (equity < 0n ? all - equity : all), 0n),
    healths.filter(({ equity }) => equity < 0n).length,
    healths.filter(({ equity, maintenanceMargin }) => equity >= 0n && equity < maintenanceMargin).length,
  ];
  const theirs = { exposure, defaults: BigInt(defaults), liquidatable: BigInt(liquidatable) };
  same(tally, "exposure", exposureAt(opened, scene.portfolios, shock), theirs);
  for (const { market, price } of world.house.markets) await chain.writePrice(market, price);
  countUp(tally, "exposures");
}

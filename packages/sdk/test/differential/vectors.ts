/** States, and what the contracts answer about them and do in them, as a file: for whoever has no chain to ask. */
import { accountHealth } from "../../src/periphery/clearingHouseLens.ts";
import { drawTrade, eventsOf, tried, VENUE } from "./calls.ts";
import { type Chain, type NamedError, NO_ACCOUNT, plain, startChain } from "./chain.ts";
import { openScene, type Scene } from "./compare.ts";
import { Dice } from "./worlds.ts";

const MARKETS = 3;
const PEOPLE = 8;
const STATES = 8n;
const SEED = 2_026n << 32n;
const START = 1_700_100_000n;
const FILLS = 10;

export type Answer = Record<string, unknown>;

/** What a call was refused with, or what it answered. */
export type Outcome = { readonly refusal: NamedError } | { readonly answer: Answer };

export interface Vector {
  /** As the getters answer it. Maps are lists of pairs. */
  readonly house: unknown;
  readonly accounts: readonly unknown[];
  readonly healths: readonly Answer[];
  /** Of each account. */
  readonly positions: readonly (readonly Answer[])[];
  readonly liquidations: readonly { account: string; market: number; size: bigint; outcome: Outcome }[];
  readonly markets: readonly Answer[];
  readonly margins: readonly { market: number; size: bigint; rate: bigint }[];
  readonly fills: readonly { trade: Answer; outcome: Outcome }[];
  /** Of one account each: the events, by name. */
  readonly deleveragings: readonly { account: string; events: Record<string, Answer[]> }[];
}

/** Asks the contracts. */
export async function makeVectors(): Promise<Vector[]> {
  const chain = await startChain(MARKETS, PEOPLE, 6);
  try {
    const vectors: Vector[] = [];
    for (let state = 0n; state < STATES; ++state) {
      const snapshot = await chain.snapshot();
      vectors.push(
        await makeVector(chain, await openScene(chain, SEED + state, START + state * 10_007n, MARKETS), state),
      );
      await chain.revert(snapshot);
    }
    return vectors;
  } finally {
    await chain.close();
  }
}

async function makeVector(chain: Chain, scene: Scene, state: bigint): Promise<Vector> {
  const { lens, ids } = chain;
  const dice = new Dice(state);
  const healths = (await chain.viewAll("healths")).map((health) => plain(health as object) as Answer);
  const positions: Answer[][] = [];
  const liquidations: Vector["liquidations"][number][] = [];
  for (const account of ids) {
    const found = (await lens.positionsOf(account)).map((position) => plain(position) as Answer);
    positions.push(found);
    for (const { market, size } of found as { market: bigint; size: bigint }[]) {
      for (const asked of [(size < 0n ? -size : size) / 2n + 1n, 10n ** 30n]) {
        const said = await chain.view("previewLiquidation", [account, market, asked]);
        const outcome = "answer" in said ? { answer: plain(said.answer as object) as Answer } : said;
        liquidations.push({ account, market: Number(market), size: asked, outcome });
      }
    }
  }
  const margins: Vector["margins"][number][] = [];
  for (let market = 0; market < MARKETS; ++market)
    for (const size of [0n, 10n ** 18n, 10n ** 24n])
      margins.push({ market, size, rate: await lens.initialMarginAfter(market, size) });
  const fills: Vector["fills"][number][] = [];
  for (let n = 0; n < FILLS; ++n) {
    const { buyer, seller, ...rest } = drawTrade(dice, scene);
    const trade = { ...rest, buyer: buyer.id, seller: seller.id };
    const feeTo = rest.buyerFee + rest.sellerFee === 0n ? NO_ACCOUNT : VENUE;
    const outcome = await tried(chain, scene, "fill", [{ ...trade, feeTo }], ({ events, refusal }) =>
      Promise.resolve(refusal === undefined ? { answer: eventsOf(events, "Filled")[0] ?? {} } : { refusal }),
    );
    fills.push({ trade, outcome });
  }
  const deleveragings: Vector["deleveragings"][number][] = [];
  for (const account of scene.portfolios) {
    if (accountHealth(scene.opened, account).equity >= 0n) continue;
    const events = await tried(chain, scene, "deleverage", [[account.id], NO_ACCOUNT], (sent) => {
      const names = ["Deleveraged", "DeficitAllocated", "SideScaled", "GenerationEnded", "BountyPaid"];
      return Promise.resolve(Object.fromEntries(names.map((name) => [name, eventsOf(sent.events ?? [], name)])));
    });
    deleveragings.push({ account: account.id, events });
  }
  return {
    house: scene.house,
    accounts: await Promise.all(ids.map((id) => chain.readAccount(id))),
    healths,
    positions,
    liquidations,
    markets: (await lens.marketSummaries()).map((summary) => plain(summary) as Answer),
    margins,
    fills,
    deleveragings,
  };
}

/** As text: whole numbers end with n, maps are lists of pairs. */
export function write(vectors: unknown): string {
  return JSON.stringify(vectors, (_, value: unknown) =>
    typeof value === "bigint"
      ? `${value}n`
      : value instanceof Map
        ? { map: [...(value as Map<unknown, unknown>)] }
        : value,
  );
}

export function read(text: string): Vector[] {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value === "string" && /^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1));
    if (typeof value === "object" && value !== null && Object.hasOwn(value, "map"))
      return new Map((value as { map: unknown }).map as [unknown, unknown][]);
    return value;
  }) as Vector[];
}

/**
 * Which accounts there are, and which of them something has happened to: out of the events of the clearing house, from a
 * checkpoint on. Knows neither prices nor positions.
 */
import type { AdaptiveRange } from "./adaptiveRange.ts";
import { reasonOf } from "./setupError.ts";
import type { BlockRef, Store } from "./store.ts";

export interface Block extends BlockRef {
  /** Unix seconds. */
  readonly timestamp: number;
  /** Wei. */
  readonly baseFee: bigint;
}

/** An event of the clearing house, as far as it says who is concerned. */
export interface Touch {
  readonly block: BlockRef;
  readonly accounts: readonly string[];
  /** Where a generation of a market has ended: everybody in it is concerned. */
  readonly endedIn?: number;
}

/** What discovery asks of a chain. */
export interface EventSource {
  block(number: number | "latest"): Promise<Block | undefined>;
  /** From `first` to `last`, both included. */
  touches(first: number, last: number): Promise<readonly Touch[]>;
}

/** What has been learnt on the way. */
export interface Found {
  /** Accounts to be read again. */
  readonly touched: ReadonlySet<string>;
  readonly endedIn: ReadonlySet<number>;
  /** How many blocks were taken back. */
  readonly reorganised: number;
}

export interface Discovered extends Found {
  /** Up to where everything has been read now. */
  readonly head: Block;
}

/** Failures one after the other, after which the next pass tries again. */
const MOST_FAILURES = 4;

/**
 * Brings the store up to the newest block.
 * @param startBlock Nothing of interest happened before it.
 * @returns Undefined where the node is behind what has been read before.
 */
export async function discover(
  source: EventSource,
  store: Store,
  range: AdaptiveRange,
  startBlock: number,
): Promise<Discovered | undefined> {
  const head = await required(source, "latest");
  const touched = new Set<string>();
  const endedIn = new Set<number>();
  const before = store.checkpoint();
  const from = await commonAncestor(source, store, head);
  if (from === "behind") return undefined;
  const reorganised = before !== undefined && (from?.number ?? -1) < before.number;
  if (reorganised) for (const id of store.stepBack(from?.number ?? -1)) touched.add(id);
  const learnt: Found = { touched, endedIn, reorganised: reorganised ? before.number - (from?.number ?? -1) : 0 };

  let failures = 0;
  for (let next = (from?.number ?? startBlock - 1) + 1; next <= head.number;) {
    const last = Math.min(head.number, next + range.size - 1);
    try {
      const block = last === head.number ? head : await required(source, last);
      const found = await source.touches(next, last);
      await requireStill(source, block, found);
      store.advance(block, latest(found));
      for (const { accounts, endedIn: market } of found) {
        for (const id of accounts) touched.add(id);
        if (market !== undefined) endedIn.add(market);
      }
      next = last + 1;
      failures = 0;
      range.grow();
    } catch (error) {
      // Too wide for the node, or a node in trouble: it is asked for less, and not for ever.
      if (!range.halve() || ++failures === MOST_FAILURES) throw new Lost(error, learnt);
    }
  }
  return { head, ...learnt };
}

/** The reading has stopped on the way. What was read before is in the store, and must not be forgotten elsewhere. */
export class Lost extends Error {
  override readonly name = "Lost";

  constructor(
    cause: unknown,
    readonly found: Found,
  ) {
    super(`events cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** The last block that was read and still belongs to the chain; undefined where there is none. */
async function commonAncestor(
  source: EventSource,
  store: Store,
  head: Block,
): Promise<BlockRef | undefined | "behind"> {
  let known = store.checkpoint();
  if (known !== undefined && known.number > head.number) {
    // Either the node is behind another one that was asked before, or the chain has become shorter for a moment.
    const hash = store.hashOf(head.number);
    if (hash === undefined || hash === head.hash) return "behind";
  }
  while (known !== undefined) {
    if (known.number <= head.number) {
      const now = known.number === head.number ? head : await required(source, known.number);
      if (now.hash === known.hash) return known;
    }
    known = store.before(known.number);
  }
  return undefined;
}

async function required(source: EventSource, number: number | "latest"): Promise<Block> {
  const block = await source.block(number);
  if (block === undefined) throw new Error(`the node does not know block ${number}`);
  return block;
}

/** Events that are not of this chain would be kept for ever under the name of a block that is. */
async function requireStill(source: EventSource, block: BlockRef, found: readonly Touch[]): Promise<void> {
  const other = found.some((touch) => touch.block.number === block.number && touch.block.hash !== block.hash);
  if (other || (await required(source, block.number)).hash !== block.hash)
    throw new Error(`block ${block.number} was replaced while its events were read`);
}

function latest(found: readonly Touch[]): Map<string, number> {
  const seen = new Map<string, number>();
  for (const { accounts, block } of found)
    for (const id of accounts) seen.set(id, Math.max(block.number, seen.get(id) ?? 0));
  return seen;
}

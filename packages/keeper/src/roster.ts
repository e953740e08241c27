/**
 * The accounts with a position, as the chain has stored them, and how far each is from where it must be looked at again.
 * Knows how to measure; decides nothing.
 *
 * Why not everybody is measured at every price: let k be the level, and an account have `slack` = equity − k · MM above
 * zero. A share of a market moves its holder's equity by at most what V moves, and MM moves with the mark. So with
 * `moved` = Σ ln(1 + r), r the largest move of any V or mark from one look to the next, relative to the mark, the slack
 * cannot be gone before `moved` has grown by ln(1 + slack / (exposure + k · MM)), where `exposure` is shares · mark.
 */
import {
  type Health,
  measure,
  openAccount,
  type Opened,
  type Portfolio,
  PPM,
  type Standing,
  standing,
  type StoredAccount,
  type Holding,
} from "zerofloor";

/** An account below the level. Money. */
export interface Seen extends Readonly<Health> {
  readonly account: Portfolio;
  readonly standing: Standing;
}

interface Watched {
  readonly portfolio: Portfolio;
  /** What `moved` has to pass before it is measured again. */
  dueAt: number;
}

/** What is relative is counted in these parts, and only that leaves bigints. */
const PARTS = 1n << 40n;
/** Against what floating point loses. */
const ROUNDING = 1e-9;

export class Roster {
  readonly #watched = new Map<string, Watched>();
  readonly #level: bigint;
  /** Σ ln(1 + r) */
  #moved = 0;
  #before: Opened | undefined;
  /** Money at risk for each part of maintenance margin, at most. */
  #exposure = 0n;

  /** @param level A multiple of MM, ppm: accounts above it are of no interest. */
  constructor(level: bigint) {
    this.#level = level;
  }

  get size(): number {
    return this.#watched.size;
  }

  ids(): string[] {
    return [...this.#watched.keys()];
  }

  get(id: string): Portfolio | undefined {
    return this.#watched.get(id)?.portfolio;
  }

  portfolios(): Portfolio[] {
    return Array.from(this.#watched.values(), ({ portfolio }) => portfolio);
  }

  /**
   * Those that cannot be looked at beside these markets, and have to be read again: because a generation has ended of a market
   * that they are in, or because there are other markets. Before `open`.
   */
  outdated({ books }: Opened, endedIn: ReadonlySet<number>): string[] {
    const before = this.#before?.books ?? [];
    if (books.length !== before.length || books.some(({ id }, i) => before[i]?.id !== id)) return this.ids();
    const old: string[] = [];
    for (const [id, { portfolio }] of this.#watched) {
      const isOld = books.some((book, i) => {
        const held = portfolio.holdings[i];
        if (held === undefined) return true;
        const isIn = ((portfolio.markets >> BigInt(book.id)) & 1n) !== 0n;
        return isIn && (held.generation !== book.generation || endedIn.has(book.id));
      });
      if (isOld) old.push(id);
    }
    return old;
  }

  /** New prices. Before `put` and `look`. */
  open(opened: Opened): void {
    const { books } = opened;
    const before = this.#before;
    this.#before = opened;
    this.#exposure = 0n;
    let [largest, isSame] = [0, before?.books.length === books.length];
    for (const [i, book] of books.entries()) {
      const mark = book.mark << book.scale;
      for (const side of [book.long, book.short]) {
        if (side.shares === 0n) continue;
        // MM = m · A · shares · mark, so exposure = MM / (m · A).
        const each = (PPM * PARTS * BASE) / (max(book.risk.maintenanceMargin, 1n) * side.base) + 1n;
        this.#exposure = max(this.#exposure, each);
      }
      const old = before?.books[i];
      // A higher margin rate is a move that no price shows.
      isSame &&= old?.risk.maintenanceMargin === book.risk.maintenanceMargin && old.mark !== 0n;
      if (old === undefined || !isSame) continue;
      const oldMark = old.mark << old.scale;
      const moves = [mark - oldMark, book.long.worth - old.long.worth, book.short.worth - old.short.worth];
      // What is closed of a side lowers A, and with it what later moves mean; V stays. A only falls, and sizes with it.
      for (const move of moves) largest = Math.max(largest, ratio(magnitude(move), oldMark));
    }
    if (isSame) this.#moved += Math.log1p(largest) * (1 + ROUNDING);
    else for (const each of this.#watched.values()) each.dueAt = -Infinity;
  }

  /** Accounts that have been read in the block of `opened`. Those without a position are left out. */
  put(opened: Opened, accounts: readonly StoredAccount[]): void {
    const empty = opened.books.map(({ generation }): Holding => ({ ...NOTHING, generation }));
    for (const stored of accounts) {
      if (stored.markets === 0n) {
        this.#watched.delete(stored.id);
        continue;
      }
      const portfolio = openAccount(opened, stored);
      // Most accounts are in few markets: what they are not in is shared.
      const holdings = portfolio.holdings.map((held, i) =>
        held.shares === 0n && held.owed === 0n ? (empty[i] ?? held) : held,
      );
      this.#watched.set(stored.id, { portfolio: { ...portfolio, holdings }, dueAt: -Infinity });
    }
  }

  /** Measures everybody who may have come below the level. */
  look(opened: Opened): { readonly seen: Seen[]; readonly measured: number } {
    const { books } = opened;
    const health: Health = { equity: 0n, secured: 0n, maintenanceMargin: 0n };
    const seen: Seen[] = [];
    let measured = 0;
    for (const watched of this.#watched.values()) {
      if (watched.dueAt > this.#moved) continue;
      ++measured;
      const { portfolio } = watched;
      measure(health, portfolio, books);
      const { equity, maintenanceMargin } = health;
      const slack = equity - (maintenanceMargin * this.#level) / PPM;
      if (slack < 0n) {
        watched.dueAt = -Infinity;
        seen.push({ account: portfolio, ...health, standing: standing(portfolio, books, health) });
      } else {
        watched.dueAt = this.#moved + this.#cushion(slack, maintenanceMargin);
      }
    }
    return { seen, measured };
  }

  #cushion(slack: bigint, maintenanceMargin: bigint): number {
    if (maintenanceMargin === 0n) return Infinity;
    const atRisk = (maintenanceMargin * (this.#exposure + (PARTS * this.#level) / PPM)) / PARTS + 1n;
    return Math.log1p(ratio(slack, atRisk)) * (1 - ROUNDING) - ROUNDING;
  }
}

const BASE = 1n << 126n;
const NOTHING = { isLong: true, shares: 0n, paidValue: 0n, owed: 0n, generation: 0n, changed: false };

/** Worst first: whoever is below zero by how much, then by equity per margin. */
export function byDistance(a: Seen, b: Seen): number {
  if (a.equity < 0n || b.equity < 0n) return a.equity < b.equity ? -1 : 1;
  const [left, right] = [a.equity * b.maintenanceMargin, b.equity * a.maintenanceMargin];
  return left < right ? -1 : left > right ? 1 : 0;
}

function ratio(part: bigint, whole: bigint): number {
  return Number((part * PARTS) / whole + 1n) / Number(PARTS);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function magnitude(x: bigint): bigint {
  return x < 0n ? -x : x;
}

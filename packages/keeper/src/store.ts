/** What must outlive the process, of one chain: one SQLite file, which one process at a time may have. Knows no prices. */
import Database from "better-sqlite3";
import { reasonOf, SetupError } from "./setupError.ts";

export interface BlockRef {
  readonly number: number;
  readonly hash: string;
}

/** A transaction as it was signed. One that replaces another has the same nonce. */
export interface Sent {
  readonly nonce: number;
  readonly hash: string;
  readonly raw: string;
  readonly kind: string;
  /** What it is about, so that nothing else is sent about the same. */
  readonly subjects: readonly string[];
  /** Wei: the most that it can cost. */
  readonly mostCost: bigint;
  /** The newest block when it was sent. */
  readonly sentAt: number;
}

/** A nonce that was used, and by what, as far as that is known. */
export interface Mined {
  readonly nonce: number;
  readonly hash: string | undefined;
  readonly block: number;
}

/** How many hashes are kept: as deep as a reorganisation may be without everything being read again. */
const HASHES = 512;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS blocks (number INTEGER PRIMARY KEY, hash TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, touched INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS margin_calls (account TEXT PRIMARY KEY, body TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS spent (day TEXT PRIMARY KEY, wei TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sent (
    hash TEXT PRIMARY KEY, nonce INTEGER NOT NULL, raw TEXT NOT NULL, kind TEXT NOT NULL, subjects TEXT NOT NULL,
    most_cost TEXT NOT NULL, sent_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mined (nonce INTEGER PRIMARY KEY, hash TEXT, block INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sequences (lane TEXT PRIMARY KEY, used INTEGER NOT NULL) STRICT;
`;

interface SentRow {
  readonly nonce: number;
  readonly hash: string;
  readonly raw: string;
  readonly kind: string;
  readonly subjects: string;
  readonly most_cost: string;
  readonly sent_at: number;
}

function sentOf({ subjects, most_cost, sent_at, ...row }: SentRow): Sent {
  return { ...row, subjects: JSON.parse(subjects) as string[], mostCost: BigInt(most_cost), sentAt: sent_at };
}

export class Store {
  readonly #db: Database.Database;

  /**
   * @param path ":memory:" for one that is forgotten.
   * @param about What it belongs to: a store of anything else is refused.
   */
  constructor(path: string, about: Readonly<Record<string, string>>) {
    try {
      this.#db = new Database(path, { timeout: 500 });
      // Two keepers with the same key would use each other's nonces.
      this.#db.pragma("locking_mode = EXCLUSIVE");
      this.#db.pragma("journal_mode = WAL");
      // A process that is killed loses nothing by it; a machine may lose the last moments, which are then read again.
      this.#db.pragma("synchronous = NORMAL");
      this.#db.exec(SCHEMA);
    } catch (cause) {
      const locked = cause instanceof Error && "code" in cause && cause.code === "SQLITE_BUSY";
      const why = locked ? "another keeper is using it" : `cannot be opened: ${reasonOf(cause)}`;
      throw new SetupError(`${path}: ${why}`, { cause });
    }
    for (const [name, value] of Object.entries(about)) {
      this.#db.prepare("INSERT INTO about VALUES (?, ?) ON CONFLICT DO NOTHING").run(name, value);
      const found = this.#db.prepare<[string], { value: string }>("SELECT value FROM about WHERE name = ?").get(name);
      if (found?.value === value) continue;
      this.close();
      throw new SetupError(`${path}: is of ${name} ${found?.value ?? "unknown"}, not of ${value}`);
    }
  }

  close(): void {
    this.#db.close();
  }

  /** All of what `write` writes, or nothing. */
  together(write: () => void): void {
    this.#db.transaction(write)();
  }

  // -------------------------------------------------------------------- blocks and accounts

  /** The last block whose events have been read. */
  checkpoint(): BlockRef | undefined {
    return this.#db.prepare<[], BlockRef>("SELECT * FROM blocks ORDER BY number DESC LIMIT 1").get();
  }

  hashOf(number: number): string | undefined {
    return this.#db.prepare<[number], BlockRef>("SELECT * FROM blocks WHERE number = ?").get(number)?.hash;
  }

  /** The last block that is kept before this one. */
  before(number: number): BlockRef | undefined {
    return this.#db
      .prepare<[number], BlockRef>("SELECT * FROM blocks WHERE number < ? ORDER BY number DESC LIMIT 1")
      .get(number);
  }

  /** Everything up to `block` has been read, and these accounts were seen last in these blocks. */
  advance(block: BlockRef, touched: ReadonlyMap<string, number>): void {
    const seen = this.#db.prepare(
      "INSERT INTO accounts VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET touched = excluded.touched",
    );
    this.#db.transaction(() => {
      for (const [id, number] of touched) seen.run(id, number);
      this.#db.prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?)").run(block.number, block.hash);
      this.#db
        .prepare("DELETE FROM blocks WHERE number NOT IN (SELECT number FROM blocks ORDER BY number DESC LIMIT ?)")
        .run(HASHES);
    })();
  }

  /**
   * Forgets every block above `number`, and that transactions were included there: they are on their way again until the
   * chain says otherwise.
   * @returns The accounts that were seen there: what is known of them may never have happened.
   */
  stepBack(number: number): string[] {
    this.together(() => {
      this.#db.prepare("DELETE FROM blocks WHERE number > ?").run(number);
      this.#db.prepare("DELETE FROM mined WHERE block > ?").run(number);
    });
    const rows = this.#db.prepare<[number], { id: string }>("SELECT id FROM accounts WHERE touched > ?").all(number);
    return rows.map(({ id }) => id);
  }

  accounts(): string[] {
    return this.#db
      .prepare<[], { id: string }>("SELECT id FROM accounts")
      .all()
      .map(({ id }) => id);
  }

  // -------------------------------------------------------------------- margin calls

  /** Accounts below the level; `body` is what still has to be delivered. */
  called(): Map<string, string | undefined> {
    const rows = this.#db
      .prepare<[], { account: string; body: string | null }>("SELECT account, body FROM margin_calls")
      .all();
    return new Map(rows.map(({ account, body }) => [account, body ?? undefined]));
  }

  setCalled(account: string, body: string | undefined): void {
    this.#db.prepare("INSERT OR REPLACE INTO margin_calls VALUES (?, ?)").run(account, body ?? null);
  }

  clearCalled(account: string): void {
    this.#db.prepare("DELETE FROM margin_calls WHERE account = ?").run(account);
  }

  // -------------------------------------------------------------------- transactions

  /** Those that are not known to be in a block, lowest nonce first, and of one nonce the newest last. */
  pending(): Sent[] {
    return this.#db
      .prepare<[], SentRow>("SELECT * FROM sent WHERE nonce NOT IN (SELECT nonce FROM mined) ORDER BY nonce, rowid")
      .all()
      .map(sentOf);
  }

  /** Those that are in a block above `block`, and what had the same nonce. */
  includedAbove(block: number): Sent[] {
    return this.#db
      .prepare<[number], SentRow>("SELECT * FROM sent WHERE nonce IN (SELECT nonce FROM mined WHERE block > ?)")
      .all(block)
      .map(sentOf);
  }

  addSent({ nonce, hash, raw, kind, subjects, mostCost, sentAt }: Sent): void {
    this.#db
      .prepare("INSERT INTO sent (hash, nonce, raw, kind, subjects, most_cost, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(hash, nonce, raw, kind, JSON.stringify(subjects), mostCost.toString(), sentAt);
  }

  /** It never reached anybody. */
  removeSent(hash: string): void {
    this.#db.prepare("DELETE FROM sent WHERE hash = ?").run(hash);
  }

  /** Those that a reorganisation may still undo. */
  mined(): Mined[] {
    return this.#db
      .prepare<[], { nonce: number; hash: string | null; block: number }>("SELECT * FROM mined ORDER BY nonce")
      .all()
      .map(({ hash, ...row }) => ({ ...row, hash: hash ?? undefined }));
  }

  addMined({ nonce, hash, block }: Mined): void {
    this.#db.prepare("INSERT OR REPLACE INTO mined VALUES (?, ?, ?)").run(nonce, hash ?? null, block);
  }

  /** A reorganisation has undone it. */
  removeMined(nonce: number): void {
    this.#db.prepare("DELETE FROM mined WHERE nonce = ?").run(nonce);
  }

  /** What no reorganisation undoes any more. The highest nonce stays. */
  finish(nonce: number): void {
    this.#db.transaction(() => {
      this.#db.prepare("DELETE FROM sent WHERE nonce = ?").run(nonce);
      this.#db.prepare("DELETE FROM mined WHERE nonce = ? AND nonce < (SELECT max(nonce) FROM mined)").run(nonce);
    })();
  }

  /** The lowest nonce that has not been used from here. */
  nextNonce(): number {
    const found = this.#db
      .prepare<[], { highest: number | null }>(
        "SELECT max(nonce) AS highest FROM (SELECT nonce FROM sent UNION SELECT nonce FROM mined)",
      )
      .get();
    return (found?.highest ?? -1) + 1;
  }

  /** Wei. `day` as 2026-01-31. */
  spentOn(day: string): bigint {
    const row = this.#db.prepare<[string], { wei: string }>("SELECT wei FROM spent WHERE day = ?").get(day);
    return BigInt(row?.wei ?? 0);
  }

  spend(day: string, wei: bigint): void {
    this.#db.prepare("INSERT OR REPLACE INTO spent VALUES (?, ?)").run(day, (this.spentOn(day) + wei).toString());
  }

  // -------------------------------------------------------------------- orders

  /** A number that no order of this lane has had. */
  nextSequence(lane: string): bigint {
    this.#db.prepare("INSERT INTO sequences VALUES (?, 1) ON CONFLICT (lane) DO UPDATE SET used = used + 1").run(lane);
    const row = this.#db.prepare<[string], { used: number }>("SELECT used FROM sequences WHERE lane = ?").get(lane);
    return BigInt(row?.used ?? 0);
  }
}

/** Stand-ins for what varies: time, a chain of events, a mempool. */
import { Wallet } from "ethers";
import type { Clock } from "../../src/clock.ts";
import type { Block, EventSource, Touch } from "../../src/discovery.ts";
import type { Fees } from "../../src/fees.ts";
import { silent } from "../../src/log.ts";
import type { Call, Outlet, Receipt } from "../../src/sender.ts";
import { Store } from "../../src/store.ts";
import { Alerts } from "../../src/webhooks.ts";

export const GWEI = 10n ** 9n;

export function newStore(path = ":memory:"): Store {
  return new Store(path, { chain: "1" });
}

export class FakeClock implements Clock {
  constructor(public milliseconds = Date.UTC(2026, 0, 31)) {}

  now(): number {
    return this.milliseconds;
  }

  sleep(milliseconds: number): Promise<void> {
    this.milliseconds += milliseconds;
    return Promise.resolve();
  }
}

/** An alert channel that remembers. */
export function recordingAlerts(clock: Clock) {
  const raised: string[] = [];
  const deliver = (_: string, body: string) => {
    raised.push((JSON.parse(body) as { alert: string }).alert);
    return Promise.resolve();
  };
  return { raised, alerts: new Alerts("http://127.0.0.1/", silent, clock, deliver) };
}

export function blockAt(number: number, fork = ""): Block {
  return { number, hash: `0x${number}${fork}`, timestamp: 1_700_000_000 + number, baseFee: GWEI };
}

/** A chain of blocks with the accounts that each of them touches. */
export class FakeEvents implements EventSource {
  /** By number. */
  readonly blocks: { readonly block: Block; readonly accounts: readonly string[] }[] = [];
  readonly asked: [number, number][] = [];
  /** The widest range that is answered. */
  widest = Infinity;
  /** Called before each answer. */
  meanwhile: () => void = () => undefined;

  mine(count: number, fork = "", touch: (number: number) => readonly string[] = () => []): void {
    for (let n = 0; n < count; ++n) {
      const number = this.blocks.length;
      this.blocks.push({ block: blockAt(number, fork), accounts: touch(number) });
    }
  }

  /** Replaces the last blocks by as many others, and one more. */
  reorganise(depth: number, fork: string, touch?: (number: number) => readonly string[]): void {
    this.blocks.splice(-depth);
    this.mine(depth + 1, fork, touch);
  }

  block(number: number | "latest"): Promise<Block | undefined> {
    return Promise.resolve(this.blocks.at(number === "latest" ? -1 : number)?.block);
  }

  touches(first: number, last: number): Promise<readonly Touch[]> {
    this.asked.push([first, last]);
    if (last - first + 1 > this.widest) return Promise.reject(new Error("query returned more than 10000 results"));
    const found = this.blocks.slice(first, last + 1).map(({ block, accounts }) => ({ block, accounts }));
    this.meanwhile();
    return Promise.resolve(found);
  }
}

type Answer = "accepts" | "drops" | "loses the answer" | "refuses";

/** A node that includes what is offered enough for, in the order of nonces, when it is told to. */
export class FakeNode implements Outlet {
  readonly wallet = new Wallet(`0x${"1".repeat(64)}`);
  readonly address = this.wallet.address;
  readonly pool = new Map<number, { raw: string; hash: string; tip: bigint }>();
  readonly receipts = new Map<string, Receipt>();
  /** Of every transaction that was included, in order. */
  readonly included: { readonly hash: string; readonly data: string; readonly nonce: number }[] = [];
  readonly signed = new Map<string, { readonly call: Call; readonly nonce: number; readonly fees: Fees }>();
  broadcasts = 0;
  answer: Answer = "accepts";
  /** What is included needs a tip of this. */
  dearest = 0n;
  number = 100;
  /** Calls that would be refused. */
  readonly refused = new Set<string>();

  nonce(): Promise<number> {
    return Promise.resolve(this.included.length);
  }

  receipt(hash: string): Promise<Receipt | undefined> {
    return Promise.resolve(this.receipts.get(hash));
  }

  estimate({ data }: Call): Promise<bigint> {
    return this.refused.has(data) ? Promise.reject(new Error("reverted")) : Promise.resolve(100_000n);
  }

  async sign(call: Call, nonce: number, gasLimit: bigint, fees: Fees) {
    const raw = await this.wallet.signTransaction({ ...call, ...fees, nonce, gasLimit, chainId: 1, type: 2 });
    const hash = `${nonce}:${raw.slice(-40)}`;
    this.signed.set(raw, { call, nonce, fees });
    return { raw, hash };
  }

  broadcast(raw: string): Promise<void> {
    ++this.broadcasts;
    const found = this.signed.get(raw);
    if (found === undefined) throw new Error("somebody else's");
    const { nonce, fees } = found;
    const hash = `${nonce}:${raw.slice(-40)}`;
    if (this.answer === "drops") return Promise.reject(new Error("socket hang up"));
    if (nonce < this.included.length)
      return Promise.reject(Object.assign(new Error("nonce too low"), { code: "NONCE_EXPIRED" }));
    if (this.answer === "refuses")
      return Promise.reject(Object.assign(new Error("no"), { code: "UNKNOWN_ERROR", error: { message: "no" } }));
    const waiting = this.pool.get(nonce);
    if (waiting === undefined || fees.maxPriorityFeePerGas > waiting.tip)
      this.pool.set(nonce, { raw, hash, tip: fees.maxPriorityFeePerGas });
    if (this.answer === "loses the answer") return Promise.reject(new Error("timeout"));
    return Promise.resolve();
  }

  head(): Block {
    return blockAt(this.number);
  }

  mine(succeeded = true): Block {
    ++this.number;
    for (let next = this.pool.get(this.included.length); next !== undefined && next.tip >= this.dearest;) {
      const nonce = this.included.length;
      this.pool.delete(nonce);
      this.receipts.set(next.hash, { block: this.number, succeeded, gasUsed: 50_000n, cost: 50_000n * GWEI });
      this.included.push({ hash: next.hash, data: this.signed.get(next.raw)?.call.data ?? "", nonce });
      next = this.pool.get(this.included.length);
    }
    return this.head();
  }

  /** The last `count` transactions are as if they had never been sent. */
  undo(count: number): void {
    for (const { hash } of this.included.splice(-count)) this.receipts.delete(hash);
  }
}

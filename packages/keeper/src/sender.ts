/**
 * Sends transactions of one key and follows them until no reorganisation can undo them. Owns the nonce: whatever has one is
 * written down before it is sent, is sent again as it is as long as nobody has included it, and is replaced by one that
 * offers more when that takes too long. So a nonce is used once, whether the node loses an answer or the process dies.
 * Knows nothing of what transactions are for.
 */
import { isError, Transaction } from "ethers";
import { type Clock, dayOf } from "./clock.ts";
import type { Block } from "./discovery.ts";
import { bumped, type FeeLimits, type Fees, feesFor } from "./fees.ts";
import type { Log } from "./log.ts";
import { reasonOf } from "./setupError.ts";
import type { Sent, Store } from "./store.ts";
import type { Alerts } from "./webhooks.ts";

export interface Call {
  readonly to: string;
  readonly data: string;
  readonly value: bigint;
}

/** A transaction to be sent. */
export interface Order {
  readonly kind: string;
  readonly subjects: readonly string[];
  readonly call: Call;
  /** The gas limit. */
  readonly gas: bigint;
}

export interface Receipt {
  readonly block: number;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  /** Wei for all of it. */
  readonly cost: bigint;
}

/** What sending asks of a node and of a key. */
export interface Outlet {
  readonly address: string;
  /** How many transactions of the key are in the newest block's chain. */
  nonce(): Promise<number>;
  receipt(hash: string): Promise<Receipt | undefined>;
  /** The gas that a call takes, or an error where it is refused. */
  estimate(call: Call): Promise<bigint>;
  sign(call: Call, nonce: number, gas: bigint, fees: Fees): Promise<{ readonly hash: string; readonly raw: string }>;
  broadcast(raw: string): Promise<void>;
}

export interface SendLimits extends FeeLimits {
  /** Wei from midnight to midnight, UTC. */
  readonly dailyCap: bigint;
  /** Blocks. */
  readonly patience: number;
}

/** How a transaction ended. */
export interface Outcome {
  readonly kind: string;
  readonly subjects: readonly string[];
  readonly hash: string;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly cost: bigint;
}

export type Refusal = "gas price" | "daily cap" | "not accepted";

/** Blocks after which a transaction is taken to stay. */
const FINAL = 64;
/** Passes in which a used nonce may have no receipt: a node may know the one before the other. */
const PATIENCE_FOR_RECEIPTS = 5;
export const CANCEL = "cancel";

export class Sender {
  readonly #missing = new Map<number, number>();

  constructor(
    private readonly store: Store,
    private readonly outlet: Outlet,
    private readonly limits: SendLimits,
    private readonly clock: Clock,
    private readonly alerts: Alerts,
    private readonly log: Log,
  ) {}

  /** What transactions are about that are on their way, or that were included above block `known`. */
  busy(known: number): Set<string> {
    const sent = [...this.store.pending(), ...this.store.includedAbove(known)];
    return new Set(sent.flatMap(({ subjects }) => subjects));
  }

  /** How many nonces are on their way. */
  get pending(): number {
    return byNonce(this.store.pending()).size;
  }

  /** Whether anything of this kind is on its way. */
  isSending(kind: string): boolean {
    return this.store.pending().some((sent) => sent.kind === kind);
  }

  /** @returns Why it was not sent; undefined where it was. */
  async send({ kind, subjects, call, gas }: Order, head: Block): Promise<Refusal | undefined> {
    const fees = feesFor(head.baseFee, this.limits);
    if (fees === undefined) {
      this.alerts.raise("gas price", `gas costs ${head.baseFee} wei, more than gas.maximumPrice: nothing is sent`);
      return "gas price";
    }
    this.alerts.clear("gas price");
    if (!this.#affords(gas * fees.maxFeePerGas)) return "daily cap";
    return this.#first(kind, subjects, call, await this.#freeNonce(), gas, fees, head);
  }

  /** Looks after everything that is on its way. Once a block is enough. */
  async tend(head: Block): Promise<Outcome[]> {
    const count = await this.outlet.nonce();
    await this.#checkMined(count, head);
    const waiting = [...byNonce(this.store.pending())];
    const used = waiting.filter(([nonce]) => nonce < count);
    const concluded = await Promise.all(used.map(([nonce, sent]) => this.#conclude(nonce, sent, head)));
    for (const [nonce, sent] of waiting) {
      const newest = sent.at(-1);
      if (newest === undefined || nonce < count) continue;
      // A node that has said otherwise was wrong.
      this.#missing.delete(nonce);
      if (head.number - newest.sentAt >= this.limits.patience && nonce === count) {
        await this.#replace(newest, head);
      } else if (head.number > newest.sentAt) {
        await this.#again(newest);
      }
    }
    await this.#fillGap(head);
    return concluded.filter((outcome) => outcome !== undefined);
  }

  /** Wei that today's transactions have cost. */
  spentToday(): bigint {
    return this.store.spentOn(dayOf(this.clock));
  }

  // -------------------------------------------------------------------- nonces

  /**
   * Asked twice, and the lower answer believed: a nonce too low is refused at once, one too high would wait for ever. What is
   * written down counts more than either.
   */
  async #freeNonce(): Promise<number> {
    const known = this.store.nextNonce();
    // The next one after what is on its way is free, whatever the node says.
    if (this.store.pending().some(({ nonce }) => nonce === known - 1)) return known;
    let count = await this.outlet.nonce();
    if (count > known) count = Math.min(count, await this.outlet.nonce());
    return Math.max(known, count);
  }

  /** What was included and is not any more is on its way again. */
  async #checkMined(count: number, head: Block): Promise<void> {
    for (const { nonce, hash, block } of this.store.mined()) {
      if (count > nonce) {
        if (head.number - block >= FINAL) this.store.finish(nonce);
        continue;
      }
      if (hash === undefined || (await this.outlet.receipt(hash)) === undefined) {
        this.log.warn({ nonce, hash }, "a reorganisation has undone a transaction");
        this.store.removeMined(nonce);
      }
    }
  }

  /** Nothing is included before the nonces below it are: where one of those is lost, an empty transaction takes its place. */
  async #fillGap(head: Block): Promise<void> {
    const [lowest] = this.store.pending();
    if (lowest === undefined || head.number - lowest.sentAt < 2) return;
    const count = Math.max(await this.outlet.nonce(), await this.outlet.nonce());
    if (count >= lowest.nonce) return;
    const fees = feesFor(head.baseFee, this.limits);
    if (fees === undefined) return;
    for (let nonce = count; nonce < lowest.nonce; ++nonce) {
      this.log.warn({ nonce }, "a nonce is missing: an empty transaction takes its place");
      const call = { to: this.outlet.address, data: "0x", value: 0n };
      await this.#first(CANCEL, [], call, nonce, await this.outlet.estimate(call), fees, head);
    }
  }

  // -------------------------------------------------------------------- one transaction

  async #first(
    kind: string,
    subjects: readonly string[],
    call: Call,
    nonce: number,
    gas: bigint,
    fees: Fees,
    { number: sentAt }: Block,
  ): Promise<Refusal | undefined> {
    const { hash, raw } = await this.outlet.sign(call, nonce, gas, fees);
    // Before it is sent: from then on nothing else may be sent about the same.
    this.store.addSent({ nonce, hash, raw, kind, subjects, mostCost: gas * fees.maxFeePerGas + call.value, sentAt });
    try {
      await this.outlet.broadcast(raw);
    } catch (error) {
      if (isRefused(error)) {
        this.store.removeSent(hash);
        this.log.warn({ kind, nonce, hash }, `not accepted: ${reasonOf(error)}`);
        if (isError(error, "INSUFFICIENT_FUNDS"))
          this.alerts.raise("balance", `${this.outlet.address} cannot pay for gas`);
        return "not accepted";
      }
      // It may have arrived. It is sent again, as it is, until its nonce is used.
      this.log.warn({ kind, nonce, hash }, `no answer to what was sent: ${reasonOf(error)}`);
    }
    this.log.info({ kind, nonce, hash, subjects, gas: gas.toString() }, "sent");
    return undefined;
  }

  async #again({ raw, hash, nonce }: Sent): Promise<void> {
    try {
      await this.outlet.broadcast(raw);
    } catch (error) {
      // Most nodes say that they have it.
      this.log.debug({ nonce, hash }, `sent again: ${reasonOf(error)}`);
    }
  }

  /** The same with a higher fee, or nothing at all where it would be refused by now. */
  async #replace(old: Sent, head: Block): Promise<void> {
    const before = Transaction.from(old.raw);
    const { to, data, value, gasLimit } = before;
    const fees = bumped(
      { maxFeePerGas: before.maxFeePerGas ?? 0n, maxPriorityFeePerGas: before.maxPriorityFeePerGas ?? 0n },
      head.baseFee,
      this.limits,
    );
    if (fees === undefined || to === null) {
      this.alerts.raise("stuck", `${old.hash} is not included, and gas.maximumPrice allows no higher fee`);
      return this.#again(old);
    }
    let { kind, subjects }: Pick<Sent, "kind" | "subjects"> = old;
    let [call, gas]: [Call, bigint] = [{ to, data, value }, gasLimit];
    try {
      await this.outlet.estimate(call);
    } catch (error) {
      this.log.info({ hash: old.hash }, `no longer of use: ${reasonOf(error)}`);
      [kind, subjects, call] = [CANCEL, [], { to: this.outlet.address, data: "0x", value: 0n }];
      gas = await this.outlet.estimate(call);
    }
    this.log.warn({ nonce: old.nonce, hash: old.hash }, "replaced, because it is not included");
    const refusal = await this.#first(kind, subjects, call, old.nonce, gas, fees, head);
    if (refusal === undefined) this.alerts.clear("stuck");
    // The old one may have been forgotten by everybody.
    else await this.#again(old);
  }

  /** A nonce that has been used: by one of ours, or by somebody else who has the key. */
  async #conclude(nonce: number, sent: readonly Sent[], head: Block): Promise<Outcome | undefined> {
    for (const { hash, kind, subjects } of sent.toReversed()) {
      const receipt = await this.outlet.receipt(hash);
      if (receipt === undefined) continue;
      this.#missing.delete(nonce);
      const { block, succeeded, gasUsed, cost } = receipt;
      this.store.together(() => {
        this.store.addMined({ nonce, hash, block });
        this.store.spend(dayOf(this.clock), cost);
      });
      // Somebody else was first: that is what is left of it.
      this.log.info({ kind, nonce, hash, subjects, block, succeeded, gasUsed: gasUsed.toString() }, "included");
      return { kind, subjects, hash, succeeded, gasUsed, cost };
    }
    const times = (this.#missing.get(nonce) ?? 0) + 1;
    this.#missing.set(nonce, times);
    if (times < PATIENCE_FOR_RECEIPTS) return undefined;
    this.#missing.delete(nonce);
    this.alerts.raise("nonce", `nonce ${nonce} was used by something else: does another program have the key?`);
    this.store.addMined({ nonce, hash: undefined, block: head.number });
    return undefined;
  }

  #affords(cost: bigint): boolean {
    let reserved = 0n;
    // Of those with the same nonce only one can cost anything.
    for (const sent of byNonce(this.store.pending()).values())
      reserved += sent.reduce((most, { mostCost }) => (mostCost > most ? mostCost : most), 0n);
    const affords = this.spentToday() + reserved + cost <= this.limits.dailyCap;
    if (affords) this.alerts.clear("daily cap");
    else this.alerts.raise("daily cap", `gas.dailyCap is reached: ${this.spentToday()} wei spent today`);
    return affords;
  }
}

/** Lowest nonce first. */
function byNonce(sent: readonly Sent[]): Map<number, Sent[]> {
  const grouped = new Map<number, Sent[]>();
  for (const each of sent) grouped.set(each.nonce, [...(grouped.get(each.nonce) ?? []), each]);
  return grouped;
}

/** Whether a node has said no, as opposed to nothing. */
function isRefused(error: unknown): boolean {
  if (isError(error, "NONCE_EXPIRED") || isError(error, "REPLACEMENT_UNDERPRICED")) return true;
  if (isError(error, "INSUFFICIENT_FUNDS")) return true;
  // An answer of the node itself. That it has the transaction already is none.
  if (!isError(error, "UNKNOWN_ERROR")) return false;
  return !/already known|already imported|known transaction/i.test(JSON.stringify(error.error ?? ""));
}

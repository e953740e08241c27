/** One chain's keeper. A pass brings it up to the newest block, and does once what can be done there. */
import { existsSync } from "node:fs";
import { isError } from "ethers";
import {
  accountId,
  type AccountId,
  healthOf,
  openAccount,
  type Opened,
  openMarkets,
  type Portfolio,
  PPM,
  Standing,
  standing,
  type StoredAccount,
} from "zerofloor";
import { decodeError } from "zerofloor/ethers";
import { AdaptiveRange } from "./adaptiveRange.ts";
import type { Chain } from "./chain.ts";
import type { Clock } from "./clock.ts";
import { type ChainConfig, marketOf } from "./config.ts";
import { type Block, discover, type Found, Lost } from "./discovery.ts";
import { encode, encodeWithPrices, signSales } from "./encoding.ts";
import type { Log } from "./log.ts";
import { deliverCalls, levelToWatch, noteCrossings } from "./marginCalls.ts";
import type { ChainMetrics } from "./metrics.ts";
import type { OrderFile } from "./orders.ts";
import { type Action, chunks, earningsOf, parts, subjectsOf, without } from "./plan/action.ts";
import { planDeleveraging } from "./plan/deleveraging.ts";
import type { Offer } from "./plan/desk.ts";
import { planLiquidating } from "./plan/liquidating.ts";
import { planSettling } from "./plan/settling.ts";
import { pays } from "./profit.ts";
import { type PriceServer, type PriceUpdate, updateFee, withPrices } from "./pyth.ts";
import { readAll } from "./reading.ts";
import { byDistance, Roster, type Seen } from "./roster.ts";
import type { Call, Outlet, Sender } from "./sender.ts";
import { reasonOf } from "./setupError.ts";
import type { Store } from "./store.ts";
import type { Alerts, Post } from "./webhooks.ts";

export interface Options {
  /** Everything but sending, and margin calls. */
  readonly dryRun: boolean;
  /** Whether what does not pay for its gas is done as well. */
  readonly atAnyCost: boolean;
}

/** What a keeper works with. */
export interface Parts {
  readonly config: ChainConfig;
  readonly chain: Chain;
  readonly store: Store;
  readonly outlet: Outlet;
  readonly sender: Sender;
  readonly alerts: Alerts;
  readonly metrics: ChainMetrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly post: Post;
  readonly orders: OrderFile | undefined;
  readonly prices: PriceServer | undefined;
}

interface Prepared {
  readonly action: Action;
  readonly call: Call;
  readonly gas: bigint;
}

const MOST_LOGS_AT_ONCE = 50_000;
const LOGS_AT_FIRST = 2_000;
/** Liquidations in one transaction: each of them may fail all, when somebody else is faster. */
const [BATCH_AT_FIRST, MOST_IN_BATCH] = [8, 20];
/** What is looked into in one pass: there is another one soon. */
const MOST_ACCOUNTS = 1_000;
const MOST_ACTIONS = 40;
/** Actions that are tried together. */
const ACTIONS_AT_ONCE = 4;
const ORDER_SECONDS = 600;
const IGNORE_MILLISECONDS = 60_000;
/** Passes from one look at the balance to the next. */
const BALANCE_EVERY = 20;

export class Keeper {
  readonly account: AccountId;
  readonly #roster: Roster;
  readonly #range = new AdaptiveRange(LOGS_AT_FIRST, MOST_LOGS_AT_ONCE);
  readonly #batch = new AdaptiveRange(BATCH_AT_FIRST, MOST_IN_BATCH);
  /** To be read again. Kept until it has been. */
  readonly #dirty: Set<string>;
  readonly #endedIn = new Set<number>();
  /** Resting orders that something was wrong with, and until when they are left alone. */
  readonly #ignored = new Map<string, number>();
  #markets: readonly number[] | undefined;
  #head: Block | undefined;
  #own: StoredAccount | undefined;
  /** Margin calls on their way. Not waited for in a pass: a slow webhook may keep nobody from being liquidated. */
  #delivering: Promise<void> | undefined;
  #settledAt = 0;
  #passes = 0;
  #lastBalance = 0n;

  constructor(
    private readonly parts: Parts,
    private readonly options: Options,
  ) {
    const { config, chain, store } = parts;
    this.account = accountId(chain.wallet.address, config.liquidation?.account ?? 0n);
    this.#roster = new Roster(config.marginCalls === undefined ? PPM : levelToWatch(config.marginCalls.level));
    this.#dirty = new Set(store.accounts());
  }

  /** The last block that was looked at. */
  get head(): Block | undefined {
    return this.#head;
  }

  /** How many accounts have a position. */
  get accounts(): number {
    return this.#roster.size;
  }

  /** Waits for what a pass does not wait for. */
  async idle(): Promise<void> {
    await this.#delivering;
  }

  async pass(): Promise<void> {
    const { metrics, clock, sender } = this.parts;
    const begun = clock.now();
    const head = await this.#discover();
    // Prices that are brought may be newer than the block.
    if (head === undefined || (head.hash === this.#head?.hash && this.parts.prices === undefined)) return;
    // Neither needs the other, and both wait for the node. Where one fails, the other is not left behind.
    const both = [this.#open(head), this.#tend(head)] as const;
    await Promise.allSettled(both);
    const [opened] = await Promise.all(both);
    const { seen, measured } = this.#roster.look(opened);
    seen.sort(byDistance);
    metrics.measured(measured);
    if (!this.#isStopped()) await this.#act(opened, seen, head, begun);
    this.#call(seen, head);
    this.#head = head;
    this.#report(opened, seen, head);
    metrics.purse(sender.pending, await this.#balance(), sender.spentToday());
    metrics.pass((clock.now() - begun) / 1_000);
  }

  // -------------------------------------------------------------------- the chain as it is

  async #discover(): Promise<Block | undefined> {
    const { chain, store, config, metrics, log } = this.parts;
    const note = ({ touched, endedIn, reorganised }: Found) => {
      for (const id of touched) this.#dirty.add(id);
      for (const market of endedIn) this.#endedIn.add(market);
      if (reorganised === 0) return;
      metrics.reorganised();
      log.warn({ blocks: reorganised }, "a reorganisation: stepped back");
    };
    try {
      const found = await discover(chain.events, store, this.#range, config.deployed.startBlock);
      if (found === undefined) {
        log.debug({}, "the node is behind what has been read");
        return undefined;
      }
      note(found);
      return found.head;
    } catch (error) {
      if (error instanceof Lost) note(error.found);
      throw error;
    }
  }

  /** Reads what has changed, and opens everything at the prices of this block. */
  async #open(head: Block): Promise<Opened> {
    const { client } = this.parts.chain;
    this.#markets ??= Array.from({ length: Number(await client.house.marketCount()) }, (_, market) => market);
    let read = await readAll(client, [this.account, ...this.#dirty], this.#markets, head.number);
    let opened = openMarkets(read.house);
    const outdated = this.#roster.outdated(opened, this.#endedIn);
    if (outdated.length > 0) {
      for (const id of outdated) this.#dirty.add(id);
      read = await readAll(client, [this.account, ...this.#dirty], this.#markets, head.number);
      opened = openMarkets(read.house);
    }
    const [own, ...others] = read.accounts;
    this.#own = own;
    this.#roster.open(opened);
    this.#roster.put(opened, others);
    // What was read is all that was dirty: nothing else runs between the two.
    this.#dirty.clear();
    this.#endedIn.clear();
    this.#markets = opened.books.map(({ id }) => id);
    return opened;
  }

  // -------------------------------------------------------------------- what can be done

  async #tend(head: Block): Promise<void> {
    if (this.options.dryRun) return;
    const { sender, metrics, alerts } = this.parts;
    for (const { kind, succeeded } of await sender.tend(head)) {
      metrics.included(kind, succeeded);
      if (kind !== "liquidate") continue;
      if (succeeded) this.#batch.grow();
      else this.#batch.halve();
    }
    if (sender.pending === 0) alerts.clear("stuck");
  }

  async #act(opened: Opened, seen: readonly Seen[], head: Block, begun: number): Promise<void> {
    const { sender, config } = this.parts;
    const busy = sender.busy(head.number);
    const worstFirst = seen.filter((each) => !busy.has(each.account.id) && isActionable(each));
    const actions = planDeleveraging(opened, worstFirst.slice(0, MOST_ACCOUNTS));
    actions.push(...(await this.#liquidating(opened, worstFirst, busy, head)));
    const [first, ...others] = [...actions.slice(0, MOST_ACTIONS), ...this.#settling(opened, busy)];
    // The worst at once, so that it does not wait for the others.
    const groups = [...(first === undefined ? [] : [[first]]), ...chunks(others, ACTIONS_AT_ONCE)];
    let sent = 0;
    for (const group of groups) {
      const prepared = await this.#prepareAll(await this.#confirm(group), head);
      for (const each of prepared) if (await this.#send(each, opened, head, begun)) ++sent;
    }
    if (config.pyth !== undefined && sent === 0) await this.#push(opened, busy, head, begun);
  }

  /** The lens has the last word, at the newest block. Whoever it sees otherwise is left out, and read again. */
  async #confirm(actions: readonly Action[]): Promise<Action[]> {
    const { lens } = this.parts.chain.client;
    const wanted = new Map<string, Standing>();
    for (const action of actions) {
      if (action.kind === "deleverage") for (const id of action.accounts) wanted.set(id, Standing.InDefault);
      if (action.kind === "liquidate")
        for (const { account } of action.legs) wanted.set(account, Standing.Liquidatable);
    }
    if (wanted.size === 0) return [...actions];
    const ids = [...wanted.keys()];
    const found = await lens.standings(ids);
    const others = new Set(ids.filter((id, i) => found[i] !== wanted.get(id)));
    for (const id of others) this.#dirty.add(id);
    return actions.flatMap((action) => without(action, others));
  }

  async #liquidating(
    opened: Opened,
    worstFirst: readonly Seen[],
    busy: ReadonlySet<string>,
    head: Block,
  ): Promise<Action[]> {
    const { config, sender } = this.parts;
    const { liquidation } = config;
    // What is on its way uses the same capital.
    if (liquidation === undefined || this.#own === undefined || sender.isSending("liquidate")) return [];
    const own = openAccount(opened, this.#own);
    const offers = await this.#offers(worstFirst, own, head);
    const atOnce = this.#batch.size;
    const settings = { own, maximumLeverage: liquidation.maximumLeverage, offers, atOnce };
    const planned = planLiquidating(opened, worstFirst.slice(0, MOST_ACCOUNTS), settings);
    return planned.filter((action) => action.kind !== "accept" || !busy.has(subjectsOf(action)[0] ?? ""));
  }

  /** Nobody's who is about to be liquidated or deleveraged. None, where there is nothing to sell. */
  async #offers(worstFirst: readonly Seen[], own: Portfolio, head: Block): Promise<Offer[]> {
    const { orders, chain, clock } = this.parts;
    if (orders === undefined || (worstFirst.length === 0 && own.markets === 0n)) return [];
    const inTrouble = new Set(worstFirst.map(({ account }) => account.id));
    const offers = await orders.offers(chain.client, head.timestamp);
    return offers.filter(({ signed }) => {
      const ignored = (this.#ignored.get(signed.signature) ?? 0) > clock.now();
      return !ignored && !inTrouble.has(signed.order.account);
    });
  }

  #settling(opened: Opened, busy: ReadonlySet<string>): Action[] {
    const { config, clock } = this.parts;
    const { settlement } = config;
    if (settlement === undefined || clock.now() - this.#settledAt < settlement.everySeconds * 1_000) return [];
    this.#settledAt = clock.now();
    const accounts = this.#roster.portfolios().filter(({ id }) => !busy.has(id));
    return planSettling(opened, accounts, settlement.minimumLoss);
  }

  /** Whoever can only be helped at prices that nobody has brought yet: the first of them brings the prices for all. */
  async #push(opened: Opened, busy: ReadonlySet<string>, head: Block, begun: number): Promise<void> {
    const { prices, config, sender, chain } = this.parts;
    const { pyth } = config;
    if (prices === undefined || pyth === undefined || sender.pending > 0) return;
    const update = await this.#latest(prices);
    const brought = update && withPrices(opened.house, update);
    if (update === undefined || brought === undefined) return;
    const then = openMarkets(brought);
    const seen = seenAt(then, this.#roster.portfolios()).filter(({ account }) => !busy.has(account.id));
    const waiting = seen.sort(byDistance);
    const plans = [...planDeleveraging(then, waiting), ...(await this.#liquidating(then, waiting, busy, head))];
    const fee = plans.length === 0 ? 0n : await updateFee(chain.provider, pyth.keeper, update.data);
    for (const plan of plans) {
      // One at a time: what follows it finds the prices there.
      const action = plan.kind === "liquidate" ? { ...plan, legs: plan.legs.slice(0, 1), sales: [] } : plan;
      const call = encodeWithPrices(pyth.keeper, update.data, fee, action, this.account);
      const [prepared] = call === undefined ? [] : await this.#estimate(action, call);
      if (prepared !== undefined && (await this.#send(prepared, then, head, begun))) return;
    }
  }

  async #latest(prices: PriceServer): Promise<PriceUpdate | undefined> {
    try {
      return await prices.latest();
    } catch (error) {
      this.parts.log.warn({}, `no prices: ${reasonOf(error)}`);
      return undefined;
    }
  }

  // -------------------------------------------------------------------- doing it

  async #prepareAll(actions: readonly Action[], head: Block): Promise<Prepared[]> {
    // Signed one after the other: of two orders of a lane the later one must be filled later.
    const calls: { readonly action: Action; readonly call: Call }[] = [];
    for (const action of actions) calls.push({ action, call: await this.#encode(action, head) });
    const prepared = await Promise.all(calls.map(({ action, call }) => this.#prepare(action, call, head)));
    return prepared.flat();
  }

  /** Tries it without sending it. What is refused as a whole is tried in parts. */
  async #prepare(action: Action, call: Call, head: Block): Promise<Prepared[]> {
    const prepared = await this.#estimate(action, call);
    if (prepared.length > 0) return prepared;
    if (action.kind === "liquidate")
      for (const { resting } of action.sales)
        this.#ignored.set(resting.signature, this.parts.clock.now() + IGNORE_MILLISECONDS);
    const tried: Prepared[][] = [];
    for (const part of parts(action)) tried.push(await this.#prepare(part, await this.#encode(part, head), head));
    return tried.flat();
  }

  async #estimate(action: Action, call: Call): Promise<Prepared[]> {
    const { outlet, log, metrics } = this.parts;
    try {
      return [{ action, call, gas: await outlet.estimate(call) }];
    } catch (error) {
      const refusal = decodeError(error);
      if (refusal === undefined && !isError(error, "CALL_EXCEPTION")) throw error;
      const reason = refusal?.errorName ?? "reverted";
      // Somebody else was first, or prices have moved: nothing is wrong with that.
      log.info({ kind: action.kind, subjects: subjectsOf(action) }, `not sent: ${refusal?.message ?? reasonOf(error)}`);
      metrics.refused(action.kind, reason);
      if (action.kind !== "accept") for (const id of subjectsOf(action)) this.#dirty.add(id);
      return [];
    }
  }

  async #encode(action: Action, head: Block): Promise<Call> {
    const { chain, config, store } = this.parts;
    const sales = action.kind === "liquidate" ? action.sales : [];
    const sequence = () => store.nextSequence(this.account);
    const signed = await signSales(chain.client, sales, this.account, head.timestamp + ORDER_SECONDS, sequence);
    return encode(config.deployed.contracts, action, this.account, signed);
  }

  /** @returns Whether it was sent, or would have been. */
  async #send({ action, call, gas }: Prepared, opened: Opened, head: Block, begun: number): Promise<boolean> {
    const { sender, metrics, log, clock, config } = this.parts;
    const { kind } = action;
    const subjects = subjectsOf(action);
    const earns = earningsOf(action);
    const coinPrice = this.#coinPrice(opened);
    const gasPrice = head.baseFee + config.gas.tip;
    const profit = config.gas.minimumProfit + (call.value * coinPrice) / 10n ** 18n;
    if (!this.options.atAnyCost && !pays(earns, gas, { gasPrice, coinPrice }, profit)) {
      log.info({ kind, subjects, earns: String(earns), gas: gas.toString() }, "not sent: does not pay for its gas");
      metrics.refused(kind, "does not pay");
      return false;
    }
    if (this.options.dryRun) {
      log.info({ kind, subjects, earns: String(earns), gas: gas.toString() }, "dry run: would be sent");
      return true;
    }
    const refusal = await sender.send({ kind, subjects, call, gas }, head);
    if (refusal === undefined) metrics.reacted((clock.now() - begun) / 1_000);
    else metrics.refused(kind, refusal);
    return refusal === undefined;
  }

  #coinPrice(opened: Opened): bigint {
    const { config } = this.parts;
    const { coinPrice } = config.gas;
    if (typeof coinPrice === "bigint") return coinPrice;
    const market = marketOf(config, coinPrice.market);
    const book = opened.books.find(({ id }) => id === market);
    if (book === undefined) throw new Error(`market ${coinPrice.market} has not been read`);
    return book.mark;
  }

  // -------------------------------------------------------------------- people

  #call(seen: readonly Seen[], head: Block): void {
    const { config, store } = this.parts;
    const { marginCalls, deployed } = config;
    if (marginCalls === undefined || this.options.dryRun) return;
    noteCrossings(store, seen, marginCalls.level, { chainId: deployed.chainId, block: head.number });
    this.#delivering ??= this.#deliver(marginCalls.webhook);
  }

  async #deliver(webhook: string): Promise<void> {
    const { store, post, log, metrics } = this.parts;
    try {
      metrics.marginCalls(await deliverCalls(store, webhook, post, log));
    } catch (error) {
      log.warn({}, `margin calls could not be delivered: ${reasonOf(error)}`);
    } finally {
      this.#delivering = undefined;
    }
  }

  #isStopped(): boolean {
    const stopped = existsSync(this.parts.config.stopFile);
    this.parts.metrics.stopped(stopped);
    if (stopped) this.parts.alerts.raise("stopped", `${this.parts.config.stopFile} is there: nothing is sent`);
    else this.parts.alerts.clear("stopped");
    return stopped;
  }

  #report({ house }: Opened, seen: readonly Seen[], head: Block): void {
    const { metrics, log } = this.parts;
    const count = (what: Standing) => seen.filter(({ standing }) => standing === what).length;
    const [liquidatable, inDefault] = [count(Standing.Liquidatable), count(Standing.InDefault)];
    metrics.block(head.number, Number(house.time));
    metrics.accounts(this.#roster.size);
    metrics.standings(seen.length, liquidatable, inDefault);
    const found = { block: head.number, accounts: this.#roster.size, near: seen.length, liquidatable, inDefault };
    (liquidatable + inDefault > 0 ? log.info : log.debug).call(log, found, "looked");
  }

  async #balance(): Promise<bigint> {
    const { chain, config, alerts } = this.parts;
    if (this.#passes++ % BALANCE_EVERY !== 0) return this.#lastBalance;
    this.#lastBalance = await chain.provider.getBalance(chain.wallet.address);
    const isLow = this.#lastBalance < config.gas.minimumBalance;
    if (isLow)
      alerts.raise("balance", `${chain.wallet.address} has ${this.#lastBalance} wei, less than gas.minimumBalance`);
    else alerts.clear("balance");
    return this.#lastBalance;
  }
}

function isActionable({ standing: now }: Seen): boolean {
  return now === Standing.Liquidatable || now === Standing.InDefault;
}

/** Everybody who is below maintenance margin at other prices. */
function seenAt({ books }: Opened, accounts: readonly Portfolio[]): Seen[] {
  return accounts.flatMap((account) => {
    // A price that was brought may end a generation: whoever is in it is looked at when that has happened.
    if (account.holdings.some((held, i) => held.shares !== 0n && held.generation !== books[i]?.generation)) return [];
    const health = healthOf(account, books);
    if (health.equity >= health.maintenanceMargin) return [];
    return [{ account, ...health, standing: standing(account, books, health) }];
  });
}

/**
 * A run, minute by minute: a price, people who react, keepers who take over, the waterfall, keepers who sell. The model does
 * all of it; where contracts are there, they do the same after it and must come to the same. Prints nothing.
 */
import { book, type Portfolio, Standing } from "../../../packages/sdk/src/index.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { notionalUp } from "../../../packages/sdk/src/types/price.ts";
import { byDistance, type Seen } from "../../../packages/keeper/src/roster.ts";
import { max, min, ONE, sum } from "../../simulation/fixedPoint.ts";
import type { PricePath } from "../../simulation/path.ts";
import type { Progress } from "../../simulation/run.ts";
import { compare } from "../policies/compare.ts";
import type { Result, Step } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import { type Cast, castOf, isTrader } from "./cast.ts";
import type { Contracts, Start } from "./contracts.ts";
import { distributionOf } from "./distribution.ts";
import { Keepers } from "./keepers.ts";
import { CALLER, Model } from "./model.ts";
import { momentsOf } from "./moments.ts";
import { Policies } from "./policyTable.ts";
import type { Person } from "./person.ts";
import { levelOf, Reactions } from "./reactions.ts";
import { Payers } from "./tally.ts";
import { type Charged, resolve } from "./waterfall.ts";

export interface Settings {
  readonly scenario: Scenario;
  readonly file: string;
  readonly path: PricePath;
  readonly people: readonly Person[];
  readonly start: Start;
  /** Whether the contracts do all of it as well. */
  readonly withContracts: boolean;
  /** Whether every deleveraging is looked at under every policy. */
  readonly withPolicies: boolean;
  readonly say: (text: string) => void;
  /** Aborted where what there is by then is wanted. */
  readonly stop: AbortSignal;
}

interface Leg {
  readonly number: number;
  readonly market: number;
  readonly size: bigint;
}

/** Openings between two comparisons with the contracts. */
const OPENED_AT_ONCE = 1_000;
/** The market maker has this many times the notional of everybody. */
const MAKER_HAS = 3n;
const TOKEN_UNIT = 10n ** 12n;

export async function run(settings: Settings, progress: Progress): Promise<Result> {
  return new Run(settings).run(progress);
}

class Run {
  readonly #begun = performance.now();
  readonly #cast: Cast;
  readonly #model: Model;
  readonly #keepers: Keepers;
  readonly #reactions: Reactions;
  readonly #contracts: Contracts | undefined;
  readonly #payers = new Payers();
  readonly #policies = new Policies();
  /** Since when accounts are below MM, minutes. */
  readonly #below = new Map<number, number>();
  readonly #failed = new Set<number>();
  readonly #latency: number[] = [];
  readonly #entries: Map<number, bigint>[];
  readonly #paidIn = new Map<number, bigint>();
  readonly #waterfall = {
    ...{ incentives: 0n, liquidationFees: 0n, deficit: 0n, bounty: 0n, insured: 0n, haircuts: 0n, shortfall: 0n },
  };
  readonly #firstPrices: readonly bigint[];

  constructor(private readonly settings: Settings) {
    const { scenario, start, people, path, withContracts } = settings;
    const { reactions } = scenario.population;
    this.#cast = castOf(people.length, scenario.keepers.count);
    this.#model = new Model(start.house, start.contracts.owner, start.buckets, max(levelOf(reactions), 1_000_000n));
    this.#keepers = new Keepers(this.#model, scenario.keepers, this.#cast);
    this.#reactions = new Reactions(this.#model, reactions, people, this.#cast);
    this.#contracts = withContracts ? start.contracts : undefined;
    this.#entries = scenario.markets.map(() => new Map<number, bigint>());
    this.#firstPrices = start.contracts.answers(at(path.steps, 0).prices);
  }

  async run(progress: Progress): Promise<Result> {
    const { path, stop } = this.settings;
    await this.#open(progress);
    const before = this.#distribution();
    const later = path.steps.slice(1);
    progress.stage("walking the prices", later.length);
    const steps: Step[] = [];
    for (const [i, { time, prices }] of later.entries()) {
      if (stop.aborted) break;
      steps.push(await this.#minute(i + 1, time, prices));
      progress.advance();
    }
    const contracts = this.#contracts;
    if (contracts !== undefined) {
      progress.stage("comparing everybody", 1);
      await contracts.compare(this.#model, this.#everybody());
      progress.advance();
    }
    return this.#result(steps, before, steps.length < later.length);
  }

  // -------------------------------------------------------------------- opening

  async #open(progress: Progress): Promise<void> {
    const { people, scenario, stop } = this.settings;
    progress.stage("opening accounts", people.length);
    const notional = sum(
      people.flatMap(({ legs }) => legs.map(({ market, size }) => notionalUp(at(this.#firstPrices, market), size))),
    );
    this.#pay(this.#cast.maker, wholeUnits(notional * MAKER_HAS));
    for (const keeper of this.#cast.keepers) this.#pay(keeper, wholeUnits(scenario.keepers.capital));
    const refused: Leg[] = [];
    for (const [i, { number, collateral, legs }] of people.entries()) {
      this.#pay(number, collateral);
      for (const { market, size } of legs)
        if (!this.#enter({ number, market, size })) refused.push({ number, market, size });
      progress.advance();
      if ((i + 1) % OPENED_AT_ONCE !== 0) continue;
      await this.#follow();
      if (stop.aborted) break;
    }
    // The market maker nets, and may not be left with dust: what was refused for that is not by the time that all others are in.
    const away = refused.filter((leg) => !this.#enter(leg)).length;
    await this.#follow();
    if (away > 0) this.settings.say(`${away} positions were turned away at the opening`);
  }

  /** @returns Whether the position is opened. */
  #enter({ number, market, size }: Leg): boolean {
    const { maker } = this.#cast;
    const [buyer, seller] = size > 0n ? [number, maker] : [maker, number];
    return this.#model.trade(buyer, seller, market, size > 0n ? size : -size) === undefined;
  }

  #pay(account: number, amount: bigint): void {
    this.#model.deposit(account, amount);
    this.#paidIn.set(account, amount);
  }

  async #follow(): Promise<void> {
    const done = this.#model.takeDone();
    if (this.#contracts !== undefined) await this.#contracts.follow(this.#model, done);
  }

  // -------------------------------------------------------------------- a minute

  async #minute(minute: number, time: number, prices: readonly bigint[]): Promise<Step> {
    const model = this.#model;
    const { start } = this.settings;
    const answers = start.contracts.answers(prices);
    await this.#contracts?.publish(time, prices);
    model.advance(
      BigInt(time),
      answers.map((price) => ({ price, publishedAt: BigInt(time) })),
    );
    const seen = model.look();
    const found = this.#noteBelow(minute, seen);
    const reactions = this.#reactions.react(minute, seen);

    const taken = this.#keepers.liquidate(minute, () => this.#waiting(minute, Standing.Liquidatable));
    for (const { account, keeper, market, terms } of taken) {
      this.#act(account, minute);
      at(this.#entries, market).set(keeper, terms.mark);
      this.#waterfall.incentives += terms.incentive;
      this.#waterfall.liquidationFees += terms.fundFee;
    }
    const resolution = this.#keepers.isAnybodyAwake(minute)
      ? this.#resolve(minute)
      : { resolved: [], allocations: [], charged: [] };
    this.#keepers.sellOff(minute);
    await this.#follow();

    const { allocations, resolved } = resolution;
    const total = (part: (allocation: (typeof allocations)[number]) => bigint) => sum(allocations.map(part));
    const step = {
      time,
      prices: answers,
      ...found,
      openInterest: model.opened.books.map((each) => notionalUp(each.mark, book.openInterest(each))),
      exposureAfter: exposureOf(model.look()),
      fund: model.opened.fundAssets,
      liquidations: taken.length,
      deleveragings: resolved.length,
      takenOver: sum(taken.map(({ notional }) => notional)),
      deficit: total(({ deficit }) => deficit),
      bounty: total(({ bounty }) => bounty),
      insured: total(({ insured }) => insured),
      haircuts: total(({ byLongs, byShorts }) => byLongs + byShorts),
      shortfall: total(({ shortfall }) => shortfall),
      closed: sum(
        allocations.map(({ market, longClosed, shortClosed }) => {
          const mark = model.opened.books.find(({ id }) => id === market)?.mark ?? 0n;
          return ((longClosed + shortClosed) * mark) / ONE;
        }),
      ),
      reactions,
    };
    for (const part of ["deficit", "bounty", "insured", "haircuts", "shortfall"] as const)
      this.#waterfall[part] += step[part];
    return step;
  }

  #noteBelow(minute: number, seen: readonly Seen[]) {
    const below = seen.filter(({ standing }) => standing !== Standing.Healthy);
    const numbers = new Set(below.map(({ account }) => this.#model.numberOf(account.id)));
    for (const number of this.#below.keys()) if (!numbers.has(number)) this.#below.delete(number);
    for (const number of numbers) if (!this.#below.has(number)) this.#below.set(number, minute);
    const inDefault = below.filter(({ equity }) => equity < 0n);
    return { liquidatable: below.length - inDefault.length, inDefault: inDefault.length, exposure: exposureOf(seen) };
  }

  /** Whom keepers have seen for as long as it takes them to act, worst first. */
  #waiting(minute: number, standing: Standing): Seen[] {
    const { latencyMinutes } = this.settings.scenario.keepers;
    const found = this.#model.look().filter((each) => {
      if (each.standing !== standing) return false;
      const since = this.#below.get(this.#model.numberOf(each.account.id)) ?? minute;
      return minute - since >= latencyMinutes;
    });
    return found.sort(byDistance);
  }

  #act(account: number, minute: number): void {
    this.#failed.add(account);
    const since = this.#below.get(account);
    if (since === undefined) return;
    const waited = minute - since;
    while (this.#latency.length <= waited) this.#latency.push(0);
    this.#latency[waited] = (this.#latency[waited] ?? 0) + 1;
    this.#below.delete(account);
  }

  #resolve(minute: number) {
    const waiting = () => this.#waiting(minute, Standing.InDefault);
    const inDefault = waiting();
    if (this.settings.withPolicies && inDefault.length > 0) this.#judge(minute, inDefault);
    const resolution = resolve(this.#model, waiting);
    for (const account of resolution.resolved) this.#act(account, minute);
    for (const each of resolution.charged) this.#note(each);
    return resolution;
  }

  #judge(minute: number, inDefault: readonly Seen[]): void {
    const { path } = this.settings;
    const model = this.#model;
    const moments = momentsOf(model.opened, inDefault, model.portfolios(), {
      entryOf: (id, market) => this.#entryOf(model.numberOf(id), market),
      pairOf: (id) => this.#pairOf(model.numberOf(id)),
    });
    for (const { market, moment } of moments) {
      const markAt = (n: number) =>
        at((path.steps[minute + n] ?? at(path.steps, path.steps.length - 1)).prices, market);
      this.#policies.add(compare(moment, { oneMinute: markAt(1), fiveMinutes: markAt(5) }));
    }
  }

  #pairOf(number: number): Portfolio | undefined {
    const pair = this.settings.people[number - 1]?.pair;
    return pair === undefined ? undefined : this.#model.account(pair);
  }

  /** Traders and the market maker have theirs from the opening, keepers from what they have taken over last. */
  #entryOf(number: number, market: number): bigint {
    return at(this.#entries, market).get(number) ?? at(this.#firstPrices, market);
  }

  #note(charged: Charged): void {
    const { account, market, size } = charged;
    const { mark } = at(this.#model.opened.books, market);
    const profit = (size * (mark - this.#entryOf(account, market))) / ONE;
    const isHedger = this.settings.people[account - 1]?.pair !== undefined;
    this.#payers.add(charged, { notional: notionalUp(mark, size), profit, isHedger });
  }

  // -------------------------------------------------------------------- what it comes to

  #everybody(): number[] {
    const { traders, keepers, maker } = this.#cast;
    return [CALLER, ...Array.from({ length: traders }, (_, i) => i + 1), ...keepers, maker];
  }

  #distribution() {
    const traders = this.settings.people.map(({ number }) => this.#model.health(number).equity);
    return distributionOf(traders);
  }

  #result(steps: readonly Step[], before: Result["before"], isPartial: boolean): Result {
    const { scenario, file, people } = this.settings;
    const contracts = this.#contracts;
    const failed = [...this.#failed].filter((number) => isTrader(this.#cast, number));
    const ownLosses = sum(
      failed.map((number) => max((this.#paidIn.get(number) ?? 0n) - max(this.#model.health(number).equity, 0n), 0n)),
    );
    return {
      scenario,
      file,
      engine: contracts === undefined ? "model" : "contracts",
      isPartial,
      seconds: Math.round((performance.now() - this.#begun) / 1_000),
      accounts: people.length,
      steps,
      before,
      after: this.#distribution(),
      waterfall: { ownLosses, ...this.#waterfall },
      ...this.#payers.summary(),
      latency: this.#latency,
      failed: failed.length,
      belowZero: people.filter(({ number }) => this.#model.health(number).equity < 0n).length,
      policies: this.#policies.table(people.length),
      check: contracts && {
        traders: people.length,
        accounts: contracts.accounts,
        markets: scenario.markets.length,
        comparisons: contracts.comparisons,
        transactions: contracts.transactions,
        gas: contracts.gas,
      },
    };
  }
}

function exposureOf(seen: readonly Seen[]): bigint {
  return -sum(seen.map(({ equity }) => min(equity, 0n)));
}

function wholeUnits(money: bigint): bigint {
  return (money / TOKEN_UNIT) * TOKEN_UNIT;
}

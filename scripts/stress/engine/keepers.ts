/**
 * Keepers: whoever is below maintenance margin is taken over, worst first, by keepers with limited capital, after their
 * latency, if that pays for its gas. What they take they sell bit by bit to the market maker. The plan is the one of the
 * keeper that operators run.
 */
import { portfolio, type TakeoverPreview } from "../../../packages/sdk/src/index.ts";
import { at } from "../../../packages/sdk/src/math/list.ts";
import { planLiquidating } from "../../../packages/keeper/src/plan/liquidating.ts";
import type { Seen } from "../../../packages/keeper/src/roster.ts";
import { ONE, PPM } from "../../simulation/fixedPoint.ts";
import type { Scenario } from "../scenario.ts";
import type { Cast } from "./cast.ts";
import type { Model } from "./model.ts";
import { sizeIn } from "./stored.ts";

/** Each of a batch, as `bench/` measures it. */
const GAS_OF_A_LIQUIDATION = 38_760n;
/** As many in one plan as there are. */
const ALL = 1_000_000;
/** A partial liquidation may not be the last one of its account in a minute. */
const MOST_ROUNDS = 5;
const GWEI = 10n ** 9n;

export interface TakenOver {
  readonly account: number;
  readonly keeper: number;
  readonly market: number;
  readonly notional: bigint;
  readonly terms: TakeoverPreview;
}

export class Keepers {
  constructor(
    private readonly model: Model,
    private readonly settings: Scenario["keepers"],
    private readonly cast: Cast,
  ) {}

  isAwake(keeper: number, minute: number): boolean {
    const { asleep } = this.settings;
    if (asleep === undefined || minute < asleep.from || minute >= asleep.from + asleep.minutes) return true;
    const sleeping = Math.round((this.cast.keepers.length * asleep.part) / Number(PPM));
    return this.cast.keepers.indexOf(keeper) >= sleeping;
  }

  /** Whether anybody is there to call the waterfall: it takes no capital. */
  isAnybodyAwake(minute: number): boolean {
    return this.cast.keepers.some((keeper) => this.isAwake(keeper, minute));
  }

  /** @param waiting Answers whom they have seen for long enough, worst first. */
  liquidate(minute: number, waiting: () => Seen[]): TakenOver[] {
    const done: TakenOver[] = [];
    for (let round = 0; round < MOST_ROUNDS; ++round) {
      const before = done.length;
      let queue = waiting();
      for (const keeper of this.cast.keepers) {
        if (queue.length === 0) break;
        if (!this.isAwake(keeper, minute)) continue;
        const taken = this.#takeOver(keeper, queue, this.#costAt(minute));
        done.push(...taken);
        const gone = new Set(taken.map(({ account }) => account));
        queue = queue.filter(({ account }) => !gone.has(this.model.numberOf(account.id)));
      }
      if (done.length === before) break;
    }
    return done;
  }

  #takeOver(keeper: number, queue: readonly Seen[], cost: bigint): TakenOver[] {
    const { model, settings } = this;
    const plan = planLiquidating(model.opened, queue, {
      own: model.account(keeper),
      maximumLeverage: Math.floor(settings.leverage),
      offers: [],
      atOnce: ALL,
    });
    const done: TakenOver[] = [];
    for (const action of plan) {
      if (action.kind !== "liquidate") continue;
      for (const { account, market, size } of action.legs) {
        const debtor = model.numberOf(account);
        const i = model.opened.books.findIndex(({ id }) => id === market);
        const terms = model.liquidate(debtor, keeper, i, size, ({ incentive, claim }) => incentive - claim >= cost);
        if (terms !== undefined)
          done.push({ account: debtor, keeper, market: i, notional: (terms.size * terms.mark) / ONE, terms });
      }
    }
    return done;
  }

  /** What a liquidation costs in gas, money. */
  #costAt(minute: number): bigint {
    const { gas } = this.settings;
    if (gas === undefined) return 0n;
    const price = gas.gwei.findLast((each) => each.at <= minute)?.price ?? 0;
    return (GAS_OF_A_LIQUIDATION * BigInt(Math.round(price * 1e6)) * (GWEI / 1_000_000n) * gas.coinPrice) / ONE;
  }

  /** Sells a part of what each holds, or all of it where a part would leave dust. */
  sellOff(minute: number): void {
    const { model, cast, settings } = this;
    for (const keeper of cast.keepers) {
      if (!this.isAwake(keeper, minute)) continue;
      for (const [i, book] of model.opened.books.entries()) {
        const held = sizeIn(model.opened, model.account(keeper), i);
        if (held === 0n) continue;
        const whole = held < 0n ? -held : held;
        const part = (whole * BigInt(settings.sellOff)) / PPM;
        const least = (book.risk.minNotional * 2n * ONE) / book.mark;
        const size = whole - part < least || part < least ? whole : part;
        const [buyer, seller] = held > 0n ? [cast.maker, keeper] : [keeper, cast.maker];
        model.trade(buyer, seller, i, size);
      }
    }
  }
}

/** How an account's position in a market would be sold: who buys, who sells, how much. */
export function closing(model: Model, account: number, i: number, part: bigint, maker: number) {
  const held = portfolio.sizeOfHolding(portfolio.holdingOf(model.account(account), i), at(model.opened.books, i));
  const size = ((held < 0n ? -held : held) * part) / PPM;
  return held > 0n ? { buyer: maker, seller: account, size } : { buyer: account, seller: maker, size };
}

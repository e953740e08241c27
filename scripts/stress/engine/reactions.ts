/** What people do before a keeper does something to them: add margin, reduce, close. Each once. */
import type { Seen } from "../../../packages/keeper/src/roster.ts";
import { PPM } from "../../simulation/fixedPoint.ts";
import type { Scenario } from "../scenario.ts";
import type { Cast } from "./cast.ts";
import { closing } from "./keepers.ts";
import type { Model } from "./model.ts";
import type { Person } from "./person.ts";

const HALF = PPM / 2n;

export class Reactions {
  /** When somebody has seen it first, minutes. */
  readonly #seen = new Map<number, number>();
  readonly #reacted = new Set<number>();
  readonly #level: bigint;

  constructor(
    private readonly model: Model,
    private readonly settings: Scenario["population"]["reactions"],
    private readonly people: readonly Person[],
    private readonly cast: Cast,
  ) {
    this.#level = levelOf(settings);
  }

  /** @returns How many have acted. Whoever is refused tries again in the next minute. */
  react(minute: number, seen: readonly Seen[]): number {
    let acted = 0;
    for (const { account, equity, maintenanceMargin } of seen) {
      const number = this.model.numberOf(account.id);
      const person = this.people[number - 1];
      if (person === undefined || person.reaction === "none" || this.#reacted.has(number)) continue;
      if (equity * PPM >= maintenanceMargin * this.#level) continue;
      const since = this.#seen.get(number) ?? minute;
      this.#seen.set(number, since);
      // Whoever is below zero has nothing to save.
      if (minute - since < this.settings.delayMinutes || equity < 0n) continue;
      if (!this.#act(number, person)) continue;
      this.#reacted.add(number);
      ++acted;
    }
    return acted;
  }

  #act(number: number, { reaction, collateral, legs }: Person): boolean {
    if (reaction === "addMargin") {
      this.model.deposit(number, collateral);
      return true;
    }
    let done = false;
    for (const { market } of legs) {
      const part = reaction === "panic" ? PPM : HALF;
      const { buyer, seller, size } = closing(this.model, number, market, part, this.cast.maker);
      if (size > 0n && this.model.trade(buyer, seller, market, size) === undefined) done = true;
    }
    return done;
  }
}

/** Below which multiple of MM accounts have to be looked at, ppm. */
export function levelOf({ level }: Scenario["population"]["reactions"]): bigint {
  return BigInt(Math.round(level * Number(PPM)));
}

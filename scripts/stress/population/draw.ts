/** Draws the people of a scenario: each idea from its own stream, so that another reaction changes nobody's position. */
import { ONE, PPM } from "../../simulation/fixedPoint.ts";
import { Dice } from "../draws/dice.ts";
import type { Person } from "../engine/person.ts";
import type { Scenario } from "../scenario.ts";

/** Of what initial margin allows, the part that is used at most: fees must still fit. */
const FULLEST = 0.92;
/** Positions are at least this many times what a market asks for. */
const ROOM_ABOVE_LEAST = 1.05;
const LEAST_NOTIONAL = 100;
/** One token unit, and a size that is fine enough. */
const [TOKEN_UNIT, LOT] = [10n ** 12n, 10n ** 9n];
const MOST_COLLATERAL = 1e9;
/** Draws of a leverage that initial margin allows, before the largest one is taken. */
const MOST_TRIES = 100;

/**
 * @param prices At which positions are opened, 18 decimals.
 * @param rates The initial margin that markets may ask for at the opening, ppm.
 */
export function drawPeople(scenario: Scenario, prices: readonly bigint[], rates: readonly bigint[]): Person[] {
  const { population, seed, markets } = scenario;
  const dice = {
    money: new Dice(seed, "money"),
    leverage: new Dice(seed, "leverage"),
    places: new Dice(seed, "places"),
    side: new Dice(seed, "side"),
    kind: new Dice(seed, "kind"),
    reaction: new Dice(seed, "reaction"),
  };
  const least = markets.map(
    ({ risk }) => ROOM_ABOVE_LEAST * (risk.minNotional === undefined ? LEAST_NOTIONAL : whole(risk.minNotional)),
  );
  const weights = markets.map(({ weight }) => weight);
  const share = sharesOfDraws(population);
  const people: Person[] = [];

  const legOf = (market: number, notional: number, isLong: boolean) => {
    const size = fixed(notional / whole(prices[market] ?? ONE), LOT);
    return { market, size: isLong ? size : -size };
  };
  const add = (legs: Person["legs"], collateral: number, pair?: number) => {
    const number = people.length + 1;
    const reaction = pair === undefined ? reactionOf(population.reactions, dice.reaction) : "none";
    const person = { number, collateral: fixed(collateral, TOKEN_UNIT), legs, reaction };
    people.push(pair === undefined ? person : { ...person, pair });
  };
  /** At least as much that the smallest position of each of its markets fits. */
  const fundsFor = (places: readonly number[], leverage: number) => {
    const drawn = whole(population.collateral.median) * Math.exp(population.collateral.sigma * dice.money.normal());
    const needed = Math.max(...places.map((market) => (least[market] ?? 0) * places.length)) / leverage;
    return Math.min(Math.max(drawn, needed), MOST_COLLATERAL);
  };

  while (people.length < population.accounts) {
    const kind = dice.kind.unit();
    const first = pick(weights, dice.places);
    const isHedger = kind < share.hedgers && people.length + 1 < population.accounts;
    const isCross = kind >= share.hedgers && kind < share.hedgers + share.crossMargined && weights.length > 1;
    const places = isCross ? [first, other(weights, first, dice.places)] : [first];
    const leverage = leverageOf(population.leverage, places, rates, dice.leverage);
    const collateral = fundsFor(places, leverage);
    const notional = (collateral * leverage) / places.length;
    const isLong = dice.side.unit() * Number(PPM) < population.long;
    if (isHedger) {
      const number = people.length + 1;
      add([legOf(first, notional, true)], collateral, number + 1);
      add([legOf(first, notional, false)], collateral, number);
    } else {
      add(
        places.map((market) => legOf(market, notional, isLong)),
        collateral,
      );
    }
  }
  return people;
}

/** Of draws, so that the stated parts of accounts come out: drawing a hedger makes two accounts, drawing anybody else one. */
function sharesOfDraws({ hedgers, crossMargined }: Scenario["population"]) {
  const drawsForTwo = 2 * Number(PPM) - hedgers;
  return { hedgers: hedgers / drawsForTwo, crossMargined: (2 * crossMargined) / drawsForTwo };
}

/** Who draws more than is allowed draws again: put to the bound instead, most of a market would be liquidated at one price. */
function leverageOf(
  { least, most, alpha, beta }: Scenario["population"]["leverage"],
  places: readonly number[],
  rates: readonly bigint[],
  dice: Dice,
): number {
  const allowed = Math.min(...places.map((market) => (FULLEST * Number(PPM)) / Number(rates[market] ?? PPM)));
  for (let tries = 0; tries < MOST_TRIES && least < allowed; ++tries) {
    const drawn = least + (most - least) * dice.beta(alpha, beta);
    if (drawn <= allowed) return drawn;
  }
  return allowed;
}

function reactionOf({ addMargin, reduce, panic }: Scenario["population"]["reactions"], dice: Dice): Person["reaction"] {
  const drawn = dice.unit() * Number(PPM);
  if (drawn < addMargin) return "addMargin";
  if (drawn < addMargin + reduce) return "reduce";
  return drawn < addMargin + reduce + panic ? "panic" : "none";
}

function pick(weights: readonly number[], dice: Dice): number {
  let left = dice.unit() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return i;
  }
  return weights.length - 1;
}

function other(weights: readonly number[], first: number, dice: Dice): number {
  return pick(
    weights.map((weight, i) => (i === first ? 0 : weight)),
    dice,
  );
}

function whole(money: bigint): number {
  return Number(money) / 1e18;
}

/** Down to whole units. */
function fixed(value: number, unit: bigint): bigint {
  return BigInt(Math.floor(value * (1e18 / Number(unit)))) * unit;
}

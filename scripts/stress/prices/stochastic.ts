/**
 * Jump diffusion (Merton 1976) in log prices, with correlated markets and fat tails: of a minute's shock a part is common to all
 * markets (a one-factor model, √ρ of it), each part Student-t with the variance that the volatility says; jumps come as a
 * Poisson process. A crash that is certain can be laid over it.
 */
import { InputError } from "../../commandLine.ts";
import type { PricePath } from "../../simulation/path.ts";
import { Dice } from "../draws/dice.ts";
import type { Scenario } from "../scenario.ts";

type Stochastic = Extract<Scenario["prices"], { kind: "stochastic" }>;

const MINUTE = 60;
const MINUTES_A_YEAR = 365 * 24 * 60;
/** Prices have eight decimals, as most feeds have. */
const TICK = 10n ** 10n;
const TICKS_IN_WHOLE = 1e8;
/** The house lists markets up to this price. */
const HIGHEST_PRICE = 1e9;

export function stochastic(process: Stochastic, names: readonly string[], seed: number, title: string): PricePath {
  const { minutes, start, markets, correlation, tails } = process;
  const dice = new Dice(seed, "shocks");
  const jumps = jumpsOf(process, names.length, seed);
  const logs = names.map((name) => Math.log(markets[name]?.price ?? 1));
  const betas = betasOf(process, names);
  const priceOf = (log: number, i: number) => rounded(log, names[i] ?? "");
  const steps = [{ time: start, prices: logs.map(priceOf) }];
  for (let minute = 1; minute <= minutes; ++minute) {
    const common = dice.student(tails);
    for (const [i, name] of names.entries()) {
      const { volatility = 0, drift = 0 } = markets[name] ?? {};
      const shock = Math.sqrt(correlation) * common + Math.sqrt(1 - correlation) * dice.student(tails);
      logs[i] = (logs[i] ?? 0) + drift / MINUTES_A_YEAR + (volatility / Math.sqrt(MINUTES_A_YEAR)) * shock;
      logs[i] += jumps.get(minute)?.[i] ?? 0;
    }
    const crashed = logs.map((log, i) => log + crashAt(process, minute) * (betas[i] ?? 1));
    steps.push({ time: start + minute * MINUTE, prices: crashed.map(priceOf) });
  }
  return { title, markets: names, steps };
}

/** By minute, what each market's log price jumps by. */
function jumpsOf({ jumps, minutes }: Stochastic, markets: number, seed: number): Map<number, number[]> {
  const dice = new Dice(seed, "jumps");
  const found = new Map<number, number[]>();
  for (let left = dice.poisson(jumps.expected); left > 0; --left) {
    const minute = 1 + Math.floor(dice.unit() * minutes);
    const size = jumps.mean + jumps.deviation * dice.normal();
    const only = dice.chance(jumps.shared) ? undefined : Math.floor(dice.unit() * markets);
    const at = found.get(minute) ?? Array.from({ length: markets }, () => 0);
    found.set(
      minute,
      at.map((sum, i) => (only === undefined || only === i ? sum + size : sum)),
    );
  }
  return found;
}

/** Of log prices, before beta: down in a straight line, and back by the stated part in as long again. */
function crashAt({ crash }: Stochastic, minute: number): number {
  if (crash === undefined || minute <= crash.at) return 0;
  const passed = (minute - crash.at) / crash.minutes;
  if (passed <= 1) return -crash.depth * passed;
  return -crash.depth * (1 - crash.recovery * Math.min(passed - 1, 1));
}

/** A market that is more volatile than the scenario's first one falls deeper, in proportion. */
function betasOf({ markets }: Stochastic, names: readonly string[]): number[] {
  const [first = 0, ...others] = names.map((name) => markets[name]?.volatility ?? 0);
  return [1, ...others.map((own) => (first === 0 ? 1 : own / first))];
}

function rounded(log: number, name: string): bigint {
  const price = Math.exp(log);
  if (!(price <= HIGHEST_PRICE))
    throw new InputError(`prices: ${name} rises above ${HIGHEST_PRICE}, the highest price that a market can have`);
  const ticks = BigInt(Math.round(price * TICKS_IN_WHOLE));
  return (ticks > 0n ? ticks : 1n) * TICK;
}

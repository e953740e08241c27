/** Distributions over the seeded generator that the other tools use. Floating point: what is money is rounded where it leaves. */
import { Random } from "../../simulation/random.ts";

const BITS = 1n << 53n;
const STREAMS = 0x9e37_79b9n;

export class Dice {
  readonly #random: Random;
  #spare: number | undefined;

  /** @param stream What is drawn: another one is independent, so that more of one thing changes nothing of another. */
  constructor(seed: number, stream: string) {
    let mixed = BigInt(seed);
    for (const letter of stream) mixed = mixed * STREAMS + BigInt(letter.charCodeAt(0));
    this.#random = new Random(mixed);
  }

  /** Above 0 and below 1. */
  unit(): number {
    return (Number(this.#random.between(0n, BITS - 2n)) + 1) / Number(BITS);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Box and Muller. */
  normal(): number {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) return spare;
    const [radius, angle] = [Math.sqrt(-2 * Math.log(this.unit())), 2 * Math.PI * this.unit()];
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Scale 1. Marsaglia and Tsang (2000); below shape 1 by the usual power. */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * this.unit() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.unit()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  beta(alpha: number, beta: number): number {
    const [a, b] = [this.gamma(alpha), this.gamma(beta)];
    return a / (a + b);
  }

  /** With unit variance, which needs more than two degrees of freedom. */
  student(degrees: number): number {
    const chi = 2 * this.gamma(degrees / 2);
    return this.normal() * Math.sqrt((degrees - 2) / chi);
  }

  /** Knuth: for the few that a run expects. */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let [count, product] = [0, this.unit()];
    while (product > limit) {
      ++count;
      product *= this.unit();
    }
    return count;
  }
}
